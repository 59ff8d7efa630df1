from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import NotSignedIn
from router.partners import profile

BODY = b"{}"
GOOD = {
    "Content-Type": "application/json",
    "Content-Digest": profile.digest(BODY),
    "Recipient": "hotline-nl",
    "Signature-Input": f'sig={profile.REQUEST.covered};created=1;expires=2;nonce="n";keyid="k";tag="referral-router/1"',
    "Signature": "sig=:" + "A" * 86 + "==:",
}


def refusal(**changes: str | None) -> str:
    headers = {name: value for name, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(NotSignedIn) as refused:
        profile.read(headers.items(), profile.REQUEST, BODY)
    return refused.value.reason


def test_a_signature_of_the_profile_is_read() -> None:
    signed = profile.read(GOOD.items(), profile.REQUEST, BODY)
    assert signed.moments == {"created": 1, "expires": 2}
    assert signed.words == {"nonce": "n", "keyid": "k", "tag": "referral-router/1"}
    assert signed.line == GOOD["Signature-Input"].removeprefix("sig=")
    assert signed.signature == GOOD["Signature"].removeprefix("sig=")


def test_the_digest_is_that_of_rfc_9530() -> None:
    # RFC 9530, appendix D: the representation {"title": "..."} is ours to choose; this one is sha-256 of nothing.
    assert profile.digest(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_what_is_signed_of_a_request_stands_as_rfc_9421_writes_it() -> None:
    fields = {"content-type": "a/b", "content-digest": "d", "recipient": "r"}
    assert profile.request_base("POST", "https://x.test/y", fields, "(...);z") == (
        b'"@method": POST\n"@target-uri": https://x.test/y\n"content-type": a/b\n"content-digest": d\n'
        b'"recipient": r\n"@signature-params": (...);z'
    )


def test_what_is_signed_of_an_answer_names_its_request() -> None:
    fields = {"content-type": "a/b", "content-digest": "d"}
    assert profile.answer_base(200, fields, ":s:", "(...);z") == (
        b'"@status": 200\n"content-type": a/b\n"content-digest": d\n"signature";req;key="sig": :s:\n'
        b'"@signature-params": (...);z'
    )


@pytest.mark.parametrize("missing", ["Signature", "Signature-Input"])
def test_no_signature(missing: str) -> None:
    assert refusal(**{missing: None}) == "signature_missing"


INPUT = GOOD["Signature-Input"]


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature-Input": INPUT.replace('"recipient"', "")},
        {"Signature-Input": INPUT.replace('"@method" "@target-uri"', '"@target-uri" "@method"')},
        {"Signature-Input": INPUT.replace('"recipient")', '"recipient" "date")')},
        {"Signature-Input": INPUT.replace("sig=", "sig1=", 1)},
        {"Signature-Input": f"{INPUT}, other={INPUT.removeprefix('sig=')}"},
        {"Signature-Input": INPUT.replace(";expires=2", "")},
        {"Signature-Input": f"{INPUT};created=9"},
        {"Signature-Input": f'{INPUT};nonce="m"'},
        {"Signature-Input": f'{INPUT};alg="hmac-sha256"'},
        {"Signature-Input": f"{INPUT};extra=1"},
        {"Signature-Input": INPUT.replace("created=1", 'created="1"')},
        {"Signature-Input": INPUT.replace("created=1", "created=-1")},
        {"Signature-Input": INPUT.replace("created=1", "created=" + "1" * 13)},
        {"Signature-Input": INPUT.replace("created=1", "created=\u0661")},
        {"Signature-Input": INPUT.replace('keyid="k"', "keyid=k")},
        {"Signature-Input": INPUT.replace('keyid="k"', 'keyid="k\\""')},
        {"Signature-Input": INPUT.replace("referral-router/1", "referral-router-answer/1")},
        {"Signature-Input": ""},
        {"Signature": ""},
        {"Signature": "sig=:AAAA:"},
        {"Signature": GOOD["Signature"] + ", sig=:AAAA:"},
        {"Recipient": None},
        {"Content-Type": None},
        {"Content-Digest": None},
        {"Recipient": "hotlïne"},
        {"Recipient": "a\nb"},
        {"signature-input": INPUT},  # a second field of the same name
        {"SIGNATURE": GOOD["Signature"]},
    ],
)
def test_anything_else_is_malformed(changes: dict[str, str | None]) -> None:
    assert refusal(**changes) == "signature_malformed"


def test_the_algorithm_may_be_named() -> None:
    named = GOOD | {"Signature-Input": f'{INPUT};alg="ed25519"'}
    assert profile.read(named.items(), profile.REQUEST, BODY).line.endswith(';alg="ed25519"')


@pytest.mark.parametrize("digest", [profile.digest(b"other"), "sha-512=:AAAA:", "sha-256=:", "x"])
def test_another_body_is_noticed(digest: str) -> None:
    assert refusal(**{"Content-Digest": digest}) == "digest_mismatch"


@given(st.dictionaries(st.sampled_from([*GOOD, "X"]), st.text(max_size=200)))
def test_headers_of_any_kind_are_refused_and_nothing_worse(changes: dict[str, str]) -> None:
    with suppress(NotSignedIn):
        signed = profile.read((GOOD | changes).items(), profile.REQUEST, BODY)
        assert signed.line.isascii()
        assert "\n" not in signed.line
