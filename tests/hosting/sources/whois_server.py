"""A registry that answers WHOIS (RFC 3912) on loopback: one line is asked, text is answered, the connection closes."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tests.loopback import Loopback

HOST: Final = "whois.ripe.test"
#: As RIPE answers for a network with its route.
RIPE: Final = """% This is the RIPE Database query service.
% Information related to '37.97.0.0 - 37.97.255.255'

inetnum:        37.97.0.0 - 37.97.255.255
netname:        TULIP-ALL
country:        BE
source:         RIPE # Filtered

inetnum:        37.97.128.0 - 37.97.255.255
netname:        TULIP-HOSTING
descr:          Tulip hosting
country:        NL
admin-c:        DUMY-RIPE
e-mail:         somebody@tulip.test

route:          37.97.128.0/17
origin:         AS20857
"""
REFERRAL: Final = RIPE.replace("country: ", "remarks: ") + "\nReferralServer: rwhois://whois.evil.test:4321\n"


class Mode(StrEnum):
    """How the server behaves."""

    OK = "ok"
    NOTHING = "nothing"  #: it knows nobody
    NO_COUNTRY = "no_country"
    REFERRAL = "referral"  #: names no country, and another server
    DRIP = "drip"  #: one octet every 100 ms
    HUGE = "huge"  #: 200 MB
    SILENT = "silent"  #: takes the question and says nothing
    BINARY = "binary"


@dataclass
class WhoisServer:
    """The server; it remembers what it was asked."""

    mode: Mode = Mode.OK
    text: str = RIPE
    asked: list[str] = field(default_factory=list)
    sent: int = 0  #: octets

    async def open(self, net: Loopback) -> "WhoisServer":
        """Listen on loopback under the registry's name."""
        await net.listen(HOST, self._talk, ip="193.0.6.136", port=43)
        return self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readline()).decode())
        if self.mode is Mode.SILENT:
            await asyncio.sleep(60)
        elif self.mode is Mode.DRIP:
            for octet in self.text.encode():
                writer.write(bytes([octet]))
                await writer.drain()
                await asyncio.sleep(0.1)
        elif self.mode is Mode.HUGE:
            line = b"inetnum: 37.97.128.0 - 37.97.255.255\n" * 2000
            while self.sent < 200 * 1024 * 1024:
                writer.write(line)
                await writer.drain()
                self.sent += len(line)
        else:
            writer.write(self._said())
            await writer.drain()

    def _said(self) -> bytes:
        if self.mode is Mode.NOTHING:
            return b"%ERROR:101: no entries found\n"
        if self.mode is Mode.NO_COUNTRY:
            return self.text.replace("country:", "remarks:").encode()
        if self.mode is Mode.REFERRAL:
            return REFERRAL.encode()
        return bytes(range(256)) * 100 if self.mode is Mode.BINARY else self.text.encode()
