"""A police unit with a folder: it opens what lies there with `openssl` and its own key, and answers in a signed letter.

It is built from what a unit has, and no code of ours: a PC with `openssl` (1.1.1 or later), a certificate of its own,
and the certificate by which it knows the hotline.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from router.world.ca import bundled

#: By this file the router knows that the folder is the unit's.
MARK: Final = ".referral-router"
_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """A key with its certificate, signed by itself."""

    key: RSAPrivateKey | EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """Return the certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> bytes:
        """Return the key, in the clear."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def p12(self, password: str) -> bytes:
        """Return both as a PKCS #12 file."""
        return serialize_key_and_certificates(b"signing", self.key, self.certificate, None, bundled(password))


def identity(
    name: str, now: datetime, days: int = 365, *, key: RSAPrivateKey | EllipticCurvePrivateKey | None = None
) -> Identity:
    """Make a certificate that is good from a month before `now` (aware) on, of `key` or of a new one (RSA)."""
    key = key or generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=30))
    made = made.not_valid_after(now + timedelta(days=days))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Identity(key, made.sign(key, SHA256()))


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """One bundle as the unit reads it."""

    name: str
    said: Mapping[str, Any]  #: bundle.json
    page: str
    files: Mapping[str, bytes]

    @property
    def items(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what is in it, by the referral's id."""
        return {one["referral_id"]: one for one in self.said["items"]}


class PoliceUnit:
    """One unit, its folder, and what it has read so far."""

    def __init__(
        self, folder: Path, now: datetime, hotline: str | None = None, *, key: RSAPrivateKey | None = None
    ) -> None:
        """Set up an empty folder; `hotline` is the certificate (PEM) by which the unit knows who signed.

        `key` is the unit's own, or a new one is made.
        """
        self.inbox = folder / "in"
        self.answers = folder / "answers"
        self._desk = folder / "desk"
        for one in (self.inbox, self.answers, self._desk):
            one.mkdir(parents=True, exist_ok=True)
        (self.inbox / MARK).touch()
        self.identity = identity("unit.police.test", now, key=key)
        self.hotline = hotline
        self._read: dict[tuple[str, str], OpenedBundle] = {}
        self.refused: list[str] = []  #: what it could not open, or whose signature it does not believe
        self.answered = 0
        self.numbers: dict[str, str] = {}  #: bundle -> our number of it

    @property
    def files(self) -> list[Path]:
        """Return what lies in the folder, in order of name."""
        return sorted(self.inbox.glob("[!.]*"))

    def bundles(self) -> list[OpenedBundle]:
        """Open everything that lies in the folder."""
        return list(self._opened())

    def put_away(self) -> None:
        """Take everything out of the folder."""
        for path in self.files:
            path.unlink()

    def _opened(self) -> Iterator[OpenedBundle]:
        for path in self.files:
            key = (path.name, sha256(path.read_bytes()).hexdigest())
            if key not in self._read:
                try:
                    self._read[key] = self.open(path)
                except (subprocess.SubprocessError, ValueError, KeyError):
                    self.refused.append(path.name)
                    continue
            yield self._read[key]

    def open(self, path: Path) -> OpenedBundle:
        """Open one file: decrypt it, check who signed it, and see that each file is as its manifest says."""
        signed, whole = self._desk / "signed", self._desk / "whole"
        self._openssl("-decrypt", "-inform", "DER", "-in", str(path), "-out", str(signed), *self._own)
        trusted = ["-CAfile", str(self._hotline)]
        self._openssl("-verify", "-in", str(signed), "-out", str(whole), "-purpose", "any", *trusted)
        return read_bundle(path.name, whole.read_bytes())

    def answer(self, lines: Mapping[str, str], *, text: str = "", signed: bool = True) -> Path:
        """Put a letter into the folder of answers: a line for each reply code, with our number."""
        said = text + "".join(f"{code} {number}\r\n" for code, number in lines.items())
        letter = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{said}".encode()
        if signed:
            builder = PKCS7SignatureBuilder().set_data(letter)
            builder = builder.add_signer(self.identity.certificate, self.identity.key, SHA256())
            letter = builder.sign(Encoding.SMIME, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
        self.answered += 1
        path = self.answers / f"{self.answered}.eml"
        path.write_bytes(letter)
        return path

    @cached_property
    def _own(self) -> list[str]:
        certificate, key = self._desk / "unit.pem", self._desk / "unit.key"
        certificate.write_text(self.identity.pem, encoding="ascii")
        key.write_bytes(self.identity.key_pem)
        return ["-recip", str(certificate), "-inkey", str(key)]

    @property
    def _hotline(self) -> Path:
        trusted = self._desk / "hotline.pem"
        trusted.write_text(self.hotline or self.identity.pem, encoding="ascii")
        return trusted

    def _openssl(self, *said: str) -> None:
        line = ["openssl", "cms", *said]
        subprocess.run(line, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603 - files of our own


def read_bundle(name: str, whole: bytes) -> OpenedBundle:
    """Read the MIME entity of a bundle. Raise ValueError when a file is not as the manifest says."""
    parsed = message_from_bytes(whole, policy=policy.default)
    files: dict[str, bytes] = {}
    for part in parsed.walk():
        file = part.get_filename()
        if file is not None:
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            files[file] = content
    files["bundle.txt"] = files["bundle.txt"].replace(b"\r\n", b"\n")
    for one in json.loads(files["manifest.json"])["files"]:
        if sha256(files[one["name"]]).hexdigest() != one["sha256"]:
            raise ValueError("a file is not as the manifest says")
    return OpenedBundle(name, json.loads(files["bundle.json"]), files["bundle.txt"].decode(), files)
