"""A page of a list that is shown whole says how many stand on it, and all of them do."""

import re
from html import unescape
from typing import Any, Final

import pytest

from router.casework.people import tokens
from router.store.ids import new_id
from schemas.actor import ROUTER, Role
from schemas.letter import Letter
from tests.console.conftest import PARTNERS
from tests.console.requests.test_page import form as asked
from tests.console.test_desk import letter, written
from tests.console.test_embargoes import form as held
from tests.console.trail.test_page import FORM, signing

__all__ = ["signing", "written"]
MANY: Final = 13
ROW: Final = '<li class="row'


def said(page: str, *, row: str = ROW) -> tuple[int, bool]:
    """Return how many rows stand on a page, and whether it says that there are so many."""
    count = page.count(row)
    return count, f'<p class="meta">{count} in all</p>' in page


async def test_people(console: Any, supervisor: Any) -> None:
    before = (await supervisor.get("/people")).text.count(ROW)
    for n in range(MANY):
        await tokens.add_account(console.ctx, f"person-{n}", Role.ANALYST, ROUTER)
    assert said((await supervisor.get("/people")).text) == (before + MANY, True)


async def test_embargoes(console: Any, supervisor: Any) -> None:
    for n in range(MANY):
        await supervisor.send("/embargoes", **held(console, what=f"host-{n}.test"))
    assert said((await supervisor.get("/embargoes")).text) == (MANY, True)


async def test_requests(console: Any, supervisor: Any) -> None:
    officer = await console.person(Role.OFFICER)
    for _ in range(MANY):
        await officer.send("/requests", **asked())
    assert said((await supervisor.get("/requests")).text) == (MANY, True)


async def test_long_ones_go_on(signing: Any, supervisor: Any) -> None:
    officer, case = await signing.person(Role.OFFICER), await signing.case()
    for _ in range(52):
        await officer.send("/requests", **asked())
        await supervisor.send("/trails", case=case, **FORM)
    for address in ("/requests", "/requests?closed=true", "/trails"):
        first = (await supervisor.get(address)).text
        assert (first.count(ROW), "52 in all" in first) == (50, True)
        (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
        last = (await supervisor.get(unescape(following))).text
        assert (last.count(ROW), "52 in all" in last, 'rel="next"' in last) == (2, True, False), address
        assert "closed=true" in following or "closed" not in address
    assert (await supervisor.get("/requests?after=x")).status_code == 404
    assert (await supervisor.get(f"/trails?after={case}")).status_code == 422


async def test_trails_and_what_waits_for_a_second_person(signing: Any, supervisor: Any) -> None:
    case = await signing.case()
    for _ in range(MANY):
        await supervisor.send("/trails", case=case, **FORM)
    for page in ("/trails", "/changes"):
        assert said((await supervisor.get(page)).text) == (MANY, True), page


async def test_stops(supervisor: Any) -> None:
    for one in PARTNERS:
        await supervisor.send("/stops/stop", scope=f"partner:{one.name}", reason="it is down")
    assert said((await supervisor.get("/stops")).text, row='action="/stops/lift"') == (len(PARTNERS), True)


async def test_partners_those_switched_off_too(console: Any, supervisor: Any) -> None:
    rules = console.ctx.governance
    off = tuple(one.model_copy(update={"enabled": False, "name": f"off-{n}"}) for n, one in enumerate(PARTNERS))
    rules.directory_ = rules.directory_.model_copy(update={"partners": (*rules.directory_.partners, *off)})
    assert said((await supervisor.get("/partners")).text) == (len(rules.directory_.partners), True)


async def test_letters(analyst: Any, written: list[Letter]) -> None:
    written.extend(letter(f"letter {n}", id=new_id()) for n in range(MANY))
    assert said((await analyst.get("/letters")).text, row='<pre class="letter"') == (MANY, True)


@pytest.mark.parametrize("page", ["/embargoes", "/requests", "/trails", "/changes", "/stops", "/letters"])
async def test_nothing_is_told_in_its_own_words(signing: Any, supervisor: Any, page: str) -> None:
    assert "in all</p>" not in (await supervisor.get(page)).text
