"""Embargoes: set by one person, read by the few it names, ended early by two.

What one names, who asked for it and why are sealed as a case's location is; to read them is logged. A later end is
more of the same and takes one; an earlier one lets things leave, so it waits for a second person as any other change
that widens where data go. Its date alone ends it without anybody.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select

from router.casework.believed import ended_by, is_over
from router.casework.case.embargo import ENDED, FIELD, OPEN
from router.casework.case.marks import marks_of, named
from router.casework.case.record import open_cases
from router.casework.context import Context
from router.casework.govern.proposals import Proposed, adding, check_own_hand
from router.clock import micros, moment
from router.errors import BadInput, Conflict, Damaged, NotAllowed, NotFound
from router.guard.mask import defang
from router.store.base import Add, Change, Event, Row, Transition, with_beside
from router.store.ids import new_id
from router.store.schema.partners import proposals
from router.store.schema.tables import accounts, embargo_hits, embargoes, referrals
from schemas.actor import Actor
from schemas.embargo import (
    EMBARGO,
    LONGEST,
    EmbargoEnded,
    EmbargoGiven,
    EmbargoKind,
    EmbargoRead,
    EmbargoSecrets,
    EmbargoSet,
    EmbargoView,
    Left,
)
from schemas.states import ReferralState

#: Referrals of which a partner has something, or may have in a moment.
_OUT: Final = frozenset(
    {
        ReferralState.SENDING,
        ReferralState.ACCEPTED,
        ReferralState.UNKNOWN,
        ReferralState.RECALL_PENDING,
        ReferralState.WITHDRAWING,
    }
)
#: Those of which it may have a part, or an earlier try.
_BEGUN: Final = frozenset({ReferralState.WAITING, ReferralState.HELD, ReferralState.EXPIRED})
#: Referrals that are looked through for what had left already: so many at once, and so often. Two seconds at most.
_PAGE: Final = 500
_PAGES: Final = 40
_TOO_LONG: Final = "An embargo is set for {days} days at most; prolong it then."
_NOBODY: Final = "Nobody has an open account of this name: {names}."
_NOT_NAMED: Final = "This embargo is read by the few that it names; ask {ask}."


async def add(ctx: Context, given: EmbargoGiven, actor: Actor) -> EmbargoSet:
    """Set an embargo, in force when this returns; the answer names what had left already, or was leaving.

    Raise BadInput, NotAllowed for anybody but a person by name.
    """
    if actor.account is None:
        check_own_hand(actor)
        raise NotAllowed
    until = _until(ctx, given.until)
    canonical, marks = named(ctx.keyring, given.kind, given.what, given.platform)
    ask = given.ask or actor.account
    readers = tuple(dict.fromkeys((actor.account, ask, *given.readers)))
    await _check_accounts(ctx, readers)
    embargo_id, now = new_id(), ctx.now()
    secrets = EmbargoSecrets(
        what=canonical,
        platform=given.platform,
        asked_by=given.asked_by,
        reference=given.reference,
        reason=given.reason,
        readers=readers,
    )
    row = {
        "id": embargo_id,
        "state": OPEN,
        "kind": given.kind,
        "marks": json.dumps([one.hex() for one in marks]),
        "sealed": ctx.keyring.seal_record(FIELD, embargo_id, secrets.model_dump_json().encode()),
        "ask": ask,
        "by": actor.id,
        "since": now,
        "until": until,
        "ended_by": "[]",
    }
    event = Event("embargo.set", actor.id, detail={"embargo": embargo_id, "kind": given.kind, "until": _iso(until)})
    await ctx.store.commit(Transition(now, adds=(Add(embargoes, row),), events=(event,)))
    left, more = await _left(ctx, frozenset(marks))
    return EmbargoSet(embargo=(await _views(ctx, [row], actor))[0], left=left, more=more)


async def listed(ctx: Context, actor: Actor, *, ended: bool = False) -> list[EmbargoView]:
    """Return the embargoes in force, the newest first; with `ended` those that are over too."""
    wanted = select(embargoes).order_by(embargoes.c.since.desc(), embargoes.c.id.desc())
    if not ended:
        wanted = wanted.where(and_(embargoes.c.state == OPEN, embargoes.c.until > await ended_by(ctx)))
    return await _views(ctx, await ctx.store.rows(wanted), actor)


async def read(ctx: Context, embargo_id: str, actor: Actor) -> EmbargoRead:
    """Return one in full, which is logged before it is shown. Raise NotFound, NotAllowed, Damaged."""
    row = await _row(ctx, embargo_id)
    secrets = _secrets(ctx, row)
    if actor.account not in secrets.readers:
        raise NotAllowed(_NOT_NAMED.format(ask=row["ask"]), reason="not_named")
    event = Event("embargo.read", actor.id, detail={"embargo": embargo_id})
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
    (view,) = await _views(ctx, [row], actor)
    told = secrets.model_dump() | {"what": defang(secrets.what) if row["kind"] != EmbargoKind.ACCOUNT else secrets.what}
    return EmbargoRead(**view.model_dump(), **told)


async def end(ctx: Context, embargo_id: str, until: datetime | None, actor: Actor) -> EmbargoEnded:
    """Give an embargo another end; None is now. A later one is in force at once, an earlier one is proposed.

    Raise NotFound, NotAllowed, BadInput, Conflict when it is over.
    """
    row = await _open(ctx, embargo_id)
    if until is not None and _until(ctx, until) > row["until"]:
        return await _prolonged(ctx, row, micros(until), actor)
    wanted = None if until is None else _iso(_until(ctx, until))
    waits = Proposed(f"{EMBARGO}{embargo_id}", _in_force(row), json.dumps({"until": wanted}))
    check_own_hand(actor)
    await ctx.store.commit(await adding(ctx, [waits], actor))
    return EmbargoEnded(embargo=(await _views(ctx, [row], actor))[0], proposed=True)


async def _prolonged(ctx: Context, row: Row, until: int, actor: Actor) -> EmbargoEnded:
    change = Change(embargoes, {"id": row["id"]}, {"until": until}, guard={"state": OPEN, "until": row["until"]})
    event = Event("embargo.prolonged", actor.id, detail={"embargo": row["id"], "until": _iso(until)})
    await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))
    return EmbargoEnded(embargo=(await _views(ctx, [row | {"until": until}], actor))[0], proposed=False)


async def in_force(ctx: Context, subject: str) -> str | None:
    """Return when the embargo of a subject ends, as JSON; None when it is over."""
    wanted = and_(embargoes.c.id == subject.removeprefix(EMBARGO), embargoes.c.state == OPEN)
    rows = await ctx.store.rows(select(embargoes).where(wanted))
    return None if not rows or await is_over(ctx, rows[0]["until"]) else _in_force(rows[0])


async def put(ctx: Context, subject: str, body: str | None, actor: Actor, beside: Transition) -> int:
    """Give the embargo of a subject the end that two people agreed on, `beside` in the same commit. Raise Conflict."""
    embargo_id, now = subject.removeprefix(EMBARGO), ctx.now()
    row = await _open(ctx, embargo_id)
    wanted = json.loads(body or "{}").get("until")
    by = [event.detail["by"] for event in beside.events if "by" in event.detail]
    until = now if wanted is None else micros(datetime.fromisoformat(wanted))
    over = until <= now
    values: dict[str, Any] = {"until": now if over else until, "ended_by": json.dumps([*by, actor.id])}
    values |= {"state": ENDED} if over else {}
    change = Change(embargoes, {"id": embargo_id}, values, guard={"state": OPEN, "until": row["until"]})
    act = "embargo.ended" if over else "embargo.shortened"
    event = Event(act, actor.id, detail={"embargo": embargo_id, "until": _iso(values["until"]), "by": by})
    await ctx.store.commit(with_beside(Transition(now, (change,), events=(event,)), beside))
    return 0


def _in_force(row: Row) -> str:
    return json.dumps({"until": _iso(row["until"])})


def _iso(at: int) -> str:
    return moment(at).isoformat()


def _until(ctx: Context, until: datetime) -> int:
    """Return an embargo's end. Raise BadInput for one that is past, or further off than anybody may set."""
    if until <= ctx.clock.now():
        raise BadInput("The end must be in the future.", field="until")
    if until > ctx.clock.now() + LONGEST:
        raise BadInput(_TOO_LONG.format(days=LONGEST.days), field="until")
    return micros(until)


async def _check_accounts(ctx: Context, names: Sequence[str]) -> None:
    """Raise BadInput when one of the named has no open account: nobody could ask them, or they could not read."""
    open_ones = and_(accounts.c.name.in_(names), accounts.c.disabled_at.is_(None))
    known = {row["name"] for row in await ctx.store.rows(select(accounts.c.name).where(open_ones))}
    if missing := [one for one in names if one not in known]:
        raise BadInput(_NOBODY.format(names=", ".join(missing)), field="readers")


async def _row(ctx: Context, embargo_id: str) -> Row:
    rows = await ctx.store.rows(select(embargoes).where(embargoes.c.id == embargo_id))
    if not rows:
        raise NotFound("There is no embargo with this id; see `embargo list`.")
    return rows[0]


async def _open(ctx: Context, embargo_id: str) -> Row:
    row = await _row(ctx, embargo_id)
    if row["state"] != OPEN or await is_over(ctx, row["until"]):
        raise Conflict("This embargo is over; set another one if it is needed again.", reason="not_now")
    return row


def _secrets(ctx: Context, row: Row) -> EmbargoSecrets:
    return EmbargoSecrets.model_validate_json(ctx.keyring.open_record(FIELD, row["id"], row["sealed"]))


async def _views(ctx: Context, rows: Sequence[Row], actor: Actor) -> list[EmbargoView]:
    counts, waits, over = await _counts(ctx), await _proposed(ctx), await ended_by(ctx)
    return [_view(ctx, row, actor, over, counts.get(row["id"], 0), waits.get(f"{EMBARGO}{row['id']}")) for row in rows]


def _view(ctx: Context, row: Row, actor: Actor, over: int, count: int, proposed: datetime | None) -> EmbargoView:
    try:
        may_read = actor.account is not None and actor.account in _secrets(ctx, row).readers
    except Damaged:  # what is held stays held, whatever became of its reason
        may_read = False
    return EmbargoView(
        id=row["id"],
        kind=EmbargoKind(row["kind"]),
        ask=row["ask"],
        by=row["by"],
        since=moment(row["since"]),
        until=moment(row["until"]),
        open=row["state"] == OPEN and row["until"] > over,
        ended_by=tuple(json.loads(row["ended_by"])),
        cases=count,
        may_read=may_read,
        proposed=proposed,
    )


async def _counts(ctx: Context) -> Mapping[str, int]:
    counted = select(embargo_hits.c.embargo_id, func.count().label("n")).group_by(embargo_hits.c.embargo_id)
    return {row["embargo_id"]: row["n"] for row in await ctx.store.rows(counted)}


async def _proposed(ctx: Context) -> Mapping[str, datetime]:
    """Return by subject when embargoes end as soon as a second person confirms."""
    mine = and_(proposals.c.subject.startswith(EMBARGO), proposals.c.until > ctx.now())
    rows = await ctx.store.rows(select(proposals).where(mine))
    found: dict[str, Any] = {row["subject"]: json.loads(row["body"]).get("until") for row in rows}
    now = ctx.clock.now()
    return {subject: now if at is None else datetime.fromisoformat(at) for subject, at in found.items()}


async def _left(ctx: Context, marks: frozenset[bytes]) -> tuple[tuple[Left, ...], bool]:
    """Return the referrals that it came too late for, the newest first, and whether there are more than were looked at.

    With their partner by now, or leaving at this moment. What stands below a host, or inside a link, no index finds: so
    the cases themselves are looked through.
    """
    begun = and_(referrals.c.state.in_(sorted(_BEGUN)), referrals.c.may_have_arrived == 1)
    wanted = select(referrals.c.id, referrals.c.case_id, referrals.c.partner, referrals.c.state)
    wanted = wanted.where(or_(referrals.c.state.in_(sorted(_OUT)), begun)).order_by(referrals.c.id.desc()).limit(_PAGE)
    found: list[Left] = []
    rows = await ctx.store.rows(wanted)
    for _ in range(_PAGES):
        opened = await open_cases(ctx, {row["case_id"] for row in rows})
        known = await marks_of(ctx, list(opened.values()))
        held = {case_id for case_id, of_case in zip(opened, known, strict=True) if marks & of_case}
        found += [
            Left(case=row["case_id"], referral=row["id"], partner=row["partner"], state=ReferralState(row["state"]))
            for row in rows
            if row["case_id"] in held
        ]
        if len(rows) < _PAGE:
            return tuple(found), False
        rows = await ctx.store.rows(wanted.where(referrals.c.id < rows[-1]["id"]))
    return tuple(found), bool(rows)
