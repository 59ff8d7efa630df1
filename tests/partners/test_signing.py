"""Our signer and verifier against the library `http-message-signatures`, and against what is not quite right."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from router.errors import NotSignedIn
from router.partners.keys import SKEW, KeyRing, PeerKey, Signer
from router.partners.signing import (
    LIFETIME,
    Verified,
    sign_request,
    sign_response,
    target_uri,
    verify_request,
    verify_response,
)
from tests.partners.peer import ANSWER, ANSWER_TAG, REQUEST, REQUEST_TAG, Message, Reply, library_sign, library_verify

OURS = Signer("hotline-be-2026", Ed25519PrivateKey.generate())
THEIRS = Signer("hotline-nl-2026", Ed25519PrivateKey.generate())
RING = KeyRing(
    {name: [PeerKey(id=one.key_id, public=one.public)] for name, one in (("hotline-be", OURS), ("hotline-nl", THEIRS))}
)
TARGET = "https://nl.hotline.test/v1/inbox/referrals"
BODY = b'{"a":1}'
NOW = datetime.now(UTC).replace(microsecond=0)


class Standing(datetime):
    """The moment of these tests, for a library that asks the machine: they may run minutes after they were read."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Standing":
        return cls.fromtimestamp(NOW.timestamp(), tz)


@pytest.fixture(scope="module", autouse=True)
def the_librarys_time_stands_still() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        clock = SimpleNamespace(datetime=Standing, timedelta=timedelta, timezone=timezone)
        patch.setattr("http_message_signatures.signatures.datetime", clock)
        yield


def signed(**changes: Any) -> dict[str, str]:
    given = {"method": "POST", "target": TARGET, "body": BODY, "recipient": "hotline-nl", "now": NOW}
    return sign_request(changes.pop("signer", OURS), **given | changes)


def verified(headers: dict[str, str], **changes: Any) -> Verified:
    given = {"method": "POST", "target": TARGET, "body": BODY, "recipient": "hotline-nl", "keys": RING, "now": NOW}
    return verify_request(headers.items(), **given | changes)


def refusal(headers: dict[str, str], **changes: Any) -> str:
    with pytest.raises(NotSignedIn) as refused:
        verified(headers, **changes)
    return refused.value.reason


def test_a_signed_request_names_its_peer() -> None:
    found = verified(signed(nonce="n" * 16))
    assert (found.peer, found.key_id, found.nonce) == ("hotline-be", OURS.key_id, "n" * 16)
    assert found.until == NOW + LIFETIME + SKEW


def test_no_two_requests_have_one_nonce() -> None:
    assert len({verified(signed()).nonce for _ in range(50)}) == 50


def test_the_library_accepts_what_we_sign() -> None:
    headers = signed()
    found = library_verify(
        Message("POST", TARGET, headers), BODY, REQUEST_TAG, REQUEST, **{OURS.key_id: OURS.private.public_key()}
    )
    assert found.parameters["keyid"] == OURS.key_id


@pytest.mark.parametrize("include_alg", [True, False])
def test_we_accept_what_the_library_signs(include_alg: bool) -> None:
    message = Message("POST", TARGET, {"Content-Type": "application/json", "Recipient": "hotline-nl"})
    library_sign(
        message, BODY, REQUEST_TAG, REQUEST,
        key_id=OURS.key_id, private=OURS.private, include_alg=include_alg,
        nonce="n" * 20, created=NOW, expires=NOW + LIFETIME,
    )  # fmt: skip
    assert verified(message.headers).peer == "hotline-be"


@given(
    st.binary(max_size=300), st.sampled_from(["GET", "POST"]), st.from_regex(r"/[a-z0-9/._~-]{0,40}", fullmatch=True)
)
def test_both_agree_on_any_request(body: bytes, method: str, path: str) -> None:
    target = f"https://nl.hotline.test{path}"
    headers = signed(body=body, method=method, target=target)
    public = {OURS.key_id: OURS.private.public_key()}
    assert library_verify(Message(method, target, headers), body, REQUEST_TAG, REQUEST, **public)
    assert verified(headers, body=body, method=method, target=target).peer == "hotline-be"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"method": "PUT"}, "bad_signature"),
        ({"target": TARGET.replace("referrals", "status")}, "bad_signature"),
        ({"target": TARGET.replace("https://nl.", "https://de.")}, "bad_signature"),
        ({"body": BODY + b" "}, "digest_mismatch"),
        ({"recipient": "hotline-de"}, "wrong_recipient"),
        ({"keys": KeyRing({})}, "unknown_key"),
        ({"keys": KeyRing({"hotline-be": [PeerKey(id=OURS.key_id, public=THEIRS.public)]})}, "bad_signature"),
        ({"now": NOW + LIFETIME + SKEW}, None),
        ({"now": NOW + LIFETIME + SKEW + timedelta(seconds=1)}, "expired"),
        ({"now": NOW + timedelta(minutes=3), "max_age": timedelta(minutes=1)}, "expired"),
        ({"now": NOW - SKEW}, None),
        ({"now": NOW - SKEW - timedelta(seconds=1)}, "clock"),
    ],
)
def test_a_request_is_good_for_one_thing_and_a_short_time(changes: dict[str, Any], reason: str | None) -> None:
    if reason is None:
        assert verified(signed(), **changes)
    else:
        assert refusal(signed(), **changes) == reason


@pytest.mark.parametrize(
    ("header", "spoil", "reason"),
    [
        ("recipient", lambda _: "hotline-de", "bad_signature"),
        ("content-type", lambda _: "text/html", "bad_signature"),
        ("signature", lambda old: old.replace(old[5:9], "AAAA"), "bad_signature"),
        ("signature-input", lambda old: re.sub(r"created=\d+", "created=1", old), "expired"),
        ("signature-input", lambda old: old.replace(OURS.key_id, THEIRS.key_id), "bad_signature"),
        ("signature-input", lambda old: old.replace(OURS.key_id, "x-unknown"), "unknown_key"),
    ],
)
def test_each_header_is_covered(header: str, spoil: Callable[[str], str], reason: str) -> None:
    headers = signed()
    headers[header] = spoil(headers[header])
    assert refusal(headers) == reason


@pytest.mark.parametrize("nonce", ["short", "n" * 65, "with space " * 2])
def test_a_nonce_is_long_and_plain(nonce: str) -> None:
    assert refusal(signed(nonce=nonce)) == "signature_malformed"


@given(st.data())
def test_no_changed_character_goes_unseen(data: st.DataObject) -> None:
    headers = signed()
    name = data.draw(st.sampled_from(sorted(headers)))
    at = data.draw(st.integers(0, len(headers[name]) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    if other == headers[name][at]:
        return
    headers[name] = headers[name][:at] + other + headers[name][at + 1 :]
    if name == "signature" and at == len(headers[name]) - 4:
        return  # the last character of base64 holds four bits that decoding ignores
    with pytest.raises(NotSignedIn):
        verified(headers)


def answered(request: Verified, **changes: Any) -> dict[str, str]:
    return sign_response(THEIRS, **{"status": 200, "body": b"{}", "request": request, "now": NOW} | changes)


def checked(headers: dict[str, str], sent: dict[str, str], **changes: Any) -> str:
    given = {"status": 200, "body": b"{}", "sent": sent, "keys": RING, "now": NOW}
    return verify_response(headers.items(), **given | changes)


def test_an_answer_is_bound_to_its_request() -> None:
    sent, other = signed(), signed()
    headers = answered(verified(sent))
    assert checked(headers, sent) == "hotline-nl"
    with pytest.raises(NotSignedIn) as refused:
        checked(headers, other)
    assert refused.value.reason == "bad_signature"


def test_the_library_accepts_our_answer_and_we_accept_its() -> None:
    sent = signed()
    request = Message("POST", TARGET, sent)
    reply = Reply(200, answered(verified(sent)), request)
    assert library_verify(reply, b"{}", ANSWER_TAG, ANSWER, **{THEIRS.key_id: THEIRS.private.public_key()})
    reply = Reply(200, {"Content-Type": "application/json"}, request)
    library_sign(reply, b"{}", ANSWER_TAG, ANSWER, key_id=THEIRS.key_id, private=THEIRS.private, created=NOW)
    assert checked(reply.headers, sent) == "hotline-nl"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": 201}, "bad_signature"),
        ({"body": b"[]"}, "digest_mismatch"),
        ({"keys": KeyRing({})}, "unknown_key"),
        ({"now": NOW + LIFETIME + SKEW * 2}, "expired"),
        ({"now": NOW - SKEW * 2}, "clock"),
    ],
)
def test_an_answer_that_is_not_quite_right(changes: dict[str, Any], reason: str) -> None:
    sent = signed()
    headers = answered(verified(sent))
    with pytest.raises(NotSignedIn) as refused:
        checked(headers, sent, **changes)
    assert refused.value.reason == reason


def test_a_request_is_no_answer() -> None:
    sent = signed()
    with pytest.raises(NotSignedIn) as refused:
        checked(sent, sent)
    assert refused.value.reason == "signature_malformed"


@pytest.mark.parametrize(
    ("base", "uri"),
    [
        ("https://nl.hotline.test", "https://nl.hotline.test/v1/x"),
        ("https://NL.hotline.test:443/", "https://nl.hotline.test/v1/x"),
        ("https://nl.hotline.test:8443", "https://nl.hotline.test:8443/v1/x"),
        ("https://nl.hotline.test/router/", "https://nl.hotline.test/router/v1/x"),
        ("https://nl.hotline.test/a%2Fb%2fc/", "https://nl.hotline.test/a%2Fb%2fc/v1/x"),
        ("https://nl.hotline.test/a%zz?q=1#f", "https://nl.hotline.test/a%zz/v1/x"),
    ],
)
def test_both_sides_write_the_target_alike(base: str, uri: str) -> None:
    assert target_uri(base, "/v1/x") == uri
