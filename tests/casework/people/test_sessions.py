from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import links, sessions
from router.casework.people import tokens as people
from router.casework.people.accounts import change_role, close_account
from router.clock import StoryClock
from router.errors import NotAllowed, NotFound, NotSignedIn
from router.guard.credentials import new_cookie, new_token
from router.store.schema.tables import audit, tokens
from router.store.schema.tables import sessions as table
from schemas.actor import ROUTER, Actor, Role
from schemas.acts import TokenGiven
from tests.office import office


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        await people.add_account(made, "anna", Role.ANALYST, ROUTER, locale="nl")
        yield made


def advance(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(**by))


async def signed_in(ctx: Context) -> sessions.OpenedSession:
    return await links.redeem(ctx, await sessions.issue_link(ctx, "anna", ROUTER))


async def test_a_link_begins_a_session(ctx: Context) -> None:
    opened = await signed_in(ctx)
    session = await sessions.resume(ctx, opened.cookie)
    assert (session.actor.id, session.actor.role) == ("person:anna", Role.ANALYST)
    assert session.account.locale == "nl"
    assert session.csrf == opened.session.csrf


async def test_a_link_works_once(ctx: Context) -> None:
    raw = await sessions.issue_link(ctx, "anna", ROUTER)
    await links.redeem(ctx, raw)
    with pytest.raises(NotSignedIn):
        await links.redeem(ctx, raw)


async def test_two_browsers_with_one_link_get_one_session(ctx: Context) -> None:
    import asyncio

    raw = await sessions.issue_link(ctx, "anna", ROUTER)
    answers = await asyncio.gather(*(links.redeem(ctx, raw) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["NotSignedIn"] * 3 + ["OpenedSession"]
    assert len(await ctx.store.rows(select(table))) == 1


async def test_a_link_lives_for_a_quarter_of_an_hour(ctx: Context) -> None:
    raw = await sessions.issue_link(ctx, "anna", ROUTER)
    advance(ctx, minutes=15)
    with pytest.raises(NotSignedIn):
        await links.redeem(ctx, raw)


@pytest.mark.parametrize("raw", ["", "rr_link_x", "rr_link_" + "A" * 48])
async def test_what_is_no_link(ctx: Context, raw: str) -> None:
    with pytest.raises(NotSignedIn):
        await links.redeem(ctx, raw)


async def test_a_token_is_no_link_and_a_link_no_token(ctx: Context) -> None:
    link = await sessions.issue_link(ctx, "anna", ROUTER)
    with pytest.raises(NotSignedIn):
        await people.authenticate_token(ctx, link)
    with pytest.raises(NotSignedIn):
        await links.redeem(ctx, new_token())


async def test_an_invitation_leads_to_the_page_that_takes_the_link(ctx: Context) -> None:
    made = await sessions.invite(ctx, "anna", ROUTER)
    assert (made.account, made.ends_at) == ("anna", ctx.clock.now() + timedelta(minutes=15))
    opened = await links.redeem(ctx, made.path.removeprefix("/signin/"))
    assert opened.session.account.name == "anna"


async def test_links_are_for_open_accounts(ctx: Context) -> None:
    raw = await sessions.issue_link(ctx, "anna", ROUTER)
    await close_account(ctx, "anna", ROUTER)
    with pytest.raises(NotSignedIn):
        await links.redeem(ctx, raw)
    with pytest.raises(NotAllowed, match="closed"):
        await sessions.issue_link(ctx, "anna", ROUTER)
    with pytest.raises(NotFound):
        await sessions.issue_link(ctx, "nobody", ROUTER)


async def test_a_person_with_a_token_may_begin_a_session(ctx: Context) -> None:
    account = await people.account_named(ctx, "anna")
    opened = await sessions.begin(ctx, account.actor)
    assert (await sessions.resume(ctx, opened.cookie)).account == account


async def test_a_session_never_allows_more_than_the_token_it_began_with(ctx: Context) -> None:
    anna = (await people.account_named(ctx, "anna")).actor
    narrow = await people.create_token(ctx, TokenGiven(name="x", account="anna", scopes=("case:read",)), anna)
    with pytest.raises(NotSignedIn, match="allows less than your account"):
        await sessions.begin(ctx, await people.authenticate_token(ctx, narrow.token))
    assert await ctx.store.rows(select(table)) == []


@pytest.mark.parametrize("role", list(Role))
async def test_a_token_made_by_somebody_else_is_no_way_in(ctx: Context, role: Role) -> None:
    """A session is the person: whoever made the token would be them, and a second person beside themselves."""
    await people.add_account(ctx, "otto", role, ROUTER)
    lent = await people.create_token(ctx, TokenGiven(name="x", account="otto"), Actor(id="local:root"))
    with pytest.raises(NotSignedIn, match="made for you by somebody else"):
        await sessions.begin(ctx, await people.authenticate_token(ctx, lent.token))
    assert await ctx.store.rows(select(table)) == []


@pytest.mark.parametrize("way", ["link", "token"])
async def test_a_session_that_begins_while_its_role_changes_begins_not(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """It would outlive the change, with all that the new role may do: an administrator would see locations."""
    await people.add_account(ctx, "vera", Role.VIEWER, ROUTER)
    link = await sessions.issue_link(ctx, "vera", ROUTER)
    actor = (await people.account_named(ctx, "vera")).actor
    looked = sessions.open_account

    async def slowly(ctx: Context, account_id: str) -> people.AccountRow:
        found = await looked(ctx, account_id)
        await change_role(ctx, "vera", Role.ANALYST, ROUTER)
        return found

    monkeypatch.setattr(sessions, "open_account", slowly)
    monkeypatch.setattr(links, "open_account", slowly)
    with pytest.raises(NotSignedIn):
        await (links.redeem(ctx, link) if way == "link" else sessions.begin(ctx, actor))
    assert await ctx.store.rows(select(table)) == []


@pytest.mark.parametrize("who", ["source:form", "peer:hotline-nl", "router", "person:nobody"])
async def test_only_people_sign_in(ctx: Context, who: str) -> None:
    with pytest.raises((NotSignedIn, NotFound)):
        await sessions.begin(ctx, Actor(id=who))
    assert await ctx.store.rows(select(table)) == []


async def test_a_session_ends_after_half_an_hour_of_rest(ctx: Context) -> None:
    opened = await signed_in(ctx)
    for _ in range(4):
        advance(ctx, minutes=29)
        await sessions.resume(ctx, opened.cookie)
    advance(ctx, minutes=30)
    with pytest.raises(NotSignedIn):
        await sessions.resume(ctx, opened.cookie)


async def test_a_session_ends_after_twelve_hours_of_work(ctx: Context) -> None:
    opened = await signed_in(ctx)
    for _ in range(35):
        advance(ctx, minutes=20)
        await sessions.resume(ctx, opened.cookie)
    advance(ctx, minutes=20)
    with pytest.raises(NotSignedIn):
        await sessions.resume(ctx, opened.cookie)


async def test_signing_out_ends_this_session_only(ctx: Context) -> None:
    first, second = await signed_in(ctx), await signed_in(ctx)
    await sessions.end(ctx, first.session)
    with pytest.raises(NotSignedIn):
        await sessions.resume(ctx, first.cookie)
    await sessions.resume(ctx, second.cookie)


@pytest.mark.parametrize("cookie", ["", "x", "é", "a-well-formed-one"])
async def test_an_unknown_cookie_is_nobody(ctx: Context, cookie: str) -> None:
    cookie = new_cookie() if cookie == "a-well-formed-one" else cookie
    with pytest.raises(NotSignedIn):
        await sessions.resume(ctx, cookie)


async def test_a_form_needs_its_sessions_token(ctx: Context) -> None:
    first, second = (await signed_in(ctx)).session, (await signed_in(ctx)).session
    sessions.check_csrf(first, first.csrf)
    for given in (None, "", second.csrf, first.csrf[:-1], "é"):
        with pytest.raises(NotAllowed) as caught:
            sessions.check_csrf(first, given)
        assert caught.value.reason == "csrf"


async def test_no_secret_is_stored(ctx: Context) -> None:
    raw = await sessions.issue_link(ctx, "anna", ROUTER)
    opened = await links.redeem(ctx, raw)
    kept = [await ctx.store.rows(select(one)) for one in (tokens, table, audit)]
    assert raw not in str(kept)
    assert opened.cookie not in str(kept)


async def test_coming_and_going_is_in_the_audit_chain(ctx: Context) -> None:
    opened = await signed_in(ctx)
    await sessions.end(ctx, opened.session)
    acts = [row["act"] for row in await ctx.store.rows(select(audit.c.act).order_by(audit.c.seq))]
    assert acts[-3:] == ["link.issued", "session.began", "session.ended"]
