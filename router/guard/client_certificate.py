"""Our certificate towards one partner, for mutual TLS: read from a PKCS #12 file or from PEM, never written in clear.

Python's TLS takes files only, so the key passes through a temporary one, encrypted under a password of that moment.
"""

import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from router.errors import BadInput

_UNREADABLE: Final = "Our certificate for this partner cannot be used; give the file as it came, and its password"
_NOT_OPENED: Final = (
    "The password of our certificate for this partner is wrong, or the file is damaged; give the one that came with it"
)
#: How a PKCS #12 file begins: a sequence, in DER (RFC 7292, section 4).
_DER: Final = b"\x30"
_NO_KEY: Final = "The file holds no certificate with its private key; ask who issued it for the whole file"
_NOT_ITS_KEY: Final = "The private key does not belong to the certificate; give the pair that was issued together"


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate with its chain and its key, ready to be shown to a server."""

    until: datetime  #: aware; from here on no server takes it
    fingerprint: bytes  #: SHA-256 of the certificate
    _chain: bytes = field(repr=False)
    _key: bytes = field(repr=False)  #: PEM, encrypted under `_password`
    _password: bytes = field(repr=False)

    @classmethod
    def from_p12(cls, content: bytes, password: str) -> Self:
        """Read a PKCS #12 file. Raise BadInput for a wrong password, or a file without certificate and key."""
        try:
            found = load_pkcs12(content, password.encode())
        except (ValueError, TypeError, UnsupportedAlgorithm):
            found = None
        if found is None:  # out here, so that the library's text does not hang on it
            raise BadInput(_NOT_OPENED if content.startswith(_DER) else _UNREADABLE)
        if found.cert is None or found.key is None:
            raise BadInput(_NO_KEY)
        chain = [found.cert.certificate, *(one.certificate for one in found.additional_certs)]
        return cls._of(chain, found.key)

    @classmethod
    def from_pem(cls, certificate: bytes, key: bytes, password: str | None) -> Self:
        """Read PEM files, the certificate first in its chain. Raise BadInput for what cannot be read."""
        try:
            chain = x509.load_pem_x509_certificates(certificate)
            secret = load_pem_private_key(key, None if password is None else password.encode())
        except (ValueError, TypeError, UnsupportedAlgorithm):
            chain, secret = [], None
        if secret is None:
            raise BadInput(_UNREADABLE)
        return cls._of(chain, secret)

    @classmethod
    def _of(cls, chain: Sequence[x509.Certificate], key: PrivateKeyTypes) -> Self:
        own = chain[0]
        if _spelled(own.public_key()) != _spelled(key.public_key()):
            raise BadInput(_NOT_ITS_KEY)
        password = secrets.token_urlsafe().encode()
        return cls(
            until=own.not_valid_after_utc,
            fingerprint=own.fingerprint(SHA256()),
            _chain=b"".join(one.public_bytes(Encoding.PEM) for one in chain),
            _key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)),
            _password=password,
        )

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have connections of this context show the certificate. Raise BadInput when this TLS cannot use it."""
        with NamedTemporaryFile(prefix="client", suffix=".pem") as file:  # 0600; gone when it is loaded
            file.write(self._key + self._chain)
            file.flush()
            try:
                context.load_cert_chain(file.name, password=self._password)
            except ssl.SSLError:
                refused = True
            else:
                refused = False
        if refused:  # out here, so that the library's text does not hang on it
            raise BadInput(_UNREADABLE)


def _spelled(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
