"""Embargoes on the console: set, hinted at, read by the named few, ended by two."""

from datetime import timedelta
from typing import Any

import pytest

from router.casework.case.embargo import in_force
from router.casework.govern import embargoes
from router.casework.people import sessions, tokens
from router.console.access import COOKIE
from schemas.actor import ROUTER, Role
from schemas.embargo import Left
from schemas.states import ReferralState
from tests.console.conftest import CANARY, LOCATION
from tests.embargoes import ASKED_BY, REASON, THEIRS

HOST = f"{CANARY}-pictures.test"


def form(console: Any, **more: str) -> dict[str, str]:
    until = (console.ctx.clock.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M")
    given = {"kind": "host", "what": HOST, "until": until, "asked_by": ASKED_BY, "reference": THEIRS, "reason": REASON}
    return {**given, **more}


async def second(console: Any) -> Any:
    account = await tokens.add_account(console.ctx, "bob", Role.SUPERVISOR, ROUTER)
    opened = await sessions.begin(console.ctx, account.actor)
    found = console.stranger()
    found.client.cookies.set(COOKIE, opened.cookie, domain="router.test")
    found.csrf = opened.session.csrf
    return found


async def test_set_by_one_and_hinted_at_to_everybody(console: Any, supervisor: Any, analyst: Any) -> None:
    case = await console.case()
    answer = await supervisor.send("/embargoes", **form(console))
    assert answer.status_code == 200
    assert "The embargo is in force." in answer.text
    for path in ("/", "/cases", f"/cases/{case}", "/embargoes"):
        page = (await analyst.get(path)).text
        assert "Held; ask anna-supervisor" in page, path
        assert not any(word in page for word in (HOST, REASON, ASKED_BY, THEIRS)), path
    page = (await analyst.get(f"/cases/{case}")).text
    assert not any(f"/cases/{case}/{act}" in page for act in ("send", "refer", "retrace"))
    assert "/embargoes/" not in (await analyst.get("/embargoes")).text.partition("<main")[2]


async def test_read_in_full_by_the_named_few(console: Any, supervisor: Any, analyst: Any) -> None:
    await supervisor.send("/embargoes", **form(console))
    (one,) = await in_force(console.ctx)
    page = (await supervisor.send(f"/embargoes/{one.id}/read")).text
    assert all(word in page for word in (REASON, ASKED_BY, THEIRS, CANARY))
    refused = await analyst.send(f"/embargoes/{one.id}/read")
    assert refused.status_code == 403
    assert REASON not in refused.text


async def test_another_reads_it_who_is_named(console: Any, supervisor: Any, analyst: Any) -> None:
    await supervisor.send("/embargoes", **form(console, readers="anna-analyst, anna-supervisor"))
    (one,) = await in_force(console.ctx)
    assert REASON in (await analyst.send(f"/embargoes/{one.id}/read")).text


async def test_ended_by_two_on_the_page_of_changes(console: Any, supervisor: Any) -> None:
    await supervisor.send("/embargoes", **form(console))
    (one,) = await in_force(console.ctx)
    answer = await supervisor.send(f"/embargoes/{one.id}/end")
    assert answer.headers["location"] == "/embargoes?done=embargo-end"
    mine = (await supervisor.get("/changes")).text
    assert "An earlier end of an embargo" in mine
    assert "You proposed this" in mine
    assert "break-glass" not in mine
    other = await second(console)
    assert f"/changes/embargo:{one.id}/confirm" in (await other.get("/changes")).text
    await other.send(f"/changes/embargo:{one.id}/confirm")
    assert await in_force(console.ctx) == ()
    assert "Nothing is under embargo." in (await other.get("/embargoes")).text


async def test_a_later_end_takes_one(console: Any, supervisor: Any) -> None:
    await supervisor.send("/embargoes", **form(console))
    (one,) = await in_force(console.ctx)
    later = (console.ctx.clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    answer = await supervisor.send(f"/embargoes/{one.id}/end", until=later)
    assert answer.headers["location"] == "/embargoes?done=embargo-later"
    (now,) = await in_force(console.ctx)
    assert now.until > one.until


async def test_what_had_left_is_named(console: Any, supervisor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await console.case()
    set_one = embargoes.add

    async def left(*given: Any) -> Any:
        said = await set_one(*given)
        one = Left(case=case, referral=case, partner="hotline-nl", state=ReferralState.ACCEPTED)
        return said.model_copy(update={"left": (one,), "more": True})

    monkeypatch.setattr("router.casework.govern.embargoes.add", left)
    page = (await supervisor.send("/embargoes", **form(console))).text
    assert all(word in page for word in ("It came too late for these", "Dutch hotline", "Older referrals"))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"what": "com"}, "Type the whole location"),
        ({"until": "2020-01-01T00:00"}, "lies ahead"),
        ({"until": "soon"}, "lies ahead"),
        ({"readers": "nobody"}, "accounts that are open"),
        ({"asked_by": ""}, "Type who asked"),
    ],
)
async def test_bad_input_keeps_what_was_typed(console: Any, supervisor: Any, more: dict[str, str], words: str) -> None:
    answer = await supervisor.send("/embargoes", **form(console, **more))
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{THEIRS}"' in answer.text
    assert await in_force(console.ctx) == ()


async def test_analysts_set_and_end_none(console: Any, supervisor: Any, analyst: Any) -> None:
    assert (await analyst.send("/embargoes", **form(console))).status_code == 403
    await supervisor.send("/embargoes", **form(console))
    (one,) = await in_force(console.ctx)
    assert (await analyst.send(f"/embargoes/{one.id}/end")).status_code == 403


async def test_one_that_is_not_there(supervisor: Any) -> None:
    unknown = "01999999-0000-7000-8000-000000000000"
    for act in ("read", "end"):
        assert (await supervisor.send(f"/embargoes/{unknown}/{act}")).status_code == 404


async def test_what_it_names_is_on_no_page_of_a_case_that_it_holds(console: Any, supervisor: Any) -> None:
    case = await console.case()
    await supervisor.send("/embargoes", **form(console, kind="url", what=LOCATION))
    for path in ("/", "/cases", f"/cases/{case}", "/embargoes", "/changes", "/audit"):
        assert CANARY not in (await supervisor.get(path)).text, path
