"""Accounts of people: listed, given another role, closed. Both acts put the person out at once, wherever they are.

Their sessions and mandates end, their tokens and unused links are worth nothing, and what they held of the desk is free
in the very commit that changes the account, so that nobody goes on with what they had before. Nobody does it to
themselves, and the last open account of a role that the house cannot be without keeps it.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, or_, select

from router.casework.context import Context
from router.casework.people import mandates
from router.casework.people.factors import all_gone
from router.casework.people.farewell import left_by
from router.clock import moment_or_none
from router.errors import Conflict, NotAllowed, NotFound
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.schema.tables import accounts, desk_views, leases, sessions, tokens, viewings
from schemas.account import AccountView
from schemas.actor import Actor, Role
from schemas.viewing import Ended

#: Without a supervisor nobody governs the policy and the stops; without an administrator nobody lets people in.
_NEEDED: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_SAME_ROLE: Final = "This person is {role} already; nothing was changed."
_LAST: Final = "This is the last {role}; give somebody else that role first."
_CLOSED: Final = "This account is closed for good; add another for the person."


async def list_accounts(ctx: Context) -> list[AccountView]:
    """Return all accounts by name, the closed ones too."""
    return [_view(row) for row in await ctx.store.rows(select(accounts).order_by(accounts.c.name))]


async def account_view(ctx: Context, name: str) -> AccountView:
    """Return the account of that name. Raise NotFound."""
    return _view(await _named(ctx, name))


async def change_role(ctx: Context, name: str, role: Role, actor: Actor) -> AccountView:
    """Give a person another role; they sign in again to use it. Raise NotFound, NotAllowed for oneself, Conflict.

    Their tokens end as well: what was made for one role is not what the other is meant to hold.
    """
    row = await _open(ctx, name, actor)
    if row["role"] == role:
        raise Conflict(_SAME_ROLE.format(role=role), field="role")
    event = Event("account.role", actor.id, detail={"account": name, "role": role, "was": row["role"]})
    await _put_out(ctx, row, {"role": role, "role_by": actor.id}, actor, event)
    return await account_view(ctx, name)


async def close_account(ctx: Context, name: str, actor: Actor) -> AccountView:
    """Close an account for good. Raise NotFound, NotAllowed for oneself, Conflict.

    What its person held of the desk is free again, and a list that they took to look at is over: nobody else may bring
    what came of it. What they could know is listed for another to tick off.
    """
    row = await _open(ctx, name, actor)
    event = Event("account.disabled", actor.id, detail={"account": name})
    known = await left_by(ctx, row, actor)
    await _put_out(
        ctx,
        row,
        {"disabled_at": ctx.now()},
        actor,
        event,
        known,
        gone=(*all_gone(row["id"]), Remove(desk_views, {"owner": f"person:{name}"})),
        others=await _viewings_ended(ctx, name, actor),
    )
    return await account_view(ctx, name)


async def _open(ctx: Context, name: str, actor: Actor) -> Row:
    """Return the row of an open account that the actor may change."""
    if actor.account == name:
        raise NotAllowed("Nobody changes their own role or account; ask another administrator.", reason="oneself")
    row = await _named(ctx, name)
    if row["disabled_at"] is not None:
        raise Conflict(_CLOSED)
    return row


async def _put_out(
    ctx: Context,
    row: Row,
    values: dict[str, Any],
    actor: Actor,
    event: Event,
    adds: Sequence[Add] = (),
    *,
    gone: Sequence[Remove] = (),
    others: Sequence[Change] = (),
) -> None:
    """Change an account and end all that lets its person in, in one commit; with what is written besides."""
    as_it_was = {"role": row["role"], "disabled_at": None}
    changes = [Change(accounts, {"id": row["id"]}, values, guard=as_it_was), *await _stays(ctx, row)]
    # Every writer locks accounts in the same order: two who each leave the other as the last one must not wait forever.
    changes.sort(key=lambda change: str(change.key["id"]))
    now = ctx.now()
    changes += [Change(tokens, {"id": one}, {"revoked_at": now}) for one in await _ways_in(ctx, row["id"], now)]
    changes += [mandates.ended(ctx, one, actor) for one in await mandates.in_force(ctx, row["id"])]
    changes += [*await _given_back(ctx, row["name"]), *others]
    ended = Event("session.ended_all", actor.id, detail={"account": row["name"]})
    gone = (*gone, Remove(sessions, {"account_id": row["id"]}))
    await ctx.store.commit(Transition(now, tuple(changes), adds, gone, (event, ended)))


async def _given_back(ctx: Context, name: str) -> list[Change]:
    """Return what frees the items of the desk that a person has."""
    theirs = (leases.c.by == f"person:{name}") & (leases.c.until > ctx.now())
    rows = await ctx.store.rows(select(leases).where(theirs).order_by(leases.c.case_id))
    return [
        Change(leases, {"case_id": one["case_id"]}, {"until": ctx.now()}, guard={"until": one["until"]}) for one in rows
    ]


async def _viewings_ended(ctx: Context, name: str, actor: Actor) -> list[Change]:
    """Return what ends the viewing session that a person has not brought back."""
    rows = await ctx.store.rows(select(viewings.c.name).where(viewings.c.open_by == f"person:{name}"))
    values = {"open_by": None, "ended_as": Ended.CLOSED, "ended_at": ctx.now(), "ended_by": actor.id}
    return [Change(viewings, {"name": one["name"]}, values, guard={"ended_as": None}) for one in rows]


async def _stays(ctx: Context, row: Row) -> list[Change]:
    """Return the condition that another open account of a needed role is still one when this is committed."""
    if row["role"] not in _NEEDED:
        return []
    same = and_(accounts.c.role == row["role"], accounts.c.disabled_at.is_(None), accounts.c.id != row["id"])
    others = await ctx.store.rows(select(accounts.c.id).where(same).order_by(accounts.c.id).limit(1))
    if not others:
        raise Conflict(_LAST.format(role=row["role"]), reason="last_one")
    return [Change(accounts, {"id": others[0]["id"]}, {}, guard={"role": row["role"], "disabled_at": None})]


async def _ways_in(ctx: Context, account_id: str, now: int) -> list[str]:
    """Return the ids of the account's tokens and links that still open something."""
    works = and_(
        tokens.c.account_id == account_id,
        tokens.c.revoked_at.is_(None),
        or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
        or_(tokens.c.kind == "api", tokens.c.used_at.is_(None)),
    )
    return [row["id"] for row in await ctx.store.rows(select(tokens.c.id).where(works))]


async def _named(ctx: Context, name: str) -> Row:
    rows = await ctx.store.rows(select(accounts).where(accounts.c.name == name))
    if not rows:
        raise NotFound("There is no such account; see `accounts list`.", field="account")
    return rows[0]


def _view(row: Row) -> AccountView:
    return AccountView(name=row["name"], role=Role(row["role"]), closed_at=moment_or_none(row["disabled_at"]))
