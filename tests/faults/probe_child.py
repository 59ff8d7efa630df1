"""A process that checks a case whose host it asks, and is ended from outside while it does."""

import asyncio
import json
import sys
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from router.guard.egress import Egress
from router.hosting.probe import Prober
from router.store.schema.tables import cases
from schemas.trace import Ip
from tests.casebook import Casebook, casebook

PAGES = ("http://example.test/1", "http://example.test/2", "http://example.test/3")


async def _resolve(_host: str) -> list[Ip]:
    return [ip_address("3.120.0.1")]


async def check(book: Casebook, port: int, number: int) -> None:
    """Run the check of one of the cases, whose host is at a port of loopback."""
    case_id = (await book.rows(cases))[number]["id"]
    async with Egress(_resolve, dial=lambda _ip, _port: ("127.0.0.1", port)) as egress:
        book.ctx = replace(book.ctx, prober=Prober(egress, (ip_address("127.0.0.9"),), 5.0))
        await book.step(case_id)


async def main(folder: str, url: str | None, port: int) -> None:
    """Have three pages of a host referred, and check the first of them after some days."""
    async with casebook(Path(folder), url=url) as book:
        for number, page in enumerate(PAGES):
            await book.decided(page, f"r-{number}")
        await book.send()
        await book.send()
        book.later(days=8)
        await check(book, port, 0)


if __name__ == "__main__":
    asyncio.run(main(*json.loads(sys.argv[1])))
