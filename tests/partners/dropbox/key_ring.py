"""A person's own OpenPGP key ring, kept by GnuPG."""

import os
import subprocess
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Ring:
    """A person's own key ring. Its agent ends with it at the latest."""

    def __init__(
        self, folder: Path, name: str, *, expires: str = "never", algorithm: str = "rsa2048", password: str = ""
    ) -> None:
        folder.mkdir(mode=0o700)
        self.folder, self.name, self.password = folder, name, password
        self.close = weakref.finalize(self, _end_agents, folder)
        self.gpg("--passphrase", password, "--quick-generate-key", name, algorithm, "default", expires)

    def gpg(self, *said: str, data: bytes | None = None) -> bytes:
        line = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--trust-model", "always", *said]
        env = {**os.environ, "GNUPGHOME": str(self.folder)}
        return subprocess.run(line, env=env, input=data, capture_output=True, check=True).stdout

    @property
    def public(self) -> str:
        return self.gpg("--armor", "--export", self.name).decode()

    @property
    def secret(self) -> bytes:
        return self.gpg("--passphrase", self.password, "--armor", "--export-secret-keys", self.name)

    def signed(self, text: str, *, name: str | None = None) -> bytes:
        """A mail whose text is signed as RFC 3156 says."""
        part = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
        line = ["--passphrase", self.password, "--local-user", name or self.name, "--armor", "--detach-sign"]
        return multipart(part, self.gpg(*line, data=part))


def _end_agents(folder: Path) -> None:
    subprocess.run(["gpgconf", "--homedir", str(folder), "--kill", "all"], check=False, capture_output=True)


@contextmanager
def key_ring(folder: Path, name: str) -> Iterator[Ring]:
    """A ring that signs; its agent ends with it."""
    made = Ring(folder, name, algorithm="ed25519")
    try:
        yield made
    finally:
        made.close()


def multipart(part: bytes, signature: bytes) -> bytes:
    head = b'Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="b"'
    second = b"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n" + signature
    return b"\r\n".join((head, b"", b"--b", part, b"--b", second, b"--b--", b""))
