"""Put back with the ledger: what was erased stays erased, and what left or was recalled is not sent again by itself."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from router.app import build
from router.backup.put_back import put_back
from router.backup.take import take
from router.casework.govern.paused import paused
from router.casework.intake.reindex import reindex
from router.clock import micros
from router.errors import BadInput
from router.guard.ledger import Kind, Ledger, Line
from router.settings import Settings
from router.store.base import Add, Change, Event, Remove, Transition
from router.store.checkpoint import verify_audit
from router.store.recount import recounted
from router.store.schema.tables import alarms, case_keys, cases, left_before_restore, referrals
from tests.backup.stores import made, take_reports
from tests.store.samples import NOW, case, referral

NAME = "child-focus-be.ledger"


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """A router with a receiver, three cases and three referrals that wait."""
    await made(tmp_path / "data", None)
    (tmp_path / "receiver").mkdir()
    (tmp_path / "data" / "router.toml").write_text(
        f'name = "child-focus-be"\nresolvers = ["127.0.0.1:9"]\n'
        f"audit_receiver = {json.dumps(str(tmp_path / 'receiver'))}\n"
    )
    found = Settings.load(data_dir=tmp_path / "data")
    async with build(found) as router:
        for name in ("left", "recalled", "waits"):
            placed = case(name, state="referred", urgency="imminent_risk" if name == "left" else "none")
            await router.store.commit(Transition(NOW, adds=[placed, referral(name)]))
    return found


async def afterwards(settings: Settings, *, of_a_case: bool = True) -> str:
    """What happens after the backup: one leaves, one is recalled, a case is erased, and a younger one leaves too."""
    async with build(settings) as router:
        erased = str((await router.store.rows(select(case_keys.c.case_id).limit(1)))[0]["case_id"])
        leaves = Change(referrals, {"id": "left"}, {"payload": b"sealed"}, version=1)
        recalled = Event("referral.recalled", "person:anna", "recalled", "recalled")
        await router.store.commit(Transition(NOW, [leaves]))
        await router.store.commit(Transition(NOW, events=[recalled]))
        await router.store.commit(Transition(NOW, removes=[Remove(case_keys, {"case_id": erased})]))
        await router.store.commit(Transition(NOW, adds=[case("not-there-yet")]))
        for name, case_id in (("younger", "not-there-yet"), ("decided-later", "waits" if of_a_case else "x")):
            row = {**referral(name).values, "case_id": case_id, "partner": name}
            await router.store.commit(Transition(NOW, adds=[Add(referrals, row)]))
            await router.store.commit(Transition(NOW, [Change(referrals, {"id": name}, {"payload": b"x"}, version=1)]))
    return erased


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_dsn"))


async def test_it_is_as_the_ledger_says(tmp_path: Path, database: str | None, settings: Settings) -> None:
    await take(settings, tmp_path / "backup", None)
    erased = await afterwards(settings)
    done = await put_back(tmp_path / "backup", None, tmp_path / "new", database, tmp_path / "receiver" / NAME)
    assert done.replayed is not None
    found_out = done.replayed
    assert (found_out.erased, found_out.held, found_out.asked, found_out.unknown) == (1, 3, 3, 1)
    (tmp_path / "new" / "router.toml").write_text(
        'name = "child-focus-be"\n' + (f'database = "{database}"\n' if database else "")
    )
    async with build(Settings.load(data_dir=tmp_path / "new")) as router:
        found = {row["id"]: row for row in await router.store.rows(select(referrals))}
        assert {name: row["state"] for name, row in found.items()} == {
            "left": "unknown",
            "recalled": "recalled",
            "waits": "waiting",
            "decided-later": "unknown",
        }
        (lost,) = await router.store.rows(select(left_before_restore))
        assert (lost["id"], lost["url_bidx"], lost["receipt"]) == ("younger", b"not-there-yet", None)
        assert router.ctx.was_restored
        keyless = select(cases.c.id).where(cases.c.id.not_in(select(case_keys.c.case_id)))
        assert {row["id"] for row in await router.store.rows(keyless)} - {"left", "recalled", "waits"} == {erased}
        asked = {row["id"]: row for row in await router.store.rows(select(cases).where(cases.c.state == "desk"))}
        codes = {name: row["desk_code"] for name, row in asked.items()}
        assert codes == {"left": "unknown", "recalled": "overruled", "waits": "unknown"}
        assert all(row["desk_due"] > micros(datetime.now(UTC)) for row in asked.values())
        (rung,) = await router.store.rows(select(alarms))
        assert (rung["case_id"], rung["id"], rung["resolved_at"]) == ("left", asked["left"]["desk_alarm"], None)
        _, findings = await verify_audit(router.store.rows, router.ctx.keyring)
        assert findings == []
        assert await recounted(router.store.rows) == {}
        waiting = await paused(router.store)
        assert waiting is not None
        assert waiting.ledger == done.replayed.last


async def test_a_ledger_that_ends_before_the_backup_or_lost_a_line_is_refused(
    tmp_path: Path, settings: Settings
) -> None:
    await afterwards(settings, of_a_case=False)  # its bytes are none that a key opens
    older = tmp_path / "older.ledger"
    older.write_bytes((tmp_path / "receiver" / NAME).read_bytes())
    await take(settings, tmp_path / "backup", None)
    await take_reports(settings, 50, 1)
    lines = (tmp_path / "receiver" / NAME).read_bytes().splitlines(keepends=True)
    gap = tmp_path / "gap.ledger"
    gap.write_bytes(b"".join(lines[:1] + lines[2:]))
    for wrong, reason in ((older, "old_ledger"), (gap, "gap"), (tmp_path / "none", "bad_input")):
        with pytest.raises(BadInput) as error:
            await put_back(tmp_path / "backup", None, tmp_path / "new", None, wrong)
        assert error.value.reason == reason
        assert not (tmp_path / "new").exists()
    await put_back(tmp_path / "backup", None, tmp_path / "new", None, tmp_path / "receiver" / NAME)


async def test_a_backup_of_before_all_was_indexed_anew_is_not_put_back_with_the_ledger(
    tmp_path: Path, settings: Settings
) -> None:
    receiver = tmp_path / "receiver" / NAME
    await take(settings, tmp_path / "before", None)
    async with build(settings, upgrade=False, reindexing=True) as router:
        await reindex(router.ctx, settings.data_dir / "master.key", lambda _: None)
    await take(settings, tmp_path / "after", None)
    with pytest.raises(BadInput) as error:
        await put_back(tmp_path / "before", None, tmp_path / "new", None, receiver)
    assert error.value.reason == "reindexed"
    await put_back(tmp_path / "after", None, tmp_path / "new", None, receiver)


@pytest.mark.parametrize(
    ("state", "said", "erased"),
    [
        ("closed", (Kind.ERASING,), True),
        ("referred", (Kind.ERASING,), False),
        ("closed", (Kind.ERASING, Kind.STAYED), False),
        ("referred", (Kind.ERASING, Kind.ERASED), True),
    ],
)
async def test_an_erasing_that_was_cut_is_done_where_the_case_was_closed_and_never_against_a_second_line(
    tmp_path: Path, settings: Settings, state: str, said: tuple[Kind, ...], erased: bool
) -> None:
    async with build(settings) as router:
        (key,) = await router.store.rows(select(case_keys.c.case_id).order_by(case_keys.c.case_id).limit(1))
        over = {"next_at": None, "closed_at": NOW, "outcome": "removed"} if state == "closed" else {"next_at": NOW}
        await router.store.commit(Transition(NOW, [Change(cases, {"id": key["case_id"]}, {"state": state, **over})]))
        keyring = router.ctx.keyring
    await take(settings, tmp_path / "backup", None)
    kept = tmp_path / "receiver" / NAME
    Ledger(kept, keyring).keep([Line(NOW, kind, key["case_id"]) for kind in said])
    done = await put_back(tmp_path / "backup", None, tmp_path / "new", None, kept)
    assert done.replayed is not None
    assert done.replayed.erased == int(erased)
