"""What a peer referred to us and is not ours: it is told so when it asks, once for each of its referrals."""

from typing import Any, Final

import orjson
from sqlalchemy import and_, select

from router.casework.context import Context
from router.errors import Damaged
from router.guard.mask import scrub
from router.store.base import Change, Row
from router.store.schema.tables import inbox, items, reports, sources
from schemas.vocabulary import SourceKind

#: What binds what was said to its column.
FIELD: Final = "inbox.returned"
#: On what it rests that such a case is closed.
RESTS_ON: Final = "It is not ours: {peer} was told, and decides who deals with it."


async def given_back(ctx: Context, case: Row, words: str, country: str | None) -> list[Change]:
    """Return what tells every peer that has not taken its referral back; none where there is nobody to tell."""
    open_ones = and_(inbox.c.case_id == case["id"], inbox.c.withdrawn_at.is_(None), inbox.c.returned_at.is_(None))
    rows = await ctx.store.rows(select(inbox).where(open_ones))
    kept = orjson.dumps({"country": country, "words": words})
    return [
        Change(
            inbox,
            {"peer": row["peer"], "referral_id": row["referral_id"]},
            {"returned_at": ctx.now(), "returned": ctx.keyring.seal_record(FIELD, row["referral_id"], kept)},
            guard={"returned_at": None, "withdrawn_at": None},
        )
        for row in rows
    ]


def told(ctx: Context, row: Row) -> dict[str, Any]:
    """Return what a peer is told of a referral that we gave back, as fields of its status; nothing of another one."""
    if row["returned_at"] is None:
        return {}
    try:
        kept = orjson.loads(ctx.keyring.open_record(FIELD, row["referral_id"], row["returned"]))
    except Damaged:
        kept = {"country": None, "words": None}
    text = None if kept["words"] is None else scrub(kept["words"])[:300]
    return {"returned": True, "reason": "not_ours", "believed": kept["country"], "text": text}


async def is_theirs_alone(ctx: Context, case_id: str) -> bool:
    """Tell whether nobody but peers reported a case: then nothing of it is left to do here."""
    kinds = (
        select(sources.c.kind)
        .select_from(items.join(reports, reports.c.id == items.c.report_id))
        .outerjoin(sources, sources.c.name == reports.c.source)
        .where(items.c.case_id == case_id)
    )
    return all(row["kind"] in {None, SourceKind.PEER} for row in await ctx.store.rows(kinds))
