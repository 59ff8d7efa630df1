"""Signed requests between routers, and answers that are bound to them.

Everything here is pure: the caller brings the time, and remembers each nonce until `Verified.until`, because its second
use is a replay. What is not right raises `NotSignedIn` with a reason code; its text may be shown to the other side.
"""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from router.errors import NotSignedIn
from router.guard.target import as_written
from router.partners import profile
from router.partners.keys import SKEW, KeyRing, Signer

#: How long a signed request may be used: five minutes, as Standard Webhooks has it.
LIFETIME: Final = timedelta(minutes=5)
#: The reason with which a receiver answers what is signed with its own key: it came from itself.
OURSELVES: Final = "ourselves"
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Verified:
    """Who signed a request."""

    peer: str
    key_id: str
    nonce: str
    until: datetime  #: remember the nonce until then
    signature: str  #: what the answer is bound to


@dataclass(frozen=True, slots=True)
class Head:
    """A request whose signature fits, before its body has come."""

    verified: Verified
    signed: profile.Signed

    def with_body(self, body: bytes) -> Verified:
        """Return who signed the request with this body. Raise NotSignedIn (digest_mismatch)."""
        profile.check_body(self.signed, body)
        return self.verified


def target_uri(base: str, path: str, query: str = "") -> str:
    """Return the absolute URI that both sides sign: lower-case host, no default port (RFC 9421 section 2.2.2).

    A query is part of it, as it was written: what was added on the way does not fit the signature.
    """
    url = as_written(base)
    return str(url.with_path(url.raw_path.rstrip("/") + path, encoded=True)) + (f"?{query}" if query else "")


def sign_request(
    signer: Signer, *, method: str, target: str, body: bytes, recipient: str, now: datetime, nonce: str | None = None
) -> dict[str, str]:
    """Return the headers to send with a request. `target` is made by `target_uri`, `recipient` is the peer's name."""
    fields = {"content-type": profile.JSON, "content-digest": profile.digest(body), "recipient": recipient}
    created = int(now.timestamp())
    line = (
        f"{profile.REQUEST.covered};created={created};expires={created + int(LIFETIME.total_seconds())}"
        f';nonce="{nonce or secrets.token_urlsafe(16)}";keyid="{signer.key_id}";tag="{profile.REQUEST.tag}"'
    )
    return fields | _signature(signer, profile.request_base(method, target, fields, line), line)


def verify_request(
    headers: Iterable[tuple[str, str]],
    *,
    method: str,
    target: str,
    body: bytes,
    recipient: str,
    keys: KeyRing,
    now: datetime,
    max_age: timedelta = LIFETIME,
) -> Verified:
    """Return who signed this request to us. `target` is our public URI of the endpoint, `recipient` our own name.

    Raise NotSignedIn with reason signature_missing, signature_malformed, digest_mismatch, unknown_key,
    key_not_current, expired, clock, bad_signature or wrong_recipient.
    """
    head = verify_head(headers, method=method, target=target, recipient=recipient, keys=keys, now=now, max_age=max_age)
    return head.with_body(body)


def verify_head(
    headers: Iterable[tuple[str, str]],
    *,
    method: str,
    target: str,
    recipient: str,
    keys: KeyRing,
    now: datetime,
    max_age: timedelta = LIFETIME,
) -> Head:
    """Return what `verify_request` does, before the body has come: only its digest is covered. Raise as it does."""
    signed = profile.read_head(headers, profile.REQUEST)
    peer, public = keys.find(signed.words["keyid"], now)
    _timely(signed.moments, now, max_age)
    if not _NONCE.fullmatch(signed.words["nonce"]):
        raise NotSignedIn("A nonce is 16 to 64 characters of base64url", reason="signature_malformed")
    _check(public, signed, profile.request_base(method, target, signed.fields, signed.line))
    if signed.fields["recipient"] != recipient:
        raise NotSignedIn(
            "The request is meant for another recipient; check the partner's name", reason="wrong_recipient"
        )
    until = datetime.fromtimestamp(signed.moments["created"], UTC) + max_age + SKEW
    verified = Verified(peer, signed.words["keyid"], signed.words["nonce"], until, signed.signature)
    return Head(verified, signed)


def sign_response(signer: Signer, *, status: int, body: bytes, request: Verified, now: datetime) -> dict[str, str]:
    """Return the headers of our answer to a verified request."""
    fields = {"content-type": profile.JSON, "content-digest": profile.digest(body)}
    line = f'{profile.ANSWER.covered};created={int(now.timestamp())};keyid="{signer.key_id}";tag="{profile.ANSWER.tag}"'
    return fields | _signature(signer, profile.answer_base(status, fields, request.signature, line), line)


def verify_response(
    headers: Iterable[tuple[str, str]],
    *,
    status: int,
    body: bytes,
    sent: Mapping[str, str],
    keys: KeyRing,
    now: datetime,
    max_age: timedelta = LIFETIME,
) -> str:
    """Return the peer that signed this answer to the request whose headers were `sent`. Raise as `verify_request`."""
    signed = profile.read(headers, profile.ANSWER, body)
    peer, public = keys.find(signed.words["keyid"], now)
    _timely(signed.moments, now, max_age)
    request_signature = sent["signature"].removeprefix("sig=")
    _check(public, signed, profile.answer_base(status, signed.fields, request_signature, signed.line))
    return peer


def answered_at(headers: Iterable[tuple[str, str]]) -> datetime:
    """Return when an answer was signed, by its signer's clock. It is what `verify_response` found to be authentic."""
    return datetime.fromtimestamp(profile.read_head(headers, profile.ANSWER).moments["created"], UTC)


def _signature(signer: Signer, base: bytes, line: str) -> dict[str, str]:
    signature = b64encode(signer.private.sign(base)).decode()
    return {"signature-input": f"sig={line}", "signature": f"sig=:{signature}:"}


def _check(public: Ed25519PublicKey, signed: profile.Signed, base: bytes) -> None:
    try:
        public.verify(b64decode(signed.signature.strip(":")), base)
    except InvalidSignature:
        raise NotSignedIn("The signature does not fit the message", reason="bad_signature") from None


def _timely(moments: Mapping[str, int], now: datetime, max_age: timedelta) -> None:
    """Refuse what is from the future or too old; clocks may differ by SKEW."""
    at, skew = now.timestamp(), SKEW.total_seconds()
    created = moments["created"]
    if created > at + skew:
        raise NotSignedIn("The signature is from the future; check the clocks", reason="clock")
    expires = min(moments.get("expires", created + LIFETIME.total_seconds()), created + max_age.total_seconds())
    if expires < at - skew:
        raise NotSignedIn("The signature is too old; check the clocks and sign anew", reason="expired")
