"""What the police said last of telling anybody: the story is `stories/test_police_ask_to_wait.py`."""

from typing import Any

import pytest

from router.casework.case.held_by_police import let_go, police_holds
from router.store.base import Add, Row, Transition
from router.store.schema.tables import unit_answers
from tests.casebook import Casebook

DAY = 86_400_000_000


async def said(book: Casebook, case_id: str, *answers: tuple[str, int, int | None]) -> None:
    """Keep what the case's partner said: which answer, when, and until when, in days from now."""
    row, now = await book.referral(case_id), book.ctx.now()
    for number, (answer, at, until) in enumerate(answers):
        kept: dict[str, Any] = {"id": f"{case_id}-{number}", "referral_id": row["id"], "case_id": case_id, "by": "anna"}
        kept |= {"answer": answer, "at": now + at * DAY, "until": None if until is None else now + until * DAY}
        await book.ctx.store.commit(Transition(now, (), (Add(unit_answers, kept),)))


@pytest.mark.parametrize(
    ("answers", "until"),
    [
        ((), None),
        ((("received", 0, None), ("taken_up", 1, None)), None),
        ((("hold_until", 0, 3),), 3),
        ((("hold_until", 0, 3), ("taken_up", 1, None)), 3),
        ((("hold_until", 0, 3), ("hold_until", 1, 9)), 9),
        ((("hold_until", 0, 9), ("hold_until", 1, 3)), 3),
        ((("hold_until", 1, 9), ("hold_until", 0, 3)), 9),
        ((("hold_until", 0, 3), ("release", 1, None)), None),
        ((("release", 0, None), ("hold_until", 1, 3)), 3),
        ((("hold_until", 0, 3), ("closed", 1, None)), None),
        ((("hold_until", 0, 3), ("sent_elsewhere", 1, None)), None),
        ((("hold_until", -5, 0),), None),
    ],
)
async def test_the_last_word_counts(book: Casebook, answers: Any, until: int | None) -> None:
    case_id = await book.accepted()
    await said(book, case_id, *answers)
    found = (await police_holds(book.ctx, [case_id])).get(case_id)
    assert (None if found is None else found.until) == (None if until is None else book.ctx.now() + until * DAY)


def test_only_what_waits_for_the_day_is_let_go() -> None:
    rows: list[Row] = [
        {"id": str(number), "version": 1, "state": state, "last_reason": reason, "next_at": at}
        for number, (state, reason, at) in enumerate(
            [
                ("waiting", "police_hold", 9),
                ("waiting", "busy", 9),
                ("accepted", "police_hold", None),
                ("held", "police_hold", None),
                ("withdrawing", None, 9),
                ("withdrawing", None, 7),
            ]
        )
    ]
    assert [change.key["id"] for change in let_go(rows, 7)] == ["0", "4"]
