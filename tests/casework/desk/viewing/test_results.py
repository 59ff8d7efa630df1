"""What comes back of a session: each row is judged as its act would be, and nothing is done twice."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from router.casework.case.seen import holders
from router.casework.context import Context
from router.casework.desk import case_acts, taking
from router.casework.desk.take_back import reopen
from router.casework.desk.viewing.ended import close, lost
from router.casework.desk.viewing.listed import session
from router.casework.desk.viewing.results import Riding, bring
from router.casework.desk.viewing.taken import take
from router.casework.people.exposure import exposure
from router.casework.read.case_file import case_file
from router.errors import BadInput, NotAllowed, StoreUnavailable
from router.guard.access import ROLES
from router.store.base import NOTHING, Transition
from router.store.schema.tables import audit, cases, figure_marks, viewing_lines
from schemas.actor import Actor, Role
from schemas.states import CaseState
from schemas.viewing import LineAnswers, ViewingAsked, ViewingMade
from schemas.vocabulary import Assessment, Outcome
from tests.casebook import ANNA, FORM, Casebook
from tests.casework.desk.viewing.rooms import OpenRoom, filled
from tests.embargoes import embargo
from tests.office import person

BERT = person("bert", Role.ANALYST)
GRAVE, NOT = {"assessment": "baseline"}, {"assessment": "not_illegal"}


async def taken(book: Casebook, count: int = 3, **asked: Any) -> tuple[list[str], ViewingMade]:
    """Cases that nobody assessed, in a session of bert's."""
    book.ctx = replace(book.ctx, room=OpenRoom())
    ids = [await book.decided(f"https://s{n}.test/{n}", f"v-{n}", actor=FORM) for n in range(count)]
    return ids, await take(book.ctx, ViewingAsked(cases=tuple(ids), **asked), BERT)


def codes(answers: LineAnswers) -> list[str | None]:
    return [one.code if not one.done else None for one in answers.items]


async def test_each_row_is_done_as_its_act_would_be_and_the_session_is_over_with_the_last(book: Casebook) -> None:
    ids, made = await taken(book, 4)
    rows = (
        GRAVE | {"finding": "there", "why": "two pages"},
        NOT,
        {"finding": "gone"},
        {"finding": "cannot_see", "why": "login"},
    )
    answers = await bring(book.ctx, filled(made, *rows), BERT)
    assert (answers.done, answers.refused, answers.empty) == (4, 0, 0)
    assert [one.dossiers[0] for one in answers.items]
    found = [await book.case(one) for one in ids]
    assert [row["state"] for row in found] == [CaseState.RECEIVED, CaseState.CLOSED, CaseState.CLOSED, CaseState.DESK]
    assert [row["assessment"] for row in found[:2]] == ["baseline", "not_illegal"]
    assert [row["outcome"] for row in found] == [None, Outcome.NOT_ILLEGAL, Outcome.REMOVED, None]
    assert found[0]["last_seen_at"] == book.ctx.now()
    acts = [row["act"] for row in await book.rows(audit, audit.c.actor == "person:bert") if row["case_id"] in ids]
    said = [act for act in acts if act != "case.revealed"]
    assert said == ["case.still_there", "case.assessed", "case.closed", "case.closed", "case.not_seen"]
    shown = await case_file(book.ctx, ids[3], reveal_to=BERT, reason="look")
    assert f"{made.session.name}: login" in repr(shown.timeline)
    after = (await session(book.ctx, made.session.name)).session
    assert (after.done, after.ended_as, await holders(book.ctx, ids)) == (4, "closed", {})
    (day,) = await exposure(book.ctx, "bert")
    assert (day.reveals, day.looks) == (5, 3)


async def test_a_table_brought_twice_does_nothing_twice_and_what_was_left_is_done_later(book: Casebook) -> None:
    ids, made = await taken(book)
    first = filled(made, GRAVE, {}, {"finding": "gone"})
    answers = await bring(book.ctx, first, BERT)
    assert codes(answers) == [None, "empty", None]
    versions = [(await book.case(one))["version"] for one in ids]
    again = await bring(book.ctx, first, BERT)
    assert [one.code for one in again.items] == ["already", "empty", "already"]
    assert [(await book.case(one))["version"] for one in ids] == versions
    other = await bring(book.ctx, filled(made, NOT, NOT, {"finding": "gone"}), BERT)
    assert codes(other) == ["given_before", None, None]
    assert (await session(book.ctx, made.session.name)).session.ended_as == "closed"
    assert [one.code for one in (await bring(book.ctx, first, BERT)).items] == ["already", "empty", "already"]


async def test_what_changed_meanwhile_is_answered_row_by_row_and_the_others_are_done(book: Casebook) -> None:
    """Closed, closed and opened again, decided by another, taken over by another, and one as it was."""
    ids, made = await taken(book, 5)
    await case_acts.close(book.ctx, ids[0], ANNA, "gone", outcome=Outcome.REMOVED)
    await case_acts.close(book.ctx, ids[1], ANNA, "gone", outcome=Outcome.REMOVED)
    await reopen(book.ctx, ids[1], ANNA, "not gone")
    await case_acts.assess(book.ctx, ids[2], ANNA, "seen", assessment=Assessment.NATIONAL)
    await taking.take(book.ctx, ids[3], ANNA, over=True)
    answers = await bring(book.ctx, filled(made, *[GRAVE] * 5), BERT)
    assert codes(answers) == ["conflict", "conflict", "conflict", "has_it", None]
    assert all(one.text for one in answers.items[:4])
    assert "person:anna" in (answers.items[0].text or "")
    assert [(await book.case(one))["assessment"] for one in ids] == [
        "unassessed", "unassessed", "national", "unassessed", "baseline"
    ]  # fmt: skip


async def test_what_an_embargo_holds_since_is_kept_and_said(book: Casebook) -> None:
    ids, made = await taken(book, 1)
    await embargo(book.ctx, "host", "s0.test")
    (answer,) = (await bring(book.ctx, filled(made, GRAVE), BERT)).items
    assert (answer.done, answer.code, "anna" in (answer.text or "")) == (True, "embargo", True)
    assert (await book.case(ids[0]))["assessment"] == "baseline"


async def test_only_who_took_it_brings_its_results(book: Casebook) -> None:
    ids, made = await taken(book, 1)
    await book.saw(ids[0], ANNA)
    assert codes(await bring(book.ctx, filled(made, GRAVE), ANNA)) == ["other_person"]
    no_word = Actor(id="person:bert", role=Role.ANALYST, permissions=ROLES[Role.ANALYST] - {"report:assess"})
    assert codes(await bring(book.ctx, filled(made, GRAVE), no_word)) == ["report:assess"]
    with pytest.raises(NotAllowed):
        await bring(book.ctx, filled(made, GRAVE), person("vera", Role.VIEWER))
    assert (await book.case(ids[0]))["assessment"] == "unassessed"


async def test_what_a_session_on_screen_says_of_an_unseen_location_is_refused_as_anywhere(book: Casebook) -> None:
    book.ctx = replace(book.ctx, room=OpenRoom())
    ids = [await book.decided(f"https://s{n}.test/{n}", f"v-{n}", actor=FORM) for n in range(2)]
    made = await take(book.ctx, ViewingAsked(on_screen=True), BERT)
    await case_file(book.ctx, ids[0], reveal_to=BERT)
    lines = (await session(book.ctx, made.session.name)).lines
    rows = "".join(f"{one.token},not_illegal\n" for one in lines)
    answers = await bring(book.ctx, f"token,assessment\n{rows}", BERT)
    assert codes(answers) == [None, "not_seen"]


async def test_nothing_is_taken_of_a_session_that_was_lost_or_given_back(book: Casebook) -> None:
    ids, made = await taken(book, 2)
    table = filled(made, GRAVE, {"finding": "gone"})
    await close(book.ctx, made.session.name, BERT)
    assert codes(await bring(book.ctx, table, BERT)) == ["closed", "closed"]
    await lost(book.ctx, made.session.name, BERT, "left on a train")
    assert codes(await bring(book.ctx, table, BERT)) == ["lost", "lost"]
    assert [(await book.case(one))["assessment"] for one in ids] == ["unassessed"] * 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"assessment": "terrible"}, "which_assessment"),
        ({"assessment": "unassessed"}, "which_assessment"),
        ({"finding": "perhaps"}, "which_finding"),
        ({"finding": "cannot_see"}, "why_not"),
        ({"assessment": "baseline", "finding": "gone"}, "not_both"),
        ({"assessment": "not_illegal", "finding": "cannot_see", "why": "x"}, "not_both"),
        ({"labels": "ucs:A1"}, "which_labels"),
        ({"assessment": "not_illegal", "labels": "ucs:A1"}, "which_labels"),
        ({"assessment": "baseline", "labels": "no scheme"}, "which_labels"),
        ({"why": "only this"}, "which_finding"),
        ({"token": "BCDFGHJKLMNP"}, "no_such_line"),
        ({"token": "=HYPERLINK(1)", "finding": "gone"}, "no_such_line"),
        ({"token": "", "finding": "gone"}, "no_such_line"),
    ],
)
async def test_a_row_that_cannot_be_meant_does_nothing(book: Casebook, said: dict[str, str], code: str) -> None:
    ids, made = await taken(book, 1)
    before = await book.case(ids[0])
    (answer,) = (await bring(book.ctx, filled(made, said), BERT)).items
    assert (answer.done, answer.code, bool(answer.text)) == (False, code, True)
    assert await book.case(ids[0]) == before


async def test_a_line_that_stands_twice_is_done_once_and_not_at_all_when_it_says_two_things(book: Casebook) -> None:
    ids, made = await taken(book, 1)
    head, row = filled(made, GRAVE).splitlines()
    answers = await bring(book.ctx, "\r\n".join((head, row, row.replace("baseline", "not_illegal"))), BERT)
    assert codes(answers) == ["line_twice", "line_twice"]
    answers = await bring(book.ctx, f"{head}\r\n{row}\r\n{row}", BERT)
    assert [(one.done, one.code) for one in answers.items] == [(True, None), (True, "already")]
    assert len(await book.rows(audit, audit.c.act == "case.assessed")) == 1
    assert (await book.case(ids[0]))["assessment"] == "baseline"


async def test_labels_stand_in_the_place_of_those_before_and_are_counted(book: Casebook) -> None:
    ids, made = await taken(book, 1)
    await bring(book.ctx, filled(made, GRAVE | {"labels": "ucs:A1; ai:generated"}), BERT)
    shown = await case_file(book.ctx, ids[0], reveal_to=BERT, reason="look")
    assert [(one.scheme, one.value, one.by) for one in shown.items[0].labels] == [
        ("ucs", "A1", "bert"), ("ai", "generated", "bert")
    ]  # fmt: skip
    assert await book.rows(figure_marks, figure_marks.c.what == "label")


class Dies(Riding):
    """A store that is gone after so many commits."""

    def __init__(self, ctx: Context, commits: int) -> None:
        super().__init__(ctx, lambda _: NOTHING)
        self.left = commits

    async def commit(self, transition: Transition) -> None:
        if not self.left:
            raise StoreUnavailable("The disk is full.", retry_after=1)
        self.left -= 1
        await self._store.commit(transition)


@pytest.mark.parametrize("commits", range(9))
async def test_wherever_it_stops_the_same_table_goes_on_and_each_act_stands_once(book: Casebook, commits: int) -> None:
    ids, made = await taken(book)
    rows = (GRAVE | {"finding": "there"}, NOT, {"finding": "gone"})
    dying = replace(book.ctx, store=Dies(book.ctx, commits))
    with suppress(StoreUnavailable):
        await bring(dying, filled(made, *rows), BERT)
    await bring(book.ctx, filled(made, *rows), BERT)
    acts = [row["act"] for row in await book.rows(audit, audit.c.case_id.in_(ids)) if row["actor"] == "person:bert"]
    assert sorted(act for act in acts if act != "case.revealed") == [
        "case.assessed", "case.closed", "case.closed", "case.still_there"
    ]  # fmt: skip
    assert [row["done_at"] is not None for row in await book.rows(viewing_lines)] == [True] * 3
    assert len(await book.rows(cases, cases.c.closed_at.is_not(None))) == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_a_spreadsheet_of_any_country_may_write_it(book: Casebook, delimiter: str) -> None:
    _, made = await taken(book, 1)
    assert (await bring(book.ctx, filled(made, {"finding": "gone"}, delimiter=delimiter), BERT)).done == 1


async def test_a_table_with_an_unknown_column_is_not_read(book: Casebook) -> None:
    ids, made = await taken(book, 1)
    text = filled(made, {"finding": "gone"})
    with pytest.raises(BadInput, match="`location`"):
        await bring(book.ctx, text.replace("why\r\n", "why,location\r\n"), BERT)
    assert (await book.case(ids[0]))["state"] == CaseState.DESK
