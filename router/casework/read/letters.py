"""Letters of police units as people read them: where they lie, with what looks like a location taken out."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy import and_, select

from router.casework.context import Context
from router.errors import RouterError
from router.guard.mask import scrub
from router.store.base import Row
from router.store.schema.tables import referrals, unit_letters
from schemas.letter import Letter


async def letters(ctx: Context) -> list[Letter]:
    """Return what all units wrote, the newest first; of a unit whose folder cannot be read, nothing."""
    found: list[Letter] = []
    for partner in (await ctx.governance.directory()).partners:
        dialect = ctx.dialects.get(partner.dialect)
        if dialect is not None and dialect.confirmed_by_people:
            with suppress(RouterError):
                found += [await _shown(ctx, one) for one in await dialect.letters(partner)]
    unread = await _unread(ctx, [one.id for one in found])
    found = [one.model_copy(update={"unread": one.id in unread}) for one in found]
    return sorted(found, key=lambda one: one.at, reverse=True)


async def _unread(ctx: Context, ids: list[str]) -> set[str]:
    waits = and_(unit_letters.c.id.in_(ids), unit_letters.c.nameless == 1, unit_letters.c.read_at.is_(None))
    return {row["id"] for row in await ctx.store.rows(select(unit_letters.c.id).where(waits))} if ids else set()


async def letters_about(ctx: Context, referral_ids: Iterable[str]) -> dict[str, list[Letter]]:
    """Return what was written about each of these referrals, by the referral's id; none where nothing was."""
    wanted, found = set(referral_ids), dict[str, list[Letter]]()
    for letter in await letters(ctx) if wanted else ():
        for one in wanted & letter.numbers.keys():
            found.setdefault(one, []).append(letter)
    return found


async def rows_named(ctx: Context, letter: Letter) -> list[Row]:
    """Return the referrals to its unit that a letter names, by their own codes."""
    if not letter.numbers:
        return []
    rows = await ctx.store.rows(select(referrals).where(referrals.c.id.in_(sorted(letter.numbers))))
    return [row for row in rows if row["partner"] == letter.partner]


async def _shown(ctx: Context, letter: Letter) -> Letter:
    """Return a letter without what may be a location, line by line, and without codes that are no unit's business."""
    rows = await rows_named(ctx, letter)
    text = "\n".join(scrub(line) for line in letter.text.splitlines())
    numbers = {row["id"]: letter.numbers[row["id"]] for row in rows}
    cases = tuple(dict.fromkeys(row["case_id"] for row in rows))
    return letter.model_copy(update={"text": text, "numbers": numbers, "cases": cases})
