"""The machine is lost, and another one takes over from its backup and the ledger, over real HTTPS.

A peer counts what it gets. The old directory is gone before the new one is made. What left after the backup does
not leave again, though its source sends the report again; what is new leaves; nobody alone lets it work.
"""

import shutil
from pathlib import Path

import pytest

from router.app import build
from router.backup.put_back import put_back
from router.backup.take import take
from router.casework.govern import second_person
from router.casework.govern.release import propose_release
from router.casework.govern.sources import list_sources
from router.casework.intake import take as intake
from router.guard.ledger import Kind, read
from router.guard.master import load_master
from router.guard.seal import Keyring
from router.settings import Settings
from router.store.checkpoint import verify_audit
from router.world.story import HOME, NETHERLANDS
from schemas.actor import Role
from schemas.proposal import RELEASE
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, report
from tests.office import person

ANNA, BERT = person("anna", Role.SUPERVISOR), person("bert", Role.SUPERVISOR)


async def test_another_machine_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "receiver").mkdir()
    monkeypatch.setenv("ROUTER_AUDIT_RECEIVER", str(tmp_path / "receiver"))
    async with neighbourhood(tmp_path) as town, town.moving_in(NETHERLANDS) as dutch:
        async with town.moving_in(HOME, listens=False) as home:
            await town.introduce()
            settings = await _old_host(home, dutch, tmp_path)
        keyring = Keyring.open(load_master(tmp_path / "keys" / "master.key"))
        left = [one for one in read(tmp_path / "receiver" / f"{HOME}.ledger", keyring) if one.kind is Kind.LEFT]
        assert len(left) == 2
        shutil.rmtree(tmp_path / HOME)
        ledger = tmp_path / "receiver" / f"{HOME}.ledger"
        done = await put_back(tmp_path / "backup", tmp_path / "keys", tmp_path / "new", None, ledger)
        assert done.replayed is not None
        assert (done.replayed.asked, done.replayed.unknown) == (1, 0)
        await _new_host(town, dutch, settings.model_copy(update={"data_dir": tmp_path / "new"}))


async def _old_host(home: Neighbour, dutch: Neighbour, folder: Path) -> Settings:
    """One report leaves before the backup, the other one after it."""
    ctx = home.router.ctx
    await intake.take(ctx, report("http://pages.tulip.test/1", "H-1"), ANALYSTS)
    await home.turn(3)
    assert len(await dutch.inbox()) == 1
    await intake.take(ctx, report("http://pages.tulip.test/2", "H-2"), ANALYSTS)
    await take(home.router.settings, folder / "backup", folder / "keys")
    await home.turn(3)
    assert len(await dutch.inbox()) == 2
    return home.router.settings


async def _new_host(town: Neighbourhood, dutch: Neighbour, settings: Settings) -> None:
    async with build(settings, clock=town.clock, dial=town.dial) as router:
        ctx, worker = router.ctx, router.worker()
        for n in (1, 2, 3):  # the sources send again, and one report is new
            await intake.take(ctx, report(f"http://pages.tulip.test/{n}", f"H-{n}"), ANALYSTS)
        assert await worker.turn() == 0
        assert {one.send_again_since is not None for one in await list_sources(ctx)} == {True}
        await propose_release(ctx, ANNA, None)
        (seen,) = await second_person.shown(ctx)
        assert await worker.turn() == 0
        await second_person.confirm(ctx, RELEASE, BERT, seen.id)
        for _ in range(4):
            await worker.turn()
        assert len(await dutch.inbox()) == 3, "what is new left, and what had left did not again"
        _, findings = await verify_audit(router.store.rows, ctx.keyring)
        assert findings == []
