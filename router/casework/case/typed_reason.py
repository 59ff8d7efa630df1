"""The reason that a person types with an act: one line, sealed with the case, named in the audit entry."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from router.casework.case.sealed import TYPED, key_of
from router.casework.context import Context
from router.errors import BadInput
from router.store.base import Event
from router.store.ids import new_id
from schemas.actor import Actor
from schemas.word import Line

_LINE: TypeAdapter[str] = TypeAdapter(Line)


def check_reason(reason: str) -> str:
    """Return the typed reason as one line. Raise BadInput when it is missing, too long or no text."""
    try:
        return _LINE.validate_python(" ".join(reason.split()))
    except ValidationError:
        raise BadInput("Type a reason of up to 300 characters; it is kept with the case.", field="reason") from None


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
    typed_id = new_id()
    key = await key_of(ctx, case_id)
    sealed = key.seal(f"{TYPED}:{typed_id}", check_reason(reason).encode())
    known: Mapping[str, Any] = {name: value for name, value in detail.items() if value is not None}
    return Event(act, actor.id, case_id, referral_id, {**known, "typed": typed_id}, sealed)
