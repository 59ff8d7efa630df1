from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from router.errors import BadInput
from router.partners.standard_webhooks import signatures

OLD = "whsec_" + b64encode(b"o" * 24).decode()
NEW = "whsec_" + b64encode(b"n" * 64).decode()
PRIVATE = b"p" * 32
BODY = b'{"a":1}'


def now() -> datetime:
    return datetime.now(UTC)


@given(st.binary(min_size=24, max_size=64))
def test_the_standards_own_library_accepts_what_we_sign(raw: bytes) -> None:
    secret = "whsec_" + b64encode(raw).decode()
    assert Webhook(secret).verify(BODY, signatures([secret], "msg_1", BODY, now())) == {"a": 1}


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_replaced_both_are_good(secret: str) -> None:
    headers = signatures([NEW, OLD], "msg_1", BODY, now())
    assert headers["webhook-signature"].count("v1,") == 2
    assert Webhook(secret).verify(BODY, headers) == {"a": 1}


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_covered(name: str) -> None:
    headers = signatures([OLD], "msg_1", BODY, now())
    headers[name] = headers[name][:-1] + ("0" if headers[name][-1] != "0" else "1")
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, headers)


def test_a_private_key_signs_so_that_the_receiver_cannot_forge() -> None:
    at = now()
    headers = signatures(["whsk_" + b64encode(PRIVATE).decode()], "msg_1", BODY, at)
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1a"
    public = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key()
    public.verify(b64decode(signature), f"msg_1.{int(at.timestamp())}.".encode() + BODY)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_!!!",
        "whsec_" + "\u00e9" * 32,
        "whsec_" + b64encode(b"x" * 23).decode(),
        "whsec_" + b64encode(b"x" * 65).decode(),
        "whsk_" + b64encode(b"x" * 31).decode(),
        b64encode(b"x" * 32).decode(),
    ],
)
def test_a_secret_of_another_form_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(BadInput) as refused:
        signatures([secret], "msg_1", BODY, now())
    assert not secret or secret not in f"{refused.value!r}".replace("whsec_ with", "").replace("whsk_ with", "")
