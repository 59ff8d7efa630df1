"""Whatever happens in whatever order, every open case is with a partner or with people, and nothing waits unseen.

Reports, traces, attempts with every outcome, sender deaths, acts of staff (also in the middle of an attempt) and time
in any order, over a real store. The partners are scripted: one knows a key again, the other is a mailbox.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from router.casework.case.acts import Standing, offered
from router.casework.case.desk_entry import is_asked
from router.casework.deliver import send as deliver
from router.casework.deliver import stops
from router.casework.desk import case_acts as desk
from router.casework.desk import look as looks
from router.casework.desk import referral_acts
from router.casework.follow_up import watchdog
from router.casework.referral.row import is_at_work
from router.errors import BadInput, Conflict, NotFound
from router.partners.base import Accepted, Deferred, Dialect, Outcome, Reason, Refused, Unknown
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, decisions, referrals
from schemas.casefile import DeskCode
from schemas.facts import Facts
from schemas.states import CaseState, ReferralState
from schemas.trace import DnsOutcome, Verdict, VerdictKind
from schemas.vocabulary import Assessment, Urgency
from schemas.vocabulary import Outcome as Ending
from tests.casebook import ANALYSTS, ANNA, CANADIAN, DUTCH, EDGE, FORM, Casebook, Mail, Scripted, casebook, partner

PARTNERS = ("hotline-nl", "hotline-ca", "federal-police")
PAGES = ("https://example.test/1", "https://example.test/2")
PATIENCE = 4 * 3600 * 1_000_000
ACCOUNT = {"account": {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}}
AT_RISK: dict[str, Any] = {"urgency": "imminent_risk"}
OUTCOMES: tuple[Outcome, ...] = (
    Accepted("receipt"),
    Deferred(Reason.BUSY, "come later", 60.0),
    Refused(Reason.REFUSED, "Not ours."),
    Unknown(Reason.NO_ANSWER, "no answer came"),
)
VERDICTS = (DUTCH, CANADIAN, EDGE, Verdict(kind=VerdictKind.CONFLICT), Verdict(kind=VerdictKind.UNRESOLVED))

Act = Callable[[Casebook, Row], Awaitable[object]]


def _elsewhere(name: str) -> Act:
    return lambda book, row: referral_acts.override(book.ctx, row["id"], ANNA, "there", partner=name)


def _held(book: Casebook, row: Row, hours: float | None = None) -> Awaitable[object]:
    until = None if hours is None else book.clock.now() + timedelta(hours=hours)
    return referral_acts.hold(book.ctx, row["id"], ANNA, "wait", until=until)


ON_REFERRALS: dict[str, Act] = {
    "hold": _held,
    "hold until": lambda book, row: _held(book, row, 30),
    "release": lambda book, row: referral_acts.release(book.ctx, row["id"], ANNA, "go"),
    "retry": lambda book, row: referral_acts.retry(book.ctx, row["id"], ANNA, "again"),
    "recall": lambda book, row: referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page"),
    "to Canada": _elsewhere("hotline-ca"),
    "to the police": _elsewhere("federal-police"),
}
_BASELINE = Assessment.BASELINE
ON_CASES: dict[str, Act] = {
    "send": lambda book, row: desk.send(book.ctx, row["id"], ANNA, "yes", assessment=_BASELINE),
    "refer": lambda book, row: desk.refer(book.ctx, row["id"], ANNA, "yes", partner="hotline-nl", assessment=_BASELINE),
    "retrace": lambda book, row: desk.retrace(book.ctx, row["id"], ANNA, "look again"),
    "still there": lambda book, row: looks.look(book.ctx, row["id"], ANNA, "seen", finding="still_there"),
    "close": lambda book, row: desk.close(book.ctx, row["id"], ANNA, "gone", outcome=Ending.REMOVED),
}


class Office(RuleBasedStateMachine):
    """One hotline, its partners, and everybody who may do something to a case."""

    @initialize()
    def open_the_door(self) -> None:
        self.runner = asyncio.Runner()
        self.stack, self.references = AsyncExitStack(), 0
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.book = self.runner.run(self.stack.enter_async_context(casebook(Path(folder))))
        self.dialects: dict[str, Scripted] = {"scripted": Scripted(), "mail": Mail()}
        spoken: dict[str, Dialect] = dict(self.dialects)
        self.book.ctx = replace(self.book.ctx, dialects=spoken)
        self.book.partners(partner("hotline-ca", "CA", dialect="mail"))
        self.a_report_comes_in(PAGES[0], citizen=False, urgent=False, account=True)
        self.a_worker_moves_what_is_due(2)

    def attempt(self, act: Awaitable[object]) -> None:
        """Let somebody do what may not be possible now."""
        self.runner.run(_if_possible(act))

    def rows(self, table: Any, where: Any = None) -> list[Row]:
        return self.runner.run(self.book.rows(table, where))

    @rule(page=st.sampled_from(PAGES), citizen=st.booleans(), urgent=st.booleans(), account=st.booleans())
    def a_report_comes_in(self, page: str, *, citizen: bool, urgent: bool, account: bool) -> None:
        self.references += 1
        more = AT_RISK if urgent else {}
        who = FORM if citizen else ANALYSTS
        item = ACCOUNT if account else {}
        self.runner.run(self.book.take(page, f"r-{self.references}", who, item=item, **more))

    @rule(verdict=st.sampled_from(VERDICTS), gone=st.booleans())
    def the_world_changes(self, verdict: Verdict, *, gone: bool) -> None:
        self.book.world.verdict = verdict
        self.book.world.known = {"outcome": DnsOutcome.NXDOMAIN, "gone": True} if gone else {}

    @rule(times=st.integers(1, 3))
    def a_worker_moves_what_is_due(self, times: int) -> None:
        for _ in range(times):
            for row in self.rows(cases, cases.c.next_at <= self.book.ctx.now()):
                self.attempt(self.book.step(row["id"]))

    @rule(
        name=st.sampled_from(PARTNERS),
        outcome=st.sampled_from(OUTCOMES),
        meanwhile=st.none() | st.sampled_from([*ON_REFERRALS, *ON_CASES]),
        pick=st.integers(0, 7),
    )
    def a_worker_sends(self, name: str, outcome: Outcome, meanwhile: str | None, pick: int) -> None:
        for dialect in self.dialects.values():
            dialect.script = [outcome] * 4
            dialect.meanwhile = None if meanwhile is None else lambda: self.somebody_acts(meanwhile, pick)
        self.runner.run(self.book.send(name))
        for dialect in self.dialects.values():
            dialect.meanwhile = None

    @rule(
        page=st.sampled_from(PAGES), name=st.sampled_from(PARTNERS), outcome=st.sampled_from(OUTCOMES),
        steps=st.integers(0, 1), recalled=st.booleans(), citizen=st.booleans(),
    )  # fmt: skip
    def a_child_turns_out_to_be_at_risk_while_a_referral_is_under_way(
        self, page: str, name: str, outcome: Outcome, *, steps: int, recalled: bool, citizen: bool
    ) -> None:
        async def joins() -> None:
            self.references += 1
            case_id = await self.book.take(page, f"r-{self.references}", FORM if citizen else ANALYSTS, **AT_RISK)
            if steps and (await self.book.case(case_id))["state"] == CaseState.RECEIVED:
                await self.book.step(case_id)
            if recalled:
                await self.somebody_acts("recall", self.references)

        for dialect in self.dialects.values():
            dialect.script, dialect.meanwhile = [outcome] * 4, joins
        self.runner.run(self.book.send(name))
        for dialect in self.dialects.values():
            dialect.meanwhile = None

    @rule(name=st.sampled_from(PARTNERS))
    def a_sender_dies(self, name: str) -> None:
        self.runner.run(self.book.claim(name))
        self.runner.run(_leases_end(self.book))

    @rule(outcome=st.sampled_from([None, *OUTCOMES]))
    def what_was_taken_back_is_told(self, outcome: Outcome | None) -> None:
        for row in self.rows(referrals, referrals.c.state == ReferralState.RECALL_PENDING):
            self.runner.run(deliver.abandoned(self.book.ctx, row))
        for row in self.rows(referrals, referrals.c.state == ReferralState.WITHDRAWING):
            found = self.book.rules.directory_.named(row["partner"])
            for dialect in self.dialects.values():
                dialect.withdrawal = None if outcome is None else [outcome]
            self.runner.run(deliver.withdraw(self.book.ctx, found, [row]))

    @rule(what=st.sampled_from([*ON_REFERRALS]), pick=st.integers(0, 7))
    def staff_act_on_a_referral(self, what: str, pick: int) -> None:
        self.runner.run(self.somebody_acts(what, pick))

    @rule(what=st.sampled_from([*ON_CASES]), pick=st.integers(0, 3))
    def staff_act_on_a_case(self, what: str, pick: int) -> None:
        self.runner.run(self.somebody_acts(what, pick))

    async def somebody_acts(self, what: str, pick: int) -> None:
        table, act = (referrals, ON_REFERRALS[what]) if what in ON_REFERRALS else (cases, ON_CASES[what])
        rows = await self.book.rows(table)
        if rows:
            await _if_possible(act(self.book, rows[pick % len(rows)]))

    @rule(name=st.sampled_from(PARTNERS))
    def sending_to_one_is_stopped_or_goes_on(self, name: str) -> None:
        scope = f"partner:{name}"
        if scope in {one.scope for one in self.runner.run(stops.stops(self.book.ctx))}:
            self.runner.run(stops.lift(self.book.ctx, scope, ANNA, "go on"))
        else:
            self.runner.run(stops.stop(self.book.ctx, scope, ANNA, "wait"))

    @rule(hours=st.sampled_from([1, 4, 30, 130]))
    def time_passes(self, hours: int) -> None:
        self.book.later(hours=hours)

    @invariant()
    def every_open_case_is_with_a_partner_or_with_people(self) -> None:
        for case, own in self.open_cases():
            assert case["next_at"] is not None or case["desk_code"] is not None
            if case["state"] == CaseState.REFERRED:
                assert any(is_at_work(row) for row in own), "nobody has it, and nobody is asked"
            if case["state"] == CaseState.DESK:
                assert offered(Standing(case)), "a place on the desk where nobody can do anything"
                assert case["desk_text"]

    @invariant()
    def whoever_is_at_risk_was_decided_on_as_such_or_is_next(self) -> None:
        """On the desk, or with a partner, one made since then decided that; or people are told."""
        facts = {row["id"]: Facts.model_validate_json(row["facts"]) for row in self.rows(decisions)}
        for case, _ in self.open_cases():
            if case["urgency"] != Urgency.IMMINENT_RISK:
                continue
            if case["state"] in (CaseState.RECEIVED, CaseState.LOCATED):
                assert case["next_at"] <= self.book.ctx.now()
            else:
                assert case["decision_id"] is not None, "never judged"
                as_such = facts[case["decision_id"]].urgency is Urgency.IMMINENT_RISK
                assert as_such or is_asked(case, DeskCode.CHILD_AT_RISK), "judged before it was so urgent"

    def open_cases(self) -> list[tuple[Row, list[Row]]]:
        every = self.rows(referrals)
        found = self.rows(cases, cases.c.state != CaseState.CLOSED)
        return [(case, [row for row in every if row["case_id"] == case["id"]]) for case in found]

    def teardown(self) -> None:
        """In the end, with nothing but the cases' own dates, people know of everything that nothing comes of."""
        for _ in range(3):
            self.book.later(hours=5)
            self.a_worker_moves_what_is_due(4)
        for case, own in self.open_cases():
            if case["state"] == CaseState.REFERRED:
                assert watchdog.questions(own, self.book.ctx.now() - PATIENCE, PATIENCE) == ()
        self.runner.run(self.stack.aclose())
        self.runner.close()


async def _if_possible(act: Awaitable[object]) -> None:
    with suppress(Conflict, BadInput, NotFound):
        await act


async def _leases_end(book: Casebook) -> None:
    """Let the leases of dead workers run out, as the database's clock does."""
    changes = [Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in await book.rows(referrals)]
    await book.ctx.store.commit(Transition(book.ctx.now(), changes))


#: Every step is a real fsync, so there are few examples.
Office.TestCase.settings = settings(max_examples=6, stateful_step_count=25, deadline=None)
TestNothingWaitsUnseen = Office.TestCase
