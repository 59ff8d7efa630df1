"""A case goes as its most favoured report would alone, and what waits for a partner goes along."""

from datetime import timedelta

import pytest

from router.casework.desk import case_acts, referral_acts
from router.casework.govern.sources import add_source
from router.casework.intake.join_priority import PEOPLE, eased, first_heard, heard_again, reprioritise_unsent
from router.casework.intake.validate import ReportOrigin
from router.casework.read.case_file import case_file
from router.casework.referral.row import AT_ITS_CAP
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, referrals
from schemas.actor import ROUTER, Actor
from schemas.source import SourceGiven
from schemas.vocabulary import Lane, Outcome, SourceKind, Urgency
from tests.casebook import ANNA, PAGE, Casebook
from tests.office import START

CRAWLER = Actor(id="source:crawler", source="crawler")
FORM = ReportOrigin("form", SourceKind.PUBLIC, Lane.NORMAL, assesses=False)


def source(lane: Lane, cap: int | None) -> ReportOrigin:
    return ReportOrigin("new", SourceKind.CRAWLER, lane, assesses=False, daily_cap=cap)


def row(lane: Lane = Lane.NORMAL, rank: int = 2) -> Row:
    return {"lane": lane, "rank": rank, "cap_source": "old"}


@pytest.mark.parametrize(
    ("lane", "rank", "cap", "joins", "changed"),
    [
        (Lane.BULK, 3, 3, source(Lane.NORMAL, None), {"lane": "normal", "rank": 2, "cap_source": "new"}),
        (Lane.BULK, 3, None, source(Lane.NORMAL, None), {"lane": "normal", "rank": 2, "cap_source": "new"}),
        (Lane.NORMAL, 2, 3, source(Lane.BULK, 4), {"cap_source": "new"}),  # more room, and it stays in its faster lane
        (Lane.NORMAL, 2, 3, source(Lane.URGENT, 2), {"lane": "urgent", "rank": 1}),
        (Lane.NORMAL, 2, 3, source(Lane.NORMAL, 3), {}),  # first come
        (Lane.NORMAL, 2, None, source(Lane.BULK, None), {}),
        (Lane.BULK, 0, 3, source(Lane.NORMAL, 3), {"lane": "normal", "cap_source": "new"}),  # a child at risk is first
    ],
)
def test_the_wider_cap_and_the_faster_lane_win(
    lane: Lane, rank: int, cap: int | None, joins: ReportOrigin, changed: dict[str, object]
) -> None:
    urgency = Urgency.LIVE if rank == 0 else Urgency.NONE
    assert eased(row(lane, rank), cap, joins, urgency) == changed


def test_a_graver_urgency_raises_the_rank_in_the_lane_it_has() -> None:
    assert eased(row(), None, FORM, Urgency.LIVE) == {"rank": 0}


async def put_off(book: Casebook) -> str:
    """A case that a crawler opened, and whose referral waits for the crawler's cap."""
    await add_source(book.ctx, SourceGiven(name="crawler", kind=SourceKind.CRAWLER, assesses=True), ROUTER)
    assessed = {"value": "baseline", "assessed_by": "a-list", "assessed_at": START.isoformat()}
    case_id = await book.decided(actor=CRAWLER, assessment=assessed)
    tomorrow = book.ctx.now() + timedelta(days=1) // timedelta(microseconds=1)
    late = {"next_at": tomorrow, "last_reason": AT_ITS_CAP}
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"case_id": case_id}, late)]))
    return case_id


async def test_a_citizen_who_reports_it_too_brings_what_was_put_off_along(book: Casebook) -> None:
    case_id = await put_off(book)
    assert await book.take(PAGE, "r-2", Actor(id="source:form", source="form")) == case_id
    case, one = await book.case(case_id), await book.referral(case_id)
    assert (case["lane"], case["rank"], case["cap_source"], case["state"]) == ("normal", 2, "form", "referred")
    assert (one["lane"], one["rank"], one["next_at"], one["version"]) == ("normal", 2, book.ctx.now(), 2)


async def test_the_crawler_again_changes_nothing(book: Casebook) -> None:
    case_id = await put_off(book)
    before = await book.referral(case_id)
    await book.take(PAGE, "r-2", CRAWLER)
    assert await book.referral(case_id) == before


async def test_a_date_that_a_failed_try_or_a_person_set_is_kept(book: Casebook) -> None:
    case_id = await put_off(book)
    one = await book.referral(case_id)
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"id": one["id"]}, {"last_reason": "unreachable"})]))
    (change,) = await reprioritise_unsent(book.ctx, {case_id: {"rank": 2}})
    assert change.values == {"rank": 2}
    await referral_acts.hold(book.ctx, one["id"], ANNA, "police asked")
    (change,) = await reprioritise_unsent(book.ctx, {case_id: {"cap_source": "form"}})
    assert change.values == {}


async def test_what_has_left_is_not_touched(book: Casebook) -> None:
    case_id = await book.accepted()
    assert await reprioritise_unsent(book.ctx, {case_id: {"rank": 0}}) == []
    assert await reprioritise_unsent(book.ctx, {}) == []


async def test_a_case_that_counts_against_nobody_eases_too(book: Casebook) -> None:
    case_id = await put_off(book)
    await book.ctx.store.commit(Transition(1, [Change(cases, {"id": case_id}, {"cap_source": None})]))
    await book.take(PAGE, "r-2", Actor(id="source:form", source="form"))
    assert (await book.case(case_id))["rank"] == 2


HUMAN = sorted(PEOPLE)
MACHINE = sorted(set(SourceKind) - PEOPLE)


@pytest.mark.parametrize("kind", HUMAN)
def test_each_further_source_of_people_brings_it_a_rank_further_up(kind: SourceKind) -> None:
    case = {"rank": 3, "heard_from": first_heard("form", SourceKind.PUBLIC)}
    ranks = []
    for name in ("form", "second", "second", "third", "fourth"):
        case |= heard_again(case, ReportOrigin(name, kind, Lane.NORMAL, assesses=False))
        ranks.append(case["rank"])
    assert ranks == [3, 2, 2, 1, 1], "a child at risk stays before it"


@pytest.mark.parametrize("kind", MACHINE)
def test_what_machines_find_again_brings_it_nowhere(kind: SourceKind) -> None:
    case = {"rank": 3, "heard_from": first_heard("form", SourceKind.PUBLIC)}
    assert heard_again(case, ReportOrigin("crawler", kind, Lane.BULK, assesses=False)) == {}
    assert first_heard("crawler", kind) is None


async def test_two_people_report_it_and_it_goes_before_what_one_did(book: Casebook) -> None:
    await add_source(book.ctx, SourceGiven(name="line", kind=SourceKind.PUBLIC), ROUTER)
    case_id = await book.take(actor=Actor(id="source:form", source="form"))
    before = (await book.case(case_id))["rank"]
    assert await book.take(reference="r-2", actor=Actor(id="source:line", source="line")) == case_id
    case = await book.case(case_id)
    assert (case["rank"], case["heard_from"]) == (before - 1, '["form", "line"]')


async def test_reported_again_after_it_was_closed_it_came_back(book: Casebook) -> None:
    first = await book.accepted()
    await case_acts.close(book.ctx, first, ANNA, "gone", outcome=Outcome.REMOVED)
    again = await book.take(reference="r-2")
    assert again != first
    assert (await book.case(again))["came_back_from"] == first
    assert (await case_file(book.ctx, again)).came_back_from == first
    await book.step(again, 2)
    await book.send()
    await case_acts.close(book.ctx, again, ANNA, "gone", outcome=Outcome.REMOVED)
    book.later(seconds=1)
    assert (await book.case(await book.take(reference="r-3")))["came_back_from"] == again, "the latest of them"
