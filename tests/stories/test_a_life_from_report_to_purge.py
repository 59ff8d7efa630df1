"""One life whole, with its pages: referred, still there, reminded, moved to Germany, removed, closed, counted, erased.

Four routers over real HTTPS; weeks and years pass by the clock that all of them read.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select

from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.intake import take as intake
from router.casework.people import sessions
from router.casework.people.tokens import add_account
from router.casework.read.figures import counted
from router.casework.retention.purge import purge
from router.console.access import COOKIE
from router.console.pages import make_console
from router.store.schema.tables import audit, cases
from router.world.story import HOME, NETHERLANDS, Site
from schemas.actor import ROUTER, Role
from schemas.published import Audience, Period
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, report
from tests.office import person

GERMANY = Site("hotline-de", "DE", "de.hotline.test", "52.28.10.10")
PAGE = "pages.tulip.test"
CANARY = "canary7f3a"
LOCATION = f"http://{PAGE}/{CANARY}"
#: An address in Germany that the shipped data locate.
GERMAN = ("52.28.20.20",)
YEAR = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))
BOSS = person("boss", Role.SUPERVISOR)
ANNA, ANOUK = person("anna", Role.ANALYST), person("anouk", Role.ANALYST)


async def test_one_life(tmp_path: Path) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(GERMANY) as german,
        pages(home) as shown,
    ):
        await town.introduce()
        taken = await intake.take(home.router.ctx, report(LOCATION, "A-1"), ANALYSTS)
        await home.turn(4)
        case_id = taken.items[0].case
        assert NETHERLANDS in await shown(f"/cases/{case_id}")
        await still_there(town, home, dutch, shown, case_id)
        await moved(town, home, german, shown, case_id)
        await removed(town, home, german, shown, case_id)
        await counted_and_erased(town, home, shown, tmp_path / HOME)


async def still_there(town: Neighbourhood, home: Neighbour, dutch: Neighbour, shown: Any, case_id: str) -> None:
    """After five days a person is asked and says so; its partner is reminded by the router itself, on a working day."""
    (there,) = await dutch.inbox()
    await days(town, home, 5)
    assert case_id in await shown("/")
    await looks.look(home.router.ctx, case_id, ANNA, "still online", finding="still_there")
    assert "Seen: still there" in await shown(f"/cases/{case_id}")
    for _ in range(12):
        if await heard(dutch, "peer.reminded"):
            break
        await days(town, home, 1)
    assert len(await heard(dutch, "peer.reminded")) == 1
    (first,) = await home.referrals()
    assert (str(first["id"]), first["reminded_at"] is not None) == (there["referral_id"], True)


async def moved(town: Neighbourhood, home: Neighbour, german: Neighbour, shown: Any, case_id: str) -> None:
    """It moves to Germany: somebody looks first, since nobody has for days; then decided anew, and linked."""
    town.zone.move(PAGE, GERMAN)
    await days(town, home, 5)
    assert (await one(home, case_id))["desk_code"] == "seen_long_ago"
    await looks.look(home.router.ctx, case_id, ANNA, "it is there now", finding="still_there")
    await home.turn(4)
    old, new = await home.referrals()
    assert (new["partner"], new["state"], new["supersedes"]) == (GERMANY.partner, ReferralState.ACCEPTED, old["id"])
    (arrived,) = await german.inbox()
    assert arrived["referral_id"] == new["id"]
    page = await shown(f"/cases/{case_id}")
    assert "Germany" in page
    assert GERMANY.partner in page


async def removed(town: Neighbourhood, home: Neighbour, german: Neighbour, shown: Any, case_id: str) -> None:
    """The Germans have it removed, and the case closes on their word."""
    (theirs,) = await german.cases()
    await case_acts.close(german.router.ctx, theirs["id"], ANOUK, "taken down", outcome=Outcome.REMOVED)
    await days(town, home, 5)
    case = await one(home, case_id)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.REMOVED)
    assert GERMANY.partner in case["rests_on"]
    assert "removed" in await shown(f"/cases/{case_id}")


async def counted_and_erased(town: Neighbourhood, home: Neighbour, shown: Any, folder: Path) -> None:
    """Its periods end: nothing of it is left but its figures, which are what they were."""
    before = await numbers(home)
    assert before
    town.clock.advance(timedelta(days=366 * 12))
    for _ in range(3):  # who opened it, what it says, that it was: each has a period of its own
        assert (await purge(home.router.ctx, BOSS)).next is None
    assert not await home.cases()
    assert await numbers(home) == before
    assert CANARY not in await shown("/cases")
    assert CANARY.encode() not in b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


@asynccontextmanager
async def pages(home: Neighbour) -> AsyncIterator[Any]:
    """What a supervisor's browser is shown of an address of the console."""
    ctx = home.router.ctx
    boss = (await add_account(ctx, "boss", Role.SUPERVISOR, ROUTER)).actor
    transport = httpx2.ASGITransport(app=make_console(ctx))
    async with httpx2.AsyncClient(transport=transport, base_url="https://be.hotline.test") as client:

        async def shown(path: str) -> str:
            opened = await sessions.begin(ctx, boss)  # a session lasts a shift, and days pass
            client.cookies.set(COOKIE, opened.cookie, domain="be.hotline.test")
            page = await client.get(path)
            assert page.status_code == 200, (path, page.status_code)
            assert CANARY not in page.text
            return page.text

        yield shown


async def days(town: Neighbourhood, home: Neighbour, count: float) -> None:
    town.clock.advance(timedelta(days=count, minutes=1))
    await home.turn(4)
    await home.router.worker().keep()


async def heard(who: Neighbour, act: str) -> list[Any]:
    return await who.rows(select(audit).where(audit.c.act == act))


async def one(who: Neighbour, case_id: str) -> Any:
    (row,) = await who.rows(select(cases).where(cases.c.id == case_id))
    return row


async def numbers(home: Neighbour) -> list[Any]:
    return [row.model_dump() for row in (await counted(home.router.ctx, Audience.INTERNAL, YEAR)).figures]
