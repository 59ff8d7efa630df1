"""A throw-away certificate authority for the partners of the simulated world; nothing outside a run ever trusts it."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Leaf:
    """A server's certificate chain and private key, as PEM files."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """Return a context that serves with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


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

    def client_context(self) -> ssl.SSLContext:
        """Return a context that trusts this authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate))
