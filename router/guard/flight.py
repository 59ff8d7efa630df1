"""One outbound request under way: whether it may have arrived, and what its failure means for the sender."""

from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp

from router.errors import EgressRefused, NoAnswer, NotSent, RouterError


@dataclass(slots=True)
class Flight:
    """What is known of one request under way."""

    left: bool = False  #: its first byte is about to go; from here on it may arrive
    http_status: int | None = None


def watch() -> aiohttp.TraceConfig:
    """Note the moment from which a request may arrive: a connection stands, and its first byte is about to go."""

    async def leaving(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.left = True

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(leaving)
    return trace


def failure(error: Exception, flight: Flight) -> RouterError:
    """Say what a failure means, in our words: did anything leave, and why did it not go on."""
    if flight.left:
        reason = "timeout" if isinstance(error, TimeoutError) else "broken_off"
        if isinstance(error, NoAnswer):
            reason = error.reason
        return NoAnswer("It was sent, but no complete answer came", reason=reason, http_status=flight.http_status)
    if isinstance(error, EgressRefused | NotSent):
        return error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return NotSent("The host's certificate is not valid for it; ask the partner", reason="certificate")
    if isinstance(error, aiohttp.ClientSSLError):
        return NotSent("No encrypted connection could be agreed with the host; ask the partner", reason="tls")
    if isinstance(error, TimeoutError):
        return NotSent("The host did not take the connection in time", reason="timeout")
    return NotSent("The host did not take the connection", reason="connect")
