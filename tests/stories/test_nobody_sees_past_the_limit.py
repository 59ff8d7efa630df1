"""What one person does at the same moment, in several browsers and by two routers, is counted one after the other.

The house says how many locations one of its people sees before they pause. Each act reads how many there were and adds
its own; whoever reads the same number twice would let one more through.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from router.casework.context import Context
from router.casework.desk.viewing.taken import take
from router.casework.people.exposure import exposure
from router.casework.read.case_file import case_file
from router.errors import Conflict, NotAllowed
from router.store.schema.tables import audit, sightings
from schemas.actor import Actor, Role
from schemas.casefile import CaseFile
from schemas.signin import ExposureSettings
from schemas.viewing import ViewingAsked
from tests import postgres_server
from tests.casebook import FORM, Casebook, casebook
from tests.casework.desk.viewing.rooms import OpenRoom
from tests.office import person

BERT: Final = person("bert", Role.ANALYST)
CASES, LIMIT = 12, 5
LIMITS: Final = {"day": ExposureSettings(a_day=LIMIT), "hour": ExposureSettings(an_hour=LIMIT)}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Casebook, Casebook]]:
    """Two routers on one store, of each engine."""
    async with AsyncExitStack() as opened:
        url = f"sqlite:///{tmp_path / 'router.db'}"
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server_dsn")
            url = await opened.enter_async_context(postgres_server.fresh_database(server))
        one = await opened.enter_async_context(casebook(tmp_path, url=url))
        yield one, await opened.enter_async_context(casebook(tmp_path, url=url))


def limited(book: Casebook, limits: ExposureSettings) -> Context:
    return replace(book.ctx, door=replace(book.ctx.door, exposure=limits), room=OpenRoom())


async def on_the_desk(book: Casebook) -> list[str]:
    return [await book.decided(f"https://s{at}.test/", f"r-{at}", actor=FORM) for at in range(CASES)]


async def revealed(ctx: Context, case_id: str, *, anyway: bool = False, to: Actor = BERT) -> str:
    try:
        shown = await case_file(ctx, case_id, reveal_to=to, reason="to assess it", anyway=anyway)
    except (NotAllowed, Conflict) as error:
        return error.reason
    assert isinstance(shown, CaseFile)
    assert shown.revealed
    return "seen"


@pytest.mark.parametrize("limit", LIMITS)
async def test_as_many_as_the_house_lets_and_never_one_more(books: tuple[Casebook, Casebook], limit: str) -> None:
    ids = await on_the_desk(books[0])
    routers = [limited(book, LIMITS[limit]) for book in books]
    came = await asyncio.gather(*(revealed(routers[at % 2], one) for at, one in enumerate(ids)))
    assert sorted(came) == ["pause"] * (CASES - LIMIT) + ["seen"] * LIMIT
    assert sum(one.reveals for one in await exposure(routers[0], "bert")) == LIMIT
    seen = await books[0].rows(sightings, sightings.c.by == "person:bert")
    told = await books[0].rows(audit, (audit.c.act == "case.revealed") & (audit.c.actor == "person:bert"))
    assert len(seen) == len(told) == LIMIT, "nothing is written of what was not shown"


async def test_two_at_one_location_in_two_browsers_are_two(books: tuple[Casebook, Casebook]) -> None:
    (case_id, *_) = await on_the_desk(books[0])
    routers = [limited(book, LIMITS["day"]) for book in books]
    assert set(await asyncio.gather(*(revealed(routers[at % 2], case_id) for at in range(4)))) == {"seen"}
    assert sum(one.reveals for one in await exposure(routers[0], "bert")) == 4


async def test_a_session_for_the_room_and_what_is_looked_at_meanwhile_are_counted_together(
    books: tuple[Casebook, Casebook],
) -> None:
    ids = await on_the_desk(books[0])
    routers = [limited(book, LIMITS["day"]) for book in books]
    looked_at = (revealed(routers[at % 2], one) for at, one in enumerate(ids[:4]))
    taking = (take(one, ViewingAsked(cases=tuple(ids[4:])), BERT) for one in routers)
    await asyncio.gather(*looked_at, *taking, return_exceptions=True)
    assert sum(one.reveals for one in await exposure(routers[0], "bert")) == LIMIT
    assert len(await books[0].rows(audit, (audit.c.act == "case.revealed"))) == LIMIT


async def test_what_one_sees_counts_for_nobody_else_at_the_same_moment(books: tuple[Casebook, Casebook]) -> None:
    ids = await on_the_desk(books[0])
    routers = [limited(book, LIMITS["day"]) for book in books]
    people = [person(name, Role.ANALYST) for name in ("bert", "carl")]
    came = await asyncio.gather(*(revealed(routers[at % 2], one, to=people[at % 2]) for at, one in enumerate(ids[:10])))
    assert set(came) == {"seen"}


async def test_a_child_at_risk_is_looked_at_however_many_ask_at_once(books: tuple[Casebook, Casebook]) -> None:
    ids = await on_the_desk(books[0])
    routers = [limited(book, LIMITS["day"]) for book in books]
    for one in ids[:LIMIT]:
        await revealed(routers[0], one)
    risky = [
        await books[0].take(f"https://u{at}.test/", f"u-{at}", FORM, urgency="imminent_risk") for at in range(CASES)
    ]
    came = await asyncio.gather(*(revealed(routers[at % 2], one, anyway=True) for at, one in enumerate(risky)))
    assert set(came) == {"seen"}
    (day,) = await exposure(routers[0], "bert")
    assert (day.reveals, day.past_pause) == (LIMIT + CASES, CASES)
    books[0].later(seconds=timedelta(minutes=1).total_seconds())
    assert await revealed(routers[0], ids[-1]) == "pause"
