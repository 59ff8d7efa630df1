"""Whatever happens in whatever order, nothing leaves and nobody is asked while an embargo holds, and all goes on after.

Nor of a case of which the police asked that nobody be told yet, but by the police themselves.

The office of `test_nothing_waits_unseen.py`, where embargoes come and end too, also in the middle of an attempt. Its
partners and its tracer look, at the moment when they are reached, whether they should have been: that is the oracle,
and it asks nothing that the router decided.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import ColumnElement, select

from router.casework.case.due_times import is_at_risk
from router.casework.case.record import open_case
from router.casework.context import Context
from router.casework.deliver.held import go_on
from router.errors import Conflict
from router.partners.base import CALL_SECONDS, EffectClass, Envelope, Outcome, SentReferral
from router.store.schema.tables import cases, referrals
from router.store.schema.tables import embargoes as table
from schemas.casefile import DeskCode
from schemas.embargo import EmbargoKind
from schemas.exchange import ReferralMessage
from schemas.partner import Partner
from schemas.states import CaseState
from tests.casebook import Scripted, partner
from tests.embargoes import embargo, ended
from tests.police_holds import UNIT, police_hold, released
from tests.stories.test_nothing_waits_unseen import PAGES, Office

#: What may be named, and which of the pages it holds.
NAMED = {
    (EmbargoKind.URL, PAGES[0]): PAGES[:1],
    (EmbargoKind.HOST, "example.test"): PAGES,
    (EmbargoKind.URL, "https://elsewhere.test/"): (),
}


class Watching(Scripted):
    """One that looks, when it is reached, whether what comes is under embargo."""

    held: ClassVar[set[str]] = set()  #: locations, as the test set and ended embargoes
    wrong: ClassVar[list[str]] = []  #: what reached it and should not have; what is raised here nobody would hear
    of: ClassVar[dict[str, str]] = {}  #: referral -> location
    quiet: ClassVar[dict[str, tuple[str, int]]] = {}  #: case -> its location, and until when the police want it quiet
    ctx: ClassVar[Context]

    @classmethod
    async def hushed(cls, where: ColumnElement[bool]) -> list[str]:
        """The locations of these cases that the police want quiet now."""
        found = await cls.ctx.store.rows(select(cases.c.id).where(where, cases.c.id.in_(sorted(cls.quiet))))
        told = [cls.quiet[row["id"]] for row in found]
        return [location for location, until in told if until > cls.ctx.now()]

    async def _said(self, partner: Partner, ids: Sequence[str], what: str) -> None:
        of_these = select(referrals.c.case_id).where(referrals.c.id.in_(ids))
        if partner.name != UNIT and await self.hushed(cases.c.id.in_(of_these)):
            self.wrong.append(what)

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        await self._said(partner, [one.referral_id for one in envelopes], "it left, and was to be quiet")
        for one in envelopes:
            location = ReferralMessage.model_validate_json(one.payload).location
            self.wrong += ["it left"] * (location in self.held)
            self.of[one.referral_id] = location
        return await super().send(partner, envelopes, deadline)

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> Any:
        await self._said(partner, [one.referral_id for one in sent], "it was asked about, and was to be quiet")
        self.wrong += ["it was asked about" for one in sent if self.of.get(one.referral_id) in self.held]
        return await super().status(partner, sent)

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> Any:
        await self._said(partner, [one.referral_id for one in sent], "it was told, and was to be quiet")
        self.wrong += ["it was told" for one in sent if self.of.get(one.referral_id) in self.held]
        return await super().withdraw(partner, sent)


class WatchingMailbox(Watching):
    """The same of one that doubles, and cannot be asked."""

    effect: ClassVar[EffectClass] = EffectClass.AT_LEAST_ONCE

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> Any:
        return None


class Embargoed(Office):
    """The office, where embargoes come and end."""

    @initialize()
    def open_the_door(self) -> None:
        Watching.held.clear()
        Watching.of.clear()
        Watching.wrong.clear()
        Watching.quiet.clear()
        self.open: dict[str, tuple[str, ...]] = {}
        super().open_the_door()
        watching = {"scripted": Watching(), "mail": WatchingMailbox()}
        self.dialects.update(watching)
        self.book.ctx.dialects.update(watching)  # type: ignore[attr-defined] # a dict, which Office made
        Watching.ctx = self.book.ctx
        trace = self.book.world.trace

        async def watched(locator: Any, **more: Any) -> Any:
            Watching.wrong += ["it was looked up"] * (locator.canonical in Watching.held)
            quiet = await Watching.hushed(cases.c.state != CaseState.CLOSED)
            Watching.wrong += ["it was looked up, and was to be quiet"] * (locator.canonical in quiet)
            return await trace(locator, **more)

        self.book.world.trace = watched  # type: ignore[method-assign] # of this world only
        self.book.partners(partner("hotline-ca", "CA", dialect="mail"))

    def _held(self) -> None:
        Watching.held.clear()
        Watching.held.update(page for pages in self.open.values() for page in pages)

    async def _comes(self, what: tuple[EmbargoKind, str]) -> None:
        said = await embargo(self.book.ctx, str(what[0]), what[1], days=300)
        self.open[said.embargo.id] = NAMED[what]
        self._held()

    @rule(what=st.sampled_from(sorted(NAMED)))
    def one_comes(self, what: tuple[EmbargoKind, str]) -> None:
        if len(self.open) < 3:
            self.runner.run(self._comes(what))

    @rule(what=st.sampled_from(sorted(NAMED)), name=st.sampled_from(["hotline-nl", "hotline-ca", "federal-police"]))
    def one_comes_while_a_call_is_under_way(self, what: tuple[EmbargoKind, str], name: str) -> None:
        came: list[bool] = []

        async def comes() -> None:
            if not came:
                came.append(True)
                await self._comes(what)

        for dialect in self.dialects.values():
            dialect.meanwhile = comes
        self.runner.run(self.book.send(name))
        for dialect in self.dialects.values():
            dialect.meanwhile = None

    async def _hushes(self, case_id: str, location: str, days: int) -> None:
        with suppress(Conflict):  # they have it by another way, or it is just being sent
            await police_hold(self.book.ctx, case_id, days=days)
            Watching.quiet[case_id] = (location, self.book.ctx.now() + days * 86_400_000_000)

    @rule(pick=st.integers(0, 3), days=st.integers(1, 9))
    def the_police_ask_to_tell_nobody(self, pick: int, days: int) -> None:
        found = [case for case, _ in self.open_cases() if case["state"] in (CaseState.REFERRED, CaseState.DESK)]
        if found:
            case = found[pick % len(found)]
            opened = self.runner.run(open_case(self.book.ctx, case))
            self.runner.run(self._hushes(case["id"], opened.secrets.canonical, days))

    @rule()
    def the_police_say_that_others_may_be_told(self) -> None:
        for case_id in list(Watching.quiet):
            self.attempt(self._released(case_id))

    async def _released(self, case_id: str) -> None:
        await released(self.book.ctx, case_id)
        del Watching.quiet[case_id]

    @rule(pick=st.integers(0, 2))
    def two_people_end_one(self, pick: int) -> None:
        if self.open:
            self._ends(sorted(self.open)[pick % len(self.open)])

    def _ends(self, embargo_id: str) -> None:
        self.runner.run(ended(self.book.ctx, embargo_id))
        del self.open[embargo_id]
        self._held()

    @rule()
    def what_is_over_goes_on(self) -> None:
        self.runner.run(go_on(self.book.ctx))

    @invariant()
    def nothing_reaches_anybody_under_an_embargo(self) -> None:
        assert Watching.wrong == []

    @invariant()
    def whoever_is_at_risk_was_decided_on_as_such_or_is_next(self) -> None:
        """Or is held, which people know, or will in the moment in which its step comes."""
        for case, _ in self.open_cases():
            if is_at_risk(case) and case["state"] in (CaseState.RECEIVED, CaseState.LOCATED):
                assert case["next_at"] <= self.book.ctx.now()
            if is_at_risk(case) and case["desk_code"] in (DeskCode.EMBARGO, DeskCode.POLICE_HOLD):
                assert case["desk_alarm"] is not None, "it keeps silent"

    def teardown(self) -> None:
        for embargo_id in list(self.open):
            self._ends(embargo_id)
        self.runner.run(go_on(self.book.ctx))
        self.book.later(days=10)  # whatever the police asked for is over
        due = self.rows(referrals, referrals.c.last_reason == "embargo")
        assert [row for row in due if row["state"] == "waiting" and row["next_at"] > self.book.ctx.now()] == []
        assert [row["state"] for row in self.rows(table) if row["state"] == "open"] == []
        self.a_worker_moves_what_is_due(3)
        told = cases.c.desk_code.in_([DeskCode.EMBARGO, DeskCode.POLICE_HOLD])
        assert self.rows(cases, told) == [], "people are told otherwise"
        super().teardown()


TestAnEmbargoInAnyLife = Embargoed.TestCase
TestAnEmbargoInAnyLife.settings = settings(max_examples=6, stateful_step_count=25, deadline=None)
