"""Another role, or none: whoever had it is out at once, and the house never loses the last who can mend that."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import accounts, links, sessions
from router.casework.people import tokens as people
from router.clock import StoryClock
from router.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard.access import Permission
from router.store.schema.tables import audit, tokens
from router.store.schema.tables import sessions as open_sessions
from schemas.account import AccountView
from schemas.actor import ROUTER, Actor, Role
from schemas.acts import TokenGiven
from tests.office import office, person

EVE = person("eve", Role.ADMINISTRATOR)
PutOut = Callable[[Context, str, Actor], Awaitable[AccountView]]


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        await people.add_account(made, "anna", Role.ANALYST, ROUTER)
        yield made


async def demoted(ctx: Context, name: str, actor: Actor) -> AccountView:
    return await accounts.change_role(ctx, name, Role.VIEWER, actor)


BOTH = pytest.mark.parametrize("put_out", [demoted, accounts.close_account])


async def token(ctx: Context, name: str, **given: Any) -> str:
    actor = (await people.account_named(ctx, name)).actor
    return (await people.create_token(ctx, TokenGiven(name="x", account=name, **given), actor)).token


async def signed_in(ctx: Context, name: str) -> str:
    return (await links.redeem(ctx, await sessions.issue_link(ctx, name, ROUTER))).cookie


async def last_acts(ctx: Context, count: int) -> list[tuple[str, str, Any]]:
    rows = await ctx.store.rows(select(audit).order_by(audit.c.seq))
    return [(row["act"], row["actor"], row["detail"]) for row in rows[-count:]]


@BOTH
async def test_every_way_in_ends_in_the_same_commit(ctx: Context, put_out: PutOut) -> None:
    cookies = [await signed_in(ctx, "anna"), await signed_in(ctx, "anna")]
    secrets = [await token(ctx, "anna"), await token(ctx, "anna", scopes=("case:read",))]
    link = await sessions.issue_link(ctx, "anna", ROUTER)
    await put_out(ctx, "anna", EVE)
    for cookie in cookies:
        with pytest.raises(NotSignedIn):
            await sessions.resume(ctx, cookie)
    for secret in secrets:
        with pytest.raises(NotSignedIn):
            await people.authenticate_token(ctx, secret)
    with pytest.raises(NotSignedIn):
        await links.redeem(ctx, link)
    assert await ctx.store.rows(select(open_sessions)) == []
    assert all(one.revoked_at for one in await people.list_tokens(ctx))


@BOTH
async def test_nobody_else_is_put_out(ctx: Context, put_out: PutOut) -> None:
    await people.add_account(ctx, "bert", Role.ANALYST, ROUTER)
    cookie, secret = await signed_in(ctx, "bert"), await token(ctx, "bert")
    await put_out(ctx, "anna", EVE)
    assert (await sessions.resume(ctx, cookie)).actor.role is Role.ANALYST
    assert Permission.CASE_REVEAL in (await people.authenticate_token(ctx, secret)).permissions


async def test_a_used_link_and_a_dead_token_keep_their_history(ctx: Context) -> None:
    await signed_in(ctx, "anna")
    made = await people.create_token(ctx, TokenGiven(name="x", account="anna"), ROUTER)
    await people.revoke_token(ctx, made.view.id, EVE)
    before = await ctx.store.rows(select(tokens).order_by(tokens.c.id))
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(seconds=5))
    await accounts.close_account(ctx, "anna", EVE)
    assert await ctx.store.rows(select(tokens).order_by(tokens.c.id)) == before


async def test_with_another_role_one_signs_in_again(ctx: Context) -> None:
    changed = await accounts.change_role(ctx, "anna", Role.SUPERVISOR, EVE)
    assert changed == AccountView(name="anna", role=Role.SUPERVISOR)
    session = await sessions.resume(ctx, await signed_in(ctx, "anna"))
    assert session.actor.role is Role.SUPERVISOR
    assert Permission.STOP_ACT in (await people.authenticate_token(ctx, await token(ctx, "anna"))).permissions


async def test_a_closed_account_stays_closed(ctx: Context) -> None:
    closed = await accounts.close_account(ctx, "anna", EVE)
    assert closed == AccountView(name="anna", role=Role.ANALYST, closed_at=ctx.clock.now())
    for act in (accounts.close_account(ctx, "anna", EVE), demoted(ctx, "anna", EVE)):
        with pytest.raises(Conflict, match="closed for good"):
            await act
    with pytest.raises(NotAllowed, match="closed"):
        await sessions.issue_link(ctx, "anna", ROUTER)
    assert await accounts.list_accounts(ctx) == [closed]


async def test_the_same_role_again_puts_nobody_out(ctx: Context) -> None:
    cookie = await signed_in(ctx, "anna")
    with pytest.raises(Conflict, match="is analyst already"):
        await accounts.change_role(ctx, "anna", Role.ANALYST, EVE)
    await sessions.resume(ctx, cookie)


@BOTH
async def test_nobody_does_it_to_themselves(ctx: Context, put_out: PutOut) -> None:
    anna = await people.account_named(ctx, "anna")
    with pytest.raises(NotAllowed, match="their own role") as caught:
        await put_out(ctx, "anna", anna.actor)
    assert caught.value.reason == "oneself"
    assert await people.account_named(ctx, "anna") == anna


@BOTH
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
async def test_the_last_of_a_role_that_is_needed_keeps_it(ctx: Context, put_out: PutOut, role: Role) -> None:
    for name in ("gone", "sam"):
        await people.add_account(ctx, name, role, ROUTER)
    await accounts.close_account(ctx, "gone", EVE)
    with pytest.raises(Conflict, match=f"the last {role}; give somebody else") as caught:
        await put_out(ctx, "sam", EVE)
    assert caught.value.reason == "last_one"
    await people.add_account(ctx, "tom", role, ROUTER)
    await put_out(ctx, "sam", EVE)
    with pytest.raises(Conflict, match="the last"):
        await put_out(ctx, "tom", EVE)


@BOTH
async def test_two_at_once_leave_one(ctx: Context, put_out: PutOut) -> None:
    for name in ("sam", "tom"):
        await people.add_account(ctx, name, Role.SUPERVISOR, ROUTER)
    ended = await asyncio.gather(*(put_out(ctx, name, EVE) for name in ("sam", "tom")), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["AccountView", "Conflict"]
    left = [one for one in await accounts.list_accounts(ctx) if one.role is Role.SUPERVISOR and not one.closed_at]
    assert len(left) == 1


async def test_no_account_no_change(ctx: Context) -> None:
    for act in (accounts.close_account(ctx, "nobody", EVE), demoted(ctx, "nobody", EVE)):
        with pytest.raises(NotFound, match="accounts list"):
            await act


async def test_who_did_it_and_what_it_was_are_in_the_audit_chain(ctx: Context) -> None:
    await demoted(ctx, "anna", EVE)
    await accounts.close_account(ctx, "anna", EVE)
    ended = ("session.ended_all", "person:eve", '{"account":"anna"}')
    assert await last_acts(ctx, 4) == [
        ("account.role", "person:eve", '{"account":"anna","role":"viewer","was":"analyst"}'),
        ended,
        ("account.disabled", "person:eve", '{"account":"anna"}'),
        ended,
    ]
