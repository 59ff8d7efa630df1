import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from router.partners.dropbox.page import page
from router.partners.dropbox.page_words import LANGUAGES, word

LINE = ("openssl cms -decrypt -inform DER -in x.p7m -inkey UNIT.key -recip UNIT.pem -out x.signed",)
UTC = ZoneInfo("UTC")
LONG = "https://host.test/" + "a" * 3000


def bundle(**item: Any) -> dict[str, Any]:
    one = {
        "referral_id": "r",
        "location": "https://www.host.test/p?a=1",
        "location_shown": "hxxps://www[.]host[.]test/p?a=1",
        "reply_code": "CODE",
        "received_at": "2026-11-20T08:30:00Z",
        "hosting": {"country": "BE", "ips": ["34.140.30.30"], "edge": False},
        **item,
    }
    said = {"from": "be", "to": "unit", "bundle": "r", "prepared_at": "2026-11-23T08:00:00+00:00", "asked": "take_over"}
    return {**said, "encrypted_to": "AA:BB", "items": [one]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_it_is_in_the_units_language(language: str) -> None:
    text = page(bundle(), LINE, language, ZoneInfo("Europe/Brussels"))
    for code in ("title", "metadata", "take_over", "answer", "reply_code", "location_shown"):
        assert word(code, language).split()[0] in text
    assert "AA:BB" in text
    assert LINE[0] in text
    assert "2026-11-20T08:30:00Z (2026-11-20 09:30:00 +0100)" in " ".join(text.split())


def test_nothing_on_it_can_be_clicked_or_run() -> None:
    said = bundle(note="see https://a.test/x, www.b.test and me@c.test", ways_in=[{"referrer": LONG}])
    text = page(said, LINE, "en", UTC)
    assert not re.search(r"https?://|www\.|@c\.test|<|\x1b", text)
    assert "hxxps://a[.]test/x" in text


def test_lines_are_short_and_nothing_is_lost() -> None:
    text = page(bundle(location_shown=LONG), LINE, "en", UTC)
    assert max(map(len, text.splitlines())) < 200
    assert "a" * 3000 in re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_has_assessed_says_so_first(language: str) -> None:
    said = bundle(assessment={"value": "unassessed", "not_assessed_by_us": True})
    marked = " ".join(page(said, LINE, language, UTC).split())
    assert marked.index(word("not_assessed_by_us", language)) < marked.index(word("reply_code", language) + ":")
    assert word("not_assessed_by_us", language) not in page(
        bundle(assessment={"value": "baseline"}), LINE, language, UTC
    )


def test_an_edge_is_said_plainly_and_a_severity_that_nobody_stated_too() -> None:
    edge = page(bundle(hosting={"edge": True}), LINE, "en", UTC)
    assert "ONLY THE EDGE" in edge
    assert "Severity: not stated" in edge
    assert "ONLY THE EDGE" not in page(bundle(), LINE, "en", UTC)
    stated = bundle(severity={"scheme": "X", "value": "A"})
    assert "Severity: scheme X; value A" in page(stated, LINE, "en", UTC)


def test_a_field_of_next_year_is_shown() -> None:
    assert "new_field: 7" in page(bundle(new_field=7), LINE, "en", UTC)
