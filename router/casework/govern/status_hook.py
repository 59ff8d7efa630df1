"""Where a source hears of its own reports: proposed by one, in force once another confirms it, taken away by one.

What goes there depends on the source's kind, so both stand together in what is confirmed: the house's own analysts hear
what they may read, any other source hears four words.
"""

from datetime import timedelta
from typing import Final

import orjson
from sqlalchemy import and_, func, select

from router.casework.context import Context
from router.casework.govern.proposals import Proposed, adding, needs_two
from router.clock import moment_or_none
from router.errors import Conflict, NotFound
from router.store.base import Change, Event, Remove, Row, Transition, with_beside
from router.store.schema.tables import partner_state, sources, status_news
from schemas.actor import Actor
from schemas.governed import Published
from schemas.proposal import SOURCE
from schemas.source import StatusHook, StatusView, is_of_house
from schemas.vocabulary import SourceKind

#: Sources have no versions: a proposal is held against the row itself.
UNVERSIONED: Final = 0
#: For how long it is said that something was never heard, in microseconds.
_A_WEEK: Final = timedelta(days=7) // timedelta(microseconds=1)


async def named(ctx: Context, name: str) -> Row:
    """Return a source's row. Raise NotFound."""
    rows = await ctx.store.rows(select(sources).where(sources.c.name == name))
    if not rows:
        raise NotFound("There is no such source; see `sources list`.", field="source")
    return rows[0]


def hook_of(row: Row) -> StatusHook | None:
    """Return where a source hears of its reports; None for nowhere."""
    return None if row["status_hook"] is None else StatusHook.model_validate_json(row["status_hook"])


def as_body(row: Row, hook: StatusHook | None) -> str:
    """Return what is proposed and confirmed, as JSON: who it is, and where it hears."""
    both = {"kind": row["kind"], "status": None if hook is None else hook.model_dump(mode="json")}
    return orjson.dumps(both, option=orjson.OPT_SORT_KEYS).decode()


async def hearing(ctx: Context, row: Row) -> StatusView | None:
    """Return where a source hears of its reports and how that goes; None where it hears nothing."""
    hook = hook_of(row)
    if hook is None:
        return None
    theirs, now = status_news.c.source == row["name"], ctx.now()
    due = and_(theirs, status_news.c.due_at.is_not(None), status_news.c.at <= now)
    lost = and_(theirs, status_news.c.given_up_at > now - _A_WEEK)
    counts = [
        (await ctx.store.rows(select(func.count().label("n")).select_from(status_news).where(one)))[0]["n"]
        for one in (due, lost)
    ]
    oldest = select(status_news.c.at).where(due).order_by(status_news.c.at).limit(1)
    failing = select(status_news.c.last_reason).where(and_(due, status_news.c.last_reason.is_not(None))).limit(1)
    since, why = await ctx.store.rows(oldest), await ctx.store.rows(failing)
    return StatusView(
        **hook.model_dump(),
        waiting=counts[0],
        waiting_since=moment_or_none(since[0]["at"] if since else None),
        failing=why[0]["last_reason"] if why else None,
        given_up=counts[1],
    )


async def change_hook(ctx: Context, name: str, hook: StatusHook | None, actor: Actor) -> Published:
    """Propose where a source hears of its reports; None takes the address away at once, with what waits for it.

    The address that is in force, said again, ends a pause: what was wrong there is mended. Raise NotFound, NotAllowed,
    Conflict.
    """
    row = await named(ctx, name)
    base, wanted = as_body(row, hook_of(row)), as_body(row, hook)
    if hook is None or base == wanted or not needs_two(actor):
        await put_hook(ctx, name, wanted, actor, Transition(ctx.now()))
        return Published(version=UNVERSIONED)
    await ctx.store.commit(await adding(ctx, [Proposed(SOURCE + name, base, wanted)], actor))
    return Published(version=UNVERSIONED, proposed=(SOURCE + name,))


async def put_hook(ctx: Context, name: str, body: str | None, actor: Actor, beside: Transition) -> int:
    """Put in force what `as_body` made, `beside` in the same commit. Raise NotFound, Conflict."""
    row = await named(ctx, name)
    said = orjson.loads(body or "{}")
    if said.get("kind") != row["kind"]:
        raise Conflict("The source is of another kind by now; look at it, and propose it anew.", reason="changed")
    given = said.get("status")
    hook = None if given is None else orjson.dumps(given).decode()
    values, seen = {"status_hook": hook}, {"status_hook": row["status_hook"], "kind": row["kind"]}
    removes = [Remove(partner_state, {"partner": SOURCE + name})]  # how the old address answered says nothing now
    removes += [Remove(status_news, {"source": name})] if hook is None else []
    event = Event("source.status_ended" if hook is None else "source.status_set", actor.id, detail={"source": name})
    change = Change(sources, {"name": name}, values, guard=seen)
    await ctx.store.commit(with_beside(Transition(ctx.now(), (change,), (), removes, (event,)), beside))
    return UNVERSIONED


def check_kind(row: Row, kind: SourceKind) -> None:
    """Raise Conflict where a source with an address would hear more, or less, by being of another kind."""
    if row["status_hook"] is not None and is_of_house(kind) != is_of_house(row["kind"]):
        raise Conflict(
            "What its status address hears depends on the kind: take the address away (--no-status-url), change the"
            " kind, and propose the address anew.",
            field="kind",
            reason="has_status_url",
        )
