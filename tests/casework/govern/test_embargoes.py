import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.case.embargo import in_force
from router.casework.govern import embargoes, second_person
from router.casework.govern.proposals import pending
from router.errors import BadInput, Conflict, NotAllowed, NotFound
from router.guard.access import LOCAL_OPERATOR
from router.store.base import Change, Transition
from router.store.schema.tables import audit
from router.store.schema.tables import embargoes as table
from schemas.actor import Actor, Role
from schemas.embargo import EmbargoGiven, EmbargoKind
from tests.casebook import ANALYSTS, ANNA, PAGE, Casebook, casebook
from tests.embargoes import ASKED_BY, BOB, CLEO, REASON, THEIRS, embargo, ended, people
from tests.office import person


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        await people(opened.ctx)
        yield opened


def given(book: Casebook, **more: object) -> EmbargoGiven:
    base = {"kind": EmbargoKind.HOST, "what": "example.test", "asked_by": ASKED_BY, "reason": REASON}
    until = book.ctx.clock.now() + timedelta(days=1)
    return EmbargoGiven.model_validate({**base, "until": until, **more})


async def test_one_person_sets_it_and_it_is_in_force_at_once(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    (one,) = await in_force(book.ctx)
    assert (one.id, one.ask) == (said.embargo.id, "anna")
    assert said.embargo.open
    assert said.left == ()


async def test_what_it_names_and_why_is_in_no_column_no_list_and_no_log(book: Casebook) -> None:
    await embargo(book.ctx, "url", PAGE)
    (row,) = await book.rows(table)
    rest = json.dumps({name: str(value) for name, value in row.items()}) + row["sealed"].hex()
    rest += (await embargoes.listed(book.ctx, ANNA))[0].model_dump_json()
    rest += json.dumps([entry["detail"] for entry in await book.rows(audit)])
    assert not any(word in rest for word in ("example", REASON, ASKED_BY, THEIRS))


async def test_a_named_few_read_it_and_that_is_logged(book: Casebook) -> None:
    said = await embargo(book.ctx, "url", PAGE, readers=("cleo",))
    read = await embargoes.read(book.ctx, said.embargo.id, CLEO)
    assert (read.what, read.asked_by, read.reference, read.reason) == (
        "hxxps://example[.]test/page",
        ASKED_BY,
        THEIRS,
        REASON,
    )
    assert read.readers == ("anna", "cleo")
    with pytest.raises(NotAllowed, match="ask anna"):
        await embargoes.read(book.ctx, said.embargo.id, BOB)
    acts = [(row["act"], row["actor"]) for row in await book.rows(audit) if row["act"] == "embargo.read"]
    assert acts == [("embargo.read", "person:cleo")]
    seen = {who.account: (await embargoes.listed(book.ctx, who))[0].may_read for who in (ANNA, BOB, CLEO)}
    assert seen == {"anna": True, "bob": False, "cleo": True}


async def test_two_people_end_it(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    proposed = await embargoes.end(book.ctx, said.embargo.id, None, ANNA)
    assert proposed.proposed
    assert len(await in_force(book.ctx)) == 1
    subject = f"embargo:{said.embargo.id}"
    with pytest.raises(NotAllowed, match="another person"):
        await second_person.confirm(book.ctx, subject, ANNA)
    with pytest.raises(NotAllowed, match="embargo:act"):
        await second_person.confirm(book.ctx, subject, CLEO)
    (view,) = await second_person.shown(book.ctx)
    assert [(one.field, one.becomes) for one in view.changes] == [("until", None)]
    await second_person.confirm(book.ctx, subject, BOB, view.id)
    assert await in_force(book.ctx) == ()
    (now,) = await embargoes.listed(book.ctx, ANNA, ended=True)
    assert (now.open, now.ended_by) == (False, ("person:anna", "person:bob"))
    assert await embargoes.listed(book.ctx, ANNA) == []
    assert await pending(book.ctx) == []


async def test_an_administrator_is_no_second_person_to_it(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    await embargoes.end(book.ctx, said.embargo.id, None, ANNA)
    with pytest.raises(NotAllowed, match="embargo:act"):
        await second_person.confirm(book.ctx, f"embargo:{said.embargo.id}", person("root", Role.ADMINISTRATOR))


async def test_no_glass_is_broken_for_it(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    await embargoes.end(book.ctx, said.embargo.id, None, ANNA)
    with pytest.raises(NotAllowed, match="two, always"):
        await second_person.break_glass(book.ctx, f"embargo:{said.embargo.id}", BOB, "now")
    assert len(await in_force(book.ctx)) == 1


async def test_a_later_end_takes_one_and_an_earlier_one_two(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test", days=10)
    now = book.ctx.clock.now()
    longer = await embargoes.end(book.ctx, said.embargo.id, now + timedelta(days=20), BOB)
    assert (longer.proposed, longer.embargo.until) == (False, now + timedelta(days=20))
    shorter = await embargoes.end(book.ctx, said.embargo.id, now + timedelta(days=5), ANNA)
    assert (shorter.proposed, shorter.embargo.until) == (True, now + timedelta(days=20))
    assert shorter.embargo.proposed == now + timedelta(days=5)
    await second_person.confirm(book.ctx, f"embargo:{said.embargo.id}", BOB)
    (one,) = await embargoes.listed(book.ctx, ANNA)
    assert (one.until, one.open) == (now + timedelta(days=5), True)
    acts = [row["act"] for row in await book.rows(audit) if row["act"].startswith("embargo.")]
    assert acts == ["embargo.set", "embargo.prolonged", "embargo.shortened"]


async def test_an_end_that_was_proposed_before_it_was_prolonged_is_proposed_anew(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test", days=10)
    await embargoes.end(book.ctx, said.embargo.id, None, ANNA)
    await embargoes.end(book.ctx, said.embargo.id, book.ctx.clock.now() + timedelta(days=20), BOB)
    with pytest.raises(Conflict, match="changed after"):
        await second_person.confirm(book.ctx, f"embargo:{said.embargo.id}", BOB)
    assert len(await in_force(book.ctx)) == 1


async def test_its_date_ends_it_without_anybody(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test", days=1)
    book.later(days=1)
    assert await in_force(book.ctx) == ()
    with pytest.raises(Conflict, match="over"):
        await embargoes.end(book.ctx, said.embargo.id, None, ANNA)
    (one,) = await embargoes.listed(book.ctx, ANNA, ended=True)
    assert (one.open, one.ended_by) == (False, ())


async def test_a_broken_seal_holds_all_the_same(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    row = (await book.rows(table))[0]
    damaged = row["sealed"][:-1] + bytes([row["sealed"][-1] ^ 1])
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(table, {"id": row["id"]}, {"sealed": damaged}),)))
    assert [one.id for one in await in_force(book.ctx)] == [said.embargo.id]
    assert [one.may_read for one in await embargoes.listed(book.ctx, ANNA)] == [False]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"what": "com"}, "what"),
        ({"what": "data:image/png;base64,AAAA"}, "what"),
        ({"ask": "nobody"}, "readers"),
        ({"readers": ("nobody",)}, "readers"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2030-01-01T00:00:00Z"}, "until"),
    ],
)
async def test_bad_input_names_its_field(book: Casebook, more: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        await embargoes.add(book.ctx, given(book, **more), ANNA)
    assert refused.value.field == field
    assert "base64,AAAA" not in refused.value.message
    assert await in_force(book.ctx) == ()


async def test_only_a_person_by_name_sets_one(book: Casebook) -> None:
    operator = Actor(id="local:root", permissions=frozenset(str(one) for one in LOCAL_OPERATOR), alone=True)
    for who in (ANALYSTS, operator):
        with pytest.raises(NotAllowed):
            await embargoes.add(book.ctx, given(book), who)


async def test_the_machine_alone_ends_none(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    with pytest.raises(NotAllowed):
        await embargoes.end(book.ctx, said.embargo.id, None, Actor(id="local:root", alone=True))


async def test_one_that_is_not_there(book: Casebook) -> None:
    with pytest.raises(NotFound):
        await embargoes.read(book.ctx, "none", ANNA)
    with pytest.raises(NotFound):
        await embargoes.end(book.ctx, "none", None, ANNA)


async def test_cases_that_it_held_are_counted(book: Casebook) -> None:
    said = await embargo(book.ctx, "host", "example.test")
    for number in range(3):
        await book.step(await book.take(f"https://a.example.test/{number}", f"r-{number}"))
    (one,) = await embargoes.listed(book.ctx, ANNA)
    assert one.cases == 3
    await ended(book.ctx, said.embargo.id)
