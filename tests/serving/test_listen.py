import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from router.errors import CannotStart
from router.serving import listen
from router.serving.connections import Held
from router.serving.listen import listening_socket, served


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, Path]:
    made = trustme.CA().issue_cert("localhost")
    made.private_key_pem.write_to_path(str(tmp_path / "key"))
    for at, part in enumerate(made.cert_chain_pems):
        part.write_to_path(str(tmp_path / "certificate"), append=at > 0)
    return {"certificate": tmp_path / "certificate", "key": tmp_path / "key"}


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart) as caught:
            listening_socket("127.0.0.1", port)
    said = f"Port {port} on 127.0.0.1 cannot be used; stop what uses it, or name another --port."
    assert caught.value.message == said


async def test_over_tls(site: Callable[..., Any], tls: dict[str, Path]) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with site(**tls) as here:
        reader, _ = await here.call(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", ssl=trusting)
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"


async def test_a_handshake_that_does_not_begin_has_a_deadline(
    site: Callable[..., Any], tls: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "_HANDSHAKE", 0.5)
    async with site(**tls) as here:
        reader, _ = await here.call()
        assert await asyncio.wait_for(reader.read(), 10) == b""


@pytest.mark.parametrize("wrong", ["missing", "empty", "another key", "a folder"])
async def test_a_certificate_that_cannot_be_used_is_one_sentence(
    tls: dict[str, Path], wrong: str, tmp_path: Path
) -> None:
    if wrong == "missing":
        tls["certificate"].unlink()
    elif wrong == "empty":
        tls["certificate"].write_text("")
    elif wrong == "a folder":
        tls["certificate"] = tmp_path
    else:
        trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(str(tls["key"]))
    listener = listening_socket("127.0.0.1", 0)
    with pytest.raises(CannotStart, match="TLS certificate"):
        async with served(None, listener, Held(1, 1), **tls):
            pass
    assert listener.fileno() == -1


async def test_a_head_without_end_is_refused(site: Callable[..., Any]) -> None:
    async with site() as here:
        reader, _ = await here.call(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000)
        assert (await asyncio.wait_for(reader.read(), 10))[:12] == b"HTTP/1.1 400"


@pytest.mark.parametrize(
    ("by", "said", "believed"),
    [
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "203.0.113.5, 198.51.100.7", "198.51.100.7"),  # the first is what a browser claimed
        ("127.0.0.1", "203.0.113.5\r\nx-forwarded-for: 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.2", "203.0.113.5", "127.0.0.2"),  # no proxy of this machine
        ("127.0.0.2", "127.0.0.1", "127.0.0.2"),
    ],
)
async def test_only_a_proxy_on_this_machine_says_from_where_somebody_asks(
    monkeypatch: pytest.MonkeyPatch, by: str, said: str, believed: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    listener = listening_socket("127.0.0.1", 0)
    async with served(app, listener, Held(9, 9)):
        reader, writer = await asyncio.open_connection(*listener.getsockname(), local_addr=(by, 0))
        writer.write(f"GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {said}\r\nconnection: close\r\n\r\n".encode())
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert heard == [believed]
