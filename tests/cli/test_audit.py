"""Whoever rewrites the database is found out: by the root beside the keys, by an exported one, by a receiver's.

Hashes of the chain need no key, so whoever can write to the database can rewrite it all and link it anew. Only what was
signed cannot be made again; so all of it is taken away here, in every way there is.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from router.guard.audit import GENESIS, ChainEntry, link


@contextmanager
def database(folder: str) -> Iterator[apsw.Connection]:
    with apsw.Connection(str(Path(folder) / "router.db")) as connection:
        yield connection
    connection.close()


@pytest.fixture
def signed(run: Callable[..., Any], data: str) -> str:
    """A router's directory with a history: each verb leaves entries and a checkpoint."""
    for name in ("anna", "bert", "carl"):
        assert run("accounts", "add", name, "analyst", "--data", data).code == 0
    assert run("audit", "verify", "--data", data).code == 0
    return data


def drop_all(connection: apsw.Connection) -> None:
    connection.execute("DELETE FROM checkpoints")
    connection.execute("UPDATE epochs SET signed_seq = 0")


def rewrite(connection: apsw.Connection) -> None:
    """Let somebody else have done it all, and link it anew as if it had always been so."""
    drop_all(connection)
    names = ", ".join(ChainEntry._fields)
    rows = [ChainEntry(*row) for row in connection.execute(f"SELECT {names} FROM audit ORDER BY epoch, seq")]  # noqa: S608 - our own names
    epoch, previous = "", GENESIS
    for row in rows:
        changed = row._replace(actor="person:mallory")
        previous = link(GENESIS if row.epoch != epoch else previous, changed)
        epoch = row.epoch
        connection.execute(
            "UPDATE audit SET actor = ?, hash = ? WHERE epoch = ? AND seq = ?",
            (changed.actor, previous, row.epoch, row.seq),
        )


def cut_the_last(connection: apsw.Connection) -> None:
    """Take the last checkpoint and everything that it signed first."""
    number, heads = next(connection.execute("SELECT number, heads FROM checkpoints ORDER BY number DESC LIMIT 1"))
    before = [
        json.loads(one) for (one,) in connection.execute("SELECT heads FROM checkpoints WHERE number < ?", (number,))
    ]
    for epoch in json.loads(heads):
        signed = max((one[epoch][0] for one in before if epoch in one), default=0)
        connection.execute("DELETE FROM audit WHERE epoch = ? AND seq > ?", (epoch, signed))
        connection.execute("UPDATE epochs SET signed_seq = ? WHERE epoch = ?", (signed, epoch))
    connection.execute("DELETE FROM checkpoints WHERE number = ?", (number,))


def empty(connection: apsw.Connection) -> None:
    for table in ("audit", "checkpoints", "epochs"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names


DEEDS = (drop_all, rewrite, cut_the_last, empty)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("signs_again", [False, True])
def test_the_root_beside_the_keys_tells(run: Callable[..., Any], signed: str, deed: Any, *, signs_again: bool) -> None:
    with database(signed) as connection:
        deed(connection)
    for number in range(9 if signs_again else 0):  # the router goes on, and signs what it finds, past the old number
        assert run("accounts", "add", f"more-{number}", "viewer", "--data", signed).code == 0
    done = run("audit", "verify", "--json", "--data", signed)
    assert (done.code, done.json["ok"]) == (1, False)
    assert done.json["findings"]
    assert "WRONG  audit anchor: the database lost what it had signed" in run("doctor", "--data", signed).out


def test_a_database_put_back_from_a_copy_is_told(run: Callable[..., Any], signed: str, tmp_path: Path) -> None:
    shutil.copy(Path(signed) / "router.db", tmp_path / "copy")
    assert run("accounts", "add", "dora", "viewer", "--data", signed).code == 0
    shutil.copy(tmp_path / "copy", Path(signed) / "router.db")
    assert run("audit", "verify", "--data", signed).code == 1


@pytest.mark.parametrize("deed", DEEDS)
def test_an_exported_root_tells_when_the_one_beside_the_keys_is_gone(
    run: Callable[..., Any], signed: str, tmp_path: Path, deed: Any
) -> None:
    kept = tmp_path / "root.json"
    assert run("audit", "export", str(kept), "--data", signed).code == 0
    assert run("audit", "verify", "--anchor", str(kept), "--data", signed).code == 0
    assert run("audit", "export", str(kept), "--data", signed).code == 0  # who read it back is an entry, and signed too
    (Path(signed) / "audit.anchor").unlink()
    with database(signed) as connection:
        deed(connection)
    assert run("audit", "verify", "--anchor", str(kept), "--data", signed).code == 1


@pytest.mark.parametrize("deed", DEEDS)
def test_a_receiver_s_root_tells_by_itself(run: Callable[..., Any], data: str, tmp_path: Path, deed: Any) -> None:
    receiver = tmp_path / "auditor"
    receiver.mkdir()
    with (Path(data) / "router.toml").open("a") as file:
        file.write(f'audit_receiver = "{receiver}"\n')
    for name in ("anna", "bert"):
        assert run("accounts", "add", name, "analyst", "--data", data).code == 0
    assert "good   audit anchor: the receiver has the newest root" in run("doctor", "--data", data).out
    (Path(data) / "audit.anchor").unlink()
    with database(data) as connection:
        deed(connection)
    assert run("audit", "verify", "--data", data).code == 1


def test_without_a_receiver_the_doctor_says_that_nobody_would_notice(run: Callable[..., Any], data: str) -> None:
    assert "WRONG  audit anchor: nobody else keeps the audit's newest root" in run("doctor", "--data", data).out


def test_what_this_router_never_signed_is_no_anchor(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_text('{"number": 1, "at": 1, "root": "00", "signature": "00"}')
    done = run("audit", "verify", "--anchor", str(tmp_path / "other"), "--data", data)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "never signed" in done.err
    assert run("audit", "verify", "--anchor", str(tmp_path / "none"), "--data", data).code == 2
    assert run("audit", "export", str(tmp_path / "none" / "file"), "--data", data).code == 2


def test_what_to_do_after_a_restore_stands_in_the_finding(run: Callable[..., Any], signed: str, tmp_path: Path) -> None:
    shutil.copy(Path(signed) / "router.db", tmp_path / "copy")
    assert run("accounts", "add", "dora", "viewer", "--data", signed).code == 0
    shutil.copy(tmp_path / "copy", Path(signed) / "router.db")
    done = run("audit", "verify", "--data", signed)
    (told,) = [line for line in done.out.splitlines() if "remove the line with number" in line]
    number = int(told.partition("number ")[2].split()[0])
    assert "if you put a backup back" in told
    file = Path(signed) / "audit.anchor"
    lines = file.read_text().splitlines()
    file.write_text("".join(f"{line}\n" for line in lines if json.loads(line)["number"] != number))
    assert run("audit", "verify", "--data", signed).code == 0


@pytest.mark.parametrize(
    ("line", "ok", "said"),
    [
        ('audit_receiver = "DATA/inside"', False, "the operator's"),
        ('audit_mail = "auditor@hotline.test"', False, "audit_mail has no letter"),
        ('audit_receiver = "ELSEWHERE"', True, "the receiver has"),
    ],
)
def test_a_receiver_is_somebody_else_and_is_served(
    run: Callable[..., Any], data: str, tmp_path: Path, line: str, *, ok: bool, said: str
) -> None:
    for folder in (Path(data) / "inside", tmp_path / "elsewhere"):
        folder.mkdir()
    with (Path(data) / "router.toml").open("a") as file:
        file.write(line.replace("DATA", data).replace("ELSEWHERE", str(tmp_path / "elsewhere")) + "\n")
    assert run("accounts", "add", "dora", "viewer", "--data", data).code == 0
    found = {one["check"]: one for one in run("doctor", "--json", "--data", data).json["checks"]}
    assert found["audit anchor"]["ok"] is ok
    assert said in found["audit anchor"]["text"]
