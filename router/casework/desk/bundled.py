"""Which items of a bundle a police unit's word is about: all of them, those it named, or one alone.

A unit answers for the bundle in its hands, and what is typed of one item closes or confirms cases that whoever types
does not look at. So of a bundle of several items it is said what is meant, and the refusal names them.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.desk.act import referral_row
from router.casework.read.lists import views_of
from router.errors import BadInput
from router.store.base import Row
from router.store.schema.tables import referrals
from schemas.acts import Covers
from schemas.casefile import ReferralView
from schemas.reply_code import code_of, referral_of

_SEVERAL: Final = (
    "Its bundle holds {count} items that this would be about: {codes}. Say whether all of them are meant (`whole`),"
    " only this one (`only`), or name those that are (`items`)."
)
_STRANGE: Final = "{strange} is not in this bundle; it holds {codes}."
#: Items that a refusal names; a longer list is read with `GET /v1/referrals/{id}/bundle`.
_NAMED: Final = 10


async def rows_of_bundle(ctx: Context, row: Row) -> list[Row]:
    """Return the referrals of a bundle, this one first; a bundle that is not made yet has this one alone."""
    if row["bundle"] is None:
        return [row]
    same = (referrals.c.bundle == row["bundle"], referrals.c.partner == row["partner"], referrals.c.id != row["id"])
    return [row, *await ctx.store.rows(select(referrals).where(*same).order_by(referrals.c.created_at, referrals.c.id))]


async def bundle_of(ctx: Context, referral_id: str) -> tuple[ReferralView, ...]:
    """Return everything that lies in the bundle of a referral, itself first. Raise NotFound."""
    return tuple(await views_of(ctx, await rows_of_bundle(ctx, await referral_row(ctx, referral_id))))


async def meant(ctx: Context, row: Row, said: Covers, concerns: Callable[[Row], bool]) -> Sequence[Row]:
    """Return the referrals that a unit's word is about, of those that it can be about now (`concerns`).

    Raise BadInput where that is several, and nobody said which.
    """
    if sum((said.only, said.whole, bool(said.items))) > 1:
        raise BadInput("Say one of `whole`, `only` and `items`.", field="whole")
    if said.only:
        return [row]
    held = await rows_of_bundle(ctx, row)
    if said.items:
        return _those(held, said.items)
    found = [one for one in held if concerns(one)]
    if len(found) > 1 and not said.whole:
        text = _SEVERAL.format(count=len(found), codes=_codes(found))
        raise BadInput(text, field="whole", reason="several_items")
    return found


def _those(held: Sequence[Row], named: Sequence[str]) -> list[Row]:
    by_id = {one["id"]: one for one in held}
    wanted = {text: referral_of(text) or text for text in named}
    strange = next((text for text, one in wanted.items() if one not in by_id), None)
    if strange is not None:
        raise BadInput(_STRANGE.format(strange=strange, codes=_codes(held)), field="items")
    return [by_id[one] for one in dict.fromkeys(wanted.values())]


def _codes(rows: Sequence[Row]) -> str:
    codes = ", ".join(code_of(one["id"]) for one in rows[:_NAMED])
    return codes if len(rows) <= _NAMED else f"{codes} and {len(rows) - _NAMED} more"
