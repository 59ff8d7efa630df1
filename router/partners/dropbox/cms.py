"""Signing and encrypting with CMS (RFC 5652, S/MIME), which Outlook and `openssl` open: sign, then encrypt.

`cryptography` encrypts to RSA keys only, and with CBC, which has no integrity of its own: so the signature lies inside.
"""

from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from router.errors import BadInput
from router.partners.base import Reason

#: NIST SP 800-131A: shorter RSA keys are not to be used.
_SHORTEST_RSA: Final = 2048
_MISCONFIGURED: Final = Reason.MISCONFIGURED
_SIGNED: Final = (
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: application/pkcs7-mime; smime-type="signed-data"; name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class CmsSeal:
    """The unit's certificate and our signing key, both fit to be used."""

    recipient: x509.Certificate
    signer: x509.Certificate
    _key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    _chain: Sequence[x509.Certificate] = ()

    suffix: str = ".p7m"

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the unit's certificate, as `openssl x509 -fingerprint -sha256` writes it."""
        return _spelled(self.recipient)

    @property
    def signed_by(self) -> str:
        """Return the SHA-256 of our own certificate."""
        return _spelled(self.signer)

    @property
    def until(self) -> datetime:
        """Return when the first of the two ends (aware)."""
        return min(self.recipient.not_valid_after_utc, self.signer.not_valid_after_utc)

    def opened_with(self, name: str) -> tuple[str, ...]:
        """Return the lines with which a unit opens a bundle and checks our signature."""
        return (
            f"openssl cms -decrypt -inform DER -in {name}.p7m -inkey UNIT.key -recip UNIT.pem -out {name}.signed",
            f"openssl cms -verify -in {name}.signed -CAfile HOTLINE.pem -purpose any -out {name}.eml",
        )

    def close(self, content: bytes) -> bytes:
        """Return a MIME entity signed by us and encrypted to the unit, as DER."""
        signed = PKCS7SignatureBuilder().set_data(content).add_signer(self.signer, self._key, SHA256())
        for one in self._chain:
            signed = signed.add_certificate(one)
        lines = _base64_lines(signed.sign(Encoding.DER, [PKCS7Options.Binary]))
        sealed = PKCS7EnvelopeBuilder().set_data(_SIGNED + lines).add_recipient(self.recipient)
        return sealed.set_content_encryption_algorithm(AES256).encrypt(Encoding.DER, [PKCS7Options.Binary])


def cms_seal(certificate: str, signing: bytes, password: str | None, now: datetime | None, place: str) -> CmsSeal:
    """Return the seal for a unit. Raise BadInput for a key that cannot be used or has ended; `place` names settings.

    Without `now` one that has ended is returned too, to say until when it was good.
    """
    recipient = _recipient(certificate, place)
    _check_dates(recipient, now, f"{place}.certificate", "The unit's certificate")
    signer, key, chain = _signer(signing, password, f"{place}.signing")
    _check_dates(signer, now, f"{place}.signing", "Our signing certificate")
    return CmsSeal(recipient, signer, key, chain)


def _recipient(text: str, place: str) -> x509.Certificate:
    field_ = f"{place}.certificate"
    try:
        found = x509.load_pem_x509_certificate(text.encode())
        key = found.public_key()
    except (ValueError, UnsupportedAlgorithm):
        found, key = None, None
    if found is None:
        raise BadInput("The unit's certificate cannot be read; give its PEM text", field=field_, reason=_MISCONFIGURED)
    if not isinstance(key, RSAPublicKey):
        kind = type(key).__name__.removesuffix("PublicKey").lstrip("_")
        kind = "EC" if "Elliptic" in kind or "EC" in kind else kind
        raise BadInput(
            f"The unit's certificate {_spelled(found)} has a key of the kind {kind}, to which this router cannot "
            "encrypt; ask the unit for one with an RSA key, or use seal = 'openpgp'",
            field=field_,
            reason=_MISCONFIGURED,
        )
    if key.key_size < _SHORTEST_RSA or not _may_encrypt(found):
        raise BadInput(
            f"The unit's certificate {_spelled(found)} is not one to encrypt to: its key is too short, or it is for "
            "signing only; ask the unit for the one of its mailbox",
            field=field_,
            reason=_MISCONFIGURED,
        )
    return found


def _may_encrypt(found: x509.Certificate) -> bool:
    try:
        usage = found.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return True
    return usage.key_encipherment


def _signer(
    content: bytes, password: str | None, field_: str
) -> tuple[x509.Certificate, RSAPrivateKey | EllipticCurvePrivateKey, list[x509.Certificate]]:
    try:
        found = load_pkcs12(content, None if password is None else password.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if found is None or found.cert is None or not isinstance(found.key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise BadInput(
            "Our signing key cannot be used; give the PKCS #12 file with an RSA or EC key, and its password",
            field=field_,
            reason=_MISCONFIGURED,
        )
    return found.cert.certificate, found.key, [one.certificate for one in found.additional_certs]


def _check_dates(found: x509.Certificate, now: datetime | None, field_: str, what: str) -> None:
    if now is not None and not found.not_valid_before_utc <= now < found.not_valid_after_utc:
        raise BadInput(
            f"{what} is good from {found.not_valid_before_utc:%d.%m.%Y} to {found.not_valid_after_utc:%d.%m.%Y} only; "
            "nothing is sent until there is one that is good today",
            field=field_,
            reason=_MISCONFIGURED,
        )


def _spelled(found: x509.Certificate) -> str:
    digest = found.fingerprint(SHA256()).hex().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _base64_lines(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")
