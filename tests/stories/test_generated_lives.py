"""Generated lives of a referred case: partners, people, name servers and the clock act in any order, for months.

After each act every open case has a next date or the desk, and every closed one an outcome that what happened supports:
the oracle below keeps its own history and asks nothing of the rules that it judges. The clock passes time, and is set
ahead or back by months and put right again: meanwhile nothing ends by it. A twentieth of the lives runs always;
`ROUTER_LIVES=10000` makes it as many. They come in parts, so that each processor has some.

A life is cheap: it begins with the file of the first one's two cases, and its store works in the one thread that asks.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from router.casework.believed import beat, doubt
from router.casework.desk import case_acts, take_back
from router.casework.desk import look as looks
from router.casework.follow_up import silent
from router.casework.retention.purge import purge
from router.errors import BadInput, Conflict, NotFound
from router.store.connect import DEFAULT_FILE
from router.store.schema.tables import audit, cases, follow_ups, referrals
from router.store.sqlite import engine
from router.worker.future_dates import put_right
from schemas.acts import Finding
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.states import CaseState, ReferralState
from schemas.trace import DnsOutcome, Verdict, VerdictKind
from schemas.vocabulary import ActionType, Assessment, Outcome
from tests.casebook import ANNA, CANADIAN, DUTCH, Casebook, casebook

LIVES: Final = int(os.environ.get("ROUTER_LIVES", "500"))
PARTS: Final = 10
DAY: Final = 86_400_000_000
GONE: Final = (Verdict(kind=VerdictKind.UNRESOLVED), {"outcome": DnsOutcome.NXDOMAIN, "gone": True})
LIE: Final = (Verdict(kind=VerdictKind.UNRESOLVED), {"outcome": DnsOutcome.FILTERED})
DUTCH_HOST: Final = (DUTCH, {"outcome": DnsOutcome.OK})
CANADIAN_HOST: Final = (CANADIAN, {"outcome": DnsOutcome.OK})
#: ICCAM's reasons of somebody who looked and saw it gone (ids 2, 8, 9 and 13), and some of those who did not.
SAW_IT_GONE: Final = {"ContentNotFound", "LinkExpired", "Error404NotFoundOrSiteDown", "ContentRemovedBeforeAssessment"}
REASONS: Final = [*sorted(SAW_IT_GONE), "PasswordProtected", "Error503OrContentTemporarilyUnavailable", "our own words"]
FINAL: Final = {ActionType.REMOVED, ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL, ActionType.MOVED}
#: People close few cases: else they leave partners, name servers and the clock none.
SEEN: Final = [*Finding, *[Finding.STILL_THERE, Finding.CANNOT_SEE] * 4]
ENDINGS: Final = [Outcome.REMOVED, Outcome.UNAVAILABLE, Outcome.UNRESOLVED]
#: What a check finds that came by its date alone.
MADE: Final = ["unclear", "gone", "not_checked"]
#: By how many days the clock is set wrong: by more than routers are off, so that only who puts it right ends the doubt.
WRONG: Final = [-400, -30, 30, 400]
#: The file of the first life's two cases, with which all others begin.
BEGUN: Final[list[bytes]] = []
T = TypeVar("T")


class AtOnce(ThreadPoolExecutor):
    """Does what it is given in the thread that gives it: a life has one actor at a time and waits for nobody."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
            done.set_exception(error)
        return done


@dataclass
class History:
    """What happened to one case, as its actors know it."""

    words: dict[str, ActionStatement] = field(default_factory=dict)  #: referral -> its partner's last final act
    said: dict[str, list[ActionStatement]] = field(default_factory=dict)  #: referral -> all that its partner said
    gone: list[int] = field(default_factory=list)  #: look-ups that found no host since one found it
    closed_by_person: Outcome | None = None


class Lives(RuleBasedStateMachine):
    """One router with a few cases, and everybody who acts on them."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.file = Path(self.folder.name) / DEFAULT_FILE
        if BEGUN:
            self.file.touch(mode=0o600)
            self.file.write_bytes(BEGUN[0])
        self.opened = casebook(Path(self.folder.name))
        self.book: Casebook = self.run(self.opened.__aenter__())
        self.off = 0  #: by how many days the clock is wrong
        self.believed = 0  #: what it showed when it was set wrong last
        self.histories: dict[str, History] = {}
        self.asked = 0
        self.expired: set[str] = set()
        self.made: set[str] = set()  #: checks that were made
        self.judged: set[tuple[str, int]] = set()  #: closings whose history was looked at

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.runner.run(awaited())

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def two_cases(self) -> None:
        if not BEGUN:
            for number in (1, 2):
                where = {"location": f"https://example.test/{number}", "reference": f"r-{number}"}
                self.run(self.book.accepted(**where))
            self.run(beat(self.book.ctx))
            self.run(self.opened.__aexit__(None, None, None))
            BEGUN.append(self.file.read_bytes())
            self.opened = casebook(Path(self.folder.name))
            self.book = self.run(self.opened.__aenter__())
        self.furnish()
        self.histories = {row["id"]: History() for row in self.run(self.book.rows(cases))}
        self.asked = len(self.book.world.asked)

    def furnish(self) -> None:
        """Give the router what a life needs besides: whoever builds on these lives adds it, once it has its cases."""

    # ---------------------------------------------------------------- partners

    @rule(
        which=st.integers(0, 3),
        action=st.sampled_from([*sorted(FINAL - {ActionType.MOVED}), ActionType.REPORTED_TO_ISP]),
        reason=st.sampled_from(REASONS),
    )
    def a_partner_says(self, which: int, action: ActionType, reason: str) -> None:
        has = [row for row in self.run(self.book.rows(referrals)) if row["state"] == ReferralState.ACCEPTED]
        if not has:
            return
        row = has[which % len(has)]
        history = self.histories[row["case_id"]]
        given = reason if action is ActionType.UNAVAILABLE else None
        theirs = self.book.clock.now() - timedelta(days=self.off)
        word = ActionStatement(action=action, at=theirs, reason=given)
        history.said.setdefault(row["id"], []).append(word)
        if action in FINAL:
            history.words[row["id"]] = word
        self.book.partner.says = [
            ReferralStatus(referral_id=one, known=True, actions=tuple(said))
            for kept in self.histories.values()
            for one, said in kept.said.items()
        ]

    # ---------------------------------------------------------------- name servers and the clock

    @rule(now=st.sampled_from([DUTCH_HOST, DUTCH_HOST, CANADIAN_HOST, GONE, GONE, GONE, LIE]))
    def name_servers_say(self, now: tuple[Verdict, dict[str, Any]]) -> None:
        self.book.world.verdict, self.book.world.known = now

    def _pass(self, hours: int) -> None:
        self.book.clock.advance(timedelta(hours=hours))
        self.run(beat(self.book.ctx))
        self.run(silent.look_up(self.book.ctx))
        self._looked_up(self.histories)
        for case_id in self.histories:
            self._work(case_id)

    @rule(name_servers_find_it=st.booleans())
    def a_week_passes_day_by_day(self, name_servers_find_it: bool) -> None:
        self.book.world.verdict, self.book.world.known = DUTCH_HOST if name_servers_find_it else GONE
        for _ in range(8):
            self._pass(25)

    @rule(hours=st.sampled_from([1, 6, 24, 25, 48, 120, 121, 400]))
    def time_passes(self, hours: int) -> None:
        self._pass(hours)

    @rule(days=st.sampled_from(WRONG))
    def the_clock_is_set_wrong(self, days: int) -> None:
        if not self.off:
            self.off, self.believed = days, self.book.ctx.now()
            self.book.clock.move(timedelta(days=days))
            self.run(beat(self.book.ctx))

    @rule()
    def the_clock_is_put_right(self) -> None:
        if self.off:
            self.book.clock.move(timedelta(days=-self.off))
            self.off = 0
            self.run(beat(self.book.ctx))
            self.run(put_right(self.book.ctx, after_doubt=True))

    def _work(self, case_id: str) -> None:
        """Do what is due for a case, as often as it is due now, and send what is to leave."""
        for _ in range(6):
            (case,) = self.run(self.book.rows(cases, cases.c.id == case_id)) or ({},)
            if not case or case["next_at"] is None or case["next_at"] > self.book.ctx.now():
                break
            self.run(self.book.step(case_id))
            self._looked_up([case_id])
        for partner in ("hotline-nl", "hotline-ca", "federal-police"):
            self.run(self.book.send(partner))
        self.asked = len(self.book.world.asked)  # what is traced to be sent is no look whether it is gone

    def _looked_up(self, case_ids: Any) -> None:
        """Keep what name servers said, where they were asked since the last look."""
        asked, self.asked = len(self.book.world.asked) > self.asked, len(self.book.world.asked)
        if not asked:
            return
        for case_id in case_ids:
            if self.book.world.known.get("gone"):
                self.histories[case_id].gone += [] if self.off else [self.book.ctx.now()]
            elif self.book.world.known.get("outcome") is DnsOutcome.OK:
                self.histories[case_id].gone.clear()

    # ---------------------------------------------------------------- people

    @rule(which=st.integers(0, 3), finding=st.sampled_from(SEEN), days=st.integers(1, 70))
    def somebody_looks(self, which: int, finding: Finding, days: int) -> None:
        case_id = self._any(which)
        until = self.book.clock.now() + timedelta(days=days)
        if self._done(looks.look(self.book.ctx, case_id, ANNA, "seen", finding=finding, until=until)):
            history = self.histories[case_id]
            if finding in (Finding.GONE, Finding.CONTENT_GONE):
                history.closed_by_person = Outcome.REMOVED
            if finding is Finding.STILL_THERE:
                history.gone.clear()

    @rule(which=st.integers(0, 30), outcome=st.sampled_from(ENDINGS))
    def somebody_closes_it(self, which: int, outcome: Outcome) -> None:
        case_id = self._any(which)
        if which < 4 and self._done(case_acts.close(self.book.ctx, case_id, ANNA, "so it is", outcome=outcome)):
            self.histories[case_id].closed_by_person = outcome

    @rule(which=st.integers(0, 3))
    def somebody_opens_it_again(self, which: int) -> None:
        case_id = self._any(which)
        if self._done(take_back.reopen(self.book.ctx, case_id, ANNA, "it is there")):
            self.histories[case_id].closed_by_person = None
            self.histories[case_id].gone.clear()

    @rule(which=st.integers(0, 3))
    def somebody_says_what_it_is(self, which: int) -> None:
        case_id, said = self._any(which), Assessment.BASELINE
        self._done(case_acts.assess(self.book.ctx, case_id, ANNA, "seen", assessment=said))
        self._work(case_id)

    @rule(which=st.integers(0, 3), partner=st.sampled_from(["hotline-ca", "federal-police"]))
    def somebody_tells_another_partner(self, which: int, partner: str) -> None:
        case_id = self._any(which)
        self._done(case_acts.refer(self.book.ctx, case_id, ANNA, "they too", partner=partner))
        self._work(case_id)

    @rule()
    def what_is_over_is_erased(self) -> None:
        erased = self.run(purge(self.book.ctx, ANNA)).erased
        assert not (self.off and erased), "by a clock that is wrong"

    def _any(self, which: int) -> str:
        return sorted(self.histories)[which % len(self.histories)]

    def _done(self, act: Awaitable[Any]) -> bool:
        try:
            self.run(act)
        except (BadInput, Conflict, NotFound):
            return False
        return True

    # ---------------------------------------------------------------- what always holds

    @invariant()
    def every_open_case_has_a_next_date_or_the_desk(self) -> None:
        for case in self.run(self.book.rows(cases)):
            if case["state"] == CaseState.CLOSED:
                assert case["next_at"] is None
                assert self.run(self._open_checks(case["id"])) == 0, "a check of a closed case is still open"
            else:
                assert case["next_at"] is not None or case["desk_code"] is not None

    async def _open_checks(self, case_id: str) -> int:
        pending = follow_ups.c.done_at.is_(None) & (follow_ups.c.case_id == case_id)
        return len(await self.book.rows(follow_ups, pending))

    @invariant()
    def every_closed_case_has_an_outcome_that_its_history_supports(self) -> None:
        for case in self.run(self.book.rows(cases, cases.c.state == CaseState.CLOSED)):
            if (case["id"], case["closed_at"]) in self.judged:
                continue  # what is said of it afterwards is said too late
            self.judged.add((case["id"], case["closed_at"]))
            history, outcome = self.histories[case["id"]], Outcome(case["outcome"])
            assert case["rests_on"], "each closing says on what it rests"
            if case["rests_on"].startswith("A person"):
                assert history.closed_by_person is outcome
            elif case["rests_on"].startswith("The host was gone"):
                assert not self.off, "by a clock that is wrong"
                assert outcome is Outcome.UNAVAILABLE
                assert _days_apart(history.gone) >= 3, f"gone at {history.gone}"
            else:
                self._by_partners(case["id"], outcome)

    def _by_partners(self, case_id: str, outcome: Outcome) -> None:
        """Whoever has it, but one that it moved away from, has ended it; and none of them by what proves nothing."""
        rows = [row for row in self.run(self.book.referrals(case_id)) if row["state"] == ReferralState.ACCEPTED]
        behind = {row["supersedes"] for row in rows}
        words = [self.histories[case_id].words.get(row["id"]) for row in rows if row["id"] not in behind]
        assert words
        assert all(word is not None and _ends(word) for word in words), f"it rests on {words}"
        removed = any(word is not None and word.action is ActionType.REMOVED for word in words)
        assert outcome is (Outcome.REMOVED if removed else Outcome.UNAVAILABLE)

    @invariant()
    def the_clock_is_believed_unless_it_is_wrong(self) -> None:
        assert (self.run(doubt(self.book.ctx)) is None) is (self.off == 0)

    @invariant()
    def no_referral_ends_by_a_clock_that_is_wrong(self) -> None:
        ended = {row["id"] for row in self.run(self.book.rows(referrals)) if row["state"] == ReferralState.EXPIRED}
        assert not (self.off and ended - self.expired)
        self.expired = ended

    @invariant()
    def no_check_is_made_on_a_day_of_a_clock_that_is_wrong(self) -> None:
        over = {row["id"] for row in self.run(self.book.rows(cases, cases.c.state == CaseState.CLOSED))}
        made = {row["id"]: row for row in self.run(self.book.rows(follow_ups, follow_ups.c.finding.in_(MADE)))}
        new = [made[one] for one in made.keys() - self.made]  # whoever closes a case ends its check as well
        assert not self.off or all(row["due_at"] <= self.believed or row["case_id"] in over for row in new)
        self.made = set(made)

    @invariant()
    def each_closing_is_in_the_audit_with_its_rule(self) -> None:
        closings = self.run(self.book.rows(audit, audit.c.act == "case.closed"))
        assert all('"rests_on"' in row["detail"] for row in closings)


def _ends(word: ActionStatement) -> bool:
    return word.action is ActionType.REMOVED or (word.action is ActionType.UNAVAILABLE and word.reason in SAW_IT_GONE)


def _days_apart(gone: list[int]) -> int:
    """How many of these look-ups are a day or more from the one counted before."""
    count, last = 0, None
    for at in gone:
        if last is None or at - last >= DAY:
            count, last = count + 1, at
    return count


@pytest.fixture(autouse=True)
def in_one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(engine, "ThreadPoolExecutor", AtOnce)
    yield
    BEGUN.clear()


@pytest.mark.timeout(600 + 3 * LIVES)  # a fifth of a second each where the machine is theirs
@pytest.mark.parametrize("part", range(PARTS))
def test_any_life(part: int, request: pytest.FixtureRequest) -> None:
    given = request.config.getoption("--hypothesis-seed")
    known = given is not None or settings.default.derandomize  # then each part would get the lives of the first
    run_state_machine_as_test(
        seed(f"{given}/{part}")(Lives) if known else Lives,
        settings=settings(
            max_examples=max(1, LIVES // PARTS),
            stateful_step_count=25,
            deadline=None,
            phases=(Phase.reuse, Phase.generate),  # a life is read as it was: making it shorter takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
