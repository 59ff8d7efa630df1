"""A throw-away certificate authority for the partners of the simulated world; nothing outside a run ever trusts it."""

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import PBES, serialize_key_and_certificates

#: How often OpenSSL hashes a password by default (`openssl pkcs12 -export`, PKCS12_DEFAULT_ITER).
_ROUNDS: Final = 2048


@dataclass(frozen=True, slots=True)
class Leaf:
    """A server's certificate chain and private key, as PEM files."""

    certificate: Path
    key: Path

    def server_context(self, clients: Path | None = None) -> ssl.SSLContext:
        """Return a context that serves with this certificate.

        With `clients`, the certificate of an authority, it demands a client certificate signed by that one.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cafile=clients)
        return context


@dataclass(frozen=True, slots=True)
class ClientLeaf:
    """A client's certificate and private key: as PEM files, the key under a password, and as one PKCS #12 file."""

    certificate: Path
    key: Path
    bundle: Path  #: the .p12
    password: str = field(repr=False)

    def load_into(self, context: ssl.SSLContext) -> None:
        """Let `context` show this certificate."""
        context.load_cert_chain(self.certificate, self.key, self.password)


class Authority:
    """One authority, made anew each time. Its files are written into `folder`, private keys readable by us alone."""

    def __init__(self, folder: Path) -> None:
        """Make the authority and write its certificate to `folder`/authority.pem."""
        self._ca = trustme.CA(organization_name="Simulated world")
        self._folder = folder
        self.certificate = folder / "authority.pem"
        self.certificate.write_bytes(self._ca.cert_pem.bytes())

    def issue(self, host: str) -> Leaf:
        """Return a certificate for one host name, signed by this authority."""
        issued = self._ca.issue_cert(host)
        leaf = Leaf(self._folder / f"{host}.pem", self._folder / f"{host}.key")
        leaf.certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        leaf.key.touch(mode=0o600)
        leaf.key.write_bytes(issued.private_key_pem.bytes())
        return leaf

    def issue_client(self, name: str, password: str, expires: datetime | None = None) -> ClientLeaf:
        """Return a certificate for one client; `name` is also its common name and begins its files' names."""
        issued = self._ca.issue_cert(name, common_name=name, not_after=expires)
        certificate = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
        assert isinstance(key, EllipticCurvePrivateKey)  # trustme's default kind
        secret = BestAvailableEncryption(password.encode())
        pem, encrypted, bundle = (self._folder / f"{name}.client.{end}" for end in ("pem", "key", "p12"))
        leaf = ClientLeaf(pem, encrypted, bundle, password)
        leaf.certificate.write_bytes(issued.cert_chain_pems[0].bytes())
        for file, content in (
            (leaf.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret)),
            (leaf.bundle, serialize_key_and_certificates(name.encode(), key, certificate, None, bundled(password))),
        ):
            file.touch(mode=0o600)
            file.write_bytes(content)
        return leaf

    def client_context(self) -> ssl.SSLContext:
        """Return a context that trusts this authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate))


def bundled(password: str) -> KeySerializationEncryption:
    """Return how a PKCS #12 file is sealed under a password: as strong as OpenSSL's own, which offices use.

    The library's own strength is ten times that, and takes 5 ms to write and as long to read.
    """
    sealing = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_ROUNDS).hmac_hash(SHA256())
    return sealing.key_cert_algorithm(PBES.PBESv2SHA256AndAES256CBC).build(password.encode())
