"""A session of which nobody showed for an hour who they are shows no location and sends nothing, and loses no word."""

from collections.abc import Mapping
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from router.casework.case.acts import SENDING
from router.casework.people import factors, tokens
from router.store.schema.tables import audit, cases, referrals
from schemas.actor import ROUTER, Role
from tests.console.conftest import CANARY, Browser

FIELDS: Mapping[str, Mapping[str, str]] = {
    "send": {"reason": "typed with care"},
    "refer": {"reason": "typed with care", "partner": "hotline-ca", "assessment": "baseline"},
}


class Left:
    """A supervisor's screen that was left open for an hour and a bit."""

    def __init__(self, console: Any, browser: Browser, secret: str) -> None:
        self.console, self.browser, self.secret = console, browser, secret

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.console.ctx.clock.now())


@pytest.fixture
async def left(console: Any) -> Left:
    account = await tokens.add_account(console.ctx, "anna-supervisor", Role.SUPERVISOR, ROUTER, locale="en")
    secret = await factors.begin_app(console.ctx, account)
    await factors.confirm_app(console.ctx, account, pyotp.TOTP(secret).at(console.ctx.clock.now()))
    return Left(console, await console.left_open(account), secret)


async def acts(ctx: Any) -> list[str]:
    return [row["act"] for row in await ctx.store.rows(select(audit.c.act).order_by(audit.c.at, audit.c.seq))]


async def test_a_location_is_not_shown_until_a_code_is(console: Any, left: Left) -> None:
    case = await console.case(seen=False)
    before = await left.browser.send(f"/cases/{case}/reveal", reason="typed with care")
    assert before.status_code == 403
    assert CANARY not in before.text
    assert "type a code with it" in before.text
    assert 'value="typed with care"' in before.text
    assert "case.revealed" not in await acts(console.ctx)
    after = await left.browser.send(f"/cases/{case}/reveal", reason="typed with care", factor=left.code())
    assert after.status_code == 200
    assert CANARY in after.text
    assert 'name="factor"' not in after.text, "it is fresh again"


@pytest.mark.parametrize("act", ["refer"])
async def test_nothing_is_sent_until_a_code_is_shown(console: Any, left: Left, act: str) -> None:
    case = await console.case()
    before = await left.browser.send(f"/cases/{case}/{act}", **FIELDS[act])
    assert before.status_code == 403
    assert 'value="typed with care"' in before.text
    assert await console.ctx.store.rows(select(referrals)) == []
    wrong = await left.browser.send(f"/cases/{case}/{act}", **FIELDS[act], factor="000000")
    assert wrong.status_code == 403
    assert "the password or the code" in wrong.text
    after = await left.browser.send(f"/cases/{case}/{act}", **FIELDS[act], factor=left.code())
    assert after.status_code == 303
    assert len(await console.ctx.store.rows(select(referrals))) == 1


async def test_what_sends_nothing_asks_nothing(console: Any, left: Left) -> None:
    case = await console.case()
    assert (await left.browser.get(f"/cases/{case}")).status_code == 200
    assert (await left.browser.send(f"/cases/{case}/take")).status_code == 303
    assert (await left.browser.send(f"/cases/{case}/close", reason="x", outcome="removed")).status_code == 303


async def test_every_form_that_sends_has_a_place_for_the_code(console: Any, left: Left) -> None:
    case = await console.case()
    for path in (f"/cases/{case}", "/me", "/me/access"):
        html = (await left.browser.get(path)).text
        for form in html.split("<form ")[1:]:
            body = form.partition("</form>")[0]
            action = body.partition('action="')[2].partition('"')[0]
            asks = action.rpartition("/")[2] in SENDING | {"reveal", "me", "password", "app", "codes"}
            assert ('name="factor"' in body) is asks, action
    assert {"send", "refer"} <= SENDING


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/me", {"name": "mine"}),
        ("/me/access/password", {"password": "seven grey herons wait"}),
        ("/me/access/app", {}),
        ("/me/access/codes", {}),
        ("/stops/lift", {"scope": "all", "reason": "x"}),
        ("/changes/alarm/confirm", {"id": "01999999-0000-7000-8000-000000000000"}),
        ("/changes/alarm/break-glass", {"id": "01999999-0000-7000-8000-000000000000", "reason": "x"}),
    ],
)
async def test_a_stolen_session_makes_no_way_to_come_back(
    console: Any, left: Left, path: str, fields: dict[str, str]
) -> None:
    before = await acts(console.ctx)
    answer = await left.browser.send(path, **fields)
    assert answer.status_code == 403
    assert "type a code with it" in answer.text
    assert await acts(console.ctx) == before


async def test_a_session_that_is_fresh_is_asked_nothing(console: Any, analyst: Any) -> None:
    case = await console.case()
    for path in (f"/cases/{case}", "/me", "/me/access"):
        assert 'name="factor"' not in (await analyst.get(path)).text


async def test_several_are_not_sent_either(console: Any, left: Left) -> None:
    case = await console.case()
    meant = {"act": "refer", "partner": "hotline-ca", "reason": "x", "assessment": "baseline", "count": "1"}
    fields = {**meant, "row": f"{case}.{await version(console.ctx, case)}"}
    before = await left.browser.send("/several/act", **fields)
    assert before.status_code == 403
    assert await console.ctx.store.rows(select(referrals)) == []
    assert (await left.browser.send("/several/act", **fields, factor=left.code())).status_code == 200
    assert len(await console.ctx.store.rows(select(referrals))) == 1


async def version(ctx: Any, case: str) -> int:
    (row,) = await ctx.store.rows(select(cases.c.version).where(cases.c.id == case))
    return int(row["version"])
