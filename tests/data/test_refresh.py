"""A refresh from mirrors on loopback: what a publisher may send, and what becomes of the sets."""

import errno
import gzip
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from router.data import DataSets
from router.data.compile import TABLE, compile_sets, read_table, write_digests
from router.data.datasets import MANIFEST, SHIPPED
from router.data.in_force import in_force
from router.data.refresh import PublishedFile, read_files, refresh
from router.errors import CannotStart, EvidenceUnavailable
from tests.data.conftest import CLOUD_ROWS, country_database, csv_line

TODAY = date(2026, 12, 1)
Fetch = Callable[[str, int], Awaitable[bytes]]


#: Well-formed, and not what an operator's list is.
OTHER_SHAPES = {
    "a list": ("cloudip/aws", b"[]"),
    "nothing": ("cloudip/gcp", b"null"),
    "a number": ("cloudip/gcp", b'{"prefixes": 5}'),
    "a list for a region": ("cloudip/gcp", b'{"prefixes": [{"ipv4Prefix": "5.0.0.0/24", "scope": []}]}'),
    "a number for a region": ("cloudip/gcp", b'{"prefixes": [{"ipv4Prefix": "5.0.0.0/24", "scope": 5}]}'),
    "a number for a prefix": ("cloudip/oracle", b'{"regions": [{"region": "a", "cidrs": [{"cidr": 5}]}]}'),
    "half a character": ("cloudip/oracle", b'{"regions": [{"region": "\\ud800", "cidrs": [{"cidr": "5.0.0.0/24"}]}]}'),
    "without end": ("cloudip/azure", b"[" * 100_000),
}


@pytest.fixture
def root(tmp_path: Path, packages_folder: dict[str, Path]) -> Path:
    """An operator's directory with small sets in force."""
    first = tmp_path / "root/2026-11-01-0"
    digests = compile_sets(read_table()["set"], packages_folder, first)
    shutil.copy(TABLE, first / MANIFEST)
    write_digests(digests, first / MANIFEST)
    (tmp_path / "root/current").symlink_to("2026-11-01-0")
    return tmp_path / "root"


@pytest.fixture
def contents(packages_folder: dict[str, Path], tmp_path: Path) -> dict[str, bytes]:
    """What the publishers send now: the world of the old sets, with 5.1.0.0/16 moved to SE."""
    country_database(tmp_path / "now.mmdb", {"5.0.0.0/16": "NL", "5.1.0.0/16": "SE", "2a00::/16": "FR"})
    ipfire = packages_folder["ipfire"] / "usr/share/tor"
    nothing = b"2|registry|20261201|0|19830705|20261201|+0000\n"
    aws = [{"ip_prefix": row["cidr"], "region": row["r"], "network_border_group": row["r"], "service": row.get("s")}
           for row in CLOUD_ROWS if row["p"] == 0]  # fmt: skip
    return {
        "dbip-country/country.mmdb.gz": gzip.compress((tmp_path / "now.mmdb").read_bytes()),
        "ipfire/geoip": (ipfire / "geoip").read_bytes(),
        "ipfire/geoip6": (ipfire / "geoip6").read_bytes(),
        "asn-country/ripencc": (
            b"ripencc|NL|ipv4|5.0.0.0|131072|2012|allocated|h\nripencc|GB|ipv6|2a00::|16|2|assigned|h\n"
        ),
        **dict.fromkeys(
            ("asn-country/afrinic", "asn-country/apnic", "asn-country/arin", "asn-country/lacnic"), nothing
        ),
        "asn/v4.tsv.gz": gzip.compress(
            b"5.0.0.0\t5.0.255.255\t64500\tBE\tExample\n5.1.0.0\t5.1.0.255\t64501\tBE\tOther\n"
        ),
        "asn/v6.tsv.gz": gzip.compress(b"2a00::\t2a00:ffff:ffff:ffff:ffff:ffff:ffff:ffff\t64500\tBE\tExample\n"),
        "cloudip/aws": json.dumps({"prefixes": aws, "ipv6_prefixes": []}).encode(),
        "cloudip/gcp": b'{"prefixes": [{"ipv4Prefix": "5.0.80.0/24", "scope": "global"}, '
        b'{"ipv4Prefix": "5.0.81.0/24", "scope": "europe-west4"}]}',
        "cloudip/azure": json.dumps(
            {
                "values": [
                    {"name": name, "properties": {"region": region, "addressPrefixes": prefixes}}
                    for name, region, prefixes in (
                        ("AzureCloud.westeurope", "westeurope", ["5.0.32.0/24"]),
                        ("AzureFrontDoor.Frontend", "", ["5.0.72.0/24"]),
                        ("AzureFrontDoor.Backend", "", ["5.0.40.0/24", "5.0.73.0/24"]),
                    )
                ]
            }
        ).encode(),
        "cloudip/oracle": b'{"regions": [{"region": "eu-frankfurt-1", "cidrs": [{"cidr": "5.0.88.0/24"}]}]}',
        "cloudip/digitalocean": b"5.0.64.0/24,US,US-NJ,North Bergen,07047\n",
        "cloudip/exoscale": b'{"prefixes": [{"IPv4Prefix": "5.0.93.0/24", "zone": "at-vie-1"}]}',
        "cloudip/cloudflare": b"5.0.48.0/24\n",
        "cloudip/cloudflare-v6": b"2a05::/32\n",
        "cloudip/fastly": b'{"addresses": ["5.0.90.0/24"], "ipv6_addresses": []}',
        "cloudip/gcore": b'{"addresses": ["5.0.91.0/24"], "addresses_v6": []}',
        "cloudip/bunny": b'["5.0.92.1"]',
        "cloudip/bunny-v6": b'["2a06::1"]',
    }


@pytest.fixture
async def mirror(contents: dict[str, bytes]) -> AsyncIterator[str]:
    """Serve `contents` by HTTP on loopback; return the address."""

    async def send(request: web.Request) -> web.Response:
        body = contents.get(request.match_info["name"])
        return web.Response(status=404) if body is None else web.Response(body=body)

    app = web.Application()
    app.router.add_get("/{name:.*}", send)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def fetch() -> AsyncIterator[Fetch]:
    async with aiohttp.ClientSession() as session:

        async def get(url: str, most: int) -> bytes:
            async with session.get(url) as answer:
                if answer.status != 200:
                    raise EvidenceUnavailable("the publisher did not answer; try again later")
                return (await answer.content.read(most + 1))[: most + 1]

        yield get


def files(mirror: str) -> list[PublishedFile]:
    mirrors = {f"{file.package}/{file.name}": f"{mirror}/{file.package}/{file.name}" for file in read_files()}
    # The bounds of the real world do not fit a world of six networks.
    return [PublishedFile(f.package, f.name, f.url, 1, 1_000_000) for f in read_files(mirrors)]


def opened(root: Path) -> DataSets:
    return DataSets.open(in_force(root))


async def test_everything_is_renewed_and_put_in_force(root: Path, mirror: str, fetch: Fetch) -> None:
    outcome = await refresh(root, fetch, TODAY, files(mirror))
    assert {found.name for found in outcome if found.renewed} == {row["name"] for row in read_table()["set"]} - {
        "special"
    }
    with opened(root) as data:
        assert data.reader("geolocation").get("5.1.0.1") == "SE"
        assert data.reader("networks").get("5.0.9.9") == {
            "asn": 64500,
            "name": "Example",
            "country": "BE",
            "places": "NL",
        }
        assert data.reader("edges").get("5.0.48.1") == "Cloudflare"
        assert data.as_of("geolocation") == "2026-12-01"
        assert data.as_of("special") == "2026-11-01"


async def test_a_process_that_has_the_old_sets_open_keeps_them(root: Path, mirror: str, fetch: Fetch) -> None:
    with opened(root) as before:
        await refresh(root, fetch, TODAY, files(mirror))
        assert before.reader("geolocation").get("5.1.0.1") == "DE"
        with opened(root) as after:
            assert after.reader("geolocation").get("5.1.0.1") == "SE"


@pytest.mark.parametrize(
    ("broken", "content", "kept"),
    [
        ("dbip-country/country.mmdb.gz", None, {"geolocation", "networks"}),
        ("dbip-country/country.mmdb.gz", b"<html>try later</html>", {"geolocation", "networks"}),
        ("dbip-country/country.mmdb.gz", gzip.compress(b"no database"), {"geolocation", "networks"}),
        ("ipfire/geoip", b"these,are,not\nnumbers", {"assignments"}),
        ("asn-country/ripencc", b"ripencc|NL|ipv4|5.0.0.0|many|2012|allocated|h\n", {"delegation"}),
        ("asn/v4.tsv.gz", gzip.compress(b"x" * 100)[:-9], {"networks"}),
        ("asn-country/ripencc", b"ripencc|NL|ipv4|5.0.0.0|99999999999999999999999|2012|allocated|h\n", {"delegation"}),
        ("asn-country/ripencc", b"ripencc|NL|ipv4|5.0.0.0|-256|2012|allocated|h\n", {"delegation"}),
        ("asn-country/ripencc", b"ripencc|NL|ipv6|5.0.0.0|16|2012|allocated|h\n", {"delegation"}),
        ("ipfire/geoip", b"5,4294967296,NL\n", {"assignments"}),
        ("ipfire/geoip6", b"5.0.0.0,5.0.0.255,NL\n", {"assignments"}),
        ("asn/v4.tsv.gz", gzip.compress(b"5.0.0.0\t5.0.0.255\t-5\tBE\tExample\n"), {"networks"}),
        ("asn/v4.tsv.gz", gzip.compress(b"5.0.0.0\t5.0.0.255\t5\tBE\t" + b"x" * 200_000), {"networks"}),
        ("asn/v6.tsv.gz", gzip.compress(b"5.0.0.0\t5.0.0.255\t5\tBE\tExample\n"), {"networks"}),
    ],
    # Named: gzip writes the time into its header, and a test's name must be the same in every process.
    ids=[
        *("absent", "a web page", "no database", "no numbers", "no count", "cut short"),
        *("a count beyond counting", "backwards", "another family", "beyond IPv4", "another family too"),
        *("no AS number", "a name without end", "IPv4 among IPv6"),
    ],
)
async def test_a_set_whose_publisher_fails_is_kept_and_the_others_renewed(
    root: Path,
    mirror: str,
    fetch: Fetch,
    contents: dict[str, bytes],
    broken: str,
    content: bytes | None,
    kept: set[str],
) -> None:
    contents.pop(broken)
    if content is not None:
        contents[broken] = content
    outcome = await refresh(root, fetch, TODAY, files(mirror))
    assert {found.name for found in outcome if not found.renewed} == kept | {"special"}
    assert {found.name for found in outcome if found.failed} == kept
    assert all(found.reason for found in outcome if not found.renewed)
    with opened(root) as data:
        assert {name for name, info in data.infos.items() if info.date != "2026-12-01"} == kept | {"special"}
        assert data.reader("special").get("127.0.0.1") is not None


@pytest.mark.parametrize(
    ("broken", "content"),
    [("cloudip/aws", b"{}"), ("cloudip/azure", b""), ("cloudip/azure", None), *OTHER_SHAPES.values()],
    ids=["no list", "empty", "absent", *OTHER_SHAPES],
)
async def test_an_operator_whose_list_fails_keeps_its_rows_and_the_others_are_new(
    root: Path, mirror: str, fetch: Fetch, contents: dict[str, bytes], broken: str, content: bytes | None
) -> None:
    contents.pop(broken)
    if content is not None:
        contents[broken] = content
    outcome = {found.name: found for found in await refresh(root, fetch, TODAY, files(mirror))}
    assert all(outcome[name].renewed for name in ("ranges", "edges", "networks"))
    assert outcome["ranges"].failed
    (kept,) = outcome["ranges"].kept
    assert kept.date == read_table_date("ranges")
    assert f"{kept.operator} keeps its rows of {kept.date}: " in outcome["ranges"].reason
    with opened(root) as data:
        lists = data.infos["ranges"].lists
        assert lists[kept.operator] == data.infos["ranges"].date == kept.date, "the set is as old as its oldest list"
        assert {day for name, day in lists.items() if name != kept.operator} == {"2026-12-01"}
        assert data.reader("edges").get("5.0.90.1") == "Fastly"
        assert data.reader("ranges").get("5.0.32.1")["region"] == "westeurope"
        assert data.reader("ranges").get("5.0.0.1")["country"] == "DE"
    again = {found.name: found for found in await refresh(root, fetch, date(2026, 12, 8), files(mirror))}
    assert [(one.operator, one.date) for one in again["ranges"].kept] == [(kept.operator, kept.date)]


def read_table_date(name: str) -> str:
    return str(next(row["date"] for row in read_table()["set"] if row["name"] == name))


async def test_a_publishers_half_file_does_not_pass_for_a_world_that_shrank(
    root: Path, mirror: str, fetch: Fetch, contents: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a world of four networks the fixed path to IPv4 is most of the tree, so the bound is set closer.
    monkeypatch.setattr("router.data.refresh.LEAST", 0.9)
    country_database(tmp_path / "half.mmdb", {"128.0.0.0/1": "NL"})
    contents["dbip-country/country.mmdb.gz"] = gzip.compress((tmp_path / "half.mmdb").read_bytes())
    outcome = {found.name: found for found in await refresh(root, fetch, TODAY, files(mirror))}
    assert not outcome["geolocation"].renewed
    assert "far smaller" in outcome["geolocation"].reason
    with opened(root) as data:
        assert data.reader("geolocation").get("5.1.0.1") == "DE"


async def test_an_operator_that_comes_with_many_addresses_is_no_world_that_grew_beyond_belief(
    tmp_path: Path, mirror: str, fetch: Fetch, contents: dict[str, bytes]
) -> None:
    # Single addresses all over the world are deep paths in a tree of wide blocks: many nodes for few rows.
    contents["cloudip/bunny"] = json.dumps([f"{11 + n % 89}.{n % 251}.{n % 241}.9" for n in range(500)]).encode()
    contents["cloudip/bunny-v6"] = json.dumps(
        [f"2a{n % 16:02x}:{n:x}::{n * 7919 % 65_521:x}:{n * n:x}" for n in range(200)]
    ).encode()
    root = tmp_path / "shipped"
    shutil.copytree(SHIPPED, root / "2026-11-01-0")
    shutil.copy(TABLE, root / "2026-11-01-0" / MANIFEST)
    (root / "current").symlink_to("2026-11-01-0")
    bunny = [file for file in files(mirror) if file.name in {"bunny", "bunny-v6"}]
    outcome = {found.name: found for found in await refresh(root, fetch, TODAY, bunny)}
    assert outcome["edges"].renewed, outcome["edges"].reason
    with opened(root) as data:
        assert data.reader("edges").get("11.0.0.9") == "Bunny"
        assert data.reader("edges").get("104.16.0.1") == "Cloudflare"


async def test_a_file_outside_its_bounds_is_refused(root: Path, mirror: str, fetch: Fetch) -> None:
    small = [PublishedFile(f.package, f.name, f.url, 1, 10 if f.package == "ipfire" else f.most) for f in files(mirror)]
    outcome = {found.name: found for found in await refresh(root, fetch, TODAY, small)}
    assert not outcome["assignments"].renewed
    assert outcome["geolocation"].renewed


async def test_nothing_renewed_leaves_everything_as_it_was(
    root: Path, mirror: str, fetch: Fetch, contents: dict[str, bytes]
) -> None:
    before = in_force(root)
    contents.clear()
    outcome = await refresh(root, fetch, TODAY, files(mirror))
    assert not any(found.renewed for found in outcome)
    assert in_force(root) == before
    assert sorted(path.name for path in root.iterdir()) == ["2026-11-01-0", "current"]


@pytest.mark.parametrize(("today", "overdue"), [(TODAY, False), (date(2027, 12, 1), True)])
async def test_a_list_without_an_address_keeps_its_rows_and_says_what_is_needed(
    root: Path, fetch: Fetch, mirror: str, today: date, overdue: bool
) -> None:
    unnamed = [
        PublishedFile(f.package, f.name, "" if f.name == "azure" else f.url, f.least, f.most) for f in files(mirror)
    ]
    outcome = {found.name: found for found in await refresh(root, fetch, today, unnamed)}
    assert all(found.renewed for name, found in outcome.items() if name != "special")
    failed = {name for name, found in outcome.items() if found.failed}
    assert failed == ({"ranges", "edges"} if overdue else set()), "an alarm once it matters, not in every run"
    assert "Microsoft Azure keeps its rows of 2026-10-26: needs a mirror: cloudip/azure" in outcome["ranges"].reason
    assert "[mirrors]" in outcome["ranges"].reason
    assert [one.operator for one in outcome["edges"].kept] == ["Azure Front Door"]
    assert outcome["networks"].kept == ()


async def test_when_no_operator_sends_its_sets_are_kept(
    root: Path, mirror: str, fetch: Fetch, contents: dict[str, bytes]
) -> None:
    for name in [name for name in contents if name.startswith("cloudip/")]:
        del contents[name]
    outcome = {found.name: found for found in await refresh(root, fetch, TODAY, files(mirror))}
    assert [(outcome[name].renewed, outcome[name].failed) for name in ("ranges", "edges")] == [(False, True)] * 2
    assert outcome["geolocation"].renewed
    with opened(root) as data:
        assert data.as_of("ranges") == "2026-10-26"


async def test_a_full_disk_is_not_blamed_on_the_publisher(
    root: Path, mirror: str, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, __: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotStart, match="free space"):
        await refresh(root, fetch, TODAY, files(mirror))
    assert sorted(path.name for path in root.iterdir()) == ["2026-11-01-0", "current"]


async def test_only_the_sets_in_force_and_those_before_are_kept(root: Path, mirror: str, fetch: Fetch) -> None:
    for day in (1, 2, 3):
        await refresh(root, fetch, date(2026, 12, day), files(mirror))
    await refresh(root, fetch, date(2026, 12, 3), files(mirror))
    assert sorted(path.name for path in root.iterdir()) == ["2026-12-03-0", "2026-12-03-1", "current"]
    assert in_force(root) == (root / "2026-12-03-1").resolve()


async def test_damaged_sets_in_force_are_not_built_upon(root: Path, mirror: str, fetch: Fetch) -> None:
    (root / "current/special.mmdb").write_bytes(b"")
    with pytest.raises(CannotStart, match="special"):
        await refresh(root, fetch, TODAY, files(mirror))
    assert in_force(root) == (root / "2026-11-01-0").resolve()


def test_without_a_refresh_nothing_is_in_force(tmp_path: Path) -> None:
    assert in_force(tmp_path) is None


def test_every_publisher_is_fetched_over_https_and_bounded() -> None:
    for file in read_files():
        assert file.url.startswith("https://") or file.name == "azure"
        assert 0 < file.least < file.most


def test_an_operator_can_point_a_file_at_a_mirror() -> None:
    found = {f"{file.package}/{file.name}": file.url for file in read_files({"asn/v4.tsv.gz": "https://mirror.test/x"})}
    assert found["asn/v4.tsv.gz"] == "https://mirror.test/x"
    assert found["asn/v6.tsv.gz"].startswith("https://iptoasn.com/")


def test_a_registrys_line_of_the_test_is_the_packages(packages_folder: dict[str, Path]) -> None:
    assert csv_line("5.0.0.0/15", "NL") in (packages_folder["asn-country"] / "asn-country-ipv4-num.csv").read_text()
