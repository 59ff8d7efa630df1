"""Our certificate towards a partner: read as it was issued, with no key in clear on disk and none in a text."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from router.errors import BadInput
from router.guard.client_certificate import ClientCertificate

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PASSWORD = "of the key"


class Issued:
    """A certificate in each form in which an issuer may hand it over."""

    def __init__(self, key_type: trustme.KeyType = trustme.KeyType.ECDSA) -> None:
        authority = trustme.CA()
        leaf = authority.issue_cert("hotline.test", not_after=NOW + timedelta(days=365), key_type=key_type)
        self.chain = leaf.cert_chain_pems[0].bytes()
        self.certificate = x509.load_pem_x509_certificate(self.chain)
        self.key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
        self.authority = x509.load_pem_x509_certificate(authority.cert_pem.bytes())

    def pem_key(self, password: str | None) -> bytes:
        how: KeySerializationEncryption = NoEncryption()
        if password is not None:
            how = BestAvailableEncryption(password.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)

    def p12(self, password: str, *, key: bool = True, certificate: bool = True) -> bytes:
        return serialize_key_and_certificates(
            b"us",
            self.key if key else None,  # type: ignore[arg-type] # trustme makes kinds that PKCS #12 takes
            self.certificate if certificate else None,
            [self.authority],
            BestAvailableEncryption(password.encode()),
        )


@pytest.fixture(scope="module")
def issued() -> Issued:
    return Issued()


def test_a_pkcs12_file_is_read_with_its_end_and_its_chain(issued: Issued) -> None:
    read = ClientCertificate.from_p12(issued.p12(PASSWORD), PASSWORD)
    assert (read.until, read.fingerprint) == (NOW + timedelta(days=365), issued.certificate.fingerprint(SHA256()))
    context = ssl.create_default_context()
    read.load_into(context)


@pytest.mark.parametrize("password", [PASSWORD, None])
@pytest.mark.parametrize("key_type", list(trustme.KeyType), ids=str)
def test_pem_files_are_read_whatever_the_key(key_type: trustme.KeyType, password: str | None) -> None:
    issued = Issued(key_type)
    read = ClientCertificate.from_pem(issued.chain, issued.pem_key(password), password)
    read.load_into(ssl.create_default_context())
    assert read.fingerprint == issued.certificate.fingerprint(SHA256())


def test_what_cannot_be_read_is_refused_without_a_word_of_it(issued: Issued) -> None:
    other = Issued()
    wrong = (
        lambda: ClientCertificate.from_p12(issued.p12(PASSWORD), "wrong"),
        lambda: ClientCertificate.from_p12(b"no such file", PASSWORD),
        lambda: ClientCertificate.from_p12(b"", ""),
        lambda: ClientCertificate.from_p12(issued.p12(PASSWORD, key=False, certificate=False), PASSWORD),
        lambda: ClientCertificate.from_pem(b"", issued.pem_key(None), None),
        lambda: ClientCertificate.from_pem(issued.chain, b"-----", None),
        lambda: ClientCertificate.from_pem(issued.chain, issued.pem_key(PASSWORD), "wrong"),
        lambda: ClientCertificate.from_pem(issued.chain, issued.pem_key(PASSWORD), None),
        lambda: ClientCertificate.from_pem(issued.chain, issued.pem_key(None), "not needed"),
        lambda: ClientCertificate.from_pem(issued.chain, other.pem_key(None), None),
    )
    for attempt in wrong:
        with pytest.raises(BadInput) as refused:
            attempt()
        assert (refused.value.__cause__, refused.value.__context__) == (None, None)
        assert PASSWORD not in refused.value.message


def test_a_key_that_tls_finds_too_weak_is_refused_in_our_words() -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what an old issuer may still hand out
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "weak")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    certificate = built.sign(key, SHA256()).public_bytes(Encoding.PEM)
    weak = ClientCertificate.from_pem(
        certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), None
    )
    with pytest.raises(BadInput) as refused:
        weak.load_into(ssl.create_default_context())
    assert refused.value.__context__ is None


def test_no_key_is_shown_or_left_behind(issued: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    written: list[bytes] = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, certfile: object, keyfile: object = None, password: object = None) -> None:
            file = Path(str(certfile))
            assert file.parent == tmp_path
            assert file.stat().st_mode & 0o077 == 0
            written.append(file.read_bytes())

    read = ClientCertificate.from_p12(issued.p12(PASSWORD), PASSWORD)
    read.load_into(Context(ssl.PROTOCOL_TLS_CLIENT))
    (content,) = written
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert content.count(b"PRIVATE KEY") == 2
    assert list(tmp_path.iterdir()) == []
    assert "PRIVATE" not in repr(read)
