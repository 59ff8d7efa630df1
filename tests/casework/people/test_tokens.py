from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import tokens as people
from router.casework.people.accounts import close_account
from router.clock import StoryClock
from router.errors import BadInput, Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard.access import Permission
from router.store.schema.tables import audit, tokens
from schemas.actor import ROUTER, Actor, Role
from schemas.acts import TokenGiven
from tests.office import office, person, token_for, token_of


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        yield made


async def acts(ctx: Context) -> list[str]:
    return [row["act"] for row in await ctx.store.rows(select(audit.c.act).order_by(audit.c.seq))]


def advance(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(**by))


async def test_a_person_is_who_their_token_says(ctx: Context) -> None:
    actor = await people.authenticate_token(ctx, await token_for(ctx, Role.ANALYST, "anna"))
    assert (actor.id, actor.role, actor.source) == ("person:anna", Role.ANALYST, None)
    assert Permission.CASE_REVEAL in actor.permissions


async def test_a_source_may_only_report(ctx: Context) -> None:
    actor = await people.authenticate_token(ctx, await token_of(ctx, "form"))
    assert (actor.id, actor.role, actor.source) == ("source:form", None, "form")
    assert Permission.REPORT_SUBMIT in actor.permissions
    assert Permission.CASE_READ not in actor.permissions


async def test_the_secret_is_never_stored(ctx: Context) -> None:
    raw = await token_of(ctx, "form")
    (row,) = await ctx.store.rows(select(tokens))
    assert raw not in str(row)
    assert raw[8:] not in str(row)


@pytest.mark.parametrize("role", list(Role))
async def test_who_grants_access_cannot_use_it(ctx: Context, role: Role) -> None:
    """Not of an account they made, not of one they raised, and not by a token that somebody else made for them."""
    eve = person("eve", Role.ADMINISTRATOR)
    await people.add_account(ctx, "anna", role, eve)
    lent = person("eve", Role.ADMINISTRATOR).model_copy(update={"issuer": "local:root", "id": "person:eve/local:root"})
    for actor in (eve, lent):
        with pytest.raises(NotAllowed, match="made by that person"):
            await people.create_token(ctx, TokenGiven(name="x", account="anna"), actor)
    assert Permission.ACCOUNT_INVITE not in eve.permissions


async def test_a_token_made_on_the_machine_reveals_nothing_and_names_its_maker(ctx: Context) -> None:
    await people.add_account(ctx, "anna", Role.ANALYST, ROUTER)
    machine, given = Actor(id="local:root"), TokenGiven(name="script", account="anna")
    issued = await people.create_token(ctx, given, machine)
    actor = await people.authenticate_token(ctx, issued.token)
    assert (actor.id, actor.account, actor.issuer) == ("person:anna/local:root", "anna", "local:root")
    assert Permission.CASE_READ in actor.permissions
    assert Permission.CASE_REVEAL not in actor.permissions
    with pytest.raises(BadInput, match="`case:reveal` is more than"):
        await people.create_token(ctx, given.model_copy(update={"scopes": ("case:reveal",)}), machine)
    # One that is made with it is no more one's own, however often that is done.
    for _ in range(2):
        issued = await people.create_token(ctx, given, actor)
        actor = await people.authenticate_token(ctx, issued.token)
    assert (actor.issuer, Permission.CASE_REVEAL in actor.permissions) == ("local:root", False)


async def test_a_token_never_makes_one_that_may_do_more(ctx: Context) -> None:
    account = await people.add_account(ctx, "anna", Role.ANALYST, ROUTER)
    given = TokenGiven(name="script", account="anna", scopes=("case:read", "token:own"))
    narrow = await people.authenticate_token(ctx, (await people.create_token(ctx, given, account.actor)).token)
    with pytest.raises(BadInput, match="more than this token may hold"):
        await people.create_token(ctx, given.model_copy(update={"scopes": ("case:reveal",)}), narrow)
    wide = await people.create_token(ctx, given.model_copy(update={"scopes": ()}), narrow)
    assert set(wide.view.scopes) == {"case:read", "token:own"}


async def test_a_narrow_token_stays_narrow(ctx: Context) -> None:
    account = await people.add_account(ctx, "anna", Role.ANALYST, ROUTER)
    given = TokenGiven(name="script", account="anna", scopes=("case:read",))
    issued = await people.create_token(ctx, given, account.actor)
    actor = await people.authenticate_token(ctx, issued.token)
    assert actor.permissions == {"case:read"}
    assert issued.view.scopes == ("case:read",)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (TokenGiven(name="x"), "account"),
        (TokenGiven(name="x", account="anna", source="form"), "account"),
        (TokenGiven(name="x", source="form", scopes=("case:read",)), "scopes"),
        (TokenGiven(name="x", source="form", scopes=("no such",)), "scopes"),
    ],
)
async def test_what_cannot_be_a_token(ctx: Context, given: TokenGiven, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        await people.create_token(ctx, given, ROUTER)
    assert caught.value.field == field
    assert "no such" not in caught.value.message


@pytest.mark.parametrize("given", [TokenGiven(name="x", source="nobody"), TokenGiven(name="x", account="nobody")])
async def test_a_token_is_for_somebody_we_know(ctx: Context, given: TokenGiven) -> None:
    with pytest.raises(NotFound):
        await people.create_token(ctx, given, ROUTER)


@pytest.mark.parametrize("raw", ["", "rr_live_", "rr_live_abc", "Bearer x", "rr_live_" + "A" * 48, "é"])
async def test_what_is_no_token_is_refused_without_asking_the_store(ctx: Context, raw: str) -> None:
    with pytest.raises(NotSignedIn, match="mistyped, expired or revoked"):
        await people.authenticate_token(ctx, raw)


async def test_a_token_of_another_router_is_refused(ctx: Context, tmp_path: Path) -> None:
    async with office(tmp_path / "other") as other:
        raw = await token_of(other, "form")
    with pytest.raises(NotSignedIn):
        await people.authenticate_token(ctx, raw)


async def test_a_token_ends_on_its_day(ctx: Context) -> None:
    issued = await people.create_token(ctx, TokenGiven(name="x", source="form", days=1), ROUTER)
    advance(ctx, hours=23)
    await people.authenticate_token(ctx, issued.token)
    advance(ctx, hours=1)
    with pytest.raises(NotSignedIn):
        await people.authenticate_token(ctx, issued.token)


async def test_a_revoked_token_is_refused(ctx: Context) -> None:
    issued = await people.create_token(ctx, TokenGiven(name="x", source="form"), ROUTER)
    await people.revoke_token(ctx, issued.view.id, person("eve", Role.ADMINISTRATOR))
    with pytest.raises(NotSignedIn):
        await people.authenticate_token(ctx, issued.token)
    (listed,) = await people.list_tokens(ctx)
    assert listed.revoked_at is not None


async def test_only_a_token_that_exists_is_revoked(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await people.revoke_token(ctx, "01999999-0000-7000-8000-000000000000", ROUTER)


async def test_the_token_of_a_closed_account_is_refused(ctx: Context) -> None:
    raw = await token_for(ctx, Role.ANALYST, "anna")
    await close_account(ctx, "anna", person("eve", Role.ADMINISTRATOR))
    with pytest.raises(NotSignedIn):
        await people.authenticate_token(ctx, raw)
    with pytest.raises(NotAllowed, match="closed"):
        await people.create_token(ctx, TokenGiven(name="x", account="anna"), ROUTER)


async def test_use_is_noted_once_a_minute(ctx: Context) -> None:
    raw = await token_of(ctx, "form")
    seen = []
    for _ in range(3):
        await people.authenticate_token(ctx, raw)
        (listed,) = await people.list_tokens(ctx)
        seen.append(listed.used_at)
        advance(ctx, seconds=40)
    assert seen[0] is not None
    assert seen[0] == seen[1] != seen[2]


async def test_names_are_taken_once(ctx: Context) -> None:
    await people.add_account(ctx, "anna", Role.ANALYST, ROUTER)
    with pytest.raises(Conflict, match="account with this name"):
        await people.add_account(ctx, "anna", Role.VIEWER, ROUTER)
    assert [account.name for account in await people.all_accounts(ctx)] == ["anna"]


async def test_everything_is_in_the_audit_chain(ctx: Context) -> None:
    eve = person("eve", Role.ADMINISTRATOR)
    await people.add_account(ctx, "anna", Role.ANALYST, eve)
    issued = await people.create_token(ctx, TokenGiven(name="x", source="form"), eve)
    await people.revoke_token(ctx, issued.view.id, eve)
    assert (await acts(ctx))[-3:] == ["account.added", "token.created", "token.revoked"]


async def test_the_audit_chain_keeps_no_secret(ctx: Context) -> None:
    raw = await token_of(ctx, "form")
    entries = await ctx.store.rows(select(audit))
    assert raw not in str(entries)
