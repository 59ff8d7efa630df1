"""Who may come in: people, and tokens of people and sources. `sessions` has links; `accounts` ends what is begun here.

A token acts for an account (with at most what the account's role may do) or for a source (which may only report as
itself). Only digests are stored. A person's token is made by that person, or on the machine: whoever grants access
cannot use it. One that was made on the machine names its maker in every act, never holds `case:reveal`, and is no
second person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from router.casework.context import Context
from router.clock import moment, moment_or_none
from router.errors import BadInput, Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard import credentials
from router.guard.access import ROLES, SOURCE, SOURCE_BY_DEFAULT, Permission
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import accounts, sources, tokens
from schemas.actor import Actor, Role, person
from schemas.acts import TokenGiven, TokenIssued, TokenView

#: A token lives this long unless it is made for longer.
DEFAULT_LIFE: Final = timedelta(days=365)
#: `used_at` tells which tokens are dead, so a minute's accuracy is enough, and a busy token costs no write a request.
_USED_EVERY: Final = 60_000_000
_NO_TOKEN: Final = "This token is not valid here: mistyped, expired or revoked; `tokens create` makes a new one."  # noqa: S105 - words

_NO_SUCH: Final = {
    "account": "There is no such account; check its name.",
    "source": "There is no such source; check its name.",
    "token": "There is no such token; check its name.",
}
_ONE_BEYOND: Final = "`{scope}` is more than this token may hold; it may hold {held}."
_SOME_BEYOND: Final = "One of the scopes is more than this token may hold; it may hold {held}."
_NOT_THEIRS: Final = (
    "A person's token is made by that person, signed in on the console (/me) or with `tokens create NAME --mine`; or on"
    " the machine of the router."
)
#: Who made a token of which nobody wrote that down.
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A person who may sign in."""

    id: str
    name: str
    role: Role
    locale: str  #: the language its pages speak; empty while nobody chose one, and they follow the browser
    disabled: bool

    @property
    def actor(self) -> Actor:
        """Return the account as one who acts."""
        return person(self.name, self.role, _texts(ROLES[self.role]))


async def add_account(ctx: Context, name: str, role: Role, actor: Actor, *, locale: str = "") -> AccountRow:
    """Add a person. Raise Conflict when the name is taken."""
    account = AccountRow(new_id(), name, role, locale, disabled=False)
    row = {"id": account.id, "name": name, "role": role, "locale": locale, "made_by": actor.id}
    event = Event("account.added", actor.id, detail={"account": name, "role": role})
    try:
        await ctx.store.commit(Transition(ctx.now(), adds=(Add(accounts, row),), events=(event,)))
    except Conflict:
        raise Conflict("There is an account with this name; choose another.", field="name") from None
    return account


async def account_named(ctx: Context, name: str) -> AccountRow:
    """Return the account of that name. Raise NotFound."""
    return _account(await _one(ctx, select(accounts).where(accounts.c.name == name), "account"))


async def account_of(ctx: Context, account_id: str) -> AccountRow:
    """Return an account by id. Raise NotFound."""
    return _account(await _one(ctx, select(accounts).where(accounts.c.id == account_id), "account"))


async def all_accounts(ctx: Context) -> list[AccountRow]:
    """Return all accounts by name."""
    return [_account(row) for row in await ctx.store.rows(select(accounts).order_by(accounts.c.name))]


async def create_token(
    ctx: Context,
    given: TokenGiven,
    actor: Actor,
    *,
    life: timedelta | None = None,
    using: tuple[Change, ...] = (),
) -> TokenIssued:
    """Make an API token; its secret is in the answer and nowhere else.

    It lives as long as is asked, unless `life` says how long; `using` is what its person showed for it, and uses up.
    Raise BadInput for scopes beyond what the account's role or a source may hold, NotFound, NotAllowed.
    """
    account_id, most = await _bearer_of(ctx, given, actor)
    scopes = _scopes(given.scopes, most, SOURCE_BY_DEFAULT if given.source else most)
    raw, now = credentials.new_token(), ctx.now()
    life = life or (timedelta(days=given.days) if given.days else DEFAULT_LIFE)
    row = {
        "id": new_id(),
        "kind": "api",
        "digest": credentials.digest(raw),
        "name": given.name,
        "account_id": account_id,
        "source": given.source,
        "scopes": " ".join(scopes),
        "created_at": now,
        "expires_at": now + life // timedelta(microseconds=1),
        "used_at": None,
        "revoked_at": None,
        "issued_by": actor.issuer or actor.id,
    }
    event = Event(
        "token.created", actor.id, detail={"token": row["id"], "scopes": list(scopes), "source": given.source}
    )
    await ctx.store.commit(Transition(now, using, (Add(tokens, row),), events=(event,)))
    return TokenIssued(token=raw, view=_view(row, given.account))


async def authenticate_token(ctx: Context, raw: str) -> Actor:
    """Return who a token acts for. Raise NotSignedIn, always in the same words."""
    if not credentials.well_formed(raw):
        raise NotSignedIn(_NO_TOKEN)
    rows = await ctx.store.rows(
        select(tokens).where(tokens.c.digest == credentials.digest(raw), tokens.c.kind == "api")
    )
    now = ctx.now()
    if not rows or not _valid(rows[0], now):
        raise NotSignedIn(_NO_TOKEN)
    row = rows[0]
    actor = await _actor(ctx, row)
    if row["used_at"] is None or now - row["used_at"] > _USED_EVERY:
        await ctx.store.commit(Transition(now, changes=(Change(tokens, {"id": row["id"]}, {"used_at": now}),)))
    return actor


async def list_tokens(ctx: Context) -> list[TokenView]:
    """Return all API tokens, newest first, without their secrets."""
    names = {account.id: account.name for account in await all_accounts(ctx)}
    wanted = select(tokens).where(tokens.c.kind == "api")
    rows = await ctx.store.rows(wanted.order_by(tokens.c.created_at.desc(), tokens.c.id.desc()))
    return [_view(row, names.get(row["account_id"])) for row in rows]


async def own_tokens(ctx: Context, account: AccountRow) -> list[TokenView]:
    """Return what acts in a person's name now, newest first, without its secrets."""
    theirs = (tokens.c.kind == "api") & (tokens.c.account_id == account.id)
    wanted = select(tokens).where(theirs).order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
    return [_view(row, account.name) for row in await ctx.store.rows(wanted) if _valid(row, ctx.now())]


async def end_own(ctx: Context, account: AccountRow, token_id: str) -> None:
    """Make a token that acts in a person's name useless, by that person. Raise NotFound."""
    if token_id not in {one.id for one in await own_tokens(ctx, account)}:
        raise NotFound(_NO_SUCH["token"], field="token")
    await revoke_token(ctx, token_id, account.actor)


async def revoke_token(ctx: Context, token_id: str, actor: Actor) -> None:
    """Make a token useless from now on. Raise NotFound."""
    await _one(ctx, select(tokens).where(tokens.c.id == token_id, tokens.c.kind == "api"), "token")
    now = ctx.now()
    change = Change(tokens, {"id": token_id}, {"revoked_at": now})
    event = Event("token.revoked", actor.id, detail={"token": token_id})
    await ctx.store.commit(Transition(now, changes=(change,), events=(event,)))


async def _bearer_of(ctx: Context, given: TokenGiven, actor: Actor) -> tuple[str | None, Iterable[Permission]]:
    """Return (account id, all that the token may hold)."""
    if bool(given.account) == bool(given.source):
        raise BadInput("A token is for an account or for a source; name exactly one.", field="account")
    if given.source:
        await _one(ctx, select(sources).where(sources.c.name == given.source), "source")
        return None, SOURCE
    assert given.account
    account = await account_named(ctx, given.account)
    if account.disabled:
        raise NotAllowed("This account is closed; open another for the person.", field="account")
    if actor.account is None:  # the machine's own user
        return account.id, ROLES[account.role] - {Permission.CASE_REVEAL}
    if actor.account != account.name:
        raise NotAllowed(_NOT_THEIRS, field="account", reason="not_yours")
    held = {one for one in ROLES[account.role] if one in actor.permissions}
    return account.id, held - (frozenset() if actor.issuer is None else {Permission.CASE_REVEAL})


def _scopes(asked: Iterable[str], most: Iterable[Permission], by_default: Iterable[Permission]) -> tuple[str, ...]:
    held = _texts(most)
    scopes = tuple(sorted(set(asked))) or tuple(sorted(held & _texts(by_default)))
    if beyond := set(scopes) - held:
        known = sorted(beyond & _texts(Permission))
        text = (_ONE_BEYOND if known else _SOME_BEYOND).format(scope="".join(known[:1]), held=", ".join(sorted(held)))
        raise BadInput(text, field="scopes")
    return scopes


def _valid(row: Row, now: int) -> bool:
    return row["revoked_at"] is None and (row["expires_at"] is None or row["expires_at"] > now)


async def _actor(ctx: Context, row: Row) -> Actor:
    scopes = frozenset(row["scopes"].split())
    if row["source"] is not None:
        return Actor(id=f"source:{row['source']}", permissions=scopes & _texts(SOURCE), source=row["source"])
    try:
        account = await account_of(ctx, row["account_id"])
    except NotFound:
        raise NotSignedIn(_NO_TOKEN) from None
    if account.disabled:
        raise NotSignedIn(_NO_TOKEN)
    return person(account.name, account.role, account.actor.permissions & scopes, row["issued_by"] or UNKNOWN)


async def _one(ctx: Context, statement: Any, what: str) -> Row:
    rows = await ctx.store.rows(statement)
    if not rows:
        raise NotFound(_NO_SUCH[what], field=what)
    return rows[0]


def _account(row: Row) -> AccountRow:
    return AccountRow(row["id"], row["name"], Role(row["role"]), row["locale"], row["disabled_at"] is not None)


def _view(row: Row, account: str | None) -> TokenView:
    return TokenView(
        id=row["id"],
        name=row["name"],
        scopes=tuple(row["scopes"].split()),
        account=account,
        source=row["source"],
        created_at=moment(row["created_at"]),
        expires_at=moment_or_none(row["expires_at"]),
        used_at=moment_or_none(row["used_at"]),
        revoked_at=moment_or_none(row["revoked_at"]),
    )


def _texts(permissions: Iterable[Permission]) -> frozenset[str]:
    return frozenset(str(one) for one in permissions)
