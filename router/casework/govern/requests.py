"""The register of what people ask about themselves (GDPR 15 to 18, 21): opened by one, agreed by another, on a clock.

Whoever agrees reads who asked and about what, which is logged; then the data protection officer may search
(`request_search`). Nothing here answers anybody, and no entry of the audit chain says who asked, about what, or what
was found.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import case, func, select, tuple_

from router.casework.context import Context
from router.casework.govern.proposals import check_own_hand, check_second_person
from router.casework.listing import Listing
from router.clock import moment, moment_or_none
from router.data.time_limits import last_day
from router.errors import BadInput, Conflict, NotFound
from router.guard.mask import defang
from router.hosting.location.url import read as read_location
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import requests
from schemas.actor import Actor
from schemas.locator import LocationKind
from schemas.requests import (
    DUE_WITHIN,
    EXTENDED_BY,
    MONTHS,
    RequestCloses,
    RequestExtends,
    RequestGiven,
    RequestKind,
    RequestOutcome,
    RequestRead,
    RequestSecrets,
    RequestState,
    RequestView,
    Term,
    TermKind,
)

#: Requests on one page of the register.
PAGE: Final = 50
#: Where a page of it ended: whether the last one was closed, by when it was due, and its id.
CURSOR: Final = r"^[01]\.[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9a-f-]{36}$"
#: What binds the sealed part to its column.
FIELD: Final = "requests.sealed"
_OVER: Final = "This request is closed; open another one if the same person asks again."
_READ_AS: Final = {
    TermKind.URL: LocationKind.URL,
    TermKind.HOST: LocationKind.URL,
    TermKind.ACCOUNT: LocationKind.ACCOUNT,
}


async def add(ctx: Context, given: RequestGiven, actor: Actor) -> RequestView:
    """Open a request; its clock runs from the day on which it was received. Raise BadInput, NotAllowed."""
    check_own_hand(actor)
    if given.received_on > _today(ctx):
        raise BadInput("A request is received before it is opened here.", field="received_on")
    for at, term in enumerate(given.terms):
        _check(term, f"terms.{at}.what")
    _, policy = await ctx.governance.policy()
    secrets = RequestSecrets(asked_by=given.asked_by, terms=given.terms)
    request_id = new_id()
    row = {
        "id": request_id,
        "kind": given.kind,
        "state": RequestState.OPEN,
        "received_on": given.received_on.isoformat(),
        "due_on": last_day(given.received_on, MONTHS, policy.home).isoformat(),
        "extended": 0,
        "sealed": _sealed(ctx, request_id, secrets),
        "by": actor.id,
        "since": ctx.now(),
    }
    event = Event("request.opened", actor.id, detail={"request": request_id, "kind": given.kind})
    await ctx.store.commit(Transition(ctx.now(), adds=(Add(requests, row),), events=(event,)))
    return _view(ctx, dict.fromkeys(requests.c.keys()) | row)


async def listed(
    ctx: Context, *, closed: bool = False, cursor: str | None = None, limit: int = PAGE
) -> Listing[RequestView]:
    """Return a page of the open requests, what is due first on top; with `closed` those that are closed as well, last.

    `cursor` is of the form `CURSOR`: a place, not a row, so that one that is closed or extended while somebody turns
    pages takes no other one with it.
    """
    is_open = requests.c.closed_at.is_(None)
    order = (case((is_open, 0), else_=1), requests.c.due_on, requests.c.id)
    which = [] if closed else [is_open]
    (there,) = await ctx.store.rows(select(func.count().label("n")).select_from(requests).where(*which))
    later = []
    if cursor is not None:
        over, due_on, request_id = cursor.split(".")
        later = [tuple_(*order) > (int(over), due_on, request_id)]
    rows = await ctx.store.rows(select(requests).where(*which, *later).order_by(*order).limit(limit + 1))
    following = _place(rows[limit - 1]) if len(rows) > limit else None
    return Listing([_view(ctx, row) for row in rows[:limit]], int(there["n"]), more=False, next=following)


def _place(row: Row) -> str:
    return f"{int(row['closed_at'] is not None)}.{row['due_on']}.{row['id']}"


async def read(ctx: Context, request_id: str, actor: Actor) -> RequestRead:
    """Return one in full, which is logged before it is shown. Raise NotFound, Damaged."""
    row = await of_id(ctx, request_id)
    secrets = opened(ctx, row)
    event = Event("request.read", actor.id, detail={"request": request_id})
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
    terms = tuple(one.model_copy(update={"what": _shown(one)}) for one in secrets.terms)
    return RequestRead(**_view(ctx, row).model_dump(), **secrets.model_dump(exclude={"terms"}), terms=terms)


async def agree(ctx: Context, request_id: str, actor: Actor) -> RequestView:
    """Agree, as a second person, that it is searched. Raise NotFound, NotAllowed, Conflict."""
    row = await _open(ctx, request_id)
    if row["state"] != RequestState.OPEN:
        raise Conflict("Somebody agreed to this search already; the officer may search.", reason="not_now")
    await check_second_person(ctx, row, actor)
    values = {"state": RequestState.AGREED, "agreed_by": actor.id, "agreed_at": ctx.now()}
    return await _changed(ctx, row, values, Event("request.agreed", actor.id, detail=_detail(row, by=row["by"])))


async def extend(ctx: Context, request_id: str, given: RequestExtends, actor: Actor) -> RequestView:
    """Extend the time by two months, once, within the first one. Raise NotFound, Conflict when it is too late."""
    row = await _open(ctx, request_id)
    check_own_hand(actor)
    if row["extended"]:
        raise Conflict("This was extended already; there is no second time (GDPR 12(3)).", reason="not_now")
    if row["due_on"] < _today(ctx).isoformat():
        text = "The first month is over, and within it whoever asked had to be told (GDPR 12(3)): answer now."
        raise Conflict(text, reason="too_late")
    _, policy = await ctx.governance.policy()
    due_on = last_day(date.fromisoformat(row["received_on"]), MONTHS + EXTENDED_BY, policy.home)
    secrets = opened(ctx, row).model_copy(update={"extended_because": given.reason})
    values = {"due_on": due_on.isoformat(), "extended": 1, "sealed": _sealed(ctx, request_id, secrets)}
    return await _changed(ctx, row, values, Event("request.extended", actor.id, detail=_detail(row, until=f"{due_on}")))


async def close(ctx: Context, request_id: str, given: RequestCloses, actor: Actor) -> RequestView:
    """Close it: people have answered whoever asked. Raise NotFound, Conflict."""
    row = await _open(ctx, request_id)
    check_own_hand(actor)
    secrets = opened(ctx, row).model_copy(update={"closed_because": given.reason})
    values = {
        "state": RequestState.CLOSED,
        "closed_by": actor.id,
        "closed_at": ctx.now(),
        "outcome": given.outcome,
        "sealed": _sealed(ctx, request_id, secrets),
    }
    event = Event("request.closed", actor.id, detail=_detail(row, outcome=given.outcome))
    return await _changed(ctx, row, values, event)


async def of_id(ctx: Context, request_id: str) -> Row:
    """Return the row of a request. Raise NotFound."""
    rows = await ctx.store.rows(select(requests).where(requests.c.id == request_id))
    if not rows:
        raise NotFound("There is no request with this id; see `requests list`.")
    return rows[0]


def opened(ctx: Context, row: Row) -> RequestSecrets:
    """Return what a request keeps sealed. Raise Damaged."""
    return RequestSecrets.model_validate_json(ctx.keyring.open_record(FIELD, row["id"], row["sealed"]))


def _sealed(ctx: Context, request_id: str, secrets: RequestSecrets) -> bytes:
    return ctx.keyring.seal_record(FIELD, request_id, secrets.model_dump_json().encode())


def _check(term: Term, field: str) -> None:
    """Raise BadInput for a term that names nothing that could be found."""
    kind = _READ_AS.get(term.kind)
    if kind is None:
        return
    try:
        locator = read_location(term.what, kind)
    except BadInput as error:
        raise BadInput(error.message, field=field, reason=error.reason) from None
    if term.kind is TermKind.HOST and locator.host is None:
        raise BadInput("This is no host; type its name, such as example.com, or its address.", field=field)


def _shown(term: Term) -> str:
    return defang(term.what) if term.kind in {TermKind.URL, TermKind.HOST} else term.what


async def _open(ctx: Context, request_id: str) -> Row:
    row = await of_id(ctx, request_id)
    if row["state"] == RequestState.CLOSED:
        raise Conflict(_OVER, reason="not_now")
    return row


async def _changed(ctx: Context, row: Row, values: Mapping[str, Any], event: Event) -> RequestView:
    as_read = {name: row[name] for name in ("state", "extended", "sealed")}
    change = Change(requests, {"id": row["id"]}, dict(values), guard=as_read)
    await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))
    return _view(ctx, {**row, **values})


def _detail(row: Row, **more: str) -> dict[str, Any]:
    return {"request": row["id"], **more}


def _today(ctx: Context) -> date:
    return ctx.clock.now().astimezone(ctx.zone).date()


def _view(ctx: Context, row: Row) -> RequestView:
    today, due_on = _today(ctx), date.fromisoformat(row["due_on"])
    is_open = row["closed_at"] is None
    return RequestView(
        id=row["id"],
        kind=RequestKind(row["kind"]),
        state=RequestState(row["state"]),
        received_on=date.fromisoformat(row["received_on"]),
        due_on=due_on,
        extended=bool(row["extended"]),
        due=is_open and (due_on - today).days <= DUE_WITHIN,
        overdue=is_open and due_on < today,
        by=row["by"],
        since=moment(row["since"]),
        agreed_by=row["agreed_by"],
        agreed_at=moment_or_none(row["agreed_at"]),
        closed_by=row["closed_by"],
        closed_at=moment_or_none(row["closed_at"]),
        outcome=None if row["outcome"] is None else RequestOutcome(row["outcome"]),
    )
