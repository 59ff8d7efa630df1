"""The second person confirms, anybody takes back; and the way for one alone in an emergency, which rings and ends.

Break-glass puts what is proposed in force for a day, with a reason, and rings. Then the old values come back by
themselves, unless a second person has confirmed. What somebody changed meanwhile stays as they changed it.
"""

from contextlib import suppress
from typing import Any, Final

import orjson
from sqlalchemy import select

from router.casework.alarm import ways
from router.casework.alarm.house import opening
from router.casework.believed import ended_by
from router.casework.case.typed_reason import acted_of_house, check_reason
from router.casework.context import Context
from router.casework.govern import proposals as waiting
from router.casework.govern.rules import drafts
from router.casework.govern.subjects import in_force, put, version
from router.casework.govern.versions import Yes
from router.errors import BadInput, Conflict, Damaged, NotAllowed, PolicyInvalid, RouterError
from router.guard.log import get_log
from router.guard.mask import scrub
from router.store.base import Change, Event, Row, Transition, with_beside
from router.store.schema.partners import proposals
from router.store.schema.versions import policies
from schemas.actor import ROUTER, Actor
from schemas.alarm import HouseCode
from schemas.embargo import EMBARGO
from schemas.governed import Published
from schemas.proposal import ALARM, GLASS_LASTS, PARTNER, POLICY, RELEASE, RULE, TERRITORIES, ProposalView
from schemas.trail import TRAIL

_GLASS: Final = round(GLASS_LASTS.total_seconds()) * 1_000_000
_EMBARGO: Final = "An embargo is ended by two, always: what left cannot be called back. Call who is named."
_TRAIL: Final = "The trail of a case is made by two, always: what a court was given cannot be called back."
_RULE: Final = "A drafted rule is published by a supervisor first; what then waits can be put in force by break-glass."
_CHANGED: Final = "What is in force of {subject} changed after this was proposed; look at it, and propose it anew."
_ENDED: Final = "It was added by break-glass, and nobody confirmed it."


async def shown(ctx: Context) -> list[ProposalView]:
    """Return what waits, and what is in force by break-glass, oldest first."""
    found = await waiting.pending(ctx)
    views = [waiting.view(row, await in_force(ctx, row["subject"])) for row in found]
    return [view.model_copy(update={"reason": _typed(ctx, row)}) for row, view in zip(found, views, strict=True)]


async def confirm(ctx: Context, subject: str, actor: Actor, seen: str | None = None) -> Published:
    """Put in force what another person proposed; what is so by break-glass stays. `seen` is the id that was looked at.

    A drafted rule is published, by the gates of any policy: what widens waits for another person then.

    Raise NotFound, NotAllowed (the same person, by any way that is known to us), Conflict (another was proposed, or
    something else is in force meanwhile), and as its `put`.
    """
    waiting.may_change(actor, subject)
    row = await waiting.of_subject(ctx, subject, seen)
    if subject.startswith(RULE):
        return await drafts.publish(ctx, row, actor)
    await waiting.check_second_person(ctx, row, actor)
    event = Event("change.confirmed", actor.id, detail={"subject": subject, "by": row["by"]})
    beside = Transition(ctx.now(), (waiting.unchanged(row),), removes=(waiting.gone(row),), events=(event,))
    if row["glass_by"] is not None:
        await waiting.check_second_person(ctx, {**row, "by": row["glass_by"]}, actor)
        await ctx.store.commit(await _with_yes(ctx, row, actor, beside))
        return Published(version=await version(ctx, subject))
    return Published(version=await _put(ctx, row, actor, beside, Yes(row["by"], actor.id)))


async def withdraw(ctx: Context, subject: str, actor: Actor, seen: str | None = None) -> None:
    """Take back what is proposed, or what is in force by break-glass. One is enough. Raise NotFound, Conflict."""
    waiting.may_change(actor, subject)
    row = await waiting.of_subject(ctx, subject, seen)
    waiting.may_take_back(actor, row)
    if row["glass_by"] is None:
        await waiting.withdraw(ctx, row, actor)
    else:
        await _undo(ctx, row, actor)


async def break_glass(ctx: Context, subject: str, actor: Actor, reason: str, seen: str | None = None) -> Published:
    """Put in force for a day, by one person with a reason, what is proposed; it rings, and undoes itself.

    Raise NotFound, BadInput, NotAllowed, Conflict (nobody would hear it, or something else is in force meanwhile).
    """
    waiting.may_change(actor, subject)
    waiting.check_own_hand(actor)
    said = check_reason(reason)
    row = await waiting.of_subject(ctx, subject, seen)
    if subject == ALARM:
        raise NotAllowed("Whom alarms reach is changed by two, always: a broken glass has to be heard.", reason="alarm")
    if subject == RELEASE:
        raise NotAllowed("What was put back from a backup is released by two, always.", reason="release")
    if subject.startswith(EMBARGO):
        raise NotAllowed(_EMBARGO, reason="embargo")
    if subject.startswith(TRAIL):
        raise NotAllowed(_TRAIL, reason="trail")
    if subject.startswith(RULE):
        raise NotAllowed(_RULE, reason="rule")
    if row["glass_by"] is not None:
        raise Conflict("This is in force already, by break-glass; ask another person to confirm it.", reason="not_now")
    if not ways.ways(await ways.in_force(ctx.store)):
        raise Conflict("Nobody would hear it: no alarm reaches anybody; see `alarm set`.", reason="nobody_hears")
    sealed = ctx.keyring.seal_record(waiting.REASON, row["id"], said.encode())
    values = {"glass_by": actor.id, "until": ctx.now() + _GLASS, "sealed": sealed}
    change = Change(proposals, {"subject": subject}, values, guard={"id": row["id"], "glass_by": None})
    act = acted_of_house(ctx, "glass.broken", actor, said, subject=subject, by=row["by"])
    broken = with_beside(act, Transition(ctx.now(), (change,)))
    beside = with_beside(broken, await opening(ctx, HouseCode.GLASS))
    return Published(version=await _put(ctx, row, actor, beside, Yes(row["by"])))


async def end_what_is_over(ctx: Context) -> None:
    """End what nobody confirmed in time, and undo what was in force by break-glass for a day."""
    over = select(proposals).where(proposals.c.until <= await ended_by(ctx), ~proposals.c.subject.startswith(RULE))
    for row in await ctx.store.rows(over):
        try:
            if row["glass_by"] is None:
                event = Event("change.expired", ROUTER.id, detail={"subject": row["subject"], "by": row["by"]})
                expired = Transition(
                    ctx.now(), (waiting.unchanged(row),), removes=(waiting.gone(row),), events=(event,)
                )
                await ctx.store.commit(expired)
            else:
                await _undo(ctx, row, ROUTER)
        except Conflict:
            continue  # somebody settled it, or changed the directory, at this moment: looked at again soon
        except RouterError as error:
            get_log("govern").error("glass_stays_broken", subject=row["subject"], code=error.code)


def _typed(ctx: Context, row: Row) -> str | None:
    """Return why the glass was broken; what looks like a location is taken out."""
    if row["sealed"] is None:
        return None
    try:
        return scrub(ctx.keyring.open_record(waiting.REASON, row["id"], row["sealed"]).decode())
    except Damaged as error:
        return error.message


async def _with_yes(ctx: Context, row: Row, actor: Actor, beside: Transition) -> Transition:
    """Return the confirmation of what is in force by break-glass; a version of the policy keeps who gave it."""
    newest = await version(ctx, POLICY)  # read first: another one published after it is not what was confirmed
    if row["subject"] != POLICY or await in_force(ctx, POLICY) != row["body"]:
        return beside
    return with_beside(
        beside, Transition(ctx.now(), [Change(policies, {"version": newest}, {"confirmed_by": actor.id})])
    )


async def _put(ctx: Context, row: Row, actor: Actor, beside: Transition, yes: Yes) -> int:
    over = await version(ctx, row["subject"])  # read first: what is put in force after it is a Conflict
    if await in_force(ctx, row["subject"]) != row["base"]:
        raise Conflict(_CHANGED.format(subject=row["subject"]), reason="changed_meanwhile")
    return await put(ctx, row["subject"], row["body"], actor, beside, over=over, yes=yes)


async def _undo(ctx: Context, row: Row, actor: Actor) -> None:
    """Bring the old values back, but for what somebody changed meanwhile.

    Raise PolicyInvalid or BadInput where they cannot be, since they name a partner that is gone: the change then stays
    in force by break-glass, which rings on, and is nobody's silent second yes.
    """
    event = Event("glass.undone", actor.id, detail={"subject": row["subject"], "by": row["glass_by"]})
    beside = Transition(ctx.now(), (waiting.unchanged(row),), removes=(waiting.gone(row),), events=(event,))
    over = await version(ctx, row["subject"])
    now = await in_force(ctx, row["subject"])
    back = _back(row, now)
    if back == now:
        await ctx.store.commit(beside)
        return
    try:
        await put(ctx, row["subject"], back, actor, beside, over=over)
    except (PolicyInvalid, BadInput):  # something in force names a partner that was added: it stays, and gets nothing
        if not row["subject"].startswith(PARTNER):
            raise
        with suppress(Conflict):
            await put(ctx, row["subject"], _off(now), actor, beside, over=over)


def _back(row: Row, now: str | None) -> str | None:
    """Return what was in force before, with what somebody changed meanwhile as they changed it."""
    if now is None or now == row["body"]:
        return None if now is None else row["base"]
    if row["subject"] == POLICY:
        return now  # published since then, and judged against the bars of before
    base, glass, current = (orjson.loads(one or "{}") for one in (row["base"], row["body"], now))
    if row["subject"] == TERRITORIES:
        return orjson.dumps({part: _merged(base[part], glass[part], current[part]) for part in base}).decode()
    return _off(now) if row["base"] is None else orjson.dumps(_merged(base, glass, current)).decode()


def _merged(base: dict[str, Any], glass: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    names = base.keys() | current.keys()
    taken = {name: base.get(name) if current.get(name) == glass.get(name) else current.get(name) for name in names}
    return {name: value for name, value in taken.items() if name in base or value is not None}


def _off(now: str | None) -> str | None:
    """Return a partner's entry with nothing sent to it."""
    return (
        None
        if now is None
        else orjson.dumps({**orjson.loads(now), "enabled": False, "disabled_reason": _ENDED}).decode()
    )
