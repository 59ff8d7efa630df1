"""The playground on the console: a text is tried with no script, by whose role allows, and no host is on the page."""

import re
from typing import Any

import pytest

from router.store.schema.tables import policies
from schemas.actor import Role
from tests.casework.govern.rules.test_draft import TEXT
from tests.console.conftest import CANARY
from tests.console.rules.test_versions import versions as governed

__all__ = ["governed"]
TO_CANADA = TEXT.replace('to = ["hotline:hosting_country"]', 'to = ["hotline-ca"]')


async def test_it_begins_with_the_text_in_force_and_tells_what_comes_of_another(governed: Any, analyst: Any) -> None:
    await governed.case(source="analysts")
    assert 'href="/rules/try"' in (await analyst.get("/rules")).text
    page = (await analyst.get("/rules/try")).text
    assert "mode = &#34;propose&#34;" in page
    assert "mode = &#34;propose&#34;" not in (await analyst.get("/rules/try?version=1")).text
    found = (await analyst.send("/rules/try", text=TO_CANADA.replace("\n", "\r\n"), limit=100)).text
    assert "0 of 1 tests pass." in found
    assert "wants hotline-nl, got hotline-ca" in found
    assert "<dt>Canadian hotline</dt><dd>1</dd>" in found.partition("More goes to")[2].partition("Less goes to")[0]
    assert "<dt>Dutch hotline</dt><dd>1</dd>" in found.partition("Less goes to")[2]
    assert "to = [&#34;hotline-ca&#34;]" in found
    said = "Dutch hotline (proposed) → people: Not assessed yet, Canadian hotline (proposed)<"
    assert said in found
    assert len(await governed.ctx.store.rows(policies.select())) == 2


async def test_what_is_wrong_stands_beside_its_line(governed: Any, analyst: Any) -> None:
    page = (await analyst.send("/rules/try", text=TEXT.replace("has_hotline", "has_hotlines", 1), limit=100)).text
    assert "did you mean has_hotline?" in page
    assert '<pre class="letter">when = { has_hotlines = true }</pre>' in page
    assert "tests pass" not in page


@pytest.mark.parametrize("where", ["# {}", 'reason = "{}"', 'to = ["{}"]', '"{}" = 2'])
async def test_no_host_is_on_the_page(governed: Any, supervisor: Any, where: str) -> None:
    text = TEXT.replace('name = "rest"', 'name = "rest"\n' + where.format(f"{CANARY}.example.com"))
    page = await supervisor.send("/rules/try", text=text, limit=100)
    assert (page.status_code, CANARY in page.text, "•••" in page.text) == (200, False, True)


@pytest.mark.parametrize("fields", [{}, {"text": TEXT, "limit": "100000"}, {"text": "x" * 300_000}])
async def test_it_is_bounded(governed: Any, supervisor: Any, fields: dict[str, str]) -> None:
    assert (await supervisor.send("/rules/try", **fields)).status_code == 422
    assert (await supervisor.send("/rules/try", text="\n" * 300_000 + "x")).status_code == 413


async def test_it_is_for_those_who_may_draft(governed: Any) -> None:
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        browser = await governed.person(role)
        assert (await browser.get("/rules/try")).status_code == 403
        assert "/rules/try" not in (await browser.get("/rules")).text


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("has_hotline", "has_hotlines", 1),
        TEXT.replace("expect = [", 'expect = ["desk", ', 1) + "[translations.nl]\n",
        TEXT.partition("[[tests]]")[0],
        TO_CANADA,
        "home = ",
        f"{TEXT}\n# at www.example.com",
    ],
)
async def test_whatever_comes_of_a_text_nothing_on_the_page_stays_english(
    governed: Any, text: str, language: str
) -> None:
    await governed.case(source="analysts")
    browser = await governed.person(Role.SUPERVISOR, language)
    page = (await browser.send("/rules/try", text=text, limit=100)).text
    own = page.partition("<main")[2].partition("<textarea")[0]
    assert "data-row" in own
    assert 'lang="en"' not in own
    said = re.sub(r"<[^>]*>|<pre.*?</pre>", " ", own)
    assert not re.search(r"\b(?:wants|missing|unknown key|did you mean|people|nobody|must|the policy)\b", said)


@pytest.mark.parametrize(("locale", "words"), [("nl", "Proberen"), ("fr", "Essayer"), ("de", "Ausprobieren")])
async def test_it_speaks_the_language_of_the_house(governed: Any, locale: str, words: str) -> None:
    page = (await (await governed.person(Role.ANALYST, locale)).get("/rules/try")).text
    assert f">{words}<" in page
