"""Whatever strangers write is text: markup in each field of a report, of a partner, a name server and a registry."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from router.casework.intake import take as intake
from router.casework.people import sessions, tokens
from router.console.access import COOKIE
from router.console.pages import make_console
from router.partners.base import Accepted, Reason, Refused
from schemas.actor import ROUTER, Role
from schemas.report import ReportGiven
from schemas.severity import SeverityRules
from schemas.trace import Address, Basis, Claim, Evidence, NameRecord
from tests.casebook import ANALYSTS, Casebook, casebook
from tests.console.conftest import Console
from tests.stories import test_every_field_arrives as fields

#: An element that no page of ours has, as text and as what would end an attribute.
MARK = "\"><strange-one a='1'>{{7*7}}</strange-one>&amp;"
IN_A_LOCATION = "<strange-one>x</strange-one>"
#: Pages that show what others wrote, of one case and of all.
OF_ALL = ("/", "/?order=age", "/cases", "/audit", "/partners", "/letters", "/figures", "/stops")


def marked() -> tuple[ReportGiven, set[str]]:
    """A report with markup in each field that takes any text, and which fields those are."""
    found: dict[str, Any] = {"items.kind": "url", "items.location": f"https://marked.test/{IN_A_LOCATION}"}
    for path, value in fields.GIVEN.items():
        text = [f"step {MARK}"] if path.endswith("steps") else f"{value}{MARK}"
        wanted = found | {path: f"https://r.test/{IN_A_LOCATION}" if path.endswith("referrer") else text}
        try:
            fields.whole_report(own=True, others=found | wanted)
        except ValidationError:
            continue  # a code, a name or a moment
        found = found | wanted if not path.startswith("items.location") else found
    return fields.whole_report(own=True, others=found), set(found)


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    """A house whose name servers and registries answer with markup."""
    async with casebook(tmp_path) as opened:
        rules = SeverityRules(schemes={"marked-scale": ("mild", f"marked-severity{MARK}", "marked-severity")})
        opened.rules.policy_ = opened.rules.policy_.model_copy(update={"severity": rules})
        claim = Claim(basis=next(iter(Basis)), country="NL")
        said = Evidence(source="geofeed", claim=claim, prefix=MARK, detail=MARK, as_of=MARK)
        address = Address(ip="192.0.2.7", as_name=MARK, operator=MARK, pattern=MARK, evidence=(said,))
        name = NameRecord(name=MARK, type=MARK, target=MARK, ttl=1)
        opened.world.known = {"names": (name,), "addresses": (address,), "platform": MARK, "abuse_contact": MARK}
        opened.world.known |= {"registrable_domain": MARK}
        yield opened


async def test_markup_of_strangers_is_text_on_every_page(made: list[FastAPI], book: Casebook, read: Any) -> None:
    given, paths = marked()
    assert {"reference", "memo", "note_to_partner", "items.labels.value", "items.account.handle"} <= paths
    taken = await intake.take(book.ctx, given, ANALYSTS)
    case = taken.items[0].case
    await book.saw(case)
    book.partner.script = [Refused(Reason.REFUSED, MARK)]
    await book.step(case, 2)
    await book.send()
    other = (
        (await intake.take(book.ctx, given.model_copy(update={"reference": f"another{MARK}"}), ANALYSTS)).items[0].case
    )
    book.partner.script = [Accepted(MARK)]
    if not made:
        made.append(make_console(book.ctx))
    state = made[0].state
    state.ctx, state.pages = book.ctx, replace(state.pages, clock=book.ctx.clock, me=book.ctx.me)
    boss = await tokens.add_account(book.ctx, "boss", Role.SUPERVISOR, ROUTER)
    opened = await sessions.begin(book.ctx, boss.actor)
    browser = Console(made[0], book.ctx).stranger()
    browser.client.cookies.set(COOKIE, opened.cookie, domain="router.test")
    browser.csrf = opened.session.csrf
    answers = [await browser.get(path) for path in (*OF_ALL, f"/cases/{case}", f"/cases/{other}")]
    answers += [await browser.send(f"/cases/{case}/reveal", reason=MARK), await browser.get(f"/cases/{case}")]
    answers += [await browser.send(f"/cases/{case}/close", reason=MARK, outcome=MARK)]
    answers += [await browser.send("/cases", text=MARK), await browser.get(f"/?number={MARK}")]
    for answer in answers:
        page = read(answer.text)
        assert page.all("strange-one") == [], answer.url
        assert "49</strange-one" not in answer.text
    assert sum("strange-one" in read(one.text).text for one in answers) >= 3, "it is shown, as text"
