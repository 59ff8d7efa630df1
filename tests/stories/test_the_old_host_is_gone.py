"""The machine is lost, and another one takes over from its backup and the ledger, over real HTTPS.

A peer counts what it gets. The old directory is gone before the new one is made. What left after the backup does
not leave again, though its source sends the report again and the backup never had it; what is new leaves; nobody alone
lets it work.
"""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.app import build
from router.backup.put_back import put_back
from router.backup.take import take
from router.casework.desk.referral_acts import recall
from router.casework.govern import second_person
from router.casework.govern.paused import walked
from router.casework.govern.release import propose_release
from router.casework.govern.sources import list_sources
from router.casework.intake import take as intake
from router.casework.read.audit_log import checked
from router.errors import Conflict
from router.settings import Settings
from router.store.schema.tables import left_before_restore, referrals
from router.world.story import HOME, NETHERLANDS
from schemas.actor import Role
from schemas.proposal import RELEASE
from tests import postgres_server
from tests.neighbours import ANALYSTS, Mood, Neighbour, Neighbourhood, neighbourhood, report
from tests.office import person

ANNA, BERT = person("anna", Role.SUPERVISOR), person("bert", Role.SUPERVISOR)
#: Two databases, the old machine's and the new one's; None is a file in its directory.
Engines = tuple[str | None, str | None]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def engines(request: pytest.FixtureRequest) -> AsyncIterator[Engines]:
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            yield None, None
            return
        server = request.getfixturevalue("postgres_server_dsn")
        old, new = [await stack.enter_async_context(postgres_server.fresh_database(server)) for _ in range(2)]
        yield old, new


async def test_another_machine_takes_over(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "receiver").mkdir()
    monkeypatch.setenv("ROUTER_AUDIT_RECEIVER", str(tmp_path / "receiver"))
    async with neighbourhood(tmp_path) as town, town.moving_in(NETHERLANDS) as dutch:
        async with town.moving_in(HOME, listens=False, database=engines[0]) as home:
            await town.introduce()
            settings = await _old_host(home, dutch, tmp_path)
        shutil.rmtree(tmp_path / HOME)
        ledger = tmp_path / "receiver" / f"{HOME}.ledger"
        assert not any(word in ledger.read_bytes() for word in (b"tulip", b"H-2", b"hotline"))
        done = await put_back(tmp_path / "backup", tmp_path / "keys", tmp_path / "new", engines[1], ledger)
        assert done.replayed is not None
        assert (done.replayed.held, done.replayed.unknown) == (1, 4)
        new = {"data_dir": tmp_path / "new", "database": engines[1]}
        await _new_host(town, dutch, settings.model_copy(update=new), tmp_path / "receiver")


async def _old_host(home: Neighbour, dutch: Neighbour, folder: Path) -> Settings:
    """One report leaves before the backup, one that it holds after it, and four that are younger than it."""
    await _send(home, 1)
    await intake.take(home.router.ctx, report("http://pages.tulip.test/2", "H-2"), ANALYSTS)
    await take(home.router.settings, folder / "backup", folder / "keys")
    await home.turn(3)
    await _send(home, 3)
    async with _answers_are_lost(dutch):
        await _send(home, 4)
    dutch.mood.status = 500
    await _send(home, 5)  # it never arrived, and nobody can know
    dutch.mood.status = None
    await _send(home, 6)
    await recall(home.router.ctx, (await home.referrals())[-1]["id"], ANNA, "not the page that was meant")
    assert len(await dutch.inbox()) == 5
    return home.router.settings


async def _send(home: Neighbour, n: int) -> None:
    await intake.take(home.router.ctx, report(f"http://pages.tulip.test/{n}", f"H-{n}"), ANALYSTS)
    await home.turn(3)


class _answers_are_lost:  # noqa: N801 - reads as what happens
    """Let a router do what it is asked to, and its answers get lost."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._mood: Mood = neighbour.mood
        self._app = neighbour.mood.app

    async def __aenter__(self) -> None:
        async def lossy(scope: Any, receive: Any, send: Any) -> None:
            async def dropped(message: Any) -> None:
                del message

            await self._app(scope, receive, dropped)

        self._mood.app = lossy

    async def __aexit__(self, *ended: object) -> None:
        self._mood.app = self._app


async def _new_host(town: Neighbourhood, dutch: Neighbour, settings: Settings, receiver: Path) -> None:
    async with build(settings, clock=town.clock, dial=town.dial) as router:
        ctx, worker = router.ctx, router.worker()
        for n in range(1, 8):  # the sources send again, and one report is new
            await intake.take(ctx, report(f"http://pages.tulip.test/{n}", f"H-{n}"), ANALYSTS)
        assert await router.store.rows(select(left_before_restore)) == [], "each was taken over by its case"
        assert await worker.turn() == 0
        assert {one.send_again_since is not None for one in await list_sources(ctx)} == {True}
        await propose_release(ctx, ANNA, None)
        (seen,) = await second_person.shown(ctx)
        with pytest.raises(Conflict, match="still asks partners"):
            await second_person.confirm(ctx, RELEASE, BERT, seen.id)
        assert await worker.turn() == 0
        done = await walked(router.store)
        assert done is not None
        assert (done.there, done.never, done.silent) == (1, 1, 0)
        assert len(await dutch.inbox()) == 5, "it was asked, and told nothing"
        await second_person.confirm(ctx, RELEASE, BERT, seen.id)
        for _ in range(4):
            await worker.turn()
        assert len(await dutch.inbox()) == 7, "what is new left, and what never arrived; what had left did not again"
        states = Counter(row["state"] for row in await router.store.rows(select(referrals)))
        assert states == {"accepted": 6, "recalled": 1}
        kept = "\n".join(path.read_text() for path in sorted(receiver.glob("*.ndjson")))
        found = await checked(ctx, kept)
        assert (found.findings, found.lost > 0) == ((), True)
