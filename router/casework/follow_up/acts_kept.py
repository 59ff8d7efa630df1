"""What partners did, kept once: what one says of the whole, and what it says of a part, beside each other."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.follow_up.partner_status import Answer
from router.casework.follow_up.proof import shown_reason
from router.clock import micros
from router.store.base import Add, Row
from router.store.ids import new_id
from router.store.schema.tables import actions, part_actions
from schemas.exchange import ActionStatement
from schemas.vocabulary import FINAL_ACTIONS, ActionType

#: What one act is known by again, beside whose it is.
_DATED: Final = ("action", "at")


async def kept_acts(ctx: Context, case_id: str) -> list[Row]:
    """Return what partners, and we, are known to have done about a case, as a whole."""
    return await ctx.store.rows(select(actions).where(actions.c.case_id == case_id).order_by(actions.c.at))


async def new_acts(ctx: Context, said: Sequence[Answer], known: Sequence[Row]) -> tuple[Add, ...]:
    """Return the rows of what partners say now and had not said before; `known` is what is kept of the whole."""
    of_parts = [one.referral["id"] for one in said if any(act.part is not None for act in one.said)]
    parts = select(part_actions).where(part_actions.c.referral_id.in_(of_parts)).order_by(part_actions.c.at)
    before = [*known, *(await ctx.store.rows(parts) if of_parts else [])]
    seen = {_identity(row) for row in before}
    last_move = {_whose(row): row["moved_to"] for row in before if row["action"] == ActionType.MOVED}
    adds: list[Add] = []
    for values in _rows(said):
        if _identity(values) in seen or _is_known_move(values, last_move):
            continue
        seen.add(_identity(values))
        adds.append(Add(part_actions if "part" in values else actions, values))
    return tuple(adds)


def ends_it(add: Add) -> bool:
    """Tell whether a new act is a partner's word on the end of the whole, or that it went elsewhere."""
    return add.table is actions and add.values["action"] in FINAL_ACTIONS


def _rows(said: Iterable[Answer]) -> Iterator[dict[str, Any]]:
    for answer in said:
        for one in answer.said:
            yield _row(answer.referral, one)


def _row(referral: Row, said: ActionStatement) -> dict[str, Any]:
    about = {} if said.part is None else {"part": said.part}
    return {
        "id": new_id(),
        "case_id": referral["case_id"],
        "referral_id": referral["id"],
        "action": said.action,
        "at": micros(said.at),
        "by": referral["partner"],
        "reason": shown_reason(said),
        "moved_to": said.moved_to,
        **about,
    }


def _whose(row: Row) -> tuple[object, ...]:
    return (row["by"], row.get("part"))


def _identity(row: Row) -> tuple[object, ...]:
    return (*_whose(row), *(row[name] for name in _DATED))


def _is_known_move(row: Row, last_move: dict[tuple[object, ...], object]) -> bool:
    is_move = row["action"] == ActionType.MOVED
    return is_move and _whose(row) in last_move and last_move[_whose(row)] == row["moved_to"]
