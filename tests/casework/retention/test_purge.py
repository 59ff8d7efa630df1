"""What is erased when: by the policy's periods, the most first, once, counted, and never what is held."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.casework import believed
from router.casework.retention import legal_hold
from router.casework.retention import purge as module
from router.casework.retention.purge import PAGE, erasures_known, most_due, purge
from router.clock import moment
from router.errors import BadInput
from router.store.base import Add, Transition
from router.store.schema.tables import (
    actions,
    audit,
    case_keys,
    cases,
    decisions,
    follow_ups,
    items,
    referrals,
    reports,
    traces,
)
from schemas.retention import Held, Kept, Retention
from schemas.states import CaseState
from tests.casebook import ANNA, Casebook
from tests.casework.retention.lives import CASES, DAY, HANDLES, URLS, closed, periods

MICROSECOND = timedelta(microseconds=1)
EVERYTHING = (cases, items, traces, decisions, referrals, actions, follow_ups, case_keys, reports)


async def counts(book: Casebook, *, dry_run: bool = False) -> dict[Kept, int]:
    return (await purge(book.ctx, ANNA, dry_run=dry_run)).erased


async def test_each_goes_when_its_time_is_over_and_once(book: Casebook) -> None:
    at = (await book.case(await closed(book)))["closed_at"]
    assert await counts(book) == {}
    for period, kept in ((HANDLES, Kept.HANDLES), (URLS, Kept.URLS), (CASES, Kept.CASES)):
        book.clock.advance(period - (book.clock.now() - moment(at)) - timedelta(seconds=1))
        assert await counts(book) == {}
        book.later(seconds=2)
        assert await counts(book, dry_run=True) == {kept: 1}
        assert await counts(book) == {kept: 1}
        assert await counts(book) == {}
    assert [await book.rows(table) for table in EVERYTHING] == [[]] * len(EVERYTHING)
    assert [(one.kept, one.cases, one.outcomes) for one in (await erasures_known(book.ctx)).items] == [
        (kept, 1, {"removed": 1}) for kept in (Kept.CASES, Kept.URLS, Kept.HANDLES)
    ]


async def test_much_is_erased_in_parts_and_each_says_where_the_next_begins(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PAGE", "PART"):
        monkeypatch.setattr(module, name, 2)
    for n in range(5):
        await closed(book, location=f"https://p{n}.test/", reference=f"r-{n}")
    held = (await book.rows(cases))[0]["id"]
    await legal_hold.hold(book.ctx, held, ANNA, "court")
    book.clock.advance(URLS)
    for dry_run in (True, False):
        parts = [await purge(book.ctx, ANNA, dry_run=dry_run)]
        while parts[-1].next is not None:
            parts.append(await purge(book.ctx, ANNA, dry_run=dry_run, after=parts[-1].next))
        assert len(parts) > 2
        assert sum(one.erased.get(Kept.URLS, 0) for one in parts) == 4
        assert sum(one.held.get(Held.LEGAL_HOLD, 0) for one in parts) == 1, "what is held is passed once"
    assert sum(one.cases for one in (await erasures_known(book.ctx)).items) == 4
    with pytest.raises(BadInput):
        await purge(book.ctx, ANNA, after="cases.x.y")


async def test_an_open_case_is_never_erased(book: Casebook) -> None:
    case_id = await book.accepted()
    book.clock.advance(CASES * 2)
    assert await counts(book) == {}
    assert (await book.case(case_id))["state"] == CaseState.REFERRED


async def test_a_policy_without_periods_erases_nothing_and_says_so(book: Casebook) -> None:
    await closed(book)
    book.clock.advance(CASES * 3)
    book.rules.policy_ = book.rules.policy_.model_copy(update={"retention": None})
    view = await purge(book.ctx, ANNA)
    assert (view.erased, "[retention]" in (view.stopped or "")) == ({}, True)


async def test_a_clock_that_is_not_believed_erases_nothing_and_says_so(book: Casebook) -> None:
    await closed(book)
    await believed.beat(book.ctx)
    book.clock.move(CASES)
    view = await purge(book.ctx, ANNA)
    assert (view.erased, "set right" in (view.stopped or "")) == ({}, True)
    assert (await purge(book.ctx, ANNA, dry_run=True)).erased == {Kept.CASES: 1}, "what it would be is told"


async def test_more_than_a_page_and_a_case_that_moves_on_costs_no_other(book: Casebook) -> None:
    ids = [await closed(book, location=f"https://example.test/{n}", reference=f"r-{n}") for n in range(3)]
    row = await book.case(ids[0])
    more = [
        Add(cases, row | {"id": f"copy-{n:04}", "url_bidx": b"copy", "closed_at": row["closed_at"]})
        for n in range(PAGE + 1)
    ]
    await book.ctx.store.commit(Transition(1, adds=tuple(more)))
    book.clock.advance(CASES)
    assert await counts(book) == {Kept.CASES: PAGE + 4}
    assert await book.rows(cases) == []


async def test_what_was_erased_is_in_the_audit_without_saying_what_it_was(book: Casebook) -> None:
    case_id = await closed(book)
    book.clock.advance(URLS)
    await counts(book)
    said = [row for row in await book.rows(audit) if row["act"] in ("case.erased", "purged")]
    assert [(row["act"], row["case_id"]) for row in said] == [("case.erased", case_id), ("purged", None)]


@pytest.mark.parametrize(
    "wrong", [{"handles": "400d"}, {"urls": "9d"}, {"cases": "9d"}, {"audit": "9d"}, {"handles": "3h"}]
)
def test_periods_that_contradict_are_refused(wrong: dict[str, str]) -> None:
    right = {"handles": "180d", "urls": "365d", "cases": "1825d", "audit": "3650d"}
    with pytest.raises(ValueError, match=r"outlast|a day or longer"):
        Retention.model_validate(right | wrong)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6000), st.sampled_from([None, Kept.HANDLES, Kept.URLS]))
def test_the_most_that_is_due_and_never_what_is_gone(days: int, gone: Kept | None) -> None:
    due = [kept for kept in Kept if days * DAY >= periods().of(kept)]
    order = [None, *Kept]
    wanted = due[-1] if due and order.index(due[-1]) > order.index(gone) else None
    assert most_due(days * DAY // MICROSECOND, periods(), gone, 0) == wanted
