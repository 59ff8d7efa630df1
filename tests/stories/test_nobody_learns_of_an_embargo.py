"""Nobody learns of an embargo who is not to: no source, no peer, no list, no log, and not the bytes on the disk.

What a source reads of a location under embargo is, day by day, what it reads of one that nobody has come to yet.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.context import Context
from router.casework.desk.not_ours import not_ours
from router.casework.govern import embargoes
from router.casework.intake import take as intake
from router.casework.intake.peer_inbox import status as told_to_peer
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.casework.read.followed import followed
from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, metadata, reports
from router.world.story import HOME, NETHERLANDS
from schemas.acts import NotOurs
from schemas.exchange import StatusQuery
from schemas.vocabulary import ActionType
from tests.casebook import ANNA, FORM, casebook
from tests.embargoes import ASKED_BY, THEIRS, embargo, ended
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, peer, pin, report


async def reported(home: Neighbour, path: str, reference: str, **more: Any) -> str:
    taken = await intake.take(home.router.ctx, report(f"http://pages.tulip.test/{path}", reference, **more), ANALYSTS)
    return taken.items[0].case


@pytest.mark.parametrize("held", [True, False])
async def test_a_source_learns_nothing(tmp_path: Path, *, held: bool) -> None:
    """What it reads of a location under embargo is what it reads of one that nobody has come to yet."""
    async with casebook(tmp_path) as book:
        if held:
            await embargo(book.ctx, "host", "example.test", days=300)
        case_id = await book.take(actor=FORM)
        (row,) = await book.rows(reports)
        heard = []
        for _ in range(12):
            if held:
                await book.step(case_id)
            heard.append(str((await followed(book.ctx, row["id"], FORM)).state))
            book.later(days=1)
        assert heard == ["received"] + ["handled"] * 11


async def test_a_system_of_the_house_hears_no_more_than_before_it(tmp_path: Path) -> None:
    async with casebook(tmp_path) as book:
        await book.accepted()
        (row,) = await book.rows(reports)
        assert (await followed(book.ctx, row["id"], ANALYSTS)).items[0].summary is not None
        await embargo(book.ctx, "host", "example.test")
        told = await followed(book.ctx, row["id"], ANALYSTS)
        assert (str(told.state), told.items[0].summary, told.items[0].referrals) == ("passed_on", None, None)
        assert (await followed(book.ctx, row["id"], ANNA)).items[0].summary is not None


async def test_a_peer_that_asks_learns_nothing(tmp_path: Path) -> None:
    """What was done since the embargo began is not told; what was told before stays."""
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await pin(home.router, [peer(dutch, inhope=True)])
        await pin(dutch.router, [peer(home)])
        await reported(home, "one", "A-1")
        await home.turn(4)
        (row,) = await dutch.inbox()
        ctx, query = dutch.router.ctx, StatusQuery(sender=HOME, recipient=NETHERLANDS, referrals=(row["referral_id"],))
        town.clock.advance(timedelta(minutes=1))
        await act(ctx, row["case_id"], ActionType.REPORTED_TO_LEA)
        town.clock.advance(timedelta(minutes=1))
        said = await embargo(ctx, "host", "tulip.test")
        town.clock.advance(timedelta(minutes=1))
        await act(ctx, row["case_id"], ActionType.REPORTED_TO_ISP)
        (one,) = (await told_to_peer(ctx, query, HOME)).statuses
        assert (one.known, one.withdrawn) == (True, False)
        assert [str(each.action) for each in one.actions] == ["ReportedToLEA"]
        await ended(ctx, said.embargo.id)
        (one,) = (await told_to_peer(ctx, query, HOME)).statuses
        assert [str(each.action) for each in one.actions] == ["ReportedToLEA", "ReportedToISP"]


async def test_a_peer_does_not_hear_what_people_say_of_it_meanwhile(tmp_path: Path) -> None:
    """Not ours, they say while the embargo holds: the sender hears it when that is over."""
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await pin(home.router, [peer(dutch, inhope=True)])
        await pin(dutch.router, [peer(home)])
        await reported(home, "one", "A-1")
        await home.turn(4)
        await dutch.turn(3)
        (row,) = await dutch.inbox()
        ctx, query = dutch.router.ctx, StatusQuery(sender=HOME, recipient=NETHERLANDS, referrals=(row["referral_id"],))
        said = await embargo(ctx, "host", "tulip.test")
        await not_ours(ctx, row["case_id"], ANNA, NotOurs(reason="it is in Ghent", country="BE"))
        (one,) = (await told_to_peer(ctx, query, HOME)).statuses
        assert (one.known, one.returned, one.believed, one.text) == (True, False, None, None)
        await ended(ctx, said.embargo.id)
        (one,) = (await told_to_peer(ctx, query, HOME)).statuses
        assert (one.returned, one.believed) == (True, "BE")


async def act(ctx: Context, case_id: str, action: ActionType) -> None:
    row = {"id": new_id(), "case_id": case_id, "action": action, "at": ctx.now(), "by": "router"}
    await ctx.store.commit(Transition(ctx.now(), adds=(Add(actions, row),)))


async def test_what_it_names_stands_nowhere(tmp_path: Path) -> None:
    """A canary through lists, alarms, audit and the database's own bytes."""
    marked, why = "canary-7f3a.test", "canary-reason-91c2"
    async with casebook(tmp_path) as book:
        await embargo(book.ctx, "host", marked, reason=why)
        case_id = await book.take(f"https://{marked}/page", urgency="live")
        await book.step(case_id)
        shown = [one.model_dump_json() for one in await embargoes.listed(book.ctx, ANNA)]
        shown += [(await case_file(book.ctx, case_id)).model_dump_json()]
        shown += [one.model_dump_json() for one in (await lists.list_cases(book.ctx)).items]
        shown += [one.model_dump_json() for one in (await lists.desk(book.ctx)).items]
        for table in metadata.sorted_tables:
            shown += [repr(row) for row in await book.rows(table)]
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        for canary in ("canary-7f3a", why, ASKED_BY, THEIRS):
            assert not any(canary in one for one in shown), canary
            assert canary.encode() not in written, canary
