"""kill -9 between the claim of a host's day and the answer of the host: it is never asked twice a day, whoever looks.

The host, over TCP on loopback, is the judge: it ends whoever asked it as the request arrives.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.casebook import casebook
from tests.faults.probe_child import check
from tests.probing import kept

pytestmark = pytest.mark.faults


async def test_a_process_that_dies_asking_leaves_the_hosts_day_taken(tmp_path: Path) -> None:
    await _story(tmp_path, None)


@pytest.mark.postgres
async def test_the_same_on_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    await _story(tmp_path, postgres_dsn)


async def _story(folder: Path, url: str | None) -> None:
    heard: list[bytes] = []
    child: list[asyncio.subprocess.Process] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        if child[0].returncode is None:
            os.kill(child[0].pid, signal.SIGKILL)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await reader.read(-1)
        writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    given = json.dumps([str(folder), url, port])
    child.append(await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.probe_child", given))
    assert await child[0].wait() == -signal.SIGKILL
    async with casebook(folder, url=url) as book:
        assert [row["finding"] for row in await kept(book)] == [None]
        book.later(days=8, hours=23)
        await check(book, port, 1)
        assert len(heard) == 1, "it was asked that day"
        book.later(hours=1)
        await check(book, port, 2)
        assert len(heard) == 2
        assert sorted(str(row["finding"]) for row in await kept(book)) == ["None", "answered"]
    server.close()
