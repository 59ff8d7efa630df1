"""How answers are written for programs and for people."""

import json
import random
from contextlib import suppress
from ipaddress import IPv4Address

import pytest

from router.cli.locate.render import FORMATS, detail, judged, ndjson, row
from router.cli.locate.workers import line_of
from router.clock import SystemClock
from router.data import DataSets
from router.errors import BadInput
from router.hosting.known_names import KnownHosts
from router.hosting.location.url import read
from router.hosting.sources import build
from router.hosting.trace import Sources, Tracer
from schemas.trace import (
    Address,
    Basis,
    Claim,
    DnsOutcome,
    Evidence,
    NameRecord,
    OnlineMode,
    Reason,
    TraceError,
    TraceLine,
    Verdict,
    VerdictKind,
)

FOUND = TraceLine(
    input="http://www.evil.test/secret",
    host="www.evil.test",
    verdict=Verdict(
        kind=VerdictKind.COUNTRY,
        country="DE",
        countries=("DE",),
        confidence=0.987,
        reasons=(Reason(code="x", text="Why."),),
    ),
    names=(
        NameRecord(name="www.evil.test", type="A", target="3.120.0.1", ttl=60),
        NameRecord(name="www.evil.test", type="AAAA", outcome=DnsOutcome.NODATA),
    ),
    addresses=(
        Address(
            ip="3.120.0.1",
            asn=16509,
            as_name="Amazon",
            evidence=(Evidence(source="geo", claim=Claim(basis=Basis.LOCATION, country="DE"), as_of="2026-06-01"),),
        ),
    ),
)
SPLIT = TraceLine(
    input="x", host="a.test", verdict=Verdict(kind=VerdictKind.SPLIT, countries=("DE", "GB"), confidence=0.9)
)
UNREAD = TraceLine(
    input="http://a..b/secret", host=None, verdict=None, error=TraceError(code="bad_host", text="Mend it.")
)


def test_json_is_one_line_that_reads_back() -> None:
    text = ndjson(FOUND)
    assert "\n" not in text
    assert TraceLine.model_validate_json(text) == FOUND
    assert json.loads(text)["error"] is None


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (FOUND, ["DE", "98.7%", "www[.]evil[.]test", "x"]),
        (SPLIT, ["split DE/GB", "90.0%"]),
        (UNREAD, ["-", "bad_host"]),
    ],
)
def test_a_row_says_what_where_and_how_sure(line: TraceLine, parts: list[str]) -> None:
    text = row(line)
    assert all(part in text for part in parts)
    assert "\n" not in text


def test_the_details_are_each_step_and_each_claim() -> None:
    text = detail(FOUND)
    for part in (
        "98.7% sure",
        "Why.",
        "A 3[.]120[.]0[.]1",
        "AAAA nodata",
        "AS16509 Amazon",
        "location DE",
        "2026-06-01",
    ):
        assert part in text


def test_where_a_link_leads_is_said_without_its_path() -> None:
    verdict = Verdict(kind=VerdictKind.UNRESOLVED, leads_to="https://inner.evil.test/secret?a=b")
    text = detail(TraceLine(input="x", host="scanner.test", verdict=verdict))
    assert "  leads to hxxps://inner[.]evil[.]test\n" in text
    assert "secret" not in text


def test_what_cannot_be_read_says_how_to_mend_it() -> None:
    assert "Mend it." in detail(UNREAD)


@pytest.mark.parametrize("show", ["row", "detail"])
@pytest.mark.parametrize("line", [FOUND, SPLIT, UNREAD])
def test_people_never_see_a_link_or_a_path(show: str, line: TraceLine) -> None:
    text = FORMATS[show](line)
    assert "secret" not in text
    assert "evil.test" not in text


def test_a_judged_address_is_written_as_its_model_is() -> None:
    draw = random.Random(3)  # noqa: S311 - a fixed draw
    texts = [f"http://{IPv4Address(draw.getrandbits(32))}/\u00e9'\"\\{number}" for number in range(3000)]
    texts += [f"http://[2a0{draw.randrange(16):x}:{draw.getrandbits(12):x}::1]/{number}" for number in range(500)]
    texts += ["http://3.120.0.1/", "http://104.16.1.1/", "http://10.0.0.1/", "http://name.test/"]
    with DataSets.open() as data:
        tracer = Tracer(Sources(build(data), KnownHosts.load()), SystemClock(), mode=OnlineMode.NEVER)
        quick = 0
        for text in texts:
            with suppress(BadInput):
                locator = read(text)
                found = tracer.judged(locator)
                if found is not None:
                    quick += 1
                    assert locator.host is not None
                    assert judged(text, locator.host, found) == ndjson(line_of(text, tracer.offline(locator)))
    assert quick > 2000
