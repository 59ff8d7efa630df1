"""What is closed for a unit opens with its key and `openssl` alone; a key that will not do is refused by name."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from router.errors import BadInput
from router.partners.dropbox.cms import CmsSeal, cms_seal
from router.world.police_unit import Identity, identity
from tests.partners.dropbox.unit_stage import HOTLINE, PASSWORD, START

UNIT = identity("unit.test", START)
OTHER = identity("other.test", START)


def seal(
    certificate: str = UNIT.pem, now: datetime = START, password: str | None = PASSWORD, by: Identity = HOTLINE
) -> CmsSeal:
    return cms_seal(certificate, by.p12(PASSWORD), password, now, "partners.unit.config")


def opened(folder: Path, closed: bytes, by: Identity, trusted: Identity = HOTLINE) -> bytes:
    for name, content in {
        "b.p7m": closed, "u.pem": by.pem.encode(), "u.key": by.key_pem, "h.pem": trusted.pem.encode(),
    }.items():  # fmt: skip
        (folder / name).write_bytes(content)
    for line in (
        "openssl cms -decrypt -inform DER -in b.p7m -inkey u.key -recip u.pem -out signed",
        "openssl cms -verify -in signed -CAfile h.pem -purpose any -out whole",
    ):
        subprocess.run(line.split(), cwd=folder, check=True, capture_output=True)
    return (folder / "whole").read_bytes()


@pytest.mark.parametrize("content", [b"a line\r\n", b"no line end", bytes(range(256)) * 50, b""])
def test_openssl_opens_and_verifies_it(tmp_path: Path, content: bytes) -> None:
    assert opened(tmp_path, seal().close(content), UNIT) == content


def test_an_rsa_key_of_ours_signs_as_well(tmp_path: Path) -> None:
    assert opened(tmp_path, seal(by=OTHER).close(b"whole"), UNIT, trusted=OTHER) == b"whole"


def test_nothing_of_it_stands_in_the_clear() -> None:
    closed = seal().close(b"canary " * 100)
    assert b"canary" not in closed
    assert b"hotline.test" not in closed, "who signed is inside"


def test_nobody_else_opens_it_and_no_other_signature_is_believed(tmp_path: Path) -> None:
    closed = seal().close(b"whole")
    with pytest.raises(subprocess.CalledProcessError):
        opened(tmp_path, closed, OTHER)
    with pytest.raises(subprocess.CalledProcessError):
        opened(tmp_path, closed, UNIT, trusted=OTHER)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    closed = bytearray(seal().close(b"whole " * 100))
    closed[-200] ^= 1
    with pytest.raises(subprocess.CalledProcessError):
        opened(tmp_path, bytes(closed), UNIT)


def made(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, encrypts: bool = True) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "canary.test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(START).not_valid_after(START + timedelta(days=9))
    usage = x509.KeyUsage(True, False, encrypts, False, False, False, False, False, False)
    return builder.add_extension(usage, True).sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        (made(ec.generate_private_key(ec.SECP256R1())), "of the kind EC"),
        (made(rsa.generate_private_key(65537, 1024)), "too short"),  # noqa: S505 - as short as it must not be
        (made(rsa.generate_private_key(65537, 2048), encrypts=False), "signing only"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
    ],
)
def test_a_certificate_that_cannot_be_encrypted_to_is_refused_by_name(certificate: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        seal(certificate)
    assert refused.value.field == "partners.unit.config.certificate"
    assert "canary" not in refused.value.message
    if "EC" in says:
        found = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(SHA256()).hex().upper()
        assert found[:2] + ":" + found[2:4] in refused.value.message


@pytest.mark.parametrize("at", [START + timedelta(days=366), START - timedelta(days=33)])
def test_a_certificate_outside_its_dates_is_not_used(at: datetime) -> None:
    with pytest.raises(BadInput, match="nothing is sent until"):
        seal(now=at)


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_signing_key_with_another_password(password: str | None) -> None:
    with pytest.raises(BadInput, match="its password") as refused:
        seal(password=password)
    assert refused.value.field == "partners.unit.config.signing"
    assert refused.value.__context__ is None


def test_the_earlier_end_of_both_counts() -> None:
    assert seal().until == UNIT.certificate.not_valid_after_utc < HOTLINE.certificate.not_valid_after_utc
    assert seal().fingerprint != seal().signed_by
