"""A house's own policy says its reasons in the reader's language, as the version that decided has them."""

import re
from dataclasses import replace
from typing import Any

import pytest

from router.casework.govern.rules.playground import try_out
from router.casework.govern.versions import Following, import_directory, publish_policy
from router.console.page import LANGUAGE_COOKIE
from router.console.rules.reasons import NO_REASONS, Reasons
from schemas.actor import ROUTER, Role
from schemas.partner import Directory
from schemas.playground import TryGiven
from tests.casework.govern.rules.test_draft import TEXT
from tests.console.conftest import PARTNERS
from tests.console.test_case import FOUND

#: A Dutch house's own words: first asked of people, then in what it confirms, and of a country that it bars.
DUTCH = """
version = 1
home = "BE"
language = "nl"

[barred]
NL = "wij hebben geen rechtsgrond"

[[route]]
name = "ours"
when = {{ assessment = ["unassessed"] }}
to = ["desk"]
reason = "onze mensen kijken eerst <b>"

[[route]]
name = "abroad"
to = ["hotline:hosting_country"]
copy = true

[[route]]
name = "held"
to = ["federal-police"]
hold = "48h"
reason = "de politie kijkt eerst"

[translations.fr]
"onze mensen kijken eerst <b>" = "{fr} <i>"
"de politie kijkt eerst" = "la police voit en premier"
"wij hebben geen rechtsgrond" = "nous sommes sans base légale"

[[tests]]
given = {{ assessment = "baseline" }}
expect = ["federal-police"]

[retention]
handles = "180d"
urls = "365d"
cases = "1825d"
audit = "3650d"
"""
FIRST, THEN = DUTCH.format(fr="nos gens voient en premier"), DUTCH.format(fr="en premier, nos gens voient")


async def put_in_force(console: Any, text: str) -> Any:
    store, clock = console.ctx.store, console.ctx.clock
    await publish_policy(store, clock, text, ROUTER)
    console.app.state.ctx = console.ctx = replace(console.ctx, governance=Following(store, clock))
    return console


@pytest.fixture
async def house(console: Any) -> Any:
    """A console of a Dutch house whose own policy is in force."""
    await import_directory(console.ctx.store, console.ctx.clock, Directory(partners=PARTNERS), ROUTER)
    return await put_in_force(console, FIRST)


async def pages(house: Any, *paths: str) -> dict[str, str]:
    """What people of each language read there."""
    browser, found = await house.person(Role.ANALYST), {}
    for locale in ("nl", "fr", "de", "en"):
        browser.client.cookies.set(LANGUAGE_COOKIE, locale, domain="router.test")
        found[locale] = " ".join([(await browser.get(path)).text for path in paths])
    return found


async def test_the_desk_says_the_houses_reason_in_the_readers_language_else_as_it_is_written(house: Any) -> None:
    case = await house.case()
    both = await pages(house, "/", f"/cases/{case}")
    for at in (0, 1):
        said = {locale: text.split("</html>")[at] for locale, text in both.items()}
        assert "<p>Onze mensen kijken eerst &lt;b&gt;.</p>" in said["nl"].replace(' class="said"', "")
        assert "Nos gens voient en premier &lt;i&gt;." in said["fr"]
        for other in ("de", "en"):
            assert '<span lang="nl">Onze mensen kijken eerst &lt;b&gt;.</span>' in said[other]
        assert "onze mensen" not in said["fr"].casefold()


async def test_what_was_decided_is_read_in_the_words_of_the_version_that_decided(house: Any) -> None:
    old = await house.case("r-1", "https://one.test/a")
    await put_in_force(house, THEN)
    new = await house.case("r-2", "https://two.test/b")
    french = await house.person(Role.SUPERVISOR, "fr")
    assert "Nos gens voient en premier" in (await french.get(f"/cases/{old}")).text
    assert "En premier, nos gens voient" in (await french.get(f"/cases/{new}")).text
    desk = (await french.get("/")).text
    assert ("Nos gens voient en premier" in desk, "En premier, nos gens voient" in desk) == (True, True)


async def test_the_timeline_says_why_in_the_words_of_the_version_that_decided(house: Any) -> None:
    case = await house.case()
    await put_in_force(house, THEN)
    said = await pages(house, f"/cases/{case}")
    timeline = {locale: text.partition('id="timeline"')[2] for locale, text in said.items()}
    assert "<code>ours</code> Nos gens voient en premier &lt;i&gt;." in timeline["fr"]
    assert "<code>ours</code> Onze mensen kijken eerst &lt;b&gt;." in timeline["nl"]
    for other in ("de", "en"):
        assert '<code>ours</code> <span lang="nl">Onze mensen kijken eerst &lt;b&gt;.</span>' in timeline[other]
    assert "<code>abroad</code> elle n" in timeline["fr"]


async def test_why_it_is_held_and_who_was_ruled_out_are_said_too(house: Any) -> None:
    case = await house.case(source="analysts", assessment=FOUND | {"value": "baseline"})
    said = await pages(house, f"/cases/{case}")
    assert "La police voit en premier." in said["fr"]
    assert "De politie kijkt eerst." in said["nl"]
    assert '<span lang="nl">De politie kijkt eerst.</span>' in said["de"]
    assert "Rien ne peut être envoyé vers ce pays (Pays-Bas) : nous sommes sans base légale." in said["fr"]
    assert "Naar Nederland mag niets worden verzonden: wij hebben geen rechtsgrond." in said["nl"]
    assert 'darf nichts gesendet werden: <span lang="nl">wij hebben geen rechtsgrond</span>.' in said["de"]


async def test_a_text_that_is_tried_notes_what_a_language_lacks(house: Any) -> None:
    lacks = FIRST.replace('"de politie kijkt eerst" = "la police voit en premier"\n', "")
    found = await try_out(house.ctx, TryGiven(text=lacks))
    assert "in fr no reason is given for route held: it is shown as written there" in found.notes
    wrong = await try_out(house.ctx, TryGiven(text=FIRST.replace("translations.fr", "translations.es")))
    assert [str(one) for one in wrong.problems] == ["line 26, translations es: must be 'nl', 'fr', 'de' or 'en'"]


async def test_a_reason_of_the_router_or_of_a_policy_that_ships_is_said_by_the_catalogue(house: Any) -> None:
    shipped = 'reason = "hosted in our own country: deal with it, with the police and the provider"'
    await put_in_force(house, TEXT.replace('to = ["desk"]', f'to = ["desk"]\n{shipped}'))
    case = await house.case()
    said = await pages(house, f"/cases/{case}")
    assert not re.search(r'lang="en">Hosted in our own', "".join(said.values()))


def test_of_no_policy_nothing_is_said() -> None:
    assert NO_REASONS.said("anything", "nl") is None
    assert NO_REASONS.language("anything") == "en"
    assert Reasons({3: {"So.": {"nl": "zo"}}}, 3).said("So.", "fr") is None
    assert Reasons({3: {"So.": {"nl": "zo"}}}, 3).said("so", "nl", 4) is None
