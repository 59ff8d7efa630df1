"""A dialect of several steps and the partner that speaks it, for the tests of the seam: booked, loaded, sailed.

Booking doubles when it is made twice, and can be looked for by our reference; loading is harmless to repeat; sailing is
harmless too, or, at a rough harbour, happens as often as it is called for.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

import orjson
from aiohttp import web

from router.errors import NoAnswer, RouterError
from router.guard.egress import HttpAnswer
from router.guard.target import Purpose
from router.partners.answers import classify
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    CheckResult,
    Deferred,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    OwnAction,
    Progress,
    Progressed,
    Refused,
    SentReferral,
    Step,
    Tools,
    Unknown,
)
from router.partners.configs import Configs
from router.partners.fields import PEER, allowed, select, to_bytes
from schemas.exchange import ActionStatement, ReferralMessage, ReferralStatus
from schemas.partner import Partner, PartnerKind
from schemas.vocabulary import ActionType
from tests.referrals import AT

HOST = "harbour.test"
BOOKED, LOADED, SAILED = "booked", "loaded", "sailed"
HARMLESS = EffectClass.IDEMPOTENT

Failed = Deferred | Refused | Unknown


class FerryConfig(DialectSettings):
    """Where the harbour is."""

    url: str
    token: str = "none"


class FerryDialect(Dialect):
    """Speaks to a harbour."""

    name: ClassVar[str] = "ferry"
    effect: ClassVar[EffectClass] = EffectClass.RECONCILABLE
    bundle: ClassVar[int] = 2
    fields: ClassVar[tuple[str, ...]] = PEER
    Config: ClassVar[type[DialectSettings]] = FerryConfig
    steps: ClassVar[Mapping[str, Step]] = MappingProxyType(
        {
            BOOKED: Step("Booked as {booking}; it is loaded next.", effect=HARMLESS),
            LOADED: Step("Loaded as {booking}; it sails next.", effect=HARMLESS),
            SAILED: Step("Sailed as {booking}.", effect=HARMLESS),
        }
    )

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._configs = Configs(FerryConfig)

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        listed = self.fields if partner.fields is None else (*partner.fields, "hosting")
        return to_bytes(select(message, allowed(listed, partner.name)))

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        return [await self._next(partner, one, deadline) for one in envelopes]

    async def _next(self, partner: Partner, one: Envelope, deadline: float) -> Outcome:
        if one.progress is None:
            return await self._book(partner, one, deadline)
        number = int(one.progress.data)
        if one.progress.step == BOOKED:
            failed = await self._call(partner, "PUT", f"/bookings/{number}/load", one.payload, deadline)
            return Progressed(_progress(LOADED, number)) if isinstance(failed, HttpAnswer) else failed
        failed = await self._call(partner, "PUT", f"/bookings/{number}/sail", b"", deadline)
        return Accepted(f"F-{number}", _progress(SAILED, number)) if isinstance(failed, HttpAnswer) else failed

    async def _book(self, partner: Partner, one: Envelope, deadline: float) -> Outcome:
        if one.in_doubt:
            found = await self._call(partner, "GET", f"/bookings?reference={one.referral_id}", b"", deadline)
            if not isinstance(found, HttpAnswer):
                return found
            if number := orjson.loads(found.body)["booking"]:
                return Progressed(_progress(BOOKED, number))
        answer = await self._call(partner, "POST", f"/bookings?reference={one.referral_id}", b"", deadline)
        if not isinstance(answer, HttpAnswer):
            return answer
        return Progressed(_progress(BOOKED, orjson.loads(answer.body)["booking"]))

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        found = []
        for one in sent:
            number = None if one.progress is None else int(one.progress.data)
            answer = await self._call(partner, "GET", f"/bookings/{number}", b"", CALL_SECONDS)
            if not isinstance(answer, HttpAnswer):
                raise NoAnswer(answer.text)
            known = bool(orjson.loads(answer.body)["booking"])
            acts = (ActionStatement(action=ActionType.REMOVED, at=AT),) if known else ()
            found.append(ReferralStatus(referral_id=one.referral_id, known=known, actions=acts))
        return found

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
        return [await self._cancel(partner, one) for one in sent]

    async def _cancel(self, partner: Partner, one: SentReferral) -> Outcome:
        """By its number, or, where that was never learnt, by our reference."""
        by = f"?reference={one.referral_id}" if one.progress is None else f"/{int(one.progress.data)}"
        answer = await self._call(partner, "DELETE", f"/bookings{by}", b"", CALL_SECONDS)
        return Accepted("cancelled") if isinstance(answer, HttpAnswer) else answer

    async def tell(self, partner: Partner, actions: Sequence[OwnAction]) -> list[Outcome] | None:
        outcomes: list[Outcome] = []
        for one in actions:
            assert one.referral.progress is not None
            path = f"/bookings/{int(one.referral.progress.data)}/acts/{one.id}"
            answer = await self._call(partner, "PUT", path, str(one.action.action).encode(), CALL_SECONDS)
            outcomes.append(Accepted(one.id) if isinstance(answer, HttpAnswer) else answer)
        return outcomes

    async def check(self, partner: Partner) -> CheckResult:
        try:
            answer = await self._call(partner, "GET", "/bookings/0", b"", CALL_SECONDS)
        except RouterError as error:
            return CheckResult(ok=False, text=error.message)
        good = isinstance(answer, HttpAnswer)
        return CheckResult(ok=good, text="It answers." if isinstance(answer, HttpAnswer) else answer.text)

    async def _call(
        self, partner: Partner, method: str, path: str, body: bytes, deadline: float
    ) -> HttpAnswer | Failed:
        config, now = self._configs.of(partner), self._tools.clock.now()
        answer = await self._tools.egress.request(
            method, config.url + path, body=body, deadline=deadline, cap=65_536, purpose=Purpose.PARTNER
        )
        return classify(answer.status, answer.headers, now) or answer


def _progress(step: str, number: int) -> Progress:
    return Progress(step, str(number).encode(), {"booking": str(number)})


class RoughFerryDialect(FerryDialect):
    """Speaks to a harbour where each call to sail is a voyage, and nobody can say whether there was one."""

    steps: ClassVar[Mapping[str, Step]] = MappingProxyType(
        FerryDialect.steps | {LOADED: Step("Loaded as {booking}; it sails next.", effect=EffectClass.AT_LEAST_ONCE)}
    )


@dataclass
class Booking:
    """What the harbour has of one referral."""

    reference: str
    loads: int = 0
    voyages: int = 0


@dataclass
class Harbour:
    """The partner. `status` forces a status line; `rough` counts every call to sail as a voyage."""

    rough: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    seen: list[web.Request] = field(default_factory=list)
    bookings: dict[int, Booking] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    _numbers: int = 0

    @property
    def effects(self) -> dict[str, int]:
        """The greater of how often a referral was booked and how often it sailed."""
        booked = Counter(one.reference for one in self.bookings.values())
        sailed = Counter({one.reference: one.voyages for one in self.bookings.values()})
        return dict(booked | sailed)

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        body = await request.read()
        await asyncio.sleep(self.delay)
        if self.status is not None:
            return web.Response(status=self.status, headers=self.headers)
        status, answer = self.answer(request.method, request.path_qs, body)
        return web.json_response(answer, status=status)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """What the harbour says to a call, having done it."""
        place, _, reference = path.partition("?reference=")
        parts = place.strip("/").split("/")
        if reference:
            return self._by_reference(method, reference)
        number = int(parts[1]) if parts[1].isdigit() else 0
        known = self.bookings.get(number)
        match method, parts[2:]:
            case "GET", []:
                return 200, {"booking": number if known else 0}
            case "DELETE", []:
                return self._drop([number])
            case "PUT", ["load"] if known:
                assert json.loads(body)["referral_id"] == known.reference
                self.changes += known.loads == 0
                known.loads = 1
            case "PUT", ["sail"] if known:
                self.changes += known.voyages == 0 or self.rough
                known.voyages = known.voyages + 1 if self.rough else 1
            case "PUT", ["acts", act] if known:
                self.told[act] = 1
            case _:
                return 404, {}
        return 200, {}

    def _by_reference(self, method: str, reference: str) -> tuple[int, Any]:
        known = [number for number, one in self.bookings.items() if one.reference == reference]
        if method == "DELETE":
            return self._drop(known)
        if method == "GET":
            return 200, {"booking": known[0] if known else 0}
        self._numbers += 1
        self.changes += 1
        self.bookings[self._numbers] = Booking(reference)
        return 201, {"booking": self._numbers}

    def _drop(self, numbers: list[int]) -> tuple[int, Any]:
        for number in numbers:
            if (gone := self.bookings.pop(number, None)) is not None:
                self.withdrawn.add(gone.reference)
        return 200, {}


def partner(**changes: object) -> Partner:
    config: dict[str, object] = {"url": f"https://{HOST}"}
    return Partner(name="harbour", title="Harbour", kind=PartnerKind.HUB, dialect="ferry", config=config | changes)
