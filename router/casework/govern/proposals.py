"""What waits for a second person: proposed by one, shown to all, taken back by one, ended by time.

Nothing that is proposed is in force. Who may be the second person is said here and nowhere else: another account, by
its own hand, that did not make the first one's account or give it its role, nor has either from the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Final

import orjson
from sqlalchemy import or_, select

from router.casework.context import Context
from router.casework.govern.narrowing import differences
from router.clock import moment
from router.errors import Conflict, NotAllowed, NotFound
from router.guard.access import Permission, require
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.ids import new_id
from router.store.schema.partners import proposals
from router.store.schema.people import accounts
from schemas.actor import Actor
from schemas.embargo import EMBARGO
from schemas.proposal import LASTS, POLICY, RULE, FieldChange, ProposalView
from schemas.trail import TRAIL

_MICROS: Final = 1_000_000
#: What binds the typed reason of a broken glass to its column.
REASON: Final = "proposals.reason"
_AT_THE_MACHINE: Final = (
    "This widens where data go, and so takes two people: give your own token with --token (or ROUTER_TOKEN) to propose"
    " it, and have another account confirm it; or stop `serve`, and do it alone on this machine."
)
_LENT: Final = (
    "This takes a person's own hand, and your token was made by {by}; make one yourself on the console (/me)."
)
_GLASS: Final = "A change of {subject} is in force for a day by break-glass; confirm or withdraw it first."
_REPLACED: Final = "Another change of {subject} was proposed meanwhile, by {by}; look at it first."
_OWN: Final = "Who proposed this cannot confirm it; ask another person."
_MADE: Final = "One of you made the other's account, or gave it its role, so you count as one; ask another person."


@dataclass(frozen=True, slots=True)
class Proposed:
    """One change that waits: its subject, and what is in force and what is wanted, each as a JSON object."""

    subject: str
    base: str | None  #: JSON of what is in force; None for nothing
    body: str  #: what is wanted, in the form of its subject


def needs_two(actor: Actor) -> bool:
    """Tell whether what this actor widens waits for a second person: always, but where there is none to ask."""
    return not actor.alone


def check_own_hand(actor: Actor) -> None:
    """Raise NotAllowed unless a person acts by their own hand: signed in, or with a token that they made."""
    if actor.account is None:
        raise NotAllowed(_AT_THE_MACHINE, reason="two_people")
    if actor.issuer is not None:
        raise NotAllowed(_LENT.format(by=actor.issuer), reason="not_own_token")


async def adding(ctx: Context, waits: Sequence[Proposed], actor: Actor) -> Transition:
    """Return what keeps proposals, each in the place of the one of its subject that stands now.

    Raise NotAllowed, and Conflict for a subject of which a change is in force by break-glass: that is settled first.
    """
    if waits:
        check_own_hand(actor)
    now, older = ctx.now(), await _standing(ctx, waits)
    until = now + round(LASTS.total_seconds()) * _MICROS
    rows = [
        {"subject": one.subject, "id": new_id(), "by": actor.id, "since": now, "until": until, "base": one.base,
         "body": one.body}
        for one in waits
    ]  # fmt: skip
    return Transition(
        now,
        changes=[unchanged(row) for row in older],
        removes=[gone(row) for row in older],
        adds=[Add(proposals, row) for row in rows],
        events=[Event("change.proposed", actor.id, detail={"subject": one.subject}) for one in waits],
    )


async def _standing(ctx: Context, waits: Sequence[Proposed]) -> list[Row]:
    rows = await ctx.store.rows(select(proposals).where(proposals.c.subject.in_([one.subject for one in waits])))
    for row in rows:
        if row["glass_by"] is not None:
            raise Conflict(_GLASS.format(subject=row["subject"]), reason="glass_broken")
    return rows


def unchanged(row: Row) -> Change:
    """Return the condition that this is still the proposal that was looked at, and nobody broke the glass meanwhile."""
    return Change(proposals, {"subject": row["subject"]}, {}, guard={"id": row["id"], "glass_by": row["glass_by"]})


def gone(row: Row) -> Remove:
    """Return what takes a proposal away; beside `unchanged`, or a change in force would lose what undoes it."""
    return Remove(proposals, {"subject": row["subject"]})


async def pending(ctx: Context) -> list[Row]:
    """Return what waits, and what is in force by break-glass, oldest first; a drafted rule waits until an answer."""
    is_rule = proposals.c.subject.startswith(RULE)
    lasting = or_(proposals.c.until > ctx.now(), proposals.c.glass_by.is_not(None), is_rule)
    return await ctx.store.rows(select(proposals).where(lasting).order_by(proposals.c.since, proposals.c.subject))


async def of_subject(ctx: Context, subject: str, seen: str | None = None) -> Row:
    """Return what waits for a subject. Raise NotFound, or Conflict when it is not the one that was seen."""
    found = [row for row in await pending(ctx) if row["subject"] == subject]
    if not found:
        raise NotFound("Nothing is proposed here: it was confirmed, withdrawn, or ended; see `partners list`.")
    if seen is not None and found[0]["id"] != seen:
        text = _REPLACED.format(subject=subject, by=found[0]["by"])
        raise Conflict(text, reason="replaced_meanwhile")
    return found[0]


async def check_second_person(ctx: Context, row: Row, actor: Actor) -> None:
    """Raise NotAllowed unless the actor is another person than who proposed, by every way that is known to us."""
    check_own_hand(actor)
    first, second = hand(row["by"]), f"person:{actor.account}"
    if first == second:
        raise NotAllowed(_OWN, reason="same_person")
    names = [one.removeprefix("person:") for one in (first, second)]
    found = await ctx.store.rows(select(accounts).where(accounts.c.name.in_(names)))
    if any(hand(by) in {first, second} for one in found for by in (one["made_by"], one["role_by"]) if by):
        raise NotAllowed(_MADE, reason="same_person")


def may_change(actor: Actor, subject: str) -> None:
    """Raise NotAllowed unless the actor may change this subject at all."""
    if subject.startswith(EMBARGO):
        require(actor, Permission.EMBARGO_ACT)
    elif subject.startswith(TRAIL):
        require(actor, Permission.TRAIL_ACT)
    elif subject.startswith(RULE):
        require(actor, Permission.POLICY_PROPOSE)
    else:
        require(actor, Permission.POLICY_WRITE if subject == POLICY else Permission.PARTNER_WRITE)


def may_take_back(actor: Actor, row: Row) -> None:
    """Raise NotAllowed unless the actor may withdraw it: a drafted rule is its author's, or who publishes decides."""
    if row["subject"].startswith(RULE) and hand(row["by"]) != hand(actor.id):
        require(actor, Permission.POLICY_WRITE)


def hand(actor_id: str) -> str:
    """Return who acted, without who made the token they showed."""
    return actor_id.partition("/")[0]


def view(row: Row, in_force: str | None) -> ProposalView:
    """Return a proposal as people see it; `in_force` is what is in force of its subject now, as its base was."""
    return ProposalView(
        subject=row["subject"],
        id=row["id"],
        by=row["by"],
        since=moment(row["since"]),
        until=moment(row["until"]),
        changes=tuple(_changes(row)),
        outdated=row["glass_by"] is None and in_force != row["base"],
        in_force_by=row["glass_by"],
    )


async def withdraw(ctx: Context, row: Row, actor: Actor) -> None:
    """Take back what waits: anybody who may propose may. Raise Conflict when it is not what waits any more."""
    event = Event("change.withdrawn", actor.id, detail={"subject": row["subject"], "by": row["by"]})
    await ctx.store.commit(Transition(ctx.now(), [unchanged(row)], removes=[gone(row)], events=[event]))


def _changes(row: Row) -> Iterator[FieldChange]:
    base, body = _object(row["base"]), _object(row["body"])
    if row["subject"] != POLICY:
        yield from differences(base, body)
        return
    before, after = (str((one or {}).get("text", "")).splitlines() for one in (base, body))
    for line in unified_diff(before, after, lineterm="", n=0):
        if line[:1] in "+-" and line[:3] not in {"+++", "---"}:
            said = line[1:]
            yield FieldChange(
                field="line", was=said if line[0] == "-" else None, becomes=said if line[0] == "+" else None
            )


def _object(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    found = orjson.loads(text)
    return found if isinstance(found, dict) else None
