"""What a key says of itself: only that key says it, and it only takes trust away."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.errors import BadInput
from router.guard.revocation import read, signed
from schemas.revoked import KeyRevoked

OURS, THEIRS = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
SINCE = datetime(2026, 11, 20, tzinfo=UTC)


def said(private: Ed25519PrivateKey = OURS) -> KeyRevoked:
    public = b64encode(private.public_key().public_bytes_raw()).decode()
    return KeyRevoked(router="hotline-be", key="hotline-be-1", public=public, since=SINCE, at=SINCE)


def test_it_is_read_as_it_was_signed() -> None:
    assert read(signed(said(), OURS)) == said()


def changed(**values: Any) -> str:
    file = json.loads(signed(said(), OURS))
    statement = json.loads(file["statement"]) | values
    return json.dumps(file | {"statement": json.dumps(statement)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"statement": 7, "signature": "x"}),
        signed(said(), THEIRS),
        changed(since="2020-01-01T00:00:00Z"),
        changed(key="hotline-nl-1"),
        changed(public=said(THEIRS).public),
        changed(more="x"),
    ],
)
def test_whatever_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no statement"):
        read(text)
