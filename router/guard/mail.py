"""The one mail sender: a finished letter to the house's own relay, over a connection that the egress guard made.

Encrypted or not at all: with `start_tls=None` the library would send in the clear to a relay without STARTTLS and say
nothing, so it is always demanded, and the certificate checked. No look-up of MX, DANE or MTA-STS here: that is the
relay's work. The relay's words are not passed on, since they may quote the letter.
"""

import asyncio
import socket
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Final

import aiosmtplib

from router.errors import NoAnswer, NotSent, RouterError
from router.guard.egress import Egress
from schemas.alarm import Relay

#: What the relay said no with, by the library's error; the first that fits.
_REFUSED: Final[tuple[tuple[type[Exception], str], ...]] = (
    (aiosmtplib.SMTPAuthenticationError, "auth"),
    (aiosmtplib.SMTPRecipientsRefused, "recipient"),
    (aiosmtplib.SMTPRecipientRefused, "recipient"),
    (aiosmtplib.SMTPSenderRefused, "sender"),
    (aiosmtplib.SMTPResponseException, "refused"),
)


async def post(
    egress: Egress, relay: Relay, letter: EmailMessage, *, to: str, password: str | None, deadline: float
) -> None:
    """Hand a letter to the relay, which has it when this returns. At most `deadline` seconds in all.

    Raise EgressRefused or NotSent when the relay does not have it, NoAnswer when it may: it is then not sent again by
    itself where a second one harms.
    """
    left = [False]
    try:
        async with asyncio.timeout(deadline):
            await _handed(egress, relay, letter, to, password, left)
            return
    except (aiosmtplib.SMTPException, OSError, ValueError, RouterError) as error:
        failed = _failure(error, left=left[0])
    # Raised outside the handler, so that no third party's text hangs on it as `__context__`.
    raise failed


async def _handed(
    egress: Egress, relay: Relay, letter: EmailMessage, to: str, password: str | None, left: list[bool]
) -> None:
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=None,
        use_tls=relay.tls == "tls",
        start_tls=relay.tls == "starttls",
        tls_context=egress.tls,
        local_hostname="referral-router.invalid",
    )
    sock = await egress.socket(relay.host, relay.port)
    # From here on the loop owns the socket, whatever becomes of the letter. It is never closed beneath a transport: its
    # number would go to the next connection of the process while the loop still reads and closes the old one by it.
    try:
        await client.connect(sock=sock)
        transport = client.transport
    except BaseException:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)  # ends it at once, and leaves closing to its owner
        raise
    try:
        if relay.user is not None and password is not None:
            await client.login(relay.user, password)
        await client.ehlo()
        await client.mail(str(letter["From"]))
        await client.rcpt(to)
        left[0] = True
        await client.data(letter.as_bytes(policy=SMTP_POLICY))
        with suppress(aiosmtplib.SMTPException, OSError):  # it has the letter already
            await client.quit()
    finally:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # nothing more is said or heard, however the other side takes it


def _failure(error: Exception, *, left: bool) -> RouterError:
    if isinstance(error, RouterError):
        return error
    refused = next((reason for kind, reason in _REFUSED if isinstance(error, kind)), None)
    if refused is not None:
        return NotSent("The mail relay did not take the letter; ask whoever runs it", reason=refused)
    if left:
        return NoAnswer("The letter was sent, but the relay did not say that it has it", reason="broken_off")
    if isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError):
        return NotSent("The mail relay did not answer in time", reason="timeout")
    return NotSent("No encrypted connection could be agreed with the mail relay; ask whoever runs it", reason="tls")
