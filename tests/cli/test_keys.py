"""`keys rotate` at the machine: what it says, and what stands afterwards."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.app import build
from router.guard.identity import load_or_create_identity
from router.guard.master import changing, load_keys, write
from router.guard.revocation import read
from router.serving.held_open import serving_here
from router.store.schema.tables import case_keys
from schemas.partner import Partner
from tests.backup.stores import made, settings_of
from tests.neighbours import pin

Run = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    asyncio.run(made(tmp_path / "data", None))
    return tmp_path / "data"


def test_a_new_key_is_prepared_put_in_force_and_the_old_one_kept_for_n_days(run: Run, data: Path) -> None:
    before = load_keys(data / "master.key").current
    assert run("keys", "rotate", "--prepare", "--data", str(data)).code == 0
    coming = load_keys(data / "master.key").coming
    said = json.loads(run("keys", "rotate", "--data", str(data), "--json").out)
    assert (said["new"], said["rows"]) == (True, 3)
    keys = load_keys(data / "master.key")
    assert (keys.current, keys.coming, [key for key, _ in keys.former]) == (coming, None, [before])
    text = run("keys", "rotate", "--data", str(data)).out
    assert "A new master key is in force: 3 keys were wrapped anew" in text


def test_a_backup_of_before_and_one_of_after_are_both_put_back(data: Path, run: Run, tmp_path: Path) -> None:
    where = str(data)
    assert run("backup", str(tmp_path / "before"), "--data", where).code == 0
    assert run("keys", "rotate", "--data", where).code == 0
    assert run("backup", str(tmp_path / "after"), "--data", where).code == 0
    for name in ("before", "after"):
        assert run("restore", str(tmp_path / name), "--data", str(tmp_path / f"new-{name}")).code == 0
        asyncio.run(opens(tmp_path / f"new-{name}"))


async def pinned_by(folder: Path, partner: Partner) -> None:
    async with build(settings_of(folder, None)) as router:
        await pin(router, [partner])


async def opens(folder: Path) -> None:
    """Every case's key opens under the key file beside it."""
    async with build(settings_of(folder, None)) as router:
        rows = await router.store.rows(case_keys.select())
        assert len(rows) == 3
        for row in rows:
            assert router.ctx.keyring.unwrap(row["case_id"], row["wrapped"])


def test_new_keys_are_in_force_and_peers_get_what_the_old_one_signed(run: Run, data: Path, tmp_path: Path) -> None:
    before = load_or_create_identity(data / "identity.key")
    master = load_keys(data / "master.key").current
    said = run("keys", "compromised", "--since", "2026-11-20", "--data", str(data), "--json").json
    now = load_or_create_identity(data / "identity.key")
    assert (said["identity"]["id"], now.number) == ("child-focus-be-2", 2)
    assert load_keys(data / "master.key").current != master
    statement = read(Path(said["statement"]).read_text())
    assert statement.public == b64encode(before.private.public_key().public_bytes_raw()).decode()
    assert (statement.key, f"{statement.since:%Y-%m-%d}") == ("child-focus-be-1", "2026-11-20")
    assert said["identity"]["public"] in said["peers"]
    assert {"secret", "key halves of backups"} <= {one["what"] for one in said["revoke"]}


def test_a_peer_that_is_told_takes_nothing_of_the_old_key_and_any_other_file_changes_nothing(
    run: Run, data: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    asyncio.run(made(theirs, None))
    pinned = run("doctor", "--data", str(theirs), "--json").json
    key = next(one["key"] for one in pinned["checks"] if one["check"] == "identity")
    entry = {
        "name": "peer", "title": "A peer", "kind": "hotline", "countries": ["NL"], "dialect": "router",
        "config": {"url": "https://peer.test", "peer": "child-focus-be", "keys": [key]},
    }  # fmt: skip
    asyncio.run(pinned_by(data, Partner.model_validate(entry)))
    said = run("keys", "compromised", "--since", "2026-11-20", "--data", str(theirs), "--json").json
    done = run("keys", "revoked", said["statement"], "--data", str(data))
    assert done.code == 0, done.err
    assert "cases list --source peer" in done.out
    (now,) = [
        one
        for one in json.loads(run("partners", "export", "--data", str(data)).out)["partners"]
        if one["name"] == "peer"
    ]
    assert now["config"]["keys"][0]["not_after"].startswith("2026-11-20T00:00:00")
    (tmp_path / "x").write_text("{}")
    assert run("keys", "revoked", str(tmp_path / "x"), "--data", str(data)).code == 2
    ours = run("keys", "compromised", "--since", "2026-11-20", "--data", str(data), "--json").json
    unknown = run("keys", "revoked", ours["statement"], "--data", str(theirs))
    assert (unknown.code, "No partner" in unknown.err) == (2, True)


def test_indexes_are_replaced_while_nobody_serves_and_what_was_cut_keeps_the_router_from_starting(
    run: Run, data: Path
) -> None:
    path, where = data / "master.key", str(data)
    with serving_here(data):
        busy = run("keys", "rotate", "--indexes", "--data", where)
    assert (busy.code, "Stop `serve`" in busy.err, load_keys(path).index_coming) == (3, True, None)
    with changing(path) as keys:
        write(path, keys.reindexing())
    coming = load_keys(path).index_coming
    cut = run("cases", "list", "--data", where)
    assert (cut.code, "keys rotate --indexes" in cut.err) == (3, True)
    done = run("keys", "rotate", "--indexes", "--data", where)
    assert (done.code, "3 cases and embargoes were indexed anew" in done.out) == (0, True), done.err
    assert load_keys(path).index == coming
    assert run("keys", "rotate", "--data", where).code == 0, "and a master is rotated as before"
    assert load_keys(path).index == coming
    assert len(run("cases", "list", "--data", where, "--json").json["items"]) == 3
    assert run("keys", "rotate", "--indexes", "--data", where, "--json").json == {"reindexed": 3}
