"""Nothing but the answer to its question moves a due date, or since when people wait, whatever is done in what order.

Random lives that begin in every situation that the desk knows. In each round time passes, a person does something that
the page offers (or to a partner, or a report joins), and the worker does all that is due. The oracle is the table of
what each act answers, written from what the words of the acts say; everything else leaves the question as old as it
was, and due no later. Where a child may be in danger the date is a quarter of an hour after it was asked.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import currently_in_test_context, example, given, note, settings
from hypothesis import strategies as st

from router.casework.case.acts import ACTS, On, on
from router.casework.case.desk_entry import ABOUT_A_REFERRAL, ANSWERED_BY_REFERRING, open_questions
from router.casework.deliver import stops
from router.casework.govern import pause
from router.casework.govern.waiting_cases import decide_waiting
from router.casework.read.case_file import case_file
from router.errors import BadInput, Conflict, NotFound
from router.partners.base import Accepted, Deferred, Outcome, Reason, Refused, Unknown
from router.store.base import Row
from router.store.schema.tables import cases, referrals
from schemas.casefile import CaseFile, DeskCode
from schemas.states import CaseState, ReferralState
from schemas.trace import Reason as Told
from schemas.trace import Verdict, VerdictKind
from tests.casebook import ANALYSTS, ANNA, CANADIAN, EDGE, FORM, PARTNERS, Casebook
from tests.stories.offers import FILL, on_referral
from tests.stories.test_every_offer_is_accepted import SITUATIONS, opened

#: What no step of a worker ends by itself: an alarm, and what only people know.
NEVER_FORGOTTEN: Final = {DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW, DeskCode.ASKED, DeskCode.MOVED}
QUARTER: Final = timedelta(minutes=15) // timedelta(microseconds=1)
_ALL, _NONE = frozenset(DeskCode), frozenset[DeskCode]()
_SENT = ANSWERED_BY_REFERRING | ABOUT_A_REFERRAL
_ABOUT = ABOUT_A_REFERRAL | {DeskCode.REFUSED, DeskCode.EXPIRED, DeskCode.BROKEN}
#: The questions that each act is the answer to: no other is over by it.
ANSWERS: Final[Mapping[str, Collection[DeskCode]]] = {
    "send": _SENT,
    "refer": _SENT,
    "override": _SENT,
    "handed-over": _SENT,
    "told-police": ABOUT_A_REFERRAL | {DeskCode.REFUSED, DeskCode.EXPIRED, DeskCode.BROKEN},
    "not-ours": _ALL,
    "close": _ALL,
    "not-illegal": _ALL,
    "undo": _ALL,
    "look": {DeskCode.LOOK, DeskCode.ACCESS, DeskCode.SEEN_LONG_AGO},
    "assess": {DeskCode.NOT_ASSESSED, DeskCode.DISAGREE},
    "origin": {DeskCode.EDGE_ONLY},
    "target": {DeskCode.SHORTENED, DeskCode.WRAPPED},
    "release": {DeskCode.STOPPED, DeskCode.UNDELIVERED},
    "retry": {DeskCode.REFUSED, DeskCode.EXPIRED, DeskCode.UNKNOWN, DeskCode.UNDELIVERED},
    "taken-back": {DeskCode.WITHDRAW},
    "receipt": {DeskCode.UNDELIVERED, DeskCode.UNKNOWN, DeskCode.EXPIRED},
    "done": _ALL - {DeskCode.NOT_ASSESSED, DeskCode.LOOK, DeskCode.UNKNOWN, DeskCode.DISAGREE},
    "retrace": {DeskCode.MOVED},
    "recall": _ABOUT,
    **dict.fromkeys(("acknowledge", "ask", "take", "pass-on", "reopen", "reveal", "hold", "answer"), _NONE),
    **dict.fromkeys(("pause", "resume", "decide-waiting", "stop", "lift"), _NONE),
}
OUTCOMES: Final[tuple[Outcome, ...]] = (
    Accepted("receipt"),
    Deferred(Reason.BUSY, "come later", 60.0),
    Refused(Reason.REFUSED, "Not ours."),
    Unknown(Reason.NO_ANSWER, "no answer came"),
)
COPY = Verdict(
    kind=VerdictKind.UNRESOLVED,
    reasons=(Told(code="link_wrapper", text="a wrapper"), Told(code="serves_copy", text="a copy")),
)


async def a_copy_and_a_child_at_risk(book: Casebook) -> str:
    book.world.verdict = COPY
    return await book.decided(urgency="live")


async def behind_an_edge_and_a_child_at_risk(book: Casebook) -> str:
    book.world.verdict = EDGE
    return await book.decided(urgency="live")


async def waited_for_its_partner(book: Casebook) -> str:
    book.partners(PARTNERS[0].model_copy(update={"enabled": False}))
    case_id = await book.decided()
    book.partners(PARTNERS[0])
    return case_id


async def waited_for_its_partner_with_a_child_at_risk(book: Casebook) -> str:
    book.partners(PARTNERS[0].model_copy(update={"enabled": False}))
    case_id = await book.decided(urgency="live")
    book.partners(PARTNERS[0])
    return case_id


BEGINNINGS = {name: begin for name, begin in SITUATIONS.items() if name != "closed"} | {
    one.__name__: one
    for one in (
        a_copy_and_a_child_at_risk,
        behind_an_edge_and_a_child_at_risk,
        waited_for_its_partner,
        waited_for_its_partner_with_a_child_at_risk,
    )
}
#: What is not offered on a case, or not by a person: done to a partner, or by who reports it too.
BESIDE = ("pause", "resume", "decide-waiting", "stop", "lift", "report", "report at risk", "it moves")
#: An act by its name, or any that is offered; how its form is filled in; and how long after the one before, in minutes.
ROUND = st.tuples(
    st.sampled_from([*(act.name for act in ACTS if act.on is not On.HOUSE and act.name != "close"), *BESIDE]),
    st.integers(0, 23),
    st.sampled_from([1, 7, 40, 600, 8_000]),
)


class Life:
    """One case, watched: each step is held against what stood before it."""

    def __init__(self, book: Casebook) -> None:
        self.book = book
        self.before: dict[str, Row] = {}
        self.reports = 0

    async def see(self, what: str, answered: Collection[DeskCode], *, decided: bool = False) -> None:
        now = {row["id"]: row for row in await self.book.rows(cases)}
        for case_id, row in now.items():
            if row["desk_asked"] is not None:
                _is_due(row)
            if case_id in self.before:
                _kept(self.before[case_id], row, answered, what, decided=decided)
        self.before = now

    async def act(self, case_id: str, act: str, pick: int) -> None:
        if act in BESIDE:
            await self._beside(case_id, act, pick)
            return
        file = await case_file(self.book.ctx, case_id)
        holder = next((one for one in file.referrals if act in one.acts), None)
        if act not in file.acts and holder is None:
            return
        try:
            if holder is None:
                await FILL[act](self.book.ctx, file, ANNA, _left_open(file, act, pick))
            else:
                await on_referral(self.book.ctx, file, holder, act, (ANNA, pick))
        except (BadInput, Conflict):
            pass  # a form filled in at random; what is offered is accepted elsewhere
        await self.see(act, ANSWERS[act])

    async def _beside(self, case_id: str, act: str, pick: int) -> None:
        ctx, name, all_of = self.book.ctx, "hotline-nl", "partner:hotline-nl"
        try:
            if act in ("pause", "resume"):
                await {"pause": pause.pause, "resume": pause.resume}[act](ctx, name, ANNA, "so")
            elif act in ("stop", "lift"):
                await {"stop": stops.stop, "lift": stops.lift}[act](ctx, all_of, ANNA, "so")
            elif act == "decide-waiting":
                await decide_waiting(ctx, name, ANNA, "they have a key now")
            elif act == "it moves":
                self.book.world.verdict = (CANADIAN, EDGE, COPY)[pick % 3]
            else:
                self.reports += 1
                more = {"urgency": "imminent_risk"} if act == "report at risk" else {}
                await self.book.take(reference=f"again-{self.reports}", actor=(ANALYSTS, FORM)[pick % 2], **more)
        except (Conflict, NotFound):
            pass  # it is so already
        await self.see(act, ANSWERS.get(act, _NONE))

    async def work(self, pick: int) -> None:
        """Let the worker do what is due, one step at a time."""
        for _ in range(2):
            for row in await self.book.rows(cases, cases.c.next_at <= self.book.ctx.now()):
                try:
                    await self.book.step(row["id"])
                except Conflict:
                    continue
                await self.see("a worker's step", _NONE, decided=True)
        for row in await self.book.rows(referrals, referrals.c.state == ReferralState.WAITING):
            self.book.partner.script = [OUTCOMES[pick % len(OUTCOMES)]] * 4
            await self.book.send(row["partner"])
            await self.see("an attempt", _NONE, decided=True)


def _left_open(file: CaseFile, act: str, pick: int) -> int:
    """A case that is gone has no life left: of a look, nobody finds that."""
    return 1 + pick % 2 if act == "look" else pick


def _is_due(row: Row) -> None:
    assert row["desk_due"] is not None, "people are asked, and nobody knows until when"
    assert row["desk_due"] == min(one.due for one in open_questions(row)), (
        "the case has another clock than its questions"
    )
    for one in open_questions(row):
        assert one.code is not DeskCode.CHILD_AT_RISK or one.due <= one.since + QUARTER, (
            "a child may be in danger, and there is time"
        )


def _kept(was: Row, now: Row, answered: Collection[DeskCode], what: str, *, decided: bool) -> None:
    """Each question has its own clock, and ends by its own answer; what a decision asks anew is the worker's to end."""
    if was["desk_asked"] is None or now["state"] == CaseState.CLOSED:
        return
    after = {(one.code, one.about): one for one in open_questions(now)}
    for one in open_questions(was):
        if one.code in answered:
            continue
        same = after.get((one.code, one.about))
        if same is None:
            assert decided, f"{what} made {one.code} be forgotten"
            assert one.code not in NEVER_FORGOTTEN, f"{what} ended {one.code}, which nobody answered"
            continue
        assert same.since == one.since, f"{what} asked {one.code} anew"
        assert same.due <= one.due, f"{what} put off {one.code}"
    if any(one.code not in answered for one in open_questions(was)) and after:
        assert now["desk_first_since"] == was["desk_first_since"], f"{what} made it look younger"


async def live(beginning: str, rounds: Sequence[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        async with opened(Path(folder)) as book:
            case_id = await BEGINNINGS[beginning](book)
            life = Life(book)
            await life.see("the beginning", _NONE)
            for act, pick, minutes in rounds:
                if currently_in_test_context():
                    note(f"{minutes} min later: {act} {pick}")
                book.later(minutes=minutes)
                await life.act(case_id, act, pick)
                await life.work(pick)


def test_each_act_says_what_it_answers() -> None:
    assert ANSWERS.keys() == {act.name for act in ACTS}
    assert {act.name for act in on(On.CASE)} == FILL.keys()


@pytest.mark.timeout(300)
@settings(max_examples=25, deadline=None)
@example("a_copy_and_a_child_at_risk", [("target", 1, 40)])
@example("at_risk_and_not_assessed", [("retrace", 0, 7), ("assess", 1, 7), ("acknowledge", 0, 1), ("it moves", 0, 7)])
@example("waited_for_its_partner_with_a_child_at_risk", [("decide-waiting", 0, 7), ("report", 0, 1), ("pause", 0, 1)])
@example("behind_an_edge_and_a_child_at_risk", [("origin", 0, 7), ("report at risk", 1, 7), ("retrace", 0, 7)])
@given(st.sampled_from(sorted(BEGINNINGS)), st.lists(ROUND, min_size=2, max_size=7))
def test_nothing_but_an_answer_moves_a_date(beginning: str, rounds: list[tuple[str, int, int]]) -> None:
    asyncio.run(live(beginning, rounds))
