"""The authority's certificates are good for their name, and for those who trust it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from router.world.ca import Authority, Leaf


@asynccontextmanager
async def serving(leaf: Leaf) -> AsyncIterator[int]:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=leaf.server_context())
    async with server:
        yield server.sockets[0].getsockname()[1]


async def connect(port: int, name: str, context: ssl.SSLContext) -> str | None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    subject = writer.get_extra_info("peercert")["subjectAltName"][0][1]
    writer.close()
    return str(subject)


async def test_who_trusts_the_authority_reaches_the_partner(authority: Authority) -> None:
    async with serving(authority.issue("nl.hotline.test")) as port:
        assert await connect(port, "nl.hotline.test", authority.client_context()) == "nl.hotline.test"


async def test_a_certificate_is_for_its_own_name(authority: Authority) -> None:
    async with serving(authority.issue("nl.hotline.test")) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(port, "ca.hotline.test", authority.client_context())


async def test_nobody_else_trusts_it(authority: Authority) -> None:
    async with serving(authority.issue("nl.hotline.test")) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(port, "nl.hotline.test", ssl.create_default_context())


def test_a_second_authority_is_another_one(authority: Authority, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert Authority(other).certificate.read_bytes() != authority.certificate.read_bytes()


def test_private_keys_are_readable_by_us_alone(authority: Authority) -> None:
    assert authority.issue("nl.hotline.test").key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("password", ["of the key", "é long and odd"])
def test_a_client_gets_its_certificate_as_files_and_as_one(authority: Authority, password: str) -> None:
    expires = datetime(2027, 1, 1, tzinfo=UTC)
    client = authority.issue_client("hotline-a.test", password, expires)
    key, certificate, _ = load_key_and_certificates(client.bundle.read_bytes(), client.password.encode())
    assert key is not None
    assert certificate is not None
    assert certificate.not_valid_after_utc == expires
    assert x509.load_pem_x509_certificate(client.certificate.read_bytes()) == certificate
    client.load_into(authority.client_context())  # raises for a wrong password
    for secret in (client.key, client.bundle):
        assert secret.stat().st_mode & 0o077 == 0
    assert client.password not in repr(client)


def test_a_client_certificate_opens_with_its_password_only(authority: Authority) -> None:
    client = authority.issue_client("hotline-a.test", "right")
    with pytest.raises(ValueError, match="password"):
        load_key_and_certificates(client.bundle.read_bytes(), b"wrong")
    with pytest.raises(ssl.SSLError):
        replace(client, password="wrong").load_into(authority.client_context())
