"""A list is taken from the desk by who may look: each location is revealed to them, and what may not be is left out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from router.casework.case.seen import holders
from router.casework.desk import taking
from router.casework.desk.viewing.taken import left_out_of, take
from router.casework.people import mandates, tokens
from router.casework.people.exposure import exposure
from router.casework.read.case_file import case_file
from router.errors import Conflict, NotAllowed
from router.guard.access import seen_from
from router.store.base import Change, Transition
from router.store.ids import new_id
from router.store.schema.tables import audit, cases, sightings, viewing_lines, viewings
from schemas.actor import ROUTER, Role
from schemas.people import MandateGiven
from schemas.signin import ExposureSettings
from schemas.viewing import ViewingAsked, ViewingMade, ViewingSettings
from schemas.vocabulary import Urgency
from tests.casebook import ANNA, FORM, Casebook
from tests.casework.desk.viewing.rooms import OpenRoom, opened, rows_of
from tests.embargoes import embargo
from tests.office import person

BERT = person("bert", Role.ANALYST)
ANYTHING = ViewingAsked()


def with_room(book: Casebook, **settings: Any) -> Casebook:
    book.ctx = replace(book.ctx, room=OpenRoom(settings=ViewingSettings(**settings)))
    return book


async def unassessed(book: Casebook, count: int = 3, **more: Any) -> list[str]:
    return [await book.decided(f"https://s{n}.test/{n}", f"v-{n}", actor=FORM, **more) for n in range(count)]


def left(made: ViewingMade) -> dict[str, str]:
    return {one.case: one.code for one in made.left_out}


async def test_each_location_is_revealed_to_whoever_takes_it_and_leased_until_the_house_says(book: Casebook) -> None:
    book = with_room(book, lasts="2h")
    ids = await unassessed(book, item={"ways_in": {"referrer": "https://r.test/", "steps": ["a", "b"]}})
    made = await take(book.ctx, ANYTHING, BERT)
    assert (made.session.lines, made.session.done, made.session.by, made.left_out) == (3, 0, "bert", ())
    assert made.session.until == book.clock.now() + timedelta(hours=2)
    files = opened(made)
    places = rows_of(files["locations.csv"])
    assert [one["location"] for one in places] == [f"https://s{n}.test/{n}" for n in range(3)]
    assert {(one["referrer"], one["steps"]) for one in places} == {("https://r.test/", "a > b")}
    assert all(len(one["dossier"]) == 9 for one in places)
    assert "s0.test" not in files["results.csv"] + files["read-me.txt"]
    assert {row["case_id"] for row in await book.rows(sightings, sightings.c.by == "person:bert")} == set(ids)
    (day,) = await exposure(book.ctx, "bert")
    assert day.reveals == 3
    said = await book.rows(audit, audit.c.act.in_(["case.revealed", "viewing.exported"]))
    assert [(row["act"], row["case_id"]) for row in said] == [
        ("viewing.exported", None), *(("case.revealed", one) for one in ids)
    ]  # fmt: skip
    assert made.session.digest is not None
    assert made.session.digest in said[0]["detail"]
    held = (await holders(book.ctx, ids))[ids[0]].view(BERT)
    assert (held.by, held.viewing, held.mine) == ("bert", made.session.name, True)
    book.later(hours=2, seconds=1)
    assert await holders(book.ctx, ids) == {}


async def test_nothing_of_the_file_is_kept_but_its_digest(book: Casebook) -> None:
    await unassessed(with_room(book), 1)
    made = await take(book.ctx, ANYTHING, BERT)
    (row,) = await book.rows(viewings)
    (line,) = await book.rows(viewing_lines)
    text = repr((row, line))
    assert "s0.test" not in text
    assert (made.file or "x") not in text


async def test_what_is_looked_at_on_its_page_meanwhile_stays_in_the_session(book: Casebook) -> None:
    (case_id,) = await unassessed(with_room(book), 1)
    made = await take(book.ctx, ANYTHING, BERT)
    await case_file(book.ctx, case_id, reveal_to=BERT)
    held = (await holders(book.ctx, [case_id]))[case_id].view(None)
    assert (held.viewing, held.until) == (made.session.name, made.session.until)
    await taking.take(book.ctx, case_id, person("anna", Role.SUPERVISOR), over=True)
    held = (await holders(book.ctx, [case_id]))[case_id].view(None)
    assert (held.by, held.viewing) == ("anna", None)


async def test_what_may_not_be_taken_is_named_and_left_out(book: Casebook) -> None:
    """One somebody else has, one an embargo holds, one handed on, one that rings, one that is no more on the desk."""
    ids = await unassessed(with_room(book), 5)
    rings = await book.decided("https://risk.test/", "risk", actor=FORM, urgency=Urgency.IMMINENT_RISK)
    sent = await book.decided("https://sent.test/", "sent")
    await taking.take(book.ctx, ids[0], person("carl", Role.ANALYST))
    await taking.pass_on(book.ctx, ids[1], BERT)
    await embargo(book.ctx, "host", "s2.test")
    asked = ViewingAsked(cases=(*ids, rings, sent, new_id()))
    made = await take(book.ctx, asked, BERT)
    assert left(made) == {
        asked.cases[-1]: "not_on_desk", ids[0]: "held", ids[1]: "handed_on", ids[2]: "embargo", rings: "rings",
        sent: "not_on_desk",
    }  # fmt: skip
    assert all(one.text for one in made.left_out)
    assert [one["location"] for one in rows_of(opened(made)["locations.csv"])] == [
        "https://s3.test/3",
        "https://s4.test/4",
    ]
    assert not await book.rows(
        sightings, (sightings.c.by == "person:bert") & sightings.c.case_id.in_([*ids[:3], rings])
    )


async def test_the_houses_limits_end_the_list_where_they_end_looking(book: Casebook) -> None:
    ids = await unassessed(with_room(book), 4)
    limits = ExposureSettings(a_day=3)
    book.ctx = replace(book.ctx, door=replace(book.ctx.door, exposure=limits))
    await case_file(book.ctx, ids[3], reveal_to=BERT, reason="look")
    made = await take(book.ctx, ANYTHING, BERT)
    assert (made.session.lines, left(made)) == (2, {ids[2]: "pause", ids[3]: "pause"})
    with pytest.raises(Conflict) as refused:
        await take(book.ctx, ANYTHING, person("bert", Role.ANALYST))
    assert refused.value.reason == "one_at_a_time"


async def test_no_session_holds_more_than_the_house_says(book: Casebook) -> None:
    ids = await unassessed(with_room(book, most=2), 4)
    made = await take(book.ctx, ViewingAsked(cases=tuple(ids)), BERT)
    assert (made.session.lines, left(made)) == (2, {ids[2]: "too_many", ids[3]: "too_many"})
    made = await take(book.ctx, ViewingAsked(limit=1), person("carl", Role.ANALYST))
    assert (made.session.lines, made.left_out) == (1, ()), "what somebody has is passed over"


async def test_who_may_not_look_takes_nothing(book: Casebook) -> None:
    """Not by their role, not from elsewhere, and not once their mandate is over."""
    await unassessed(with_room(book), 1)
    await tokens.add_account(book.ctx, "bert", Role.ANALYST, ROUTER)
    given = await mandates.give(book.ctx, "bert", MandateGiven(until=book.clock.now().date()), ANNA)
    await mandates.end(book.ctx, given.id, ANNA)
    by_account = BERT.model_copy(update={"account": "bert"})
    for actor, reason in (
        (person("vera", Role.VIEWER), "desk:act"),
        (seen_from(BERT, "198.51.100.7", ["192.0.2.0/24"]), "reveal_from"),
        (by_account, "mandate"),
    ):
        with pytest.raises(NotAllowed) as refused:
            await take(book.ctx, ANYTHING, actor)
        assert refused.value.reason == reason
    assert await book.rows(viewings) == []


async def test_without_a_room_or_its_key_nothing_is_taken_and_one_on_screen_reveals_nothing(book: Casebook) -> None:
    (case_id,) = await unassessed(book, 1)
    for room in (None, OpenRoom(fails=True)):
        book.ctx = replace(book.ctx, room=room)
        with pytest.raises(Conflict) as refused:
            await take(book.ctx, ANYTHING, BERT)
        assert refused.value.reason == "room_key"
    assert (await book.rows(viewings), await holders(book.ctx, [case_id])) == ([], {})
    made = await take(book.ctx, ViewingAsked(on_screen=True), BERT)
    assert (made.file, made.session.on_screen, made.session.lines) == (None, True, 1)
    assert (await exposure(book.ctx, "bert"), await book.rows(audit, audit.c.act == "case.revealed")) == ([], [])


async def test_of_two_who_take_the_same_at_once_each_gets_their_own(book: Casebook) -> None:
    ids = await unassessed(with_room(book, most=2), 3)
    first = await take(book.ctx, ANYTHING, BERT)
    second = await take(book.ctx, ANYTHING, person("carl", Role.ANALYST))
    lines = await book.rows(viewing_lines)
    assert sorted(row["case_id"] for row in lines) == sorted(ids)
    assert (first.session.lines, second.session.lines) == (2, 1)
    with pytest.raises(Conflict) as refused:
        await take(book.ctx, ANYTHING, person("dora", Role.ANALYST))
    assert refused.value.reason == "nothing_to_take"


async def test_what_an_embargo_holds_while_the_file_is_closed_is_not_in_it(book: Casebook) -> None:
    ids = await unassessed(with_room(book), 2)
    assert isinstance(book.ctx.room, OpenRoom)
    book.ctx.room.meanwhile = lambda: embargo(book.ctx, "host", "s1.test")
    made = await take(book.ctx, ANYTHING, BERT)
    assert (made.session.lines, left(made)) == (1, {ids[1]: "embargo"})
    assert [one["location"] for one in rows_of(opened(made)["locations.csv"])] == ["https://s0.test/0"]
    assert not await book.rows(sightings, (sightings.c.by == "person:bert") & (sightings.c.case_id == ids[1]))


async def test_what_was_looked_at_while_the_file_is_closed_counts_for_the_limit(book: Casebook) -> None:
    ids = await unassessed(with_room(book), 3)
    book.ctx = replace(book.ctx, door=replace(book.ctx.door, exposure=ExposureSettings(a_day=2)))
    assert isinstance(book.ctx.room, OpenRoom)
    book.ctx.room.meanwhile = lambda: case_file(book.ctx, ids[2], reveal_to=BERT, reason="look")
    made = await take(book.ctx, ViewingAsked(cases=tuple(ids)), BERT)
    assert (made.session.lines, left(made)) == (1, {ids[1]: "pause", ids[2]: "pause"})
    (day,) = await exposure(book.ctx, "bert")
    assert day.reveals == 2


async def test_whose_mandate_ends_while_the_file_is_closed_gets_none(book: Casebook) -> None:
    await unassessed(with_room(book), 1)
    await tokens.add_account(book.ctx, "bert", Role.ANALYST, ROUTER)
    given = await mandates.give(book.ctx, "bert", MandateGiven(until=book.clock.now().date()), ANNA)
    assert isinstance(book.ctx.room, OpenRoom)
    book.ctx.room.meanwhile = lambda: mandates.end(book.ctx, given.id, ANNA)
    with pytest.raises(NotAllowed) as refused:
        await take(book.ctx, ANYTHING, BERT.model_copy(update={"account": "bert"}))
    assert (refused.value.reason, await book.rows(viewings)) == ("mandate", [])


async def test_one_that_is_damaged_is_left_out_and_the_others_are_taken(book: Casebook) -> None:
    ids = await unassessed(with_room(book), 3)
    spoilt = Change(cases, {"id": ids[1]}, {"sealed": b"x" * 60})
    await book.ctx.store.commit(Transition(book.ctx.now(), changes=(spoilt,)))
    made = await take(book.ctx, ViewingAsked(cases=tuple(ids)), BERT)
    assert (made.session.lines, left(made)) == (2, {ids[1]: "erased"})


async def test_what_would_be_left_out_is_told_before_and_nothing_is_taken(book: Casebook) -> None:
    ids = await unassessed(with_room(book, most=2), 4)
    await taking.take(book.ctx, ids[0], person("carl", Role.ANALYST))
    found = await left_out_of(book.ctx, [*ids, new_id()], BERT)
    assert [(one.case in ids, one.code) for one in found] == [
        (False, "not_on_desk"),
        (True, "held"),
        (True, "too_many"),
    ]
    assert [len(one.dossiers) for one in found] == [0, 1, 1]
    assert (await book.rows(viewings), await exposure(book.ctx, "bert")) == ([], [])
    with pytest.raises(NotAllowed):
        await left_out_of(book.ctx, ids, person("vera", Role.VIEWER))
