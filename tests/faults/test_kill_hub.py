"""kill -9 of the worker process while it hands cases to a hub, which takes several calls each.

Nothing is lost and nothing is doubled: what a dead worker may have reported is looked for before it is reported again,
and what cannot be found is asked of a person, who here looks into the hub. CI kills three times on each engine in
either way of reporting; `make soak` kills two hundred times (ROUTER_HUB_KILLS, ROUTER_HUB_REFERRALS), and keeps its
figures in benchmarks/soak.json. At that density some are in the hands of so many dying workers that the router sets
them aside; a person has them tried again without a look, and the router looks first.
"""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.case.desk_entry import asked_about
from router.casework.desk import referral_acts
from router.casework.desk.handed_over import handed_over
from router.casework.intake.ndjson import take_batch
from router.casework.read import stats
from router.store.base import Change, Row, Transition
from router.store.schema.tables import referrals
from router.world.iccam.hub import Hub
from router.world.iccam.rules import TAKES_TWICE, AssignedBy, Rules
from router.world.iccam.server import IccamServer
from router.world.story import HOME
from router.world.zone import Host
from schemas.actor import Role
from schemas.acts import HandedOver
from schemas.casefile import DeskCode
from schemas.partner import Pace, Partner, PartnerKind
from schemas.states import CaseState, ReferralState
from tests.faults.everything import open_everything
from tests.faults.processes import claimants, node_file, start, step
from tests.neighbours import ANALYSTS, START, Neighbour, Neighbourhood, neighbourhood, pin, report
from tests.office import person
from tests.partners.iccam.stage import BE, DE, HOST, NL, files_of, settings

ADDRESS = "3.120.9.9"
ANNA = person("anna", Role.SUPERVISOR)
#: How far business time jumps between two lives of the worker: a report settles for a minute before it is given away.
JUMP = timedelta(seconds=35)
LONG = 5400
KILLS = int(os.environ.get("ROUTER_HUB_KILLS", "3"))
REFERRALS = int(os.environ.get("ROUTER_HUB_REFERRALS", "6"))
#: A life's calls: it logs in, learns the hub's words, and then takes what is due a step further.
CALLS = 36
#: Seconds within which a worker dies after a call came, or at any moment; then how long its calls are waited for, and
#: between two looks.
AFTER_A_CALL, AT_ANY_MOMENT, IDLE, LOOK = 0.03, 2.0, 4.0, 0.002
#: Of so many deaths at least one must have fallen into a call, or the test showed nothing.
HIT_EVERY = 4
#: Referrals that a worker has in its hands, so that many of them can be in doubt when it dies; and afterwards.
AT_ONCE, AFTERWARDS = 2, 16
#: Rounds in which what is left must come to its end: what lost its sender twice goes alone, in some ten turns each.
LEAST_ROUNDS, ROUNDS_EACH = 120, 12
#: A login is good at once, else hardly a worker would live to its first call: all would die of the same step.
RULES = replace(TAKES_TWICE, token_settle=0)
#: A hub that gives each report to its country as it comes: no list of ours has it, by which it could be found again.
GIVEN_AWAY = replace(RULES, assigned_by=AssignedBy.HOSTING)
#: Where a referral stands of which people are asked something: it may have arrived, or it never left.
FOR_PEOPLE = frozenset({ReferralState.UNKNOWN, ReferralState.EXPIRED})
#: After so many deaths people answer what the desk asks, so that what was set aside is killed again.
ANSWERS_EVERY = 8
#: Ways of reporting: each location by itself, or a page and two files in one report.
MODES = ("pages", "contents")
TOGETHER = {"pages": 1, "contents": 3}
pytestmark = pytest.mark.faults


@dataclass
class Place:
    """Our hotline, and the hub through which it reaches the Dutch one."""

    town: Neighbourhood
    home: Neighbour
    hub: Hub
    folder: Path
    mode: str
    server: IccamServer

    def reported(self) -> Counter[str | None]:
        """How often the hub has each referral."""
        return Counter(one.references.get(BE.id) for one in self.hub.contents.values())

    async def take(self, name: str) -> None:
        """Take a report: of one location, or of a page and the files on it."""
        page, *files = (f"http://pages.tulip.test/{name}/{n}" for n in range(TOGETHER[self.mode]))
        items = [{"location": page, "reference": f"{name}-p"}]
        items += [{"location": one, "reference": f"{name}-{n}", "parent": f"{name}-p"} for n, one in enumerate(files)]
        given = report(page, name, items=items).model_dump_json().encode()
        (answer,) = await take_batch(self.home.router.ctx, [given], ANALYSTS)
        assert answer.status == 202

    async def decide(self) -> None:
        """Decide what was taken: what comes then falls among the steps at the hub."""
        for _ in range(2):
            for row in await self.home.cases():
                if row["state"] in (CaseState.RECEIVED, CaseState.LOCATED):
                    await step(self.home, row)

    async def found(self) -> dict[str, int]:
        """Return of how many of our referrals the hub has nothing, and what it has more than once, or not from us."""
        has = self.reported()
        ours = {row["id"] for row in await self.home.referrals()}
        return {"lost": len(ours - set(has)), "doubled": sum(times - (one in ours) for one, times in has.items())}

    def judge(self, referrals: int) -> None:
        """Hold the hub to it: each referral is there once, assessed once, and with its country."""
        assert set(self.reported().values()) == {1}
        assert len(self.hub.contents) == referrals
        for content in self.hub.contents.values():
            assert (content.assigned_country, len(content.assessments), content.actions) == ("NL", 1, [])
        assert all(report.is_complete for report in self.hub.reports.values())


@asynccontextmanager
async def place(folder: Path, database: str | None, mode: str = "pages", rules: Rules = RULES) -> AsyncIterator[Place]:
    async with (
        neighbourhood(folder, (Host(HOST, (ADDRESS,)),)) as town,
        town.moving_in(HOME, database=database, listens=False) as home,
    ):
        hub = Hub(town.clock, [BE, NL, DE], rules)
        tls = town.authority.issue(HOST).server_context(clients=town.authority.certificate)
        async with IccamServer(hub, tls, prefix="/api/") as server:
            town.ports[ADDRESS] = server.port
            secrets = folder / HOME / "secrets"
            secrets.mkdir(exist_ok=True)
            for name, content in files_of(town.authority.issue_client("us.test", "of the bundle")).items():
                (secrets / name).touch(mode=0o600)
                (secrets / name).write_bytes(content)
            await pin(home.router, [through_the_hub(AT_ONCE, mode)])
            yield Place(town, home, hub, folder, mode, server)


def through_the_hub(at_once: int, mode: str = "pages") -> Partner:
    return Partner(
        name="iccam",
        title="ICCAM",
        kind=PartnerKind.HOTLINE,
        countries=("NL",),
        default=True,
        inhope=True,
        dialect="iccam",
        enabled=True,
        checked_on=START.date(),
        pace=Pace(in_flight=at_once),
        config=settings(mode=mode, gather="30s"),
    )


@pytest.mark.timeout(LONG)
@pytest.mark.parametrize("mode", MODES)
async def test_every_case_is_handed_over_once_from_sqlite(tmp_path: Path, mode: str) -> None:
    async with place(tmp_path, None, mode) as one:
        await story(one, "sqlite")


@pytest.mark.timeout(LONG)
@pytest.mark.postgres
@pytest.mark.parametrize("mode", MODES)
async def test_every_case_is_handed_over_once_from_postgresql(tmp_path: Path, postgres_dsn: str, mode: str) -> None:
    async with place(tmp_path, postgres_dsn, mode) as one:
        await story(one, "postgresql")


@pytest.mark.timeout(LONG)
async def test_what_cannot_be_looked_for_is_asked_of_people_and_there_once(tmp_path: Path) -> None:
    """A hub that gives a report away as it comes lists it as nobody's of ours: only a person finds it by its page."""
    async with place(tmp_path, None, rules=GIVEN_AWAY) as one:
        await story(one, "sqlite", "given away as it comes, ")


async def story(one: Place, engine: str, how: str = "") -> None:
    figures = await kill_and_kill_again(one)
    figures += await finish(one, REFERRALS)
    print(json.dumps({"engine": engine, "way": how + one.mode, **figures, **await one.found()}))  # noqa: T201 - the soak reads it
    assert figures["killed"] == KILLS
    assert figures["in a call"] >= KILLS // HIT_EVERY
    one.judge(REFERRALS)
    assert figures["asked"] <= figures["in a call"] * AT_ONCE * TOGETHER[one.mode]
    assert await open_everything(one.home) > REFERRALS


async def kill_and_kill_again(one: Place) -> Counter[str]:
    """Let workers live for a moment and kill them, while reports come; time passes, and people answer what is asked.

    Return how many died by the signal, how many of them with referrals in their hands, how far those were, and what was
    asked.
    """
    moments = random.Random(20261129)  # noqa: S311 - when to kill; the same in every run
    figures: Counter[str] = Counter()
    for life in range(KILLS):
        await fill(one, life)
        known = await claimants(one.home)
        worker = await start(node_file(one.town, one.home, one.folder))
        if life % 2:  # every second one dies at a call of its own; the others at any moment
            await called(one, len(one.server.calls) + moments.randrange(1, CALLS))
        await asyncio.sleep(moments.uniform(0.0, AFTER_A_CALL if life % 2 else AT_ANY_MOMENT))
        worker.kill()
        figures["killed"] += await worker.wait() == -signal.SIGKILL
        held = [row for row in await one.home.referrals() if row["claimed_by"] not in {None, *known}]
        figures["in a call"] += bool(held)
        figures.update({f"died {row['progress_step'] or 'fresh'}" for row in held})
        await let_go(one.home)
        one.town.clock.advance(JUMP)
        if life % ANSWERS_EVERY == ANSWERS_EVERY - 1:
            figures += await answered(one)
    return figures


async def called(one: Place, number: int) -> None:
    """Wait until the hub was called so often, or for as long as a worker may take for that."""
    for _ in range(round(IDLE / LOOK)):
        if len(one.server.calls) >= number:
            return
        await asyncio.sleep(LOOK)


async def fill(one: Place, life: int) -> None:
    """Take this life's share of the reports, and decide them: deaths fall among all steps of old ones and new."""
    reports = REFERRALS // TOGETHER[one.mode]
    for number in range(-(-reports * life // KILLS), -(-reports * (life + 1) // KILLS)):
        await one.take(f"H-{number}")
    await one.decide()


async def let_go(home: Neighbour) -> None:
    """Let the leases of the dead run out now: they are of the machine's own time, in which this test has none."""
    rows = [row for row in await home.referrals() if row["claimed_by"] is not None]
    changes = [Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in rows]
    await home.router.store.commit(Transition(home.router.ctx.now(), changes))


async def finish(one: Place, referrals: int) -> Counter[str]:
    """Work on here until all of these are accepted, with a person who answers what the desk asks; count that."""
    asked: Counter[str] = Counter()
    worker = one.home.router.worker()  # one: what lost its sender twice goes alone in each second of its turns
    await pin(one.home.router, [through_the_hub(AFTERWARDS, one.mode)])
    for _ in range(LEAST_ROUNDS + ROUNDS_EACH * referrals):
        await worker.turn()
        rows = await one.home.referrals()
        if all(row["state"] == ReferralState.ACCEPTED for row in rows):
            return asked
        asked += await answered(one)
        one.town.clock.advance(JUMP)
    pytest.fail(f"not everything was handed over: {await stats.stats(one.home.router.ctx)}")


async def answered(one: Place) -> Counter[str]:
    """Answer all that people are asked of referrals; count it."""
    return Counter([await answer(one, row) for row in await one.home.referrals() if row["state"] in FOR_PEOPLE])


async def answer(one: Place, row: Row) -> str:
    """Answer what the desk asks about a referral; return whether it was asked of people, or had been set aside.

    What the router looked for, a person looks for by the hub's own page, which finds more. What it set aside it is let
    have another try of, without a look.
    """
    ctx = one.home.router.ctx
    (case,) = [case for case in await one.home.cases() if case["id"] == row["case_id"]]
    code = asked_about(case)[row["id"]].code
    there = next((each for each in one.hub.contents.values() if each.references.get(BE.id) == row["id"]), None)
    assert code in {DeskCode.UNKNOWN, DeskCode.BROKEN}
    if code is DeskCode.BROKEN or there is None:
        await referral_acts.retry(ctx, row["id"], ANNA, "I looked: the hub has it not")
    else:
        assert there.assigned_country != BE.country  # what our lists show would have been found
        said = HandedOver(partner="iccam", reference=f"{there.report_id}/{there.id}", reason="I found it there")
        await handed_over(ctx, case["id"], ANNA, said)
    return "asked" if code is DeskCode.UNKNOWN else "set aside"
