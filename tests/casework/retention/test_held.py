"""What is kept beyond its time, why, and since when the time of it runs afterwards."""

from datetime import timedelta
from random import Random

import pytest

from router.casework.desk import case_acts, unit_acts
from router.casework.retention import legal_hold
from router.casework.retention.held import standings
from router.casework.retention.purge import purge
from router.store.base import Change, Transition
from router.store.schema.tables import cases, referrals
from schemas.acts import Answer
from schemas.retention import Held, Kept, Retention
from schemas.vocabulary import Outcome, UnitAnswer
from tests.casebook import ANNA, PAGE, Casebook
from tests.casework.retention.lives import CASES, URLS, closed
from tests.embargoes import embargo, ended


async def counts(book: Casebook) -> dict[Kept, int]:
    return (await purge(book.ctx, ANNA)).erased


async def test_what_a_person_holds_stays_and_its_end_starts_the_period(book: Casebook) -> None:
    case_id = await closed(book)
    await legal_hold.hold(book.ctx, case_id, ANNA, "a court asked for it")
    book.clock.advance(CASES)
    view = await purge(book.ctx, ANNA)
    assert (view.erased, view.held) == ({}, {Held.LEGAL_HOLD: 1})
    await legal_hold.end(book.ctx, case_id, ANNA, "the court is done")
    assert await counts(book) == {}, "the period begins now"
    book.clock.advance(URLS)
    assert await counts(book) == {Kept.URLS: 1}


async def test_what_police_have_stays_until_they_end_it(book: Casebook) -> None:
    case_id = await book.accepted()
    await case_acts.refer(book.ctx, case_id, ANNA, "for them too", partner="federal-police")
    await book.send("federal-police")
    (row,) = [one for one in await book.referrals(case_id) if one["partner"] == "federal-police"]
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, {"by_people": 1}),)))
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    book.clock.advance(CASES)
    assert (await purge(book.ctx, ANNA)).held == {Held.POLICE: 1}
    said = Answer(answer=UnitAnswer.CLOSED, outcome=Outcome.REMOVED, reason="they said so")
    await unit_acts.answer(book.ctx, row["id"], ANNA, said)
    assert await counts(book) == {}
    book.clock.advance(CASES)
    assert await counts(book) == {Kept.CASES: 1}


@pytest.mark.parametrize("early", [True, False])
async def test_an_embargo_holds_and_its_end_starts_the_period(book: Casebook, early: bool) -> None:
    case_id = await closed(book)
    book.clock.advance(CASES - timedelta(days=9))
    one = (await embargo(book.ctx, "url", PAGE, days=300)).embargo.id
    book.later(days=10)
    assert (await purge(book.ctx, ANNA)).held == {Held.EMBARGO: 1}
    if early:
        await ended(book.ctx, one)
        since = book.ctx.now()
        book.later(days=1)
    else:
        book.later(days=300)
        since = book.ctx.now() - 10 * 86_400_000_000
    found = (await standings(book.ctx, [await book.case(case_id)]))[case_id]
    assert (found.held, found.since) == (None, since)
    assert await counts(book) == {}


async def test_what_is_still_being_taken_back_is_done_first(book: Casebook) -> None:
    case_id = await closed(book)
    row = await book.referral(case_id)
    waits = {"state": "withdrawing", "next_at": book.ctx.now()}
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, waits),)))
    book.clock.advance(CASES)
    assert (await purge(book.ctx, ANNA)).held == {Held.UNDER_WAY: 1}


@pytest.mark.parametrize("seed", range(4))
async def test_no_policy_erases_what_is_held_and_none_shortens_what_a_hold_left(book: Casebook, seed: int) -> None:
    """Periods are published anew while holds come and go: what is gone is what a model says, and no more."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    ids = [await closed(book, location=f"https://example.test/{n}", reference=f"r-{n}") for n in range(4)]
    since, held, gone = dict.fromkeys(ids, book.clock.now()), set[str](), dict[str, int]()
    order, names = tuple(Kept), (*Kept, "audit")
    for _ in range(25):
        book.clock.advance(timedelta(days=random.randrange(1, 60)))
        days = sorted(random.choice([1, random.randrange(1, 400)]) for _ in range(4))
        periods = Retention.model_validate({name: f"{n}d" for name, n in zip(names, days, strict=True)})
        book.rules.policy_ = book.rules.policy_.model_copy(update={"retention": periods})
        case_id = random.choice(ids)
        if gone.get(case_id, 0) < order.index(Kept.URLS) + 1:  # without its key no reason could be sealed
            act = legal_hold.end if case_id in held else legal_hold.hold
            await act(book.ctx, case_id, ANNA, "a court")
            if case_id in held:
                since[case_id] = book.clock.now()
            held ^= {case_id}
        await purge(book.ctx, ANNA)
        for one in ids:
            due = sum(since[one] + periods.of(kept) <= book.clock.now() for kept in order)
            gone[one] = gone.get(one, 0) if one in held else max(gone.get(one, 0), due)
        rows = {row["id"]: row["erased"] for row in await book.rows(cases)}
        assert {one: order[level - 1] if level else None for one, level in gone.items() if level < len(order)} == rows
