"""One stop halts everything that leaves, one partner, or one route, until it is lifted; intake and tracing go on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from router.casework.case.typed_reason import check_reason
from router.casework.context import Context
from router.clock import moment
from router.errors import BadInput, Conflict, Damaged, NotFound
from router.guard.mask import scrub
from router.store.base import Add, Event, Remove, Row, Transition
from router.store.schema.tables import stops as table
from schemas.actor import Actor

ALL = "all"
#: What binds a sealed reason to its column.
_FIELD = "stops.reason"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop in force."""

    scope: str
    since: datetime
    by: str
    reason: str


async def stop(ctx: Context, scope: str, actor: Actor, reason: str) -> None:
    """Halt `all`, `partner:NAME` or `route:NAME`. The reason is shown to staff. Raise BadInput, Conflict."""
    await _check_scope(ctx, scope)
    now, said = ctx.now(), check_reason(reason)
    add = Add(
        table, {"scope": scope, "since": now, "by": actor.id, "reason": "", "sealed": sealed_reason(ctx, scope, said)}
    )
    event = Event("stopped", actor.id, detail={"scope": scope})
    try:
        await ctx.store.commit(Transition(now, (), (add,), (), (event,)))
    except Conflict:
        raise Conflict("This is stopped already; lift it before stopping it for another reason.") from None


async def lift(ctx: Context, scope: str, actor: Actor, reason: str) -> None:
    """End a stop: what waited leaves again, at its partner's pace. Raise NotFound, BadInput."""
    check_reason(reason)
    if scope not in (await halts(ctx)).scopes:
        raise NotFound("There is no such stop; see `stop --list`.")
    event = Event("stop_lifted", actor.id, detail={"scope": scope})
    await ctx.store.commit(Transition(ctx.now(), (), (), (Remove(table, {"scope": scope}),), (event,)))


async def stops(ctx: Context) -> list[Stop]:
    """Return the stops in force, oldest first; what looks like a location is taken out of their reasons."""
    rows: list[Row] = await ctx.store.rows(select(table).order_by(table.c.since))
    return [Stop(row["scope"], moment(row["since"]), row["by"], scrub(_reason(ctx, row))) for row in rows]


def sealed_reason(ctx: Context, scope: str, reason: str) -> bytes:
    """Return why something is stopped, sealed for its row."""
    return ctx.keyring.seal_record(_FIELD, scope, reason.encode())


def _reason(ctx: Context, row: Row) -> str:
    if row["sealed"] is None:
        return str(row["reason"])
    try:
        return ctx.keyring.open_record(_FIELD, row["scope"], row["sealed"]).decode()
    except Damaged as error:  # what is stopped stays stopped, whatever became of its reason
        return error.message


@dataclass(frozen=True, slots=True)
class Halts:
    """What must not leave now."""

    scopes: frozenset[str]

    def partner(self, name: str) -> bool:
        """Tell whether nothing may leave to that partner."""
        return ALL in self.scopes or f"partner:{name}" in self.scopes

    @property
    def routes(self) -> list[str]:
        """Return the routes whose referrals stay."""
        return sorted(scope.removeprefix("route:") for scope in self.scopes if scope.startswith("route:"))


async def halts(ctx: Context) -> Halts:
    """Return what is stopped now."""
    return Halts(frozenset(row["scope"] for row in await ctx.store.rows(select(table.c.scope))))


async def _check_scope(ctx: Context, scope: str) -> None:
    kind, _, name = scope.partition(":")
    if scope == ALL:
        return
    if kind == "partner" and (await ctx.governance.directory()).named(name) is not None:
        return
    _, policy = await ctx.governance.policy()
    if kind == "route" and any(route.name == name for route in policy.routes):
        return
    raise BadInput("Stop `all`, `partner:NAME` or `route:NAME`, with a name that exists.", field="scope")
