"""One login at a hub, shared by all calls of this process to it.

Calls wait their turn, carry the token and show our certificate. A token that the hub no longer knows is replaced once
and the call is made again: a call that was answered 401 did nothing. Each ends within its deadline, logins included.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from router.errors import NoAnswer, NotSent
from router.guard.client_certificate import ClientCertificate
from router.guard.egress import HttpAnswer
from router.guard.retry_after import retry_after
from router.guard.target import Purpose
from router.partners.answers import MENDING, classify
from router.partners.base import Deferred, Reason, Refused, Tools, Unknown
from router.partners.iccam.settings import IccamConfig, certificate, check_is_valid
from router.partners.iccam.turns import Turns

#: Bytes of the longest honest answer: a report with some thousand contents.
CAP: Final = 4_000_000
#: Seconds before its end in which a token is no longer used: a call may take that long.
_SPARE: Final = 60.0
#: What a token lasts when the hub does not say (the public client's assumption).
_USUAL_LIFE: Final = 1800.0

_NOT_LET_IN: Final = "The hub does not accept our login (HTTP {}); check the name, the password and the certificate."
_SAYS_NOTHING: Final = "The hub's login gave an answer that we do not understand; ask the hub's office."
_OWN_PACE: Final = "Our calls to the hub have reached their pace; it goes on in a moment."
_ASKED_TO_WAIT: Final = "The hub asked us to wait; it goes on when that time is over."


class _Login(BaseModel):
    """What is read of an answer to a login."""

    model_config = ConfigDict(frozen=True)

    token: str = Field(alias="bearerToken", min_length=1, repr=False)
    life: float = Field(alias="bearerTokenExpiresIn", default=_USUAL_LIFE, gt=0)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    since: datetime  #: hubs need a moment before they know a token that they gave
    until: datetime


@dataclass(frozen=True, slots=True)
class _Denied:
    """A login that was refused: it is not tried again with the same password for a while, lest the hub lock us out."""

    password: str = field(repr=False)
    until: datetime
    meaning: Deferred


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the hub."""

    method: str
    path: str  #: below the root
    query: Mapping[str, str | int] | None = None
    body: object = None  #: JSON; texts stay texts, whatever they look like


class Session:
    """A login that is made when it is first needed and again when it ends."""

    def __init__(self, tools: Tools, config: IccamConfig) -> None:
        """Speak to the hub of these settings; nothing is opened or read yet."""
        self._tools = tools
        self._config = config
        self._login = asyncio.Lock()
        self._token: _Token | None = None
        self._denied: _Denied | None = None
        self._closed_until = datetime.fromtimestamp(0, UTC)  #: the hub asked us to wait so long
        self._certificate: tuple[bytes, ClientCertificate] | None = None

    async def ask(self, call: Call, turns: Turns, *, until: float, urgent: bool = False) -> HttpAnswer | Deferred:
        """Make one call and return its answer, whatever its status; Deferred when we are not let in, or not yet.

        `until` is the loop's time at which it must be over. Raise BadInput for unusable settings or a certificate that
        has ended, EgressRefused or NotSent when nothing of the call left, NoAnswer when it may have arrived.
        """
        known_bad = ""
        for _ in range(2):
            token = await self._with_token(known_bad, turns, until, urgent=urgent)
            if isinstance(token, Deferred):
                return token
            answer = await self._send(call, token.text, turns, until, urgent=urgent)
            if isinstance(answer, Deferred) or answer.status != 401:
                return answer
            known_bad = token.text
        return _not_let_in(401)

    async def _with_token(self, known_bad: str, turns: Turns, until: float, *, urgent: bool) -> _Token | Deferred:
        """Return a token that is good, and another than `known_bad`."""
        try:
            async with asyncio.timeout_at(until):
                token = await self._shared(known_bad, turns, until, urgent=urgent)
                while not isinstance(token, Deferred) and (left := self._seconds_until(token.since)) > 0:
                    await self._tools.clock.sleep(left)
                return token
        except TimeoutError:
            return Deferred(Reason.OWN_PACE, _OWN_PACE, turns.wait, counted=False)

    async def _shared(self, known_bad: str, turns: Turns, until: float, *, urgent: bool) -> _Token | Deferred:
        """Return the token of all; the first who needs one logs in, and the others wait for that."""
        async with self._login:
            token = self._token
            if token is not None and token.text != known_bad and self._seconds_until(token.until) > 0:
                return token
            self._token = None
            found = await self._log_in(turns, until, urgent=urgent)
            if isinstance(found, _Token):
                self._token = found
            return found

    async def _log_in(self, turns: Turns, until: float, *, urgent: bool) -> _Token | Deferred:
        password = self._tools.secret(self._config.password)
        denied = self._denied
        if denied is not None and denied.password == password and self._seconds_until(denied.until) > 0:
            return denied.meaning
        call = Call("POST", "Authentication", body={"username": self._config.username, "password": password})
        try:
            answer = await self._send(call, None, turns, until, urgent=urgent)
            return answer if isinstance(answer, Deferred) else self._read(answer, password)
        except NoAnswer as error:
            failed = NotSent(error.message, reason="timeout" if error.reason == "timeout" else "connect")
        raise failed  # a login says nothing of any case, so nothing of one left

    def _read(self, answer: HttpAnswer, password: str) -> _Token | Deferred:
        now = self._tools.clock.now()
        match classify(answer.status, answer.headers, now):
            case Refused() | Deferred(reason=Reason.NOT_AUTHENTICATED):
                refused = _not_let_in(answer.status)
                self._denied = _Denied(password, now + timedelta(seconds=MENDING), refused)
                return refused
            case Deferred() as not_now:
                return not_now
            case Unknown():
                return Deferred(Reason.NOT_UNDERSTOOD, _SAYS_NOTHING, MENDING)
        try:
            login = _Login.model_validate_json(answer.body)
        except ValidationError:
            return Deferred(Reason.NOT_UNDERSTOOD, _SAYS_NOTHING, MENDING)
        self._denied = None
        settled = now + timedelta(seconds=self._config.token_settle)
        return _Token(login.token, settled, now + timedelta(seconds=max(login.life - _SPARE, login.life / 2)))

    async def _send(
        self, call: Call, token: str | None, turns: Turns, until: float, *, urgent: bool
    ) -> HttpAnswer | Deferred:
        if (left := self._seconds_until(self._closed_until)) > 0:
            return Deferred(Reason.BUSY, _ASKED_TO_WAIT, left, counted=False)
        try:
            async with asyncio.timeout_at(until):
                await turns.next(urgent=urgent)
        except TimeoutError:
            return Deferred(Reason.OWN_PACE, _OWN_PACE, turns.wait, counted=False)
        answer = await self._request(call, token, until)
        if answer.status in {429, 503}:
            now = self._tools.clock.now()
            wait = retry_after(answer.headers, now) or 0.0
            self._closed_until = max(self._closed_until, now + timedelta(seconds=wait))
        return answer

    async def _request(self, call: Call, token: str | None, until: float) -> HttpAnswer:
        query = f"?{urlencode(call.query)}" if call.query else ""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self._tools.egress.request(
            call.method,
            self._config.at(call.path) + query,
            headers=headers,
            body=None if call.body is None else orjson.dumps(call.body),
            deadline=until - asyncio.get_running_loop().time(),
            cap=CAP,
            purpose=Purpose.PARTNER,
            networks=self._config.networks,
            certificate=self._shown(),
        )

    def _seconds_until(self, moment: datetime) -> float:
        return (moment - self._tools.clock.now()).total_seconds()

    def _shown(self) -> ClientCertificate:
        """Return our certificate, read again when its file was replaced."""
        content = self._tools.secret_file(self._config.certificate)
        if self._certificate is None or self._certificate[0] != content:
            self._certificate = content, certificate(self._config, self._tools)
        found = self._certificate[1]
        check_is_valid(found, self._tools.clock.now())
        return found


def _not_let_in(status: int) -> Deferred:
    return Deferred(Reason.NOT_AUTHENTICATED, _NOT_LET_IN.format(status), MENDING, counted=False)
