"""A client that says exactly what a test tells it to, over real TLS, and adds nothing of its own."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

#: What aiohttp would add; the public client sends none of these.
QUIET = ("User-Agent", "Accept-Encoding", "Accept", "Content-Type")


@dataclass(frozen=True)
class Said:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        """The JSON, or "" for an empty body, as the transcripts write it."""
        return json.loads(self.text) if self.text else ""


class Caller:
    """Calls one server as one hotline."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._root = f"https://127.0.0.1:{port}/"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), skip_auto_headers=QUIET, auto_decompress=False
        )
        self.token = ""

    async def close(self) -> None:
        await self._session.close()

    async def raw(self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float = 20) -> Said:
        url = URL(self._root + path.removeprefix("/"), encoded=True)
        limit = aiohttp.ClientTimeout(total=timeout)
        async with self._session.request(
            method, url, headers=headers, data=body, allow_redirects=False, timeout=limit
        ) as answer:
            return Said(answer.status, await answer.text(), answer.headers)

    async def login(self, username: str = "api.user@hotline-a.test", password: object = "S3cret-pw") -> Said:
        said = await self.call("POST", "Authentication", {"username": username, "password": password})
        if said.status == 200:
            self.token = said.body["bearerToken"]
        return said

    async def call(self, method: str, path: str, body: object = None) -> Said:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return await self.raw(method, path, headers, b"" if body is None else json.dumps(body).encode())
