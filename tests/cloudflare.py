"""Cloudflare's origin look-up for trusted organisations, as a server on loopback that enforces its rules.

The rules, as the integration of a trusted organisation shows them: GET only, the two headers of the service token, a
case id in the path, one `hostname`, so many requests a day. `say` overrides what it answers, `status` breaks it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.loopback import Loopback

HOST, ADDRESS = "trust.cloudflare.com", "104.16.132.229"
CLIENT_ID, SECRET = "the-id", "the-secret"
QUOTA_ERROR = {"code": 1, "message": "All requests for current day used."}
_PATH = re.compile(r"/investigation/v1/[A-Za-z0-9%._-]+/origin")


@dataclass
class Cloudflare:
    """The look-up's server; it remembers every request, and what rule one broke."""

    origins: dict[str, list[str]] = field(default_factory=dict)  #: hostname -> the addresses behind the edge
    quota: int = 1000
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    said: Any = None  #: answer this instead
    requests: list[web.Request] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)

    async def open(self, net: Loopback) -> "Cloudflare":
        """Listen on loopback under the public name."""
        await net.serve(HOST, self.answer, ip=ADDRESS)
        return self

    def say(self, *results: Any, success: bool = True, errors: tuple[dict[str, Any], ...] = ()) -> None:
        """Answer this from now on."""
        self.said = {"success": success, "errors": list(errors), "result": list(results)}

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if broken := self._broken(request):
            self.broken_rules.append(broken)
            return web.json_response({"success": False, "errors": [{"code": 2, "message": broken}]}, status=403)
        if self.status != 200:
            return web.Response(text="", status=self.status, headers=self.headers)
        if isinstance(self.said, str):
            return web.Response(text=self.said)
        return web.json_response(self.said or self._found(request.query["hostname"]))

    def _broken(self, request: web.Request) -> str | None:
        told = (request.headers.get("CF-Access-Client-ID"), request.headers.get("CF-Access-Client-Secret"))
        if told != (CLIENT_ID, SECRET):
            return "the service token is not valid"
        if request.method != "GET" or not _PATH.fullmatch(request.raw_path.partition("?")[0]):
            return "no such endpoint"
        if list(request.query) != ["hostname"] or not re.fullmatch(r"[a-z0-9.-]+", request.query["hostname"]):
            return "one hostname, and nothing else"
        return None

    def _found(self, hostname: str) -> dict[str, Any]:
        if len(self.requests) > self.quota:
            return {"success": True, "errors": [QUOTA_ERROR], "result": []}
        known = self.origins.get(hostname)
        four = [ip for ip in known or () if ":" not in ip]
        six = [ip for ip in known or () if ":" in ip]
        behind = {"isUsingCloudflare": known is not None, "originIPv4": four, "originIPv6": six}
        return {"success": True, "errors": [], "result": [behind]}
