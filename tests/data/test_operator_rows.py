"""Lists of operators that come and do not come: new rows beside those in force, each with its date."""

from datetime import date
from pathlib import Path

import maxminddb
import pytest

from router.data.builders import BUILDERS
from router.data.compile import compile_sets, read_table
from router.data.datasets import SHIPPED, SetInfo, read_infos
from router.data.operator_lists import READERS
from router.data.operator_rows import Trouble, full_names, lay_out, rows_in
from router.data.packages import Published, published

DAY = date(2026, 12, 1)
SILENT = Trouble("answered 503")


@pytest.fixture
def old(packages_folder: dict[str, Path], tmp_path: Path) -> Path:
    """Small sets in force."""
    compile_sets(read_table()["set"], packages_folder, tmp_path / "old")
    return tmp_path / "old"


def nobody() -> dict[str, Trouble]:
    return dict.fromkeys(READERS, SILENT)


def laid_out(folder: Path) -> dict[str, Published]:
    return {str(row.network): row for row in published(folder / "cloudip/data/cloudip.msgpack.gz")}


def info(name: str) -> SetInfo:
    return read_infos(SHIPPED)[name]


@pytest.mark.parametrize("name", ["ranges", "edges"])
def test_what_is_carried_over_makes_the_same_set(old: Path, tmp_path: Path, name: str) -> None:
    found = lay_out({}, nobody(), old, DAY, tmp_path / "laid")
    assert (found.fresh, set(found.troubles)) == (frozenset(), set(READERS))
    BUILDERS[name]({"cloudip": tmp_path / "laid"}).write(tmp_path / "again", kind=name, description=name, epoch=1)
    with maxminddb.open_database(tmp_path / "again") as now, maxminddb.open_database(old / f"{name}.mmdb") as before:
        assert dict(now) == dict(before)


def test_an_operator_that_sends_is_new_and_one_that_does_not_keeps_its_rows(old: Path, tmp_path: Path) -> None:
    sent = {"cloudflare": b"5.0.48.0/23\n", "cloudflare-v6": b"2a05::/32\n"}
    missing = {name: SILENT for name in READERS if name != "cloudflare"}
    found = lay_out(sent, missing, old, DAY, tmp_path / "laid")
    assert found.fresh == {"cloudflare"}
    rows = laid_out(tmp_path / "laid")
    assert {text for text, row in rows.items() if row.operator == "cloudflare"} == {"5.0.48.0/23", "2a05::/32"}
    assert rows["5.0.64.0/24"].operator == "digitalocean"
    assert rows["5.0.1.0/24"].region == "GLOBAL"
    dates = found.dates(info("edges"))
    assert (dates.pop("Cloudflare"), set(dates.values())) == ("2026-12-01", {"2026-10-26"})


def test_half_of_an_operators_files_is_none(old: Path, tmp_path: Path) -> None:
    missing = nobody() | {"cloudflare-v6": SILENT}
    del missing["cloudflare"]
    found = lay_out({"cloudflare": b"5.0.49.0/24\n"}, missing, old, DAY, tmp_path / "laid")
    assert "cloudflare" in found.troubles
    assert "5.0.49.0/24" not in laid_out(tmp_path / "laid")
    assert laid_out(tmp_path / "laid")["5.0.48.0/24"].operator == "cloudflare"


@pytest.mark.parametrize(
    ("operator", "body", "why"),
    [
        ("cloudflare", b"<html>try later</html>", "cannot be read"),
        ("cloudflare", b"\xff\xfe", "cannot be read"),
        ("aws", b"[" * 100_000, "cannot be read"),
        ("oracle", b'{"regions": [{"region": "\\ud800", "cidrs": [{"cidr": "5.0.0.0/24"}]}]}', "cannot be read"),
        ("cloudflare", b"5.0.48.0/30\n", "far smaller"),
        ("cloudflare", b"5.0.0.0/16\n", "far larger"),
        ("aws", b'{"prefixes": [], "ipv6_prefixes": []}', "far smaller"),
    ],
    ids=["a web page", "no text", "without end", "half a character", "half a list", "another list", "an empty list"],
)
def test_what_an_operator_sends_wrongly_leaves_its_rows_and_the_others(
    old: Path, tmp_path: Path, operator: str, body: bytes, why: str
) -> None:
    missing = {name: SILENT for name in READERS if name not in (operator, "digitalocean")}
    sent = {operator: body, "digitalocean": b"5.0.64.0/24,NL,NL-NH,Amsterdam,1098\n"}
    found = lay_out(sent, missing, old, DAY, tmp_path / "laid")
    assert found.fresh == {"digitalocean"}
    assert why in found.troubles[operator].reason
    rows = laid_out(tmp_path / "laid")
    assert (rows["5.0.48.0/24"].operator, rows["5.0.64.0/24"].country) == ("cloudflare", "NL")


def test_an_operator_whose_file_nobody_asks_for_keeps_its_rows(old: Path, tmp_path: Path) -> None:
    found = lay_out({"digitalocean": b"5.0.64.0/24,US,US-NJ,x,1\n"}, {}, old, DAY, tmp_path / "laid")
    assert found.fresh == {"digitalocean"}
    assert laid_out(tmp_path / "laid")["5.0.48.0/24"].operator == "cloudflare"


def test_who_keeps_rows_is_told_with_their_date_and_whether_it_is_a_failure(old: Path, tmp_path: Path) -> None:
    missing = nobody() | {"azure": Trouble("needs a mirror", needs_mirror=True)}
    del missing["digitalocean"]
    sent = {"digitalocean": b"5.0.64.0/24,US,US-NJ,x,1\n"}
    kept = {one.operator: one for one in lay_out(sent, missing, old, DAY, tmp_path / "laid").kept(info("ranges"))}
    assert "DigitalOcean" not in kept
    assert (kept["Microsoft Azure"].date, kept["Microsoft Azure"].failed) == ("2026-10-26", False)
    assert (kept["Amazon Web Services"].reason, kept["Amazon Web Services"].failed) == ("answered 503", True)
    late = lay_out(sent, missing, old, date(2027, 3, 1), tmp_path / "late").kept(info("ranges"))
    assert next(one for one in late if one.operator == "Microsoft Azure").failed, "older than its limit"


def test_an_operator_without_rows_has_no_date(old: Path, tmp_path: Path) -> None:
    found = lay_out({}, nobody(), old, DAY, tmp_path / "laid")
    fastly = next(one for one in found.kept(info("edges")) if one.operator == "Fastly")
    assert (fastly.date, fastly.overdue, fastly.failed) == ("", False, True)
    assert "Fastly" not in found.dates(info("edges"))


def test_the_rows_of_an_earlier_refresh_have_its_date(old: Path, tmp_path: Path) -> None:
    before = SetInfo(**{**_fields(info("edges")), "lists": {"Cloudflare": "2026-11-20"}})
    dates = lay_out({}, nobody(), old, DAY, tmp_path / "laid").dates(before)
    assert (dates["Cloudflare"], dates["Amazon CloudFront"]) == ("2026-11-20", "2026-10-26")


def _fields(of: SetInfo) -> dict[str, object]:
    return {name: getattr(of, name) for name in SetInfo.__dataclass_fields__}


def test_shipped_rows_are_said_in_few_prefixes_and_by_every_operator() -> None:
    rows = [row for found in rows_in(SHIPPED).values() for row in found]
    assert {row.operator for row in rows} == READERS.keys() - {"bunny", "exoscale", "fastly", "gcore"}
    with maxminddb.open_database(SHIPPED / "ranges.mmdb") as reader:
        assert 20_000 < len(rows) < 2 * sum(1 for _ in reader)


def test_only_the_sets_of_lists_name_operators() -> None:
    assert full_names("geolocation") == full_names("networks") == {}
    names = {*full_names("ranges").values(), *full_names("edges").values()}
    assert names == READERS.keys()
