"""What every act of staff shares: a reason, the version they saw, and a sentence when it cannot be."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from router.casework.case.acts import ACTS as TABLE
from router.casework.case.desk_entry import is_asked
from router.casework.case.gate import HeldBack
from router.casework.context import Context
from router.casework.desk import act as acting
from router.casework.desk import case_acts, referral_acts
from router.casework.desk.look import look
from router.casework.read.case_file import case_file
from router.clock import micros
from router.errors import Conflict, NotFound
from router.store.base import Change, Store, Transition
from router.store.schema.tables import audit, referrals
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment, Outcome
from tests.casebook import ANNA, CANADIAN, FORM, Casebook, partner
from tests.embargoes import embargo


def test_who_names_no_version_takes_the_row_as_it_is() -> None:
    acting.check_version({"version": 3}, None)
    acting.check_version({"version": 3}, 3)
    with pytest.raises(Conflict):
        acting.check_version({"version": 3}, 2)


async def test_a_referral_is_given_with_the_state_that_follows(book: Casebook) -> None:
    row = await book.referral(await book.decided())
    found, after = await acting.referral_for(book.ctx, row["id"], row["version"], "hold")
    assert (found["id"], after) == (row["id"], ReferralState.HELD)


@pytest.mark.parametrize("state", list(ReferralState))
async def test_what_cannot_be_says_where_the_referral_stands(book: Casebook, state: ReferralState) -> None:
    row = await book.referral(await book.decided())
    dated = (
        {"next_at": 1}
        if state in {"waiting", "held", "sending", "recall_pending", "withdrawing"}
        else {"next_at": None}
    )
    values = {"state": state, "receipt": "r", **dated}
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, values),)))
    with pytest.raises(Conflict) as refused:
        await acting.referral_for(book.ctx, row["id"], None, "no such event")
    assert refused.value.reason == "not_now"
    assert refused.value.message.startswith("This cannot be done now: the referral ")


async def test_a_case_is_given_with_the_state_that_follows(book: Casebook) -> None:
    case_id = await book.decided()
    row, after = await acting.case_for(book.ctx, case_id, None, "ask_staff")
    assert (row["id"], after) == (case_id, CaseState.DESK)
    with pytest.raises(Conflict):
        await acting.case_for(book.ctx, case_id, row["version"] - 1, "ask_staff")
    with pytest.raises(Conflict) as refused:
        await acting.case_for(book.ctx, case_id, None, "trace")
    assert refused.value.reason == "not_now"


async def test_what_is_not_there_is_not_found(book: Casebook) -> None:
    with pytest.raises(NotFound):
        await acting.referral_row(book.ctx, "no such referral")
    with pytest.raises(NotFound):
        await acting.case_for(book.ctx, "no such case", None, "close")


@dataclass
class Overtaken:
    """A store that others write to first, so often: the row that is to be changed has moved on by then."""

    store: Store
    left: int
    tried: list[Transition] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def commit(self, transition: Transition) -> None:
        self.tried.append(transition)
        if len(self.tried) <= self.left:
            for one in transition.changes:
                if one.version is not None:
                    stirred = Change(one.table, one.key, {"rank": 1}, one.version)
                    await self.store.commit(Transition(1, (stirred,)))
        await self.store.commit(transition)


Act = Callable[[Context, str, str], Awaitable[object]]
ACTS: dict[str, Act] = {
    "case.assessed": lambda ctx, case, _: case_acts.assess(ctx, case, ANNA, "seen", assessment=Assessment.NATIONAL),
    "case.asked": lambda ctx, case, _: case_acts.ask(ctx, case, ANNA, "let me see"),
    "case.retraced": lambda ctx, case, _: case_acts.retrace(ctx, case, ANNA, "again"),
    "case.closed": lambda ctx, case, _: case_acts.close(ctx, case, ANNA, "gone", outcome=Outcome.REMOVED),
    "referral.held": lambda ctx, _, one: referral_acts.hold(ctx, one, ANNA, "wait"),
    "referral.retried": lambda ctx, _, one: referral_acts.retry(ctx, one, ANNA, "now"),
    "referral.recalled": lambda ctx, _, one: referral_acts.recall(ctx, one, ANNA, "not them"),
    "referral.overridden": lambda ctx, _, one: referral_acts.override(ctx, one, ANNA, "them", partner="hotline-ca"),
}


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_that_names_no_version_is_not_lost_to_whoever_was_faster(book: Casebook, act: str) -> None:
    case_id = await book.decided()
    store = Overtaken(book.ctx.store, left=5)
    await ACTS[act](replace(book.ctx, store=store), case_id, (await book.referral(case_id))["id"])
    assert len(store.tried) == 6
    assert [row["act"] for row in await book.rows(audit)].count(act) == 1


async def test_one_that_names_the_version_it_saw_is_refused_at_once(book: Casebook) -> None:
    case_id = await book.decided()
    store = Overtaken(book.ctx.store, left=1)
    seen = (await book.case(case_id))["version"]
    with pytest.raises(Conflict):
        await case_acts.retrace(replace(book.ctx, store=store), case_id, ANNA, "again", version=seen)
    assert len(store.tried) == 1


async def test_what_is_always_overtaken_is_refused_in_the_end(book: Casebook) -> None:
    case_id = await book.decided()
    store = Overtaken(book.ctx.store, left=1000)
    with pytest.raises(Conflict) as refused:
        await case_acts.retrace(replace(book.ctx, store=store), case_id, ANNA, "again")
    assert refused.value.reason == "conflict"
    assert len(store.tried) < 20


async def test_what_can_no_longer_be_done_is_said_and_not_tried_again(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    with pytest.raises(Conflict) as refused:
        await case_acts.retrace(book.ctx, case_id, ANNA, "again")
    assert refused.value.reason == "not_now"


async def test_two_people_at_once_override_it_once(book: Casebook) -> None:
    case_id = await book.decided()
    first, other = (await book.referral(case_id))["id"], "federal-police"
    store = Overtaken(book.ctx.store, left=0)

    async def faster(transition: Transition) -> None:
        if not store.tried:
            store.tried.append(transition)
            await referral_acts.override(book.ctx, first, ANNA, "police", partner=other)
        await book.ctx.store.commit(transition)

    store.commit = faster  # type: ignore[method-assign]  # somebody is faster
    with pytest.raises(Conflict) as refused:
        await referral_acts.override(replace(book.ctx, store=store), first, ANNA, "canada", partner="hotline-ca")
    assert refused.value.reason == "not_now"
    live = [row["partner"] for row in await book.referrals(case_id) if row["state"] != ReferralState.SUPERSEDED]
    assert live == [other]


@dataclass
class Meanwhile:
    """A store before whose first commit something else happens: what was read is no longer so."""

    book: Casebook
    happens: Callable[[], Awaitable[object]]
    done: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.book.ctx.store, name)

    async def commit(self, transition: Transition) -> None:
        if not self.done:
            self.done = True
            await self.happens()
        await self.book.ctx.store.commit(transition)


def while_acting(book: Casebook, happens: Callable[[], Awaitable[object]]) -> Context:
    return replace(book.ctx, store=Meanwhile(book, happens))


async def states(book: Casebook, case_id: str) -> list[tuple[str, str]]:
    return [(row["partner"], row["state"]) for row in await book.referrals(case_id)]


async def test_what_was_to_be_replaced_is_replaced_though_a_worker_sends_it_by_now(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.refer(while_acting(book, book.claim), case_id, ANNA, "rather Canada", partner="hotline-ca")
    assert await states(book, case_id) == [("hotline-nl", "recall_pending"), ("hotline-ca", "waiting")]


async def test_what_was_to_be_replaced_gets_no_company_when_it_was_accepted_meanwhile(book: Casebook) -> None:
    case_id = await book.decided()
    with pytest.raises(Conflict) as refused:
        await case_acts.refer(while_acting(book, book.send), case_id, ANNA, "rather Canada", partner="hotline-ca")
    assert refused.value.reason == "conflict"
    assert await states(book, case_id) == [("hotline-nl", "accepted")]


async def test_what_somebody_else_chose_meanwhile_is_not_replaced_unseen(book: Casebook) -> None:
    case_id = await book.accepted()

    async def chosen() -> None:
        await case_acts.refer(book.ctx, case_id, ANNA, "the police too", partner="federal-police")

    with pytest.raises(Conflict):
        await case_acts.refer(while_acting(book, chosen), case_id, ANNA, "Canada too", partner="hotline-ca")
    assert await states(book, case_id) == [("hotline-nl", "accepted"), ("federal-police", "waiting")]


async def test_a_proposal_that_is_another_one_meanwhile_is_not_sent(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)

    async def moved() -> None:
        book.world.verdict = CANADIAN
        await case_acts.retrace(book.ctx, case_id, ANNA, "look again")
        await book.step(case_id, 2)

    with pytest.raises(Conflict):
        await case_acts.send(while_acting(book, moved), case_id, ANNA, "clear", assessment=Assessment.BASELINE)
    assert await book.referrals(case_id) == []


async def test_nobody_says_what_somebody_else_said_meanwhile(book: Casebook) -> None:
    """A key that sends what it finds says that it is what the case says: as its person saw it, not as it is now."""
    book.partners(partner("hotline-ca", "CA", accepts=("baseline", "national")))
    case_id = await book.decided()

    async def otherwise() -> None:
        await case_acts.assess(book.ctx, case_id, ANNA, "a drawing", assessment=Assessment.NATIONAL)

    with pytest.raises(Conflict):
        await case_acts.refer(while_acting(book, otherwise), case_id, ANNA, "rather Canada", partner="hotline-ca")
    assert await states(book, case_id) == [("hotline-nl", "waiting")]


@pytest.mark.parametrize("came", ["unknown", "refused", "expired"])
async def test_a_retry_of_what_waits_says_nothing_of_what_came_of_it_meanwhile(book: Casebook, came: str) -> None:
    case_id = await book.decided()
    one = (await book.referral(case_id))["id"]

    async def ended() -> None:
        row = await book.referral(case_id)
        change = Change(referrals, {"id": one}, {"state": came, "next_at": None}, row["version"])
        await book.ctx.store.commit(Transition(1, (change,)))

    with pytest.raises(Conflict):
        await referral_acts.retry(while_acting(book, ended), one, ANNA, "now")
    assert await states(book, case_id) == [("hotline-nl", came)]


@pytest.mark.parametrize("act", [referral_acts.hold, referral_acts.release], ids=lambda act: act.__name__)
async def test_what_somebody_else_held_meanwhile_stays_held_as_they_said(book: Casebook, act: Any) -> None:
    one = (await book.referral(await book.decided()))["id"]
    await referral_acts.hold(book.ctx, one, ANNA, "police asked")
    until = book.clock.now() + timedelta(days=9)

    async def held() -> None:
        await referral_acts.hold(book.ctx, one, ANNA, "they need longer", until=until)

    with pytest.raises(Conflict):
        await act(while_acting(book, held), one, ANNA, "as it was")
    (row,) = await book.rows(referrals)
    assert (row["state"], row["hold_until"]) == (ReferralState.HELD, micros(until))


async def test_a_hold_whose_date_came_meanwhile_is_put_again(book: Casebook) -> None:
    one = (await book.referral(await book.decided()))["id"]
    await referral_acts.hold(book.ctx, one, ANNA, "police asked")

    async def came() -> None:
        await referral_acts.release(book.ctx, one, ANNA, "its date")

    view = await referral_acts.hold(while_acting(book, came), one, ANNA, "they need longer")
    assert view.state is ReferralState.HELD


async def test_what_became_graver_meanwhile_is_not_closed_unseen(book: Casebook) -> None:
    case_id = await book.decided()

    async def joined() -> None:
        await book.take(reference="r-2", urgency="imminent_risk")

    with pytest.raises(Conflict):
        await case_acts.close(while_acting(book, joined), case_id, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    assert (await book.case(case_id))["state"] != CaseState.CLOSED


async def test_every_act_by_which_something_leaves_is_refused_in_words(book: Casebook) -> None:
    """By the table of acts: whatever goes out is neither offered nor done while an embargo holds the case."""
    case_id = await book.decided(actor=FORM)
    await case_acts.refer(book.ctx, case_id, ANNA, "theirs", partner="hotline-nl", assessment="baseline")
    referral = await book.referral(case_id)
    await embargo(book.ctx, "host", "example.test")
    file = await case_file(book.ctx, case_id)
    offered_now = {*file.acts, *(name for one in file.referrals for name in one.acts)}
    assert not offered_now & {one.name for one in TABLE if one.goes_out}
    assert (file.summary.held and file.summary.held.ask, file.proposals) == ("anna", ())
    tries = {
        "send": lambda: case_acts.send(book.ctx, case_id, ANNA, "so"),
        "refer": lambda: case_acts.refer(book.ctx, case_id, ANNA, "so", partner="hotline-ca"),
        "retrace": lambda: case_acts.retrace(book.ctx, case_id, ANNA, "so"),
        "origin": lambda: case_acts.origin(book.ctx, case_id, ANNA, "so", ip="3.120.0.1"),
        "override": lambda: referral_acts.override(book.ctx, referral["id"], ANNA, "so", partner="hotline-ca"),
        "retry": lambda: referral_acts.retry(book.ctx, referral["id"], ANNA, "so"),
    }
    for name, tried in tries.items():
        with pytest.raises(HeldBack, match="ask anna"):
            await tried()
        assert name in {one.name for one in TABLE if one.goes_out}
    await referral_acts.hold(book.ctx, referral["id"], ANNA, "so")
    with pytest.raises(HeldBack, match="ask anna"):
        await referral_acts.release(book.ctx, referral["id"], ANNA, "so")
    assert {one.name for one in TABLE if one.goes_out} == {*tries, "release"}
    assert await book.send() == []


@pytest.mark.parametrize("act", ["done", "still_there"])
async def test_what_says_nothing_of_whom_it_goes_to_leaves_a_case_that_is_just_being_judged(
    book: Casebook, act: str
) -> None:
    """A child at risk joined it: an answer to what was asked before must not take the place of that decision."""
    case_id = await book.accepted()
    await case_acts.ask(book.ctx, case_id, ANNA, "look at it")
    assert await book.take(reference="r-9", urgency="live") == case_id
    before = await book.case(case_id)
    assert before["state"] == CaseState.RECEIVED
    acts = {
        "done": lambda: case_acts.done(book.ctx, case_id, ANNA, "it is done"),
        "still_there": lambda: look(book.ctx, case_id, ANNA, "still online", finding="still_there"),
    }
    with pytest.raises(Conflict, match="just being decided"):
        await acts[act]()
    assert await book.case(case_id) == before
    case = await book.step(case_id, 2)
    assert is_asked(case, DeskCode.CHILD_AT_RISK)
