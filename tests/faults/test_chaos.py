"""Everything at once: workers that die, cut COMMITs, wrong clocks, a partner and a name server that misbehave, staff.

What the partner wrote down is the judge, and what our staff are told is held against it: 0 lost, 0 doubled, 0 stuck,
0 that staff were told otherwise, and every audit chain verifies. CI runs a twentieth on each engine (under a minute);
`make soak` runs the whole (ROUTER_CHAOS_KILLS, ROUTER_CHAOS_REFERRALS), and keeps its figures in benchmarks/soak.json.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.app import own_key
from router.casework.desk import referral_acts
from router.casework.intake.ndjson import take_batch
from router.clock import SystemClock
from router.errors import RouterError
from router.partners.keys import Signer
from router.settings import Settings
from router.store.base import Change, Row, Transition
from router.store.checkpoint import verify_audit
from router.store.recount import recounted
from router.store.schema.tables import cases, partner_state, referrals
from router.worker.future_dates import put_right
from router.world.story import HOME, NETHERLANDS, SITES
from schemas.actor import Role
from schemas.casefile import DeskCode
from schemas.partner import Pace, Partner, PartnerKind
from schemas.states import CaseState, ReferralState
from tests.faults.everything import open_everything
from tests.faults.processes import start, step
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, pin, report
from tests.office import person
from tests.store.proxy import Cut, Proxy, through_proxy

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]
KILLS = int(os.environ.get("ROUTER_CHAOS_KILLS", "6"))
REFERRALS = int(os.environ.get("ROUTER_CHAOS_REFERRALS", "60"))
ANNA = person("anna", Role.SUPERVISOR)
SITE = next(one for one in SITES if one.partner == NETHERLANDS)
THEIRS = Signer(f"{NETHERLANDS}-1", Ed25519PrivateKey.generate())
#: Seconds that a worker waits for an answer: less than the partner's hanging ones last.
CALL_SECONDS = 2.0
#: How bad the partner's days are: the share of its calls that go wrong.
BADNESS = 0.7
#: Seconds by which a worker's clock is wrong, in some of the lives. None is by the database's, as in production.
CLOCKS: tuple[float | None, ...] = (None, None, None, -365 * 86_400.0, -3_600.0, 90.0, 3 * 86_400.0, 365 * 86_400.0)
#: Rounds after the last death in which the partner goes on misbehaving.
BAD_ROUNDS = 10
#: Rounds in which what is left must come to its end once the trouble is over.
ROUNDS = 400


@dataclass
class Outside:
    """The process of the partner and the name server."""

    process: asyncio.subprocess.Process
    dns: str
    https: int
    kept: Path
    troubles: int = 0

    async def be(self, badness: float) -> None:
        """Say how bad the next calls are."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{badness}\n".encode())
        await self.process.stdin.drain()
        self.troubles = int(await self.process.stdout.readline())

    def holds(self) -> dict[str, str]:
        """Return what the partner has and was not asked to drop: referral -> our case."""
        lines = [json.loads(line) for line in self.kept.read_text(encoding="utf-8").splitlines()]
        case_of = {one["referral"]: one["case"] for one in lines if "referral" in one}
        gone = {one["withdrew"] for one in lines if "withdrew" in one}
        return {one["took"]: case_of[one["took"]] for one in lines if "took" in one and one["took"] not in gone}

    def took(self) -> Counter[str]:
        """Return how often each referral had an effect there."""
        lines = [json.loads(line) for line in self.kept.read_text(encoding="utf-8").splitlines()]
        return Counter(one["took"] for one in lines if "took" in one)


@dataclass
class Trial:
    """Our hotline, what is outside, and what came of the trial."""

    town: Neighbourhood
    home: Neighbour
    outside: Outside
    folder: Path
    luck: random.Random
    proxy: Proxy | None = None
    database: str | None = None
    figures: Counter[str] = field(default_factory=Counter)


async def test_nothing_is_lost_doubled_stuck_or_told_otherwise_on_sqlite(tmp_path: Path) -> None:
    await story(tmp_path, None)


@pytest.mark.postgres
async def test_nothing_is_lost_doubled_stuck_or_told_otherwise_on_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    await story(tmp_path, postgres_dsn)


async def story(folder: Path, dsn: str | None) -> None:
    async with trial(folder, dsn) as one:
        for life in range(KILLS):
            await fill(one, life)
            await live_and_die(one, life)
        assert one.figures["killed"] == KILLS
        await calm(one)
        found = await judge(one)
        engine = "postgresql" if dsn else "sqlite"
        print(json.dumps({"engine": engine, **one.figures, **found}))  # noqa: T201 - the soak reads it
        assert found == {"lost": 0, "doubled": 0, "stuck": 0, "told otherwise": 0, "chains broken": 0}
        assert one.figures["troubles"], "the partner's days were too good to show anything"
        assert one.figures["accepted"] > REFERRALS // 2, "hardly anything was sent, so nothing was shown"


@asynccontextmanager
async def trial(folder: Path, dsn: str | None) -> AsyncIterator[Trial]:
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(neighbourhood(folder))
        outside = await stack.enter_async_context(_outside(town, folder))
        town.resolver = outside.dns
        town.ports[SITE.address] = outside.https
        clock = SystemClock()
        home = await stack.enter_async_context(town.moving_in(HOME, database=dsn, clock=clock, listens=False))
        await pin(home.router, [partner(SLOW)])
        proxy = await stack.enter_async_context(through_proxy(dsn)) if dsn else None
        yield Trial(town, home, outside, folder, random.Random(20261130), proxy, dsn)  # noqa: S311 - the same each time


SLOW, FAST = Pace(per_second=3, burst=2, in_flight=1), Pace(per_second=50, burst=50, in_flight=4)


def partner(pace: Pace) -> Partner:
    config = {
        "url": f"https://{SITE.host}",
        "peer": NETHERLANDS,
        "keys": [{"id": THEIRS.key_id, "public": THEIRS.public}],
    }
    return Partner(
        name=NETHERLANDS,
        title="Offlimits",
        kind=PartnerKind.HOTLINE,
        countries=("NL",),
        default=True,
        inhope=True,
        dialect="router",
        enabled=True,
        checked_on=datetime.now(UTC).date(),
        pace=pace,
        config=config,
    )


@asynccontextmanager
async def _outside(town: Neighbourhood, folder: Path) -> AsyncIterator[Outside]:
    ours = own_key(Settings.load(data_dir=folder / HOME, name=HOME))
    leaf = town.authority.issue(SITE.host)
    config = {
        "folder": str(folder),
        "peer": NETHERLANDS,
        "seed": 20261130,
        "private": THEIRS.private.private_bytes_raw().hex(),
        "key_id": THEIRS.key_id,
        "our_key": ours.key_id,
        "our_public": ours.private.public_key().public_bytes_raw().hex(),
        "certificate": str(leaf.certificate),
        "certificate_key": str(leaf.key),
    }
    file = folder / "outside.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    (folder / "kept.ndjson").touch()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.outside", str(file), stdin=pipe, stdout=pipe
    )
    assert process.stdout is not None
    try:
        said = json.loads(await process.stdout.readline())
        yield Outside(process, said["dns"], said["https"], folder / "kept.ndjson")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def fill(one: Trial, life: int) -> None:
    """Take this life's share of the reports, and decide half of it: deaths fall among tracing, deciding and sending."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assessed = {"value": "baseline", "assessed_by": "anna", "assessed_at": at}
    mine = range(REFERRALS * life // KILLS, REFERRALS * (life + 1) // KILLS)
    lines = [
        report(f"http://pages.tulip.test/{n}", f"C-{n}", received_at=at, assessment=assessed).model_dump_json().encode()
        for n in mine
    ]
    answers = await take_batch(one.home.router.ctx, lines, ANALYSTS)
    assert all(answer.status == 202 for answer in answers)
    for state in (CaseState.RECEIVED, CaseState.LOCATED):
        due = await one.home.rows(cases.select().where(cases.c.state == state).limit(len(mine) // 2))
        await asyncio.gather(*(step(one.home, row) for row in due))


async def live_and_die(one: Trial, life: int) -> None:
    """Let a worker live for a moment among trouble, and kill it; staff act meanwhile."""
    await one.outside.be(BADNESS)
    worker = await start(_node(one, life))
    acting = asyncio.create_task(_staff(one))
    cutting = asyncio.create_task(_cuts(one))
    try:
        async with asyncio.timeout(one.luck.uniform(0.3, 4.0)):
            await worker.wait()  # some end themselves, at a commit
    except TimeoutError:
        worker.kill()
    one.figures["killed"] += await worker.wait() == -signal.SIGKILL
    for task in (acting, cutting):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await one.outside.be(BADNESS)
    one.figures["troubles"] = one.outside.troubles
    if one.proxy is not None:
        one.proxy.cut = Cut.NOTHING
        one.figures["commits cut"] = one.proxy.commits_cut
    await _let_go(one.home)


def _node(one: Trial, life: int) -> Path:
    """Write down what this worker is: through the proxy, with its clock, and the commit at which it ends itself."""
    settings = one.home.router.settings.model_dump(mode="json", exclude_none=True) | {"call_seconds": CALL_SECONDS}
    if one.proxy is not None:
        settings["database"] = one.proxy.dsn
    placed: dict[str, Any] = {"settings": settings, "ports": one.town.ports, "ahead": one.luck.choice(CLOCKS)}
    if life % 3 == 0:
        placed |= {"dies_at": one.luck.randrange(1, 25), "after": one.luck.random() < 0.5}
    one.figures["wrong clocks"] += placed["ahead"] is not None
    file = one.folder / "node.json"
    file.write_text(json.dumps(placed), encoding="utf-8")
    return file


async def _cuts(one: Trial) -> None:
    while one.proxy is not None:
        await asyncio.sleep(one.luck.uniform(0.05, 0.4))
        one.proxy.cut = one.luck.choice([Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT])


async def _staff(one: Trial) -> None:
    """Take some back, hold some, let go of what was held: whatever the desk offers at that moment."""
    acts = (referral_acts.recall, referral_acts.hold, referral_acts.release, referral_acts.retry)
    while True:
        await asyncio.sleep(one.luck.uniform(0.05, 0.3))
        rows = await one.home.referrals()
        if rows:
            act = one.luck.choices(acts, (1, 2, 4, 3))[0]
            with suppress(RouterError):
                await act(one.home.router.ctx, one.luck.choice(rows)["id"], ANNA, "as it came")
                one.figures["acts of staff"] += 1


async def _let_go(home: Neighbour) -> None:
    """Let the leases of the dead run out now."""
    for table in (cases, referrals):
        rows = [row for row in await home.rows(table.select()) if row["claimed_by"] is not None]
        changes = [Change(table, {"id": row["id"]}, {"claimed_until": 0}) for row in rows]
        for change in changes:
            with suppress(RouterError):
                await home.router.store.commit(Transition(home.router.ctx.now(), [change]))


async def calm(one: Trial) -> None:
    """Nobody dies any more, and after some rounds the partner is well: what is left comes to its end.

    A person answers what the desk asks meanwhile.
    """
    await pin(one.home.router, [partner(FAST)])
    ctx, worker = one.home.router.ctx, one.home.router.worker()
    await put_right(ctx)
    for turn in range(ROUNDS):
        if turn == BAD_ROUNDS:
            await one.outside.be(0.0)
            one.figures["troubles"] = one.outside.troubles
        await _now(one.home)
        await worker.turn()
        rows = await one.home.referrals()
        for row in rows:
            with suppress(RouterError):
                if row["state"] == ReferralState.HELD:
                    await referral_acts.release(ctx, row["id"], ANNA, "go on")
                elif row["state"] in (ReferralState.UNKNOWN, ReferralState.EXPIRED, ReferralState.REFUSED):
                    await referral_acts.retry(ctx, row["id"], ANNA, "again")
        settled = not any(row["state"] in OPEN for row in rows) and not await _undecided(one.home)
        if settled and turn > BAD_ROUNDS:
            return


#: States in which something is still to come of a referral.
OPEN = frozenset(
    {
        ReferralState.WAITING,
        ReferralState.SENDING,
        ReferralState.RECALL_PENDING,
        ReferralState.WITHDRAWING,
        ReferralState.HELD,
    }
)


#: States of a case in which no partner is chosen for it yet.
UNDECIDED = frozenset({CaseState.RECEIVED, CaseState.LOCATED})


async def _undecided(home: Neighbour) -> bool:
    return any(row["state"] in UNDECIDED for row in await home.cases())


async def _now(home: Neighbour) -> None:
    """Make due what waits for a later try: hours would pass, in which nothing else happens.

    So does a case that a worker claimed whose clock was minutes ahead: it is due then, and no date to be put right.
    """
    now = home.router.ctx.now()
    waiting = [(referrals, row) for row in await home.referrals() if row["state"] in OPEN]
    waiting += [(cases, row) for row in await home.cases() if row["state"] in UNDECIDED]
    for table, row in waiting:
        if row["next_at"] and row["next_at"] > now:
            with suppress(RouterError):
                change = Change(table, {"id": row["id"]}, {"next_at": now}, guard={"version": row["version"]})
                await home.router.store.commit(Transition(now, [change]))
    for state in await home.rows(partner_state.select()):
        with suppress(RouterError):
            opened = Change(partner_state, {"partner": state["partner"]}, {"opened_until": now}, state["version"])
            if state["opened_until"] is not None and state["opened_until"] > now:
                await home.router.store.commit(Transition(now, [opened]))


# ------------------------------------------------------------------ the judge


async def judge(one: Trial) -> dict[str, int]:
    """Hold what the partner has against what our staff are told."""
    holds, took = one.outside.holds(), one.outside.took()
    case_rows = {row["id"]: row for row in await one.home.cases()}
    rows = await one.home.referrals()
    by_case: dict[str, list[Row]] = {}
    for row in rows:
        by_case.setdefault(row["case_id"], []).append(row)
    lost = [one_id for one_id, case in case_rows.items() if not _is_somewhere(case, by_case.get(one_id, []))]
    twice = [ref for ref, times in took.items() if times > 1]
    held = Counter(holds.values())
    twice += [case for case, times in held.items() if times > 1]
    wrong = [row["id"] for row in rows if not _is_true(row, case_rows[row["case_id"]], holds)]
    stuck = [row["id"] for row in rows if row["state"] in OPEN]
    wrong += [ref for ref in holds if ref not in {row["id"] for row in rows}]
    one.figures["accepted"] = sum(row["state"] == ReferralState.ACCEPTED for row in rows)
    one.figures["on the desk"] = sum(case["state"] == CaseState.DESK for case in case_rows.values())
    _, findings = await verify_audit(one.home.router.store.rows, one.home.router.ctx.keyring)
    assert await recounted(one.home.router.store.rows) == {}
    assert len(case_rows) == REFERRALS
    assert await open_everything(one.home) > REFERRALS
    return {
        "lost": len(lost),
        "doubled": len(twice),
        "stuck": len(stuck),
        "told otherwise": len(wrong),
        "chains broken": len(findings),
    }


def _is_somewhere(case: Row, rows: list[Row]) -> bool:
    """Nothing is lost that a partner has, or that people have before them, or that a person took back or closed."""
    accepted = any(row["state"] == ReferralState.ACCEPTED for row in rows)
    return accepted or case["state"] in (CaseState.DESK, CaseState.CLOSED)


def _is_true(row: Row, case: Row, holds: dict[str, str]) -> bool:
    """Accepted is what the partner has; what it has otherwise, people are asked about or told to take back by hand."""
    has = row["id"] in holds
    if row["state"] == ReferralState.ACCEPTED:
        return has and row["receipt"] == f"nl-{row['id'][:8]}"
    by_hand = row["last_reason"] == "by_hand" or case["desk_code"] == DeskCode.WITHDRAW
    asked = row["state"] in (ReferralState.UNKNOWN, ReferralState.EXPIRED) and case["desk_code"] is not None
    return not has or by_hand or asked
