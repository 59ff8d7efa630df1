"""Two in the morning: a child is reported in danger, live, and nobody looks. Somebody is woken up, whatever dies.

A real HTTP server and a real mail server with STARTTLS on loopback; the way out is the product's own. In the second
half the worker is a process of its own and dies by SIGKILL at each step: it always rings, a second time only where the
death fell between the receiver's answer and our commit, and then under the same identifiers.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from router.casework.alarm.bell import Bell
from router.casework.alarm.ways import publish
from router.casework.desk import case_acts
from router.casework.desk.acknowledge import acknowledge
from router.casework.intake import take as intake
from router.store.schema.tables import alarms, referrals
from router.worker.ringing import Ringing
from router.world.partners import PoliceIntake
from router.world.story import HOME, POLICE, SITES
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings
from schemas.partner import Partner, PartnerKind
from schemas.states import ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, casebook
from tests.faults.processes import Worker, node_file, start
from tests.loopback import Loopback
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, pin, report
from tests.postbox import Postbox, postbox

HERE = "127.0.0.1"
#: 02:00 in Brussels.
NIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Receiver:
    """A web server that takes alarms, as an Alertmanager's receiver does; `arrives` runs before it answers."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    arrives: Callable[[], None] = lambda: None
    answered: Callable[[], None] = lambda: None
    url: str = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.posts.append(orjson.loads(await request.read()))
        self.arrives()
        answer = web.Response(status=200)
        await answer.prepare(request)
        await answer.write_eof()
        self.answered()
        return answer


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Open one on a free port of loopback."""
    made, app = Receiver(), web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HERE, 0).start()
    made.url = f"http://{HERE}:{runner.addresses[0][1]}/hook"
    try:
        yield made
    finally:
        await runner.cleanup()


def both(hook: Receiver, box: Postbox) -> AlarmSettings:
    """The duty officer at once by both ways, the head of the hotline after a quarter of an hour."""
    return AlarmSettings.model_validate(
        {
            "webhook": [{"url": hook.url}],
            "mail": [{"to": "duty@hotline.test"}, {"to": "head@hotline.test", "after": "15m"}],
            "relay": {"host": HERE, "port": box.port, "sender": "router@hotline.test"},
        }
    )


async def test_reported_live_nobody_looks_somebody_is_woken_and_police_have_it(tmp_path: Path) -> None:
    net = Loopback(tmp_path)
    async with casebook(tmp_path) as book, receiver() as hook, postbox(net.certificate(HERE)) as box:
        book.clock.advance(NIGHT - book.clock.now())
        book.ctx = replace(book.ctx, bell=Bell(await net.egress(), lambda _: ""))
        await publish(book.ctx.store, both(hook, box), book.ctx.now(), ROUTER)
        ringing = Ringing(book.ctx)
        case_id = await book.decided(urgency="live")
        await ringing.turn()
        assert (len(hook.posts), box.recipients) == (1, ["duty@hotline.test"])
        for _ in range(3):
            book.later(minutes=5)
            await ringing.turn()
        assert len(hook.posts) == 4
        assert box.recipients == ["duty@hotline.test"] * 4 + ["head@hotline.test"]
        assert all(box.encrypted)
        said = str(hook.posts) + "".join(str(one) for one in box.letters)
        assert not any(word in said for word in ("example", "hotline-nl", "'NL'"))
        await acknowledge(book.ctx, case_id, ANNA)
        await book.send("federal-police")
        police = [row for row in await book.referrals(case_id) if row["partner"] == "federal-police"]
        assert [row["state"] for row in police] == [ReferralState.ACCEPTED]
        await acknowledge(book.ctx, case_id, ANNA, police_reference="BR.37/26", done="told the duty desk")
        book.later(hours=1)
        await ringing.turn()
        assert len(hook.posts) == 4  # nobody is rung any more, and the case is still there
        await case_acts.close(book.ctx, case_id, ANNA, "police have it", outcome=Outcome.REMOVED)
        book.later(minutes=2)
        await ringing.turn()
        assert [one["status"] for one in hook.posts] == ["firing"] * 4 + ["resolved"]
        assert len({one["groupKey"] for one in hook.posts}) == 1
    await net.close()


#: The steps at which the worker dies: before it rang, while each receiver has the alarm, and just after it answered.
STEPS = ("before", "hook_has_it", "hook_answered", "mail_has_it", "mail_answered")


@pytest.mark.faults
@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", STEPS)
async def test_kill_9_at_each_step_and_it_always_rings(tmp_path: Path, step: str) -> None:
    await _story_with_a_death(tmp_path, step, None)


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", STEPS)
async def test_kill_9_at_each_step_and_it_always_rings_on_postgresql(
    tmp_path: Path, step: str, postgres_dsn: str
) -> None:
    await _story_with_a_death(tmp_path, step, postgres_dsn)


async def _story_with_a_death(folder: Path, step: str, database: str | None) -> None:
    """Reported live, nobody looks, somebody is woken up whatever dies, answers, and the police have it once."""
    async with (
        neighbourhood(folder) as town,
        receiver() as hook,
        police_unit(town, folder) as police,
        town.moving_in(HOME, database=database, listens=False) as home,
        postbox(town.authority.issue(HERE).server_context()) as box,
    ):
        await pin(home.router, [the_police()])
        settings = both(hook, box).model_copy(update={"mail": both(hook, box).mail[:1]})
        await publish(home.router.store, settings, home.router.ctx.now(), ROUTER)
        file = node_file(town, home, folder, call_seconds=2.0)
        worker = await start(file)
        died = _dies_at(step, worker, hook, box)
        taken = await intake.take(home.router.ctx, report("http://pages.tulip.test/1", "R-1", urgency="live"), ANALYSTS)
        if step == "before":
            worker.kill()
        await asyncio.wait_for(worker.wait(), 60)
        assert step == "before" or died
        following = await start(file)
        await _until(lambda: bool(hook.posts) and bool(box.letters))
        await _until_told(home)
        await acknowledge(home.router.ctx, taken.items[0].case, ANNA)
        await _until(lambda: bool(police.received))
        await _until_accepted(home)
        following.kill()
        await following.wait()
        (row,) = [row for row in await home.rows(referrals.select()) if row["partner"] == POLICE]
        assert (row["state"], row["id"] in police.received) == (ReferralState.ACCEPTED, True)
        assert len(police.received) == 1
    again = {"hook_has_it": (2, 1), "hook_answered": (2, 1), "mail_has_it": (1, 2), "mail_answered": (1, 2)}
    most = again.get(step, (1, 1))
    assert 1 <= len(hook.posts) <= most[0]
    assert 1 <= len(box.letters) <= most[1]
    told = {(one["groupKey"], one["alerts"][0]["fingerprint"], one["alerts"][0]["startsAt"]) for one in hook.posts}
    assert len(told) == 1
    assert len({one["Message-ID"] for one in box.letters}) == 1


def the_police() -> Partner:
    """Police that take a signed webhook, idempotent by its id."""
    host = next(one.host for one in SITES if one.partner == POLICE)
    return Partner(
        name=POLICE,
        title="Federal Police",
        kind=PartnerKind.POLICE,
        countries=("BE",),
        dialect="webhook",
        enabled=True,
        checked_on=NIGHT.date(),
        accepts=("baseline", "national"),
        config={"url": f"https://{host}/intake", "secrets": ["police"], "receipt_pointer": "/receipt"},
    )


@asynccontextmanager
async def police_unit(town: Neighbourhood, folder: Path) -> AsyncIterator[PoliceIntake]:
    """Open their intake, and put the secret that they share with home where home looks for it."""
    secrets = folder / HOME / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    shared = "whsec_c2VjcmV0IGVub3VnaCBmb3IgdGhpcyBzdG9yeQ=="
    file = secrets / "police"
    file.touch(mode=0o600)
    file.write_text(shared, encoding="utf-8")
    site = next(one for one in SITES if one.partner == POLICE)
    async with PoliceIntake(shared, town.authority.issue(site.host).server_context(), town.clock) as police:
        town.ports[site.address] = police.port
        yield police


async def _until_accepted(home: Neighbour) -> None:
    async with asyncio.timeout(90):
        while True:
            if await home.rows(referrals.select().where(referrals.c.state == ReferralState.ACCEPTED)):
                return
            await asyncio.sleep(0.05)


def _dies_at(step: str, worker: Worker, hook: Receiver, box: Postbox) -> list[str]:
    """Have the worker die at a step, once; return the list that says so then."""
    died: list[str] = []

    def die() -> None:
        if not died:
            died.append(step)
            worker.kill()

    if step == "hook_has_it":
        hook.arrives = die
    elif step == "hook_answered":
        hook.answered = die
    elif step == "mail_has_it":
        box.arrives = die
    elif step == "mail_answered":
        box.answered = die
    return died


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(90):
        while not true():  # noqa: ASYNC110 - what another process does sets no event here
            await asyncio.sleep(0.05)


async def _until_told(home: Any) -> None:
    """Wait until what was told is written down: no ring is under way any more."""
    async with asyncio.timeout(30):
        while True:
            rows = await home.rows(alarms.select())
            if rows and all(row["claimed_by"] is None and row["told"].count('"times":1') == 2 for row in rows):
                return
            await asyncio.sleep(0.05)
