"""Looking at the world without the rest of a router: quick, with the data in force and the operator's own."""

import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from router.app_tracer import (
    SECOND,
    SETS,
    InForce,
    data_folder,
    liars,
    make_origins,
    make_prober,
    make_resolver,
    name_servers,
    open_data,
    tracer,
    way_out,
)
from router.clock import SystemClock
from router.data.datasets import SHIPPED, read_infos
from router.data.prefix_tree import PrefixTree
from router.errors import BadInput, CannotStart
from router.hosting.dns.honesty import Examined
from router.hosting.location.url import read
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.second import Edition, Second
from router.settings import Settings
from schemas.probe import ProbeFinding
from schemas.trace import VerdictKind
from tests.refreshed import refreshed

ROOT = Path(__file__).resolve().parent.parent
RESOLVERS = ("127.0.0.1:9",)  # nobody listens there
FRANKFURT = "http://3.120.0.1/"
#: What an answer from the data alone has no use for, by what it would cost to start.
UNUSED = ("aiohttp", "alembic", "dns", "fastapi", "ipwhois", "sqlalchemy", "structlog", "router.store", "router.worker")


def settings(folder: Path, **more: object) -> Settings:
    return Settings.load(data_dir=folder, resolvers=RESOLVERS, **more)


async def test_offline_no_resolver_is_needed_and_names_stay_unresolved(tmp_path: Path) -> None:
    async with tracer(settings(tmp_path), offline=True) as one:
        assert (await one.trace(read(FRANKFURT))).verdict.country == "DE"
        assert (await one.trace(read("http://name.test/"))).verdict.kind is VerdictKind.UNRESOLVED


def test_offline_nothing_is_loaded_that_asks_or_keeps(tmp_path: Path) -> None:
    code = (
        "import sys; from router.cli.locate.verb import run;"
        f"code = run([{FRANKFURT!r}], offline=True); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "DE" in done.stdout
    assert set(done.stderr.split()) & set(UNUSED) == set()


def test_without_a_refresh_the_shipped_sets_are_in_force(tmp_path: Path) -> None:
    with open_data(settings(tmp_path)) as data:
        assert data.infos == read_infos(SHIPPED)


async def test_what_a_refresh_left_is_in_force(tmp_path: Path) -> None:
    refreshed(tmp_path, "2031-05-06")
    with open_data(settings(tmp_path)) as data:
        assert {info.date for info in data.infos.values()} == {"2031-05-06"}
    async with tracer(settings(tmp_path), offline=True) as one:
        (address,) = (await one.trace(read(FRANKFURT))).addresses
    assert {found.as_of for found in address.evidence} == {"2031-05-06"}


def test_a_damaged_refresh_is_one_sentence_and_not_quietly_the_shipped_sets(tmp_path: Path) -> None:
    refreshed(tmp_path, "2031-05-06")
    file = next((tmp_path / SETS / "current").glob("*.mmdb"))
    file.unlink()
    file.write_bytes(b"cut short")
    with pytest.raises(CannotStart, match="damaged"):
        open_data(settings(tmp_path))


@pytest.mark.parametrize("offline", [True, False])
async def test_the_operators_own_database_is_asked_too(tmp_path: Path, *, offline: bool) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("3.120.0.0/16"), {"country": {"iso_code": "SE"}})  # type: ignore[dict-item] # dict is invariant
    tree.write(tmp_path / "own.mmdb", kind="GeoLite2-Country", description="test", epoch=1_764_720_000)
    async with tracer(settings(tmp_path, maxmind=tmp_path / "own.mmdb"), offline=offline) as one:
        (address,) = one.offline(read(FRANKFURT)).addresses
    assert ("maxmind", "SE") in {(found.source, found.claim.country) for found in address.evidence}


def measure(day: str) -> str:
    """What was measured of the edition of a day."""
    return Second(Edition("GeoLite2-Country", day), Calibration({}), Calibration({})).written()


@pytest.mark.parametrize(("day", "kind"), [("2025-12-03", "conflict"), ("2025-12-10", "country")])
async def test_the_operators_own_database_is_heard_once_its_edition_was_measured(
    tmp_path: Path, day: str, kind: str
) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("3.120.0.0/24"), {"country": {"iso_code": "SE"}})  # type: ignore[dict-item] # dict is invariant
    tree.write(tmp_path / "own.mmdb", kind="GeoLite2-Country", description="test", epoch=1_764_720_000)
    (tmp_path / SECOND).write_text(measure(day), encoding="utf-8")
    async with tracer(settings(tmp_path, maxmind=tmp_path / "own.mmdb"), offline=True) as one:
        assert one.offline(read(FRANKFURT)).verdict.kind == kind
    (tmp_path / SECOND).write_text("{", encoding="utf-8")
    with pytest.raises(CannotStart, match=SECOND):
        async with tracer(settings(tmp_path, maxmind=tmp_path / "own.mmdb"), offline=True):
            pass


async def test_a_database_of_the_operator_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="MaxMind"):
        async with tracer(settings(tmp_path, maxmind=tmp_path / "none.mmdb"), offline=True):
            pass


async def test_a_resolver_is_made_of_the_settings(tmp_path: Path) -> None:
    for vantages in ((), ("127.0.0.2:9",)):
        resolver = make_resolver(settings(tmp_path, vantages=vantages), SystemClock())
        await resolver.aclose()


def test_a_data_directory_is_for_us_alone(tmp_path: Path) -> None:
    assert data_folder(tmp_path / "a/b").stat().st_mode & 0o077 == 0
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="--data"):
        data_folder(tmp_path / "file/b")


async def test_no_reported_host_is_asked_until_the_operator_says_from_where(tmp_path: Path) -> None:
    own = settings(tmp_path)
    resolver = make_resolver(own, SystemClock())
    async with way_out(own, resolver) as egress:
        assert make_prober(own, egress) is None
        prober = make_prober(settings(tmp_path, probe_from=("127.0.0.9",)), egress)
        assert prober is not None
        found = await prober.head("http://127.0.0.1/", None)
        assert found.finding is ProbeFinding.NOT_CALLED, "nor then where the guard lets nobody go"
    await resolver.aclose()


async def test_no_cdn_is_asked_until_the_operator_has_credentials_for_it(tmp_path: Path) -> None:
    def none(name: str) -> str:
        raise BadInput(f"There is no secret file {name}.")

    own = settings(tmp_path)
    agreed = settings(tmp_path, cloudflare_client_id="id", cloudflare_daily_quota=7)
    resolver = make_resolver(own, SystemClock())
    async with way_out(own, resolver) as egress:
        assert make_origins(own, egress, SystemClock(), none) == ()
        (cdn,) = make_origins(agreed, egress, SystemClock(), lambda name: f"secret of {name}")
        assert cdn.name == "cloudflare"
        with pytest.raises(CannotStart, match="no secret file cloudflare"):
            make_origins(agreed, egress, SystemClock(), none)
        with pytest.raises(CannotStart, match="both parts"):
            make_origins(agreed, egress, SystemClock(), lambda _: "")
    await resolver.aclose()


def test_what_is_in_force_is_told_by_the_link_and_by_the_operators_own_file(tmp_path: Path) -> None:
    own = tmp_path / "own.mmdb"
    opener = InForce(settings(tmp_path, maxmind=own))
    seen = [opener.marker()]
    refreshed(tmp_path, "2031-05-06")
    seen.append(opener.marker())
    refreshed(tmp_path, "2031-05-07")
    seen.append(opener.marker())
    own.write_bytes(b"first")
    seen.append(opener.marker())
    (tmp_path / "next").write_bytes(b"second")
    (tmp_path / "next").replace(own)
    seen.append(opener.marker())
    (tmp_path / SECOND).write_text(measure("2025-12-03"))
    seen.append(opener.marker())
    assert len(set(map(repr, seen))) == len(seen)
    assert opener.marker() == seen[-1]


def test_an_operators_database_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    own = tmp_path / "own.mmdb"
    own.write_bytes(b"none")
    with pytest.raises(CannotStart, match="MaxMind"):
        InForce(settings(tmp_path, maxmind=own)).open()


def test_every_resolver_that_is_asked_may_lie(tmp_path: Path) -> None:
    ours = Settings.load(data_dir=tmp_path, resolvers=("127.0.0.1",), vantages=("[::1]:9",))
    assert name_servers(ours) == [("127.0.0.1", 53), ("::1", 9)]
    lying = [Examined(one, ok=False, text="", lies=True) for one in ("127.0.0.1:53", "[::1]:9", "192.0.2.1:53")]
    liars(ours).keep(lying)
    assert liars(ours).now() == ("127.0.0.1:53", "[::1]:9")
