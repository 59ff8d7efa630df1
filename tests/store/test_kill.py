"""A writing process is killed with SIGKILL, again and again: what it acknowledged is there, and nothing half."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from router.store.base import Transition
from router.store.checkpoint import verify_audit
from router.store.recount import recounted
from router.store.schema.tables import audit, nonces, referrals
from tests.store.committing import CALLERS
from tests.store.conftest import Opened
from tests.store.samples import KEYRING, NOW, partner

KILLS = 4
ROOT = Path(__file__).resolve().parents[2]


def killed_after(url: str, folder: Path, count: int) -> set[str]:
    """Let a process commit until it acknowledged about so many, kill it, and return the names it acknowledged."""
    command = [sys.executable, "-m", "tests.store.committing", url, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        names = [process.stdout.readline() for _ in range(count)]
        time.sleep(0.001 * (count % 7))  # not always at the same point of a group
        process.send_signal(signal.SIGKILL)
        names += process.stdout.read().splitlines(keepends=True)
    return {name.decode().strip() for name in names if name.endswith(b"\n")}


@pytest.mark.faults
async def test_every_acknowledged_transition_is_there_and_none_is_half(
    url: str, opened: Opened, tmp_path: Path
) -> None:
    first = await opened()
    await first.commit(Transition(NOW, adds=[partner(str(caller)) for caller in range(CALLERS)]))
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        acknowledged |= killed_after(url, tmp_path, 40 + 33 * kill)
    store = await opened()
    kept = {row["nonce"] for row in await store.rows(select(nonces.c.nonce))}
    assert acknowledged <= kept
    assert len(acknowledged) > 40 * KILLS
    assert kept == {row["id"] for row in await store.rows(select(referrals.c.id))}
    assert await recounted(store.rows) == {}
    verifier, findings = await verify_audit(store.rows, KEYRING)
    assert (verifier.entries, findings) == (len(kept), [])
    epochs = await store.rows(select(audit.c.epoch).distinct())
    assert len(epochs) == KILLS
