"""The reason that a person types with an act: one line, sealed with the case, named in the audit entry.

What is done to no case has its reason sealed by itself, in `house_reasons`: the entry names its row. A seal that the
chain covered could not be made anew when the master key is replaced.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from router.casework.case.sealed import TYPED, key_of
from router.casework.context import Context
from router.errors import BadInput, Damaged
from router.guard.mask import scrub
from router.guard.seal import CaseKey
from router.store.base import Add, Event, Transition
from router.store.ids import new_id
from router.store.schema.audit import house_reasons
from schemas.actor import Actor
from schemas.word import Line

#: What binds a sealed reason that is of no case to its column.
FIELD: Final = "house_reasons"
_LINE: TypeAdapter[str] = TypeAdapter(Line)


def check_reason(reason: str) -> str:
    """Return the typed reason as one line. Raise BadInput when it is missing, too long or no text."""
    try:
        return _LINE.validate_python(" ".join(reason.split()))
    except ValidationError:
        raise BadInput("Type a reason of up to 300 characters; it is kept.", field="reason") from None


async def acted(
    ctx: Context,
    act: str,
    actor: Actor,
    reason: str,
    case_id: str,
    referral_id: str | None = None,
    **detail: Any,
) -> Event:
    """Return the audit entry of an act, with its typed reason sealed under the case's key."""
    return acted_under(await key_of(ctx, case_id), act, actor, reason, case_id, referral_id, **detail)


def acted_under(
    key: CaseKey, act: str, actor: Actor, reason: str, case_id: str, referral_id: str | None = None, **detail: Any
) -> Event:
    """Return the same where the case's key is at hand already."""
    typed_id = new_id()
    sealed = key.seal(f"{TYPED}:{typed_id}", check_reason(reason).encode())
    known: Mapping[str, Any] = {name: value for name, value in detail.items() if value is not None}
    return Event(act, actor.id, case_id, referral_id, {**known, "typed": typed_id}, sealed)


def acted_of_house(ctx: Context, act: str, actor: Actor, reason: str, **detail: Any) -> Transition:
    """Return what keeps an act that is of no case: its entry, and the reason typed with it. Raise BadInput."""
    typed_id, now = new_id(), ctx.now()
    sealed = ctx.keyring.seal_record(FIELD, typed_id, check_reason(reason).encode())
    row = {"id": typed_id, "at": now, "sealed": sealed}
    event = Event(act, actor.id, detail={**detail, "typed": typed_id})
    return Transition(now, adds=(Add(house_reasons, row),), events=(event,))


async def house_said(ctx: Context, typed_ids: Iterable[str]) -> dict[str, str]:
    """Return by id what was typed with acts that are of no case, without what looks like a location.

    One whose period is over, or that nothing opens, is left out: its entry says that something was typed.
    """
    wanted = list(typed_ids)
    rows = await ctx.store.rows(select(house_reasons).where(house_reasons.c.id.in_(wanted))) if wanted else []
    said = {}
    for row in rows:
        try:
            said[row["id"]] = scrub(ctx.keyring.open_record(FIELD, row["id"], row["sealed"]).decode())
        except Damaged:  # it fails alone
            continue
    return said
