"""The data sets through the command line: those in force are shown, and a refresh goes through the guard."""

import gzip
import json
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from router.app_data import published, renew
from router.app_tracer import SETS, open_data, open_editions, sets_in_force
from router.cli.data import report
from router.data import DataSets
from router.data.compile import TABLE, stamp_lists
from router.data.datasets import MANIFEST, SHIPPED
from router.data.operator_rows import Kept
from router.data.refresh import PublishedFile, Renewal, read_files
from router.data.repair import Restored
from router.data.waiting import Waiting, counted, put_aside, waiting
from router.errors import CannotStart
from router.hosting.trace import Judge
from router.settings import Settings
from tests.data.conftest import country_database
from tests.loopback import Loopback
from tests.refreshed import three_networks

TODAY = date(2026, 12, 1)
MIRROR = "3.120.0.1"  # an address literal, so that no name server has a part
NAME = "dbip-country/country.mmdb.gz"


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    """A public internet on loopback."""
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data directory whose geolocation in force knows three networks."""
    return three_networks(tmp_path)


def files(url: str) -> list[PublishedFile]:
    """One publisher; the bounds of the real world do not fit a world of three networks."""
    return [PublishedFile("dbip-country", "country.mmdb.gz", url, 1, 1_000_000)]


def located(judge: Judge) -> str | None:
    """Where geolocation says that the address is which the refresh is about."""
    evidence = judge.address(ip_address("5.1.0.1")).evidence
    return next(one.claim.country for one in evidence if one.source == "geolocation")


def outcome_of(renewals: tuple[Renewal, ...]) -> Renewal:
    return next(one for one in renewals if one.name == "geolocation")


async def test_a_refresh_fetches_through_the_guard_and_is_in_force(small: Path, net: Loopback, tmp_path: Path) -> None:
    country_database(tmp_path / "now.mmdb", {"5.0.0.0/16": "NL", "5.1.0.0/16": "SE", "2a00::/16": "FR"})
    body = gzip.compress((tmp_path / "now.mmdb").read_bytes())

    async def send(_: web.Request) -> web.Response:
        return web.Response(body=body)

    await net.serve(MIRROR, send)
    settings = Settings.load(data_dir=small, ca_file=net.ca_file, resolvers=("127.0.0.1:9",))
    serving = open_editions(settings)
    with serving.held() as under_way:
        found = outcome_of(await renew(settings, TODAY, files=files(f"https://{MIRROR}/x"), dial=net.dial))
        assert found.renewed, found.reason
        with open_data(settings) as data:
            assert data.reader("geolocation").get("5.1.0.1") == "SE"
            assert data.as_of("geolocation") == "2026-12-01"
        assert await serving.look()
        assert located(under_way) == "DE"
        with serving.held() as later:
            assert located(later) == "SE"
    serving.close()


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        (f"https://{MIRROR}/x", 404, "answered 404"),
        ("https://127.0.0.1/x", 200, "not on the public internet"),
        (f"http://{MIRROR}/x", 200, "https://"),
    ],
)
async def test_what_cannot_be_fetched_says_why_and_changes_nothing(
    small: Path, net: Loopback, url: str, status: int, said: str
) -> None:
    async def send(_: web.Request) -> web.Response:
        return web.Response(status=status)

    await net.serve(MIRROR, send)
    settings = Settings.load(data_dir=small, ca_file=net.ca_file, resolvers=("127.0.0.1:9",))
    before = sets_in_force(settings)
    found = outcome_of(await renew(settings, TODAY, files=files(url), dial=net.dial))
    assert found.failed
    assert said in found.reason
    assert sets_in_force(settings) == before


def test_without_a_way_out_every_set_fails_and_the_shipped_ones_stay(
    run: Callable[..., Any], tmp_path: Path, name_server: int
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "router.toml").write_text(f'resolvers = ["127.0.0.1:{name_server}"]\n')
    done = run("data", "refresh", "--data", str(folder), "--json")
    assert (done.code, done.json["ok"]) == (1, False)
    with DataSets.open() as sets:
        assert [row["name"] for row in done.json["sets"]] == list(sets.infos)
    assert not any(row["renewed"] for row in done.json["sets"])
    assert all(row["reason"] for row in done.json["sets"])
    assert run("data", "verify", "--data", str(folder)).code == 0


def test_what_became_of_each_set_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    by_hand = Renewal("special", renewed=False, reason="written by hand", by_hand=True)
    assert report((Renewal("geolocation", renewed=True), by_hand), as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "renewed  geolocation",
        "kept     special: written by hand",
        "In force: a running `serve` or `worker` takes them up within a minute.",
    ]
    waiting = Renewal("ranges", renewed=False, reason="needs a mirror: x", needs_mirror=True)
    assert report((Renewal("geolocation", renewed=True), waiting), as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[1] == "kept     ranges: needs a mirror: x"
    assert report((replace(waiting, overdue=True),), as_json=False) == 1
    assert capsys.readouterr().out.splitlines() == ["FAILED   ranges: needs a mirror: x"]
    azure = Kept("Microsoft Azure", "2026-10-26", "needs a mirror", needs_mirror=True, overdue=False)
    partly = Renewal("ranges", renewed=True, reason="Microsoft Azure keeps its rows", kept=(azure,))
    assert report((partly,), as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[0] == "renewed  ranges: Microsoft Azure keeps its rows"
    assert report((replace(partly, kept=(replace(azure, overdue=True),)),), as_json=True) == 1
    told = json.loads(capsys.readouterr().out)["sets"][0]["kept"]
    assert told == [{"operator": "Microsoft Azure", "date": "2026-10-26", "reason": "needs a mirror", "failed": True}]
    assert report((replace(partly, kept=(replace(azure, needs_mirror=False),)),), as_json=False) == 1
    assert capsys.readouterr().out.splitlines()[0].startswith("PARTLY   ranges: ")
    assert report((Renewal("ranges", renewed=False, reason="answered 503"), by_hand), as_json=False) == 1
    assert capsys.readouterr().out.splitlines()[0] == "FAILED   ranges: answered 503"


def test_a_mirror_stands_in_for_a_publisher_and_must_be_of_a_file_that_is_fetched() -> None:
    found = {f"{file.package}/{file.name}": file.url for file in published({NAME: "https://mirror.test/x"})}
    assert found.pop(NAME) == "https://mirror.test/x"
    assert found == {f"{f.package}/{f.name}": f.url for f in read_files() if f"{f.package}/{f.name}" != NAME}
    with pytest.raises(CannotStart, match=NAME):
        published({"dbip-country/no-such-file": "https://mirror.test/x"})


def test_the_data_sets_and_their_credits(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("data", "status", "--data", str(tmp_path), "--json")
    with DataSets.open() as sets:
        assert {row["name"] for row in done.json["sets"]} == set(sets.infos)
        assert done.json["credits"] == list(sets.credits())
    people = run("data", "status", "--data", str(tmp_path)).out
    assert all(credit in people for credit in done.json["credits"])


def test_the_sets_of_a_refresh_are_the_ones_shown_and_checked(run: Callable[..., Any], small: Path) -> None:
    manifest = small / SETS / "current" / MANIFEST
    manifest.write_text(manifest.read_text().replace('date = "2026-06-01"', 'date = "2020-01-01"'))
    done = run("data", "status", "--data", str(small), "--json")
    assert next(row for row in done.json["sets"] if row["name"] == "geolocation")["stale"]
    assert "geolocation is older than its limit; run `data refresh`." in run("data", "status", "--data", str(small)).out
    assert run("data", "verify", "--data", str(small)).code == 0
    (small / SETS / "current" / "geolocation.mmdb").write_bytes(b"")
    done = run("data", "verify", "--data", str(small))
    assert done.code == 1
    assert [line for line in done.out.splitlines() if line.startswith("CHANGED")] == ["CHANGED  geolocation"]
    assert "Run `data refresh`: before it fetches anything, it puts back the last whole sets." in done.out


def test_the_age_of_each_operators_list_is_shown(run: Callable[..., Any], small: Path) -> None:
    manifest = small / SETS / "current" / MANIFEST
    stamp_lists("ranges", {"Microsoft Azure": "2020-01-01", "Oracle Cloud": "2026-10-26"}, manifest)
    found = run("data", "status", "--data", str(small), "--json").json["sets"]
    lists = next(row["lists"] for row in found if row["name"] == "ranges")
    assert [(one["operator"], one["date"]) for one in lists] == [
        ("Microsoft Azure", "2020-01-01"),
        ("Oracle Cloud", "2026-10-26"),
    ]
    assert lists[0]["age"] > 2000
    assert (
        f"ranges: Microsoft Azure {lists[0]['age']} days old, Oracle" in run("data", "status", "--data", str(small)).out
    )


def test_the_way_back_from_a_damaged_set_is_the_verb_that_is_named_and_needs_no_network(
    run: Callable[..., Any], small: Path, name_server: int
) -> None:
    (small / "router.toml").write_text(f'resolvers = ["127.0.0.1:{name_server}"]\n')  # no publisher is known there
    (small / SETS / "current" / "geolocation.mmdb").write_bytes(b"")
    asked = ("locate", "http://5.1.0.1/", "--offline", "--json", "--data", str(small))
    for words in (asked, ("data", "status", "--data", str(small))):
        done = run(*words)
        assert (done.code, "geolocation is damaged" in done.err, "run `data refresh`" in done.err) == (3, True, True)
    done = run("data", "refresh", "--data", str(small), "--json")
    assert done.code == 1, "nothing could be fetched"
    assert done.json["restored"] == [{"name": "geolocation", "date": "2026-06-01", "shipped": True}]
    assert "geolocation was damaged; the set of 2026-06-01, which came with the router, is in force" in done.err
    assert run("data", "verify", "--data", str(small)).code == 0
    assert run(*asked).code == 0
    assert run("data", "refresh", "--data", str(small), "--json").json["restored"] == []


def test_what_was_put_back_is_taken_up_though_nothing_was_renewed(capsys: pytest.CaptureFixture[str]) -> None:
    back = Restored("ranges", "2026-10-31", shipped=False)
    assert report((Renewal("ranges", renewed=False, reason="answered 503"),), (back,), as_json=False) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("In force:")


def test_the_shipped_data_are_what_was_compiled(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("data", "verify", "--data", str(tmp_path), "--json")
    assert (done.code, done.json["ok"]) == (0, True)


MOVED = counted(1000, [(64500, "Example", "NL", "DE")] * 35)


def held_back(folder: Path) -> None:
    """Let sets wait that move 35 of the last 1,000 hosts that were decided."""
    root = folder / SETS
    root.mkdir(exist_ok=True)
    shutil.copytree(SHIPPED, root / "staged")
    shutil.copy(TABLE, root / "staged" / MANIFEST)
    put_aside(root, root / "staged", date(2026, 12, 1), MOVED)


def test_data_that_wait_are_shown_and_accepted_by_a_person(run: Callable[..., Any], data: str) -> None:
    folder = Path(data)
    assert run("data", "accept", "--data", data).code == 2, "nothing waits"
    assert run("data", "status", "--data", data, "--json").json["waiting"] is None
    held_back(folder)
    found = waiting(folder / SETS)
    assert found is not None
    edition = found.id
    told = "of the last 1000 hosts that were decided 35 would stand elsewhere: AS64500 Example from NL to DE (35 hosts)"
    shown = run("data", "status", "--data", data)
    assert (
        f"New data sets of 2026-12-01 wait for a person: {told}. Look into it, then `data accept --id {edition}`."
        in shown.out
    )
    row = {"asn": 64500, "as_name": "Example", "before": "NL", "after": "DE", "hosts": 35}
    waits = {"id": edition, "since": "2026-12-01", "hosts": 35, "of": 1000, "moved": [row]}
    assert run("data", "status", "--data", data, "--json").json["waiting"] == waits
    looked = run("data", "accept", "--data", data)
    assert looked.code == 2
    assert edition in looked.err
    assert run("data", "accept", "--id", "another", "--data", data).code != 0
    assert run("data", "accept", "--id", edition, "--data", data, "--json").json == {"accepted": waits}
    assert sets_in_force(Settings.load(data_dir=folder)) is not None
    assert run("data", "accept", "--data", data).code == 2


def test_a_refresh_whose_data_wait_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    renewed = (Renewal("geolocation", renewed=True),)
    assert report(renewed, (), Waiting("0a1b2c", "2026-12-01", MOVED), as_json=False) == 0
    out = capsys.readouterr().out
    assert "wait for a person" in out
    assert "AS64500 Example from NL to DE (35 hosts)" in out
    assert "In force" not in out
    assert report(renewed, (), Waiting("0a1b2c", "2026-12-01", MOVED), as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["waiting"]["hosts"] == 35
