"""Cases worked on by hand: a real store and policy, a partner that is scripted, and one step at a time.

`Scripted` is a whole dialect, as `router/partners/base.py` promises one; only the wire is missing. It answers what the
test wrote down, remembers every envelope, and lets the test act while a call is under way.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar, cast

from sqlalchemy import ColumnElement, select

from router.casework.case.gate import unless_held
from router.casework.case.seen import sighting
from router.casework.context import Context
from router.casework.deliver import send as deliver
from router.casework.desk import case_acts
from router.casework.intake import take as intake
from router.casework.locate import step as locate
from router.casework.referral.changes import NOTED_BY_CLAIM
from router.clock import StoryClock
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    CheckResult,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    SentReferral,
)
from router.store.base import Claim, Row, Transition
from router.store.schema.tables import cases, referrals
from router.worker.steps import advance
from schemas.actor import Actor, Role
from schemas.embargo import Way
from schemas.exchange import ReferralMessage, ReferralStatus
from schemas.locator import Locator
from schemas.partner import Directory, Partner, PartnerKind
from schemas.report import ReportGiven
from schemas.states import CaseState, ReferralState
from schemas.trace import HostingBasis, NamedOrigin, OnlineMode, Trace, Verdict, VerdictKind
from tests.office import START, Rules, office, person

ANNA = person("anna", Role.SUPERVISOR)
ANALYSTS = Actor(id="source:analysts", source="analysts")
FORM = Actor(id="source:form", source="form")
CHECKED = date(2026, 11, 1)
DUTCH = Verdict(kind=VerdictKind.COUNTRY, country="NL", countries=("NL",), confidence=0.99)
CANADIAN = Verdict(kind=VerdictKind.COUNTRY, country="CA", countries=("CA",), confidence=0.99)
EDGE = Verdict(kind=VerdictKind.EDGE_ONLY)
PAGE = "https://example.test/page"


@dataclass
class Scripted(Dialect):
    """A dialect whose partner says what the test wrote down, and `Accepted` once that is used up."""

    name: ClassVar[str] = "scripted"
    effect: ClassVar[EffectClass] = EffectClass.IDEMPOTENT
    bundle: ClassVar[int] = 2
    fields: ClassVar[tuple[str, ...]] = tuple(ReferralMessage.model_fields)
    Config: ClassVar[type[DialectSettings]] = DialectSettings

    script: list[Outcome | Exception] = field(default_factory=list)
    calls: list[list[Envelope]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    says: list[ReferralStatus] | Exception | None = None
    withdrawal: list[Outcome] | Exception | None = None
    asked: list[str] = field(default_factory=list)  #: referrals whose status it was asked for
    found: Outcome | None = None  #: what comes of looking for what people handed over
    meanwhile: Callable[[], Awaitable[object]] | None = None  #: what happens while a call is under way
    _clocks: dict[str, int] = field(default_factory=dict)  #: as `Dialect` keeps them

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        return message.model_dump_json().encode()

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        self.calls.append(list(envelopes))
        if self.meanwhile is not None:
            await self.meanwhile()
        return [self._next(one) for one in envelopes]

    def _next(self, envelope: Envelope) -> Outcome:
        said = self.script.pop(0) if self.script else Accepted(f"receipt-{envelope.referral_id}")
        if isinstance(said, Exception):
            raise said
        return said

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        self.asked += [one.referral_id for one in sent]
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
        self.dropped += [one.referral_id for one in sent]
        if isinstance(self.withdrawal, Exception):
            raise self.withdrawal
        return self.withdrawal

    async def find(self, partner: Partner, reference: str) -> Outcome | None:
        return self.found

    async def check(self, partner: Partner) -> CheckResult:
        return CheckResult(ok=True, text="It answered.")

    def messages(self) -> list[ReferralMessage]:
        """What arrived, read as its receiver reads it."""
        return [ReferralMessage.model_validate_json(one.payload) for call in self.calls for one in call]


class Mail(Scripted):
    """One that doubles when it is sent again, and that nobody can ask."""

    effect: ClassVar[EffectClass] = EffectClass.AT_LEAST_ONCE

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        return None


@dataclass
class World:
    """A tracer of a world that has one answer at a time; it remembers what it was asked."""

    clock: StoryClock
    verdict: Verdict = DUTCH
    known: dict[str, Any] = field(default_factory=dict)  #: more of the trace: addresses, names, outcome, platform
    asked: list[tuple[Locator, OnlineMode | None, HostingBasis | None]] = field(default_factory=list)
    origins: list[NamedOrigin | None] = field(default_factory=list)  #: what stood in for an edge, trace by trace
    meanwhile: Callable[[], Awaitable[object]] | None = None  #: what happens while it traces

    async def trace(
        self,
        locator: Locator,
        *,
        online: OnlineMode | None = None,
        basis: HostingBasis | None = None,
        origin: NamedOrigin | None = None,
    ) -> Trace:
        self.asked.append((locator, online, basis))
        self.origins.append(origin)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.offline(locator)

    def offline(self, locator: Locator) -> Trace:
        return Trace(host=locator.host, traced_at=self.clock.now(), verdict=self.verdict, **self.known)


def partner(name: str, *countries: str, kind: PartnerKind = PartnerKind.HOTLINE, **more: Any) -> Partner:
    """A partner that may receive."""
    given: dict[str, Any] = {
        "title": name.title(),
        "dialect": "scripted",
        "enabled": True,
        "checked_on": CHECKED,
        "default": True,
    }
    given["inhope"] = kind is PartnerKind.HOTLINE and "CA" not in countries
    return Partner(name=name, kind=kind, countries=countries, **{**given, **more})


PARTNERS = (
    partner("hotline-nl", "NL"),
    partner("hotline-ca", "CA"),
    partner("federal-police", "BE", kind=PartnerKind.POLICE, accepts=("baseline", "national")),
)


@dataclass
class Casebook:
    """An office with its world and its partner in hand."""

    ctx: Context
    clock: StoryClock
    world: World
    partner: Scripted
    rules: Rules

    async def take(self, location: str = PAGE, reference: str = "r-1", actor: Actor = ANALYSTS, **more: Any) -> str:
        """Take a report of one location, assessed unless it comes from the form; return its case."""
        item = {"location": location, **more.pop("item", {})}
        given = {"source": actor.source, "reference": reference, "received_at": START.isoformat(), "items": [item]}
        if actor is ANALYSTS:
            given["assessment"] = {"value": "baseline", "assessed_by": "anna", "assessed_at": START.isoformat()}
        taken = await intake.take(self.ctx, ReportGiven.model_validate_json(json.dumps({**given, **more})), actor)
        for case_id in dict.fromkeys(item.case for item in taken.items):
            await self.saw(case_id)
        return taken.items[0].case

    async def saw(self, case_id: str, actor: Actor = ANNA) -> None:
        """Write down that a person has revealed a case's location."""
        changes, adds = await sighting(self.ctx, case_id, actor)
        await self.ctx.store.commit(Transition(self.ctx.now(), changes, adds))

    async def step(self, case_id: str, times: int = 1) -> Row:
        """Run the step of the case's state, as a worker that has claimed it does; return the case.

        One that is received is only traced: what a decision meets is set up between the two.
        """
        for _ in range(times):
            row = await self.case(case_id)
            if row["state"] == CaseState.RECEIVED:
                found = await unless_held(Way.LOOK_UP)(locate.run)(self.ctx, row)
                assert isinstance(found, Transition)
                await self.ctx.store.commit(found)
            else:
                await advance(self.ctx, row)
        return await self.case(case_id)

    async def decided(self, location: str = PAGE, reference: str = "r-1", actor: Actor = ANALYSTS, **more: Any) -> str:
        """Take, trace and decide; return the case."""
        case_id = await self.take(location, reference, actor, **more)
        await self.step(case_id, 2)
        return case_id

    async def retraced(self, case_id: str) -> Row:
        """Have a person trace it again, and decide anew; return the case."""
        await case_acts.retrace(self.ctx, case_id, ANNA, "again")
        return await self.step(case_id, 2)

    async def claim(self, name: str = "hotline-nl", limit: int = 10) -> list[Row]:
        """Claim a partner's waiting referrals, as the sending loop does."""
        until = {"state": ReferralState.SENDING, "next_at": self.ctx.now() + 60_000_000, **NOTED_BY_CLAIM}
        where = (referrals.c.partner == name) & referrals.c.state.in_(["waiting", "sending"])
        claim = Claim(referrals, where, (referrals.c.id,), limit, self.ctx.owner, 60.0, until)
        return await self.ctx.store.claim(claim)

    async def send(self, name: str = "hotline-nl") -> list[list[Outcome]]:
        """Claim what waits for a partner, and make one attempt."""
        found = self.rules.directory_.named(name)
        assert found is not None
        return await deliver.run(self.ctx, found, await self.claim(name))

    async def accepted(self, **more: Any) -> str:
        """A case whose one referral the Dutch hotline has; return the case."""
        case_id = await self.decided(**more)
        await self.send()
        return case_id

    async def case(self, case_id: str) -> Row:
        (row,) = await self.rows(cases, cases.c.id == case_id)
        return row

    async def referrals(self, case_id: str) -> list[Row]:
        return await self.rows(referrals, referrals.c.case_id == case_id)

    async def referral(self, case_id: str) -> Row:
        (row,) = await self.referrals(case_id)
        return row

    async def rows(self, table: Any, where: ColumnElement[bool] | None = None) -> list[Row]:
        wanted = select(table) if where is None else select(table).where(where)
        return await self.ctx.store.rows(wanted.order_by(*table.primary_key.columns))

    def later(self, **by: float) -> None:
        """Let business time pass."""
        self.clock.advance(timedelta(**by))

    def partners(self, *changed: Partner, **directory: Any) -> None:
        """Put partners in the place of those of the same name."""
        kept = [one for one in self.rules.directory_.partners if one.name not in {new.name for new in changed}]
        self.rules.directory_ = Directory(version=2, partners=(*kept, *changed), **directory)


@asynccontextmanager
async def casebook(folder: Path, dialect: Scripted | None = None, url: str | None = None) -> AsyncIterator[Casebook]:
    """Open an office whose partners are the scripted ones."""
    rules = Rules(directory_=Directory(version=1, partners=PARTNERS))
    spoken = dialect or Scripted()
    async with office(folder, rules=rules, url=url) as opened:
        clock = cast("StoryClock", opened.clock)
        world = World(clock)
        dialects: dict[str, Dialect] = {"scripted": spoken}
        yield Casebook(replace(opened, tracer=world, dialects=dialects), clock, world, spoken, rules)
