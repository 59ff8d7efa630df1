"""Whoever is not of the house learns from no answer, webhook, date or size whether a location was known, or is held.

Two stories are told to the same source: one about a location that nobody ever named, and one about a location with any
past: known, held, sent, closed, refused, on somebody's desk. What happens after the report is the same in both, and so
must be every byte and every hour that its source can see, but for ids and numbers, which are drawn anew each time.
"""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from router.casework.desk import case_acts, referral_acts
from router.casework.read.followed import followed
from schemas.states import CaseState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, Casebook
from tests.hearing import Hearing, hearing

#: Hours between two looks, and how long is looked: past the week in which nothing follows the case.
STEP, HOURS = 8, 10 * 24
PASTS = ("known", "traced", "passed on", "held", "closed")
FATES = ("nothing", "passed on", "held", "closed")


@dataclass(frozen=True)
class Story:
    past: str  #: what had happened to the location when the report came
    ago: int  #: days before it
    fate: str  #: what happens to its case afterwards
    after: int  #: hours after it


async def happens(book: Casebook, case_id: str, what: str) -> None:
    """Bring a case to where it is to be, from wherever it is."""
    while (await book.case(case_id))["state"] in {CaseState.RECEIVED, CaseState.LOCATED}:
        await book.step(case_id)
    waiting = [row for row in await book.referrals(case_id) if row["state"] in {"waiting", "held"}]
    if what == "passed on":
        for row in waiting:
            if row["state"] == "held":
                await referral_acts.release(book.ctx, row["id"], ANNA, "cleared")
        await book.send()
    elif what == "held":
        for row in waiting:
            await referral_acts.hold(book.ctx, row["id"], ANNA, "an investigation")
    elif what == "closed":
        await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)


async def before(book: Casebook, story: Story) -> None:
    if story.past == "new":
        book.later(days=story.ago)
        return
    case_id = await book.take(reference="before")
    if story.past != "known":
        await happens(book, case_id, story.past)
    book.later(days=story.ago)


async def seen(outside: Hearing, story: Story) -> list[object]:
    """All that its source sees, look by look."""
    book = outside.book
    await before(book, story)
    case_id = await book.take(reference="f-1", actor=FORM)
    await book.take(reference="ours")  # somebody assessed it, so that it may leave
    found: list[object] = []
    for hour in range(0, HOURS, STEP):
        if hour == story.after:
            await happens(book, case_id, story.fate)
        await outside.until_quiet()
        shown = await followed(book.ctx, "f-1", FORM)
        mine = (shown.id, shown.dossier, shown.items[0].case)
        told = [anonymous(body.decode(), *mine) for _, body in outside.requests]
        found.append((hour, anonymous(shown.model_dump_json(), *mine), len(shown.model_dump_json()), told))
        book.later(hours=STEP)
    return found


def anonymous(text: str, *drawn: str) -> str:
    """What is drawn anew for every report is in the place of itself; all else stays, byte for byte."""
    for one in drawn:
        text = text.replace(one, "-" * len(one))
    return text


def played(story: Story) -> list[object]:
    async def play() -> list[object]:
        with tempfile.TemporaryDirectory() as folder:
            async with hearing(Path(folder), "form") as outside:
                return await seen(outside, story)

    return asyncio.run(play())


@settings(max_examples=4, deadline=None)
@given(st.sampled_from(PASTS), st.integers(1, 4), st.sampled_from(FATES), st.sampled_from(range(0, 160, STEP)))
def test_a_week_long_nothing_that_is_seen_follows_the_case(past: str, ago: int, fate: str, after: int) -> None:
    """Ten days of hearing, twice, for each example; it takes 5 s."""
    new = played(Story("new", ago, "nothing", 0))
    week = 7 * 24 // STEP
    assert played(Story(past, ago, fate, after))[:week] == new[:week]


#: A past beside what has to happen to a new location for the two to be in the same place at the end of the week.
SAME = {
    ("passed on", "nothing"): "passed on",
    ("held", "nothing"): "nothing",
    ("known", "held"): "nothing",
    ("traced", "passed on"): "passed on",
    ("held", "passed on"): "passed on",
    ("passed on", "closed"): "closed",
    ("closed", "passed on"): "passed on",
}


@settings(max_examples=4, deadline=None)
@given(st.sampled_from(sorted(SAME)), st.integers(1, 4), st.sampled_from(range(0, 120, STEP)))
def test_after_it_known_and_held_sound_as_new_ones(story: tuple[str, str], ago: int, after: int) -> None:
    """Ten days of hearing, twice, for each example; it takes 5 s."""
    past, fate = story
    assert played(Story(past, ago, fate, after)) == played(Story("new", ago, SAME[story], after))
