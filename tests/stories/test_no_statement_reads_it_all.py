"""No statement of worker, lists or figures reads a table that grows with every case, on either engine.

The statements are not kept by hand: the rooms are run over a store with thousands of cases, all that reaches the
database is written down, and each statement must then touch few rows there. A new one is held to it by being run.
Filling a database for each engine takes longer than most tests do. Left out are what counts or reads everything by
its nature: `doctor`, `audit verify`, and the look for wrong dates when a worker begins (`worker/future_dates`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.alarm import standing
from router.casework.deliver import stops
from router.casework.desk import taking
from router.casework.follow_up import reminders, rounds
from router.casework.govern import waiting_cases
from router.casework.govern.partners import health
from router.casework.read import audit_log, case_file, counts, group, lists, narrowed, stats
from router.casework.read.audit import state as audit_state
from router.casework.read.find import find
from router.casework.retention import legal_hold, purge
from router.clock import micros
from router.figures.read import live_since
from router.guard.seal import Keyring
from router.partners.rounds import Rounds
from router.store.connect import open_store
from router.worker import loop
from router.worker.loop import Worker
from schemas.audit import RevealsWanted
from schemas.pages import CasesWanted, DeskOrder, DeskWanted, Due, ReferralsWanted
from schemas.site import written
from schemas.states import CaseState, ReferralState
from schemas.views import DeskView
from tests.bells import Rung
from tests.casebook import ANNA, FORM, Casebook, casebook
from tests.filled import COMMON_SITE, PARTNERS, REASONS, fill
from tests.office import MASTER, START
from tests.recorded import Recorded, recording, touched_on_postgresql, touched_on_sqlite

#: Filled and played in some ten seconds of an idle machine.
pytestmark = pytest.mark.timeout(240)
CASES = 24_000
RARE_SITE = written((77).to_bytes(16))
#: What a page looks at in this test; and what a statement may do then: rows of big tables that it touches, and steps of
#: SQLite, which takes at least three for a row.
LOOKED, LOOKED_ON_DESK, ROWS, STEPS = 200, 600, 6_000, 45_000


@asynccontextmanager
async def played(folder: Path, url: str) -> AsyncIterator[Recorded]:
    """Run the rooms over a filled store; give what they asked of it."""
    keyring = Keyring.open(MASTER)
    await (await open_store(url, folder, keyring)).close()
    await fill(url, CASES, keyring, micros(START))
    with recording() as recorded:
        async with casebook(folder, url=url) as book:
            await everything(book)
        yield recorded


async def everything(book: Casebook) -> None:
    await work(book)
    await what_people_do(book)
    await figures(book)
    await every_list(book)
    await what_is_over(book)


async def work(book: Casebook) -> None:
    """A worker takes what comes, what is due, and keeps the books."""
    book.ctx = replace(book.ctx, bell=Rung())
    book.partner.rounds = Rounds(every=timedelta(hours=1), at_once=20, calls=600)
    worker = Worker(book.ctx)
    worker.sending.suspects_from = 0.0
    for n in range(3):
        await book.take(f"https://new.test/{n}", f"new-{n}", *([FORM] if n == 2 else []))
    for _ in range(4):
        await worker.turn()
        await worker.ringing.turn()
    book.later(hours=26)
    for _ in range(3):
        await worker.turn()
    await worker.keep()
    await worker.telling.turn()
    await worker.telling.pause()
    book.partner.asked.clear()
    for _ in range(2):
        book.later(seconds=6)
        await worker.asking.turn()
        await worker.asking.pause()
    assert len(set(book.partner.asked)) >= 40, "two calls, to each partner"


async def what_people_do(book: Casebook) -> None:
    """Take items, hand them on, look at what a partner is to be reminded of, and take it."""
    for _ in range(3):
        case_id = await taking.next_item(book.ctx, ANNA, DeskWanted())
        await case_file.case_file(book.ctx, case_id, reveal_to=ANNA)
        await taking.pass_on(book.ctx, case_id, ANNA)
    assert await reminders.to_remind(book.ctx)
    await reminders.to_remind(book.ctx, PARTNERS[0])
    await legal_hold.holds(book.ctx)
    await standing.standing(book.ctx)
    await group.group(book.ctx, COMMON_SITE, ANNA)


async def what_is_over(book: Casebook) -> None:
    """Forget a part of what is kept long enough, location by location, then whole, and look where the next part is."""
    for days in (400, 1900):
        book.later(days=days)
        part = await purge.purge(book.ctx, ANNA)
        assert part.next
        await purge.purge(book.ctx, ANNA, dry_run=True, after=part.next)
    assert (await purge.erasures_known(book.ctx)).total == 2


async def figures(book: Casebook) -> None:
    await stats.stats(book.ctx)
    await stops.with_at_risk(book.ctx)
    await live_since(book.ctx.store)
    for on_desk in (True, False):
        await narrowed.kinds(book.ctx, on_desk=on_desk)


async def every_list(book: Casebook) -> None:
    ctx, limit = book.ctx, 20
    cases = [CasesWanted(), CasesWanted(number="r-77"), CasesWanted(at_risk=True), CasesWanted(partner=PARTNERS[0])]
    cases += [CasesWanted(state=state) for state in CaseState]
    cases += [CasesWanted(source="form", country="NL", state=state) for state in CaseState]
    cases += [CasesWanted(site=COMMON_SITE), CasesWanted(site=RARE_SITE), CasesWanted(site=COMMON_SITE, source="form")]
    cases += [CasesWanted(reason="refused", country="FR"), CasesWanted(partner=PARTNERS[1], source="form")]
    for wanted in cases:
        page = await lists.list_cases(ctx, wanted, limit=limit)
        if page.next:
            await lists.list_cases(ctx, wanted, cursor=page.next, limit=limit)
    for text in (
        "r-77",
        "https://host77.test/page",
        "host77.test",
        "www.host77.test",
        (await lists.list_cases(ctx, limit=1)).items[0].id,
    ):
        await find(ctx, text, ANNA)
    desks = [DeskWanted(order=order) for order in DeskOrder]
    desks += [DeskWanted(due=due, order=order) for due in Due for order in DeskOrder]
    desks += [DeskWanted(reason=reason, source="form", country="NL") for reason in REASONS[:2]]
    desks += [DeskWanted(reason="withdraw", order=order) for order in DeskOrder]
    desks += [DeskWanted(mine=True)]
    desks += [DeskWanted(partner=name) for name in PARTNERS] + [DeskWanted(at_risk=True)]
    desks += [DeskWanted(site=COMMON_SITE, order=order) for order in DeskOrder] + [DeskWanted(site=RARE_SITE)]
    desks += [DeskWanted(waits_since_before=START, order=DeskOrder.AGE)]
    await counts.counted(ctx, [DeskView(slot=0, name="x", shared=False, wanted=desk) for desk in desks], ANNA)
    for desk in desks:
        await counts.counts(ctx, desk)
        page = await lists.desk(ctx, desk, limit=limit)
        if page.next:
            await lists.desk(ctx, desk, cursor=page.next, limit=limit)
    sent = [ReferralsWanted(), ReferralsWanted(without_receipt=True), ReferralsWanted(bundled=True)]
    sent += [ReferralsWanted(number="r-77"), ReferralsWanted(partner=PARTNERS[0], bundled=True)]
    sent += [ReferralsWanted(state=state, partner=name) for state in ReferralState for name in (None, *PARTNERS)]
    for one in sent:
        page = await lists.list_referrals(ctx, one, limit=limit)
        if page.next:
            await lists.list_referrals(ctx, one, cursor=page.next, limit=limit)
    entries, cursor = await audit_log.trail(ctx, limit=limit)
    await audit_log.trail(ctx, cursor=cursor, limit=limit)
    await audit_log.length(ctx)
    await audit_state.chain_state(ctx)
    for asked in ({}, {"person": "anna"}, {"day": START.date()}, {"case": entries[-1].case}):
        await audit_state.reveals(ctx, RevealsWanted.model_validate(asked), limit=limit)
    await case_file.case_file(ctx, str(entries[-1].case))
    await waiting_cases.waiting_cases(ctx, PARTNERS[0])
    assert sum(one.waiting > 0 for one in await health.all_partners(ctx)) > 0


@pytest.fixture(autouse=True)
def _looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, rows in {"LOOKED": LOOKED, "LOOKED_ON_DESK": LOOKED_ON_DESK, "COUNTED": LOOKED}.items():
        monkeypatch.setattr(narrowed, name, rows)
    monkeypatch.setattr(loop, "put_right", lambda *_, **__: asyncio.sleep(0))  # reads what waits, when a worker begins
    monkeypatch.setattr(purge, "PAGE", 20)
    monkeypatch.setattr(purge, "PART", 40)
    monkeypatch.setattr(purge, "doubt", lambda _: asyncio.sleep(0))  # years pass here without a beat
    monkeypatch.setattr(group, "MOST", 20)
    monkeypatch.setattr(rounds, "_LOOKED", LOOKED)
    monkeypatch.setattr(counts, "MOST", LOOKED)


def over(found: dict[str, tuple[int, list[str]]], most: int) -> dict[str, Any]:
    assert len(found) > 80
    return {text: told for text, told in found.items() if told[0] > most}


async def test_on_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "router.db"
    async with played(tmp_path, f"sqlite:///{file}") as recorded:
        assert over(touched_on_sqlite(str(file), recorded), STEPS) == {}


@pytest.mark.postgres
async def test_on_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    async with played(tmp_path, postgres_dsn) as recorded:
        assert over(await touched_on_postgresql(postgres_dsn, recorded), ROWS) == {}
