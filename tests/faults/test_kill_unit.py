"""kill -9 of the worker process while it hands bundles to a police unit, by its folder and by mail.

A bundle is written, put on the disk, named, and its receipt taken, each a moment at which a process dies here; other
deaths come at commits, and at any moment. Nothing is lost, no unit ever sees half a bundle, and none gets two that
differ about one referral. A letter that may have arrived is asked of a person, who looks into the unit's mailbox.

It takes a life of a real process for each death, a second or two. CI dies ten times on each engine (five by folder,
three by mail, two over a daily list); `make soak` two hundred times by folder (ROUTER_UNIT_KILLS).
"""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from router.casework.desk import referral_acts, unit_acts
from router.casework.govern.sources import change_source
from router.casework.intake.ndjson import take_batch
from router.store.base import Row
from router.store.recount import recounted
from router.world.police_unit import PoliceUnit, identity
from router.world.story import HOME
from schemas.actor import ROUTER, Actor
from schemas.acts import Receipt
from schemas.source import SourceChange
from schemas.states import ReferralState
from tests.faults.processes import node_file, start, step
from tests.faults.test_kill_hub import ANNA, let_go
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, pin, report
from tests.partners.dropbox.unit_stage import PASSWORD, a_partner, rehearsed, settings
from tests.postbox import Postbox, postbox
from tests.stories.test_two_in_the_morning import HERE

pytestmark = [pytest.mark.faults, pytest.mark.timeout(5400)]
KILLS = int(os.environ.get("ROUTER_UNIT_KILLS", "5"))
CRAWLER = Actor(id="source:crawler", source="crawler")
MOMENTS = ("half written", "written", "not named yet", "named", "named and told nobody")
COMMITS = tuple((number, after) for number in (1, 2, 3) for after in (False, True))
#: Seconds after which a worker that may not come to its end is killed all the same; one that must is waited for.
IDLE, ITS_MOMENT = 4.0, 60.0
#: How far business time jumps between two lives: what belongs in one bundle is waited for a minute.
JUMP = timedelta(seconds=40)
#: Rounds in which what is left must come to its end: what lost its sender twice goes alone, one in each second turn.
ROUNDS = 120 + 12 * KILLS


@dataclass
class Beat:
    """Our hotline, and the police unit that reads whatever lies in its folder or its mailbox."""

    town: Neighbourhood
    home: Neighbour
    unit: PoliceUnit
    folder: Path
    box: Postbox | None = None
    seen: dict[str, str] = field(default_factory=dict)  #: each bundle that the unit ever saw, and its digest
    taken: int = 0

    def look(self) -> None:
        """See that each bundle is whole, and is still what it was when the unit first saw it."""
        for path in self.unit.files:
            digest = sha256(path.read_bytes()).hexdigest()
            assert self.seen.setdefault(path.name, digest) == digest, "two bundles that differ under one name"

    def read(self) -> None:
        """Open everything, as the unit does, and answer it in a signed letter."""
        if self.box is not None:
            for letter in self.box.letters[self.taken :]:
                path = self.unit.inbox / str(letter.get_filename())
                content = letter.get_payload(decode=True)
                assert isinstance(content, bytes)
                assert not path.exists(), "a second letter of one bundle"
                path.write_bytes(content)
            self.taken = len(self.box.letters)
        self.look()
        opened = self.unit.bundles()
        assert self.unit.refused == [], "what the unit sees it can open"
        named = Counter(one for bundle in opened for one in bundle.items)
        assert max(named.values(), default=1) == 1, "a referral in two bundles"
        for bundle in opened:
            if bundle.name not in self.unit.numbers:
                number = self.unit.numbers[bundle.name] = f"FP {len(self.unit.numbers) + 1}"
                self.unit.answer({item["reply_code"]: number for item in bundle.items.values()})

    def number_of(self, referral: str) -> str | None:
        """Return the number that the unit gave this referral, if it has it."""
        return next((self.unit.numbers[one.name] for one in self.unit.bundles() if referral in one.items), None)

    async def found(self) -> dict[str, int]:
        """Return of how many of our referrals the unit has nothing, and what it has more than once."""
        held = Counter(referral for bundle in self.unit.bundles() for referral in bundle.items)
        ours = {row["id"] for row in await self.home.referrals()}
        return {"lost": len(ours - set(held)), "doubled": sum(held.values()) - len(ours & set(held))}


@asynccontextmanager
async def beat(folder: Path, database: str | None, *, mail: bool = False) -> AsyncIterator[Beat]:
    async with (
        neighbourhood(folder) as town,
        town.moving_in(HOME, database=database, listens=False) as home,
        postbox(town.authority.issue(HERE).server_context()) as box,
    ):
        hotline = identity("hotline.test", town.clock.now(), days=400)
        unit = PoliceUnit(folder / "unit", town.clock.now(), hotline.pem)
        secrets = folder / HOME / "secrets"
        secrets.mkdir(exist_ok=True)
        for name, content in {"signing": hotline.p12(PASSWORD), "signing-password": PASSWORD.encode()}.items():
            (secrets / name).touch(mode=0o600)
            (secrets / name).write_bytes(content)
        more: dict[str, Any] = {"gather": "0s"}  # what is decided together goes together, and each life has work
        if mail:
            town.ports["127.0.0.1"] = box.port
            relay = {"host": HERE, "port": box.port, "sender": "router@hotline.test"}
            more |= {"ways": [{"mail": "unit@police.test"}], "relay": relay}
        entry = a_partner(settings(unit, **more)).model_copy(update={"checked_on": town.clock.now().date()})
        dialect = home.router.ctx.dialects["dropbox"]
        await pin(home.router, [rehearsed(entry, dialect._tools)])
        await change_source(home.router.ctx, "crawler", SourceChange(assesses=True), ROUTER)
        yield Beat(town, home, unit, folder, box if mail else None)


async def take(one: Beat, name: str, source: Actor = ANALYSTS) -> None:
    """Take a report of two places at home, and have both decided."""
    items = [{"location": f"https://forum.lions.test/{name}/{place}"} for place in range(2)]
    given = report("https://forum.lions.test/", name, source=str(source.source)).model_dump(mode="json")
    (answer,) = await take_batch(one.home.router.ctx, [json.dumps(given | {"items": items}).encode()], source)
    assert answer.status == 202, answer
    for _ in range(2):
        for row in await one.home.cases():
            if row["state"] in ("received", "located"):
                await step(one.home, row)


async def live(one: Beat, **ending: Any) -> bool:
    """Let a worker live until it ends itself, or `seconds`; meanwhile the unit looks. Tell whether it was killed."""
    seconds = ending.pop("seconds", ITS_MOMENT if "dies_in" in ending else IDLE)
    file = node_file(one.town, one.home, one.folder)
    file.write_text(json.dumps(json.loads(file.read_text()) | ending), encoding="utf-8")
    worker = await start(file)
    ended = asyncio.create_task(worker.wait())
    until = asyncio.get_running_loop().time() + seconds
    while not ended.done() and asyncio.get_running_loop().time() < until:
        one.look()
        await asyncio.sleep(0.002)
    by_itself = ended.done()
    worker.kill()
    assert await ended == -signal.SIGKILL
    await let_go(one.home)
    one.town.clock.advance(JUMP)
    one.look()
    return by_itself


def endings() -> Iterator[dict[str, Any]]:
    """How lives end, again and again: at each moment of the folder, then at commits, then whenever."""
    moments = random.Random(20261130)  # noqa: S311 - when to kill; the same in every run
    while True:
        yield from ({"dies_in": moment} for moment in MOMENTS)
        yield from ({"dies_at": number, "after": after} for number, after in COMMITS)
        yield from ({"seconds": moments.uniform(0.0, 1.5)} for _ in COMMITS)


async def finish(one: Beat) -> int:
    """Work on here until all is accepted; a person looks into the unit's place for what the desk asks. Count those."""
    asked, worker = 0, one.home.router.worker()  # one: what lost its sender twice goes in each second of its turns
    for _ in range(ROUNDS):
        await worker.turn()
        one.read()
        rows = await one.home.referrals()
        if rows and all(row["state"] == ReferralState.ACCEPTED for row in rows):
            return asked
        for row in rows:
            if row["state"] == ReferralState.UNKNOWN:
                asked += 1
                await answer(one, row)
        one.town.clock.advance(JUMP)
    pytest.fail(f"not all was handed over: {[(row['state'], row['last_text']) for row in await one.home.referrals()]}")


async def answer(one: Beat, row: Row) -> None:
    ctx, number = one.home.router.ctx, one.number_of(row["id"])
    if number is None:
        await referral_acts.retry(ctx, row["id"], ANNA, "they have it not")
    else:
        await unit_acts.receipt(ctx, row["id"], ANNA, Receipt(number=number, only=True))


async def judge(one: Beat, reports: int) -> None:
    """Everything is with the unit once, whole, under the number that it gave."""
    rows = await one.home.referrals()
    assert len(rows) == 2 * reports
    held = Counter(referral for bundle in one.unit.bundles() for referral in bundle.items)
    assert held == Counter(row["id"] for row in rows)
    assert {row["receipt"] for row in rows} == set(one.unit.numbers.values())
    for row in rows:
        assert row["receipt"] == one.number_of(row["id"])
    assert await recounted(one.home.router.store.rows) == {}


async def tell(one: Beat, engine: str, way: str, **figures: int) -> None:
    """Print the figures of a trial before they are judged."""
    print(json.dumps({"engine": engine, "way": way, **figures, **await one.found()}))  # noqa: T201 - the soak reads it


async def by_folder(one: Beat, engine: str) -> None:
    ends, died = endings(), Counter[str]()
    for number in range(KILLS):
        ending = next(ends)
        await take(one, f"R-{number}")
        if await live(one, **ending):
            died["in the folder" if "dies_in" in ending else "at a commit"] += 1
        one.read()
    assert died["in the folder"] >= min(KILLS, len(MOMENTS)), "hardly a life came to its moment"
    asked = await finish(one)
    await tell(one, engine, "folder", killed=KILLS, asked=asked, **died)
    await judge(one, KILLS)


async def test_by_folder_on_sqlite(tmp_path: Path) -> None:
    async with beat(tmp_path, None) as one:
        await by_folder(one, "sqlite")


@pytest.mark.postgres
async def test_by_folder_on_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    async with beat(tmp_path, postgres_dsn) as one:
        await by_folder(one, "postgresql")


async def daily(one: Beat, engine: str) -> None:
    """What crawlers found in a day goes at five in one list, whatever dies while it is gathered and given."""
    for number in range(3):
        await take(one, f"C-{number}", CRAWLER)
    await one.home.turn()
    assert one.seen == {}, "nothing goes before its time"
    one.town.clock.advance(timedelta(hours=21))
    assert await live(one, dies_in="half written")
    assert await live(one, dies_in="named and told nobody")
    asked = await finish(one)
    await tell(one, engine, "daily list", killed=2, asked=asked)
    assert len(one.unit.bundles()) == 1
    await judge(one, 3)


async def test_a_crawler_s_day_goes_in_one_list_on_sqlite(tmp_path: Path) -> None:
    async with beat(tmp_path, None) as one:
        await daily(one, "sqlite")


@pytest.mark.postgres
async def test_a_crawler_s_day_goes_in_one_list_on_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    async with beat(tmp_path, postgres_dsn) as one:
        await daily(one, "postgresql")


async def by_mail(one: Beat, engine: str) -> None:
    """A letter that may have arrived is asked of a person, and none is sent twice."""
    assert one.box is not None
    ends = ({"at": "arrives"}, {"at": "answered"}, {"dies_at": 2}, {"dies_at": 1, "after": True}, {"dies_at": 3})
    lives = max(3, KILLS // 5)
    for number in range(lives):
        await take(one, f"M-{number}")
        ending = dict(ends[number % len(ends)])
        await (die_at_letter(one, ending["at"]) if "at" in ending else live(one, **ending))
        one.read()
    asked = await finish(one)
    await tell(one, engine, "mail", killed=lives, asked=asked)
    assert asked, "no death left a doubt, or the test showed nothing"
    await judge(one, lives)


async def die_at_letter(one: Beat, moment: str) -> None:
    """Kill the worker as the mail server has a letter, or just after it said so."""
    assert one.box is not None
    worker = await start(node_file(one.town, one.home, one.folder))
    setattr(one.box, moment, worker.kill)
    assert await worker.wait() == -signal.SIGKILL
    setattr(one.box, moment, lambda: None)
    await let_go(one.home)
    one.town.clock.advance(JUMP)


async def test_by_mail_on_sqlite(tmp_path: Path) -> None:
    async with beat(tmp_path, None, mail=True) as one:
        await by_mail(one, "sqlite")


@pytest.mark.postgres
async def test_by_mail_on_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    async with beat(tmp_path, postgres_dsn, mail=True) as one:
        await by_mail(one, "postgresql")
