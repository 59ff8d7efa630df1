"""The way out for alarms: a POST, a letter, a beat. Only through the egress guard; answers are never passed on."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Final

from router.errors import NotSent
from router.guard import mail
from router.guard.egress import Egress
from router.guard.target import Purpose
from schemas.alarm import Relay, Webhook

#: Seconds that one receiver may take, and bytes of its answer that are read.
DEADLINE: Final = 10.0
_CAP: Final = 64 * 1024


class Bell:
    """Rings by webhook and by mail; `secret` gives what stands in a file of the folder `secrets`."""

    def __init__(self, egress: Egress, secret: Callable[[str], str]) -> None:
        """Take the way out and the secrets."""
        self._egress = egress
        self._secret = secret

    async def webhook(self, to: Webhook, body: bytes) -> None:
        """Post an alarm. Raise RouterError unless it was taken (2xx)."""
        headers = {"Content-Type": "application/json"}
        if to.secret is not None:
            headers["Authorization"] = f"Bearer {self._secret(to.secret)}"
        answer = await self._egress.request(
            "POST", to.url, headers=headers, body=body, deadline=DEADLINE, cap=_CAP, purpose=Purpose.ALARM
        )
        _check(answer.status)

    async def letter(self, relay: Relay, letter: EmailMessage, to: str) -> None:
        """Hand a letter to the relay. Raise RouterError unless it has it."""
        password = None if relay.secret is None else self._secret(relay.secret)
        await mail.post(self._egress, relay, letter, to=to, password=password, deadline=DEADLINE)

    async def beat(self, url_secret: str) -> None:
        """Ask for the heartbeat's address, with nothing in it. Raise RouterError unless it answered 2xx."""
        url = self._secret(url_secret)
        answer = await self._egress.request("GET", url, deadline=DEADLINE, cap=_CAP, purpose=Purpose.ALARM)
        _check(answer.status)


def _check(status: int) -> None:
    if not 200 <= status < 300:
        raise NotSent("The receiver of alarms did not take it; look at its settings", reason=f"status_{status}")
