import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from router.clock import StoryClock
from router.console.page import HEADERS, Pages, breakable, make_pages, templates
from router.hosting.verdict.pattern import Pattern
from router.hosting.verdict.reasons import of_pattern

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return make_pages(StoryClock(NOW), "hotline-be", ZoneInfo("Europe/Brussels"))


def said(pages: Pages, code: str, source: str, **values: Any) -> str:
    return pages.environments[code].from_string(source).render(now=NOW, **values)


@pytest.mark.parametrize("name", templates())
def test_every_template_compiles_in_every_language(pages: Pages, name: str) -> None:
    assert all(environment.get_template(name) for environment in pages.environments.values())


@pytest.mark.parametrize("name", templates())
def test_no_template_has_anything_inline_or_from_elsewhere(pages: Pages, name: str) -> None:
    environment = pages.environments["en"]
    assert environment.loader is not None
    source, *_ = environment.loader.get_source(environment, name)
    for word in (" style=", "<style", " onclick", "javascript:", "|safe }}"):
        assert word not in source
    assert source.count("http:") + source.count("https:") == source.count("https://db-ip.com")


def test_a_policy_that_lets_nothing_in() -> None:
    policy = HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_every_answer_carries_the_headers(console: Any, analyst: Any) -> None:
    for path in ("/", "/signin", "/nowhere", "/static/console.css", "/cases/nonsense"):
        headers = (await analyst.get(path)).headers
        wanted = {name: value for name, value in HEADERS.items() if name != "cache-control"}
        assert {name: headers.get(name) for name in wanted} == wanted
        assert headers["cache-control"] == ("public, max-age=31536000, immutable" if "static" in path else "no-store")


@pytest.mark.parametrize("name", templates())
def test_no_page_looks_a_text_up(pages: Pages, name: str) -> None:
    """What a template says stands in it in the language of its environment; forms for numbers are chosen as shown."""
    environment = pages.environments["nl"]
    assert environment.loader is not None
    source, *_ = environment.loader.get_source(environment, name)
    compiled = environment.compile(source, name, raw=True)
    looked_up = re.findall(r"else l_\d+_(?:_|gettext)\), (?:Markup\(|['\"])", compiled)
    assert not looked_up


def test_what_is_filled_into_a_text_is_escaped_once(pages: Pages) -> None:
    text = "{% trans who=x, when=y %}{{ who }} drafted it, {{ when }}{% endtrans %}"
    for source in (text, "{{ _('%(who)s says 100 %%', who=x) }}", "{% set z = _('a %(who)s', who=x) %}{{ z }}"):
        shown = said(pages, "en", source, x="<b>", y=Markup("<i>"))
        assert "&lt;b&gt;" in shown
        assert "%%" not in shown
    assert said(pages, "en", text, x="<b>", y=Markup("<i>")) == "&lt;b&gt; drafted it, <i>"
    assert said(pages, "nl", "{{ _('Desk') }}{{ x or _('Send') }}", x="") == "WerklijstVerzend"


def test_everything_is_escaped(pages: Pages) -> None:
    assert said(pages, "en", "{{ x }}{{ x|breakable }}{{ x|english }}", x="<b>") == "&lt;b&gt;" * 3


def test_a_long_location_may_break_but_never_changes() -> None:
    broken = breakable("hxxps://a[.]b/<x>?k=1&l=2")
    assert isinstance(broken, Markup)
    assert broken.striptags() == "hxxps://a[.]b/<x>?k=1&l=2"
    assert "[.]<wbr>" in broken


def test_what_is_only_in_english_says_so(pages: Pages) -> None:
    assert said(pages, "nl", "{{ t|english }}", t="No such sentence.") == '<span lang="en">No such sentence.</span>'
    assert said(pages, "en", "{{ t|english }}", t="No such sentence.") == "No such sentence."


def test_a_reason_of_a_verdict_names_the_country_in_the_language_of_the_page(pages: Pages) -> None:
    text = of_pattern(Pattern.ALL_AGREE, "CA").text
    assert said(pages, "en", "{{ t|english }}", t=text).endswith("all say Canada.")
    assert said(pages, "de", "{{ t|english }}", t=text) == (
        "Geolokalisierung, Register und ankündigendes Netz sagen alle: Kanada."
    )


def test_times_are_told_from_now_and_kept_exactly(pages: Pages) -> None:
    told = said(pages, "nl", "{{ t|ago }} {{ t|moment }} {{ t|waiting }}", t=NOW - timedelta(hours=3))
    assert '<time datetime="2026-11-23T05:00:00+00:00" title="23 nov 2026, 06:00 CET">3 uur geleden</time>' in told
    assert told.endswith("3 uur")


def test_countries_are_sorted_by_their_names(pages: Pages) -> None:
    assert said(pages, "nl", "{{ c|by_name|join(' ') }}", c=["DE", "BE", "AT"]) == "BE DE AT"
    assert said(pages, "en", "{{ c|by_name|join(' ') }}", c=["DE", "BE", "AT"]) == "AT BE DE"


def test_a_reported_address_is_defanged_where_it_is_shown_in_full(pages: Pages) -> None:
    assert (
        said(pages, "en", "{{ u|defanged }} {{ 'plain text'|defanged }}", u="https://a.test/x")
        == "hxxps://a[.]test/x plain text"
    )


async def test_a_page_is_whole_in_each_language(console: Any, analyst: Any) -> None:
    case = await console.case()
    for code, word in (("nl", "Werklijst"), ("fr", "Bureau"), ("de", "Schreibtisch"), ("en", "Desk")):
        await analyst.send("/language", language=code)
        for path in ("/", f"/cases/{case}", "/cases", "/stops"):
            page = (await analyst.get(path)).text
            assert f'<html lang="{code}">' in page
            assert word in page
            assert "IP" in page
            assert "db-ip.com" in page


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        (
            "nl",
            "police-be asked that nobody be told before 2026-12-24 08:00 UTC; until then nothing leaves or is asked.",
            "24 dec 2026, 09:00 CET",
        ),
        ("en", "It goes at 2026-07-22 22:30 UTC, with what belongs in the same bundle.", "23 Jul 2026, 00:30 CEST"),
        ("de", "They say: see you at 2026-99-22 22:30 UTC", "2026-99-22 22:30 UTC"),
    ],
)
def test_a_moment_in_a_sentence_is_said_by_the_clock_of_the_house(
    pages: Pages, code: str, text: str, shown: str
) -> None:
    page = said(pages, code, "{{ text|english }}", text=text)
    assert (shown in page, "UTC" in page) == (True, "UTC" in shown)


def test_what_a_source_states_is_said_in_the_language_and_names_stay_as_they_are(pages: Pages) -> None:
    stated = ("registry delegation", "geofeed of the holder of 192.0.2.0/24", "Amazon Web Services, eu-west-1")
    assert said(pages, "nl", "{{ all|map('stated')|join('; ') }}", all=stated) == (
        "toewijzing door het register; geofeed van de houder van 192.0.2.0/24; Amazon Web Services, eu-west-1"
    )
