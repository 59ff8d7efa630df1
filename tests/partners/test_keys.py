from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from router.errors import BadInput, NotSignedIn
from router.partners.keys import SKEW, KeyRing, PeerKey, Signer

SIGNER = Signer("hotline-be-2026", Ed25519PrivateKey.generate())


def now() -> datetime:
    return datetime.now(UTC)


def key(key_id: str = "hotline-be-2026", **dates: object) -> PeerKey:
    return PeerKey.model_validate({"id": key_id, "public": SIGNER.public} | dates)


def test_a_pinned_key_names_its_peer_and_verifies() -> None:
    peer, public = KeyRing({"hotline-be": [key()]}).find("hotline-be-2026", now())
    assert peer == "hotline-be"
    public.verify(SIGNER.private.sign(b"x"), b"x")


def test_two_keys_are_active_while_one_replaces_the_other() -> None:
    ring = KeyRing({"hotline-be": [key("old-1"), key("new-1")]})
    assert {ring.find(one, now())[0] for one in ("old-1", "new-1")} == {"hotline-be"}


@pytest.mark.parametrize("peers", [{}, {"hotline-nl": []}])
def test_a_key_that_is_not_pinned_does_not_exist(peers: dict[str, list[PeerKey]]) -> None:
    with pytest.raises(NotSignedIn) as refused:
        KeyRing(peers).find("hotline-be-2026", now())
    assert refused.value.reason == "unknown_key"


@pytest.mark.parametrize(
    ("start", "end", "current"),
    [
        (timedelta(days=-1), timedelta(days=1), True),
        (SKEW / 2, timedelta(days=1), True),  # their clock may be a little ahead of ours
        (SKEW * 2, timedelta(days=1), False),
        (timedelta(days=-2), -SKEW / 2, True),
        (timedelta(days=-2), -SKEW * 2, False),
    ],
)
def test_a_key_is_good_between_its_dates(start: timedelta, end: timedelta, current: bool) -> None:
    at = now()
    ring = KeyRing({"hotline-be": [key(not_before=at + start, not_after=at + end)]})
    if current:
        assert ring.find("hotline-be-2026", at)[0] == "hotline-be"
        return
    with pytest.raises(NotSignedIn) as refused:
        ring.find("hotline-be-2026", at)
    assert refused.value.reason == "key_not_current"


def test_one_id_names_one_peer() -> None:
    with pytest.raises(BadInput):
        KeyRing({"hotline-be": [key()], "hotline-nl": [key()]})


@pytest.mark.parametrize(
    "public", ["", "x", "AAAA", b64encode(b"1" * 31).decode(), b64encode(b"1" * 33).decode(), "ä" * 44]
)
def test_what_is_no_public_key_cannot_be_pinned(public: str) -> None:
    with pytest.raises(ValidationError):
        PeerKey(id="hotline-be-2026", public=public)


def test_dates_must_leave_a_time_to_use_the_key() -> None:
    with pytest.raises(ValidationError, match="not_after must be later"):
        key(not_before=now(), not_after=now() - timedelta(days=1))


def test_a_signer_shows_what_peers_pin() -> None:
    assert PeerKey(id=SIGNER.key_id, public=SIGNER.public).public == SIGNER.public
    assert "PrivateKey object" in repr(SIGNER)  # the key itself never prints
