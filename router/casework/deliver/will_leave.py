"""What will be sent to whom, field by field, before it is: made by the dialect that will make it.

Of a referral that waits: its frozen bytes, or what its dialect would freeze now. Of a proposal: the same, without an
id. Values are shown with the location only; before, a partner's declared list of fields is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import orjson
from pydantic import JsonValue

from router.casework.case.pages import pages_of
from router.casework.case.record import Opened, case_row, last_trace, open_case, referral_rows
from router.casework.case.sealed import PAYLOAD
from router.casework.context import Context
from router.casework.deliver.message import Around, message
from router.casework.referral.row import STAFF, UNSENT
from router.errors import Damaged, RouterError
from router.guard.mask import defang
from router.partners.base import Dialect
from router.partners.fields import allowed, leaves
from router.store.base import Row
from schemas.case_page import Leaving, LeavingField
from schemas.casefile import CaseFile, Proposal
from schemas.law import law_on
from schemas.partner import Partner
from schemas.policy import Policy
from schemas.trace import Trace

#: A referral that there is not yet; what it will be called stands in no field that is shown.
_PROPOSED: Final = "00000000-0000-7000-8000-000000000000"
_ID: Final = "referral_id"


class Thought(NamedTuple):
    """Whom a person thinks of sending a case to, and what that would set in its row."""

    partner: str
    columns: Mapping[str, Any]
    supersedes: str | None = None  #: the referral in whose place it would come


async def with_what_leaves(ctx: Context, file: CaseFile, thought: Thought | None = None) -> CaseFile:
    """Return a case's file with what will be sent; of a case that an embargo holds nothing will.

    `thought` is what a person would have sent beside: it stands first, and not once more as a proposal.
    """
    unsent = any(one.state in UNSENT for one in file.referrals)
    if file.summary.held is not None or not (file.proposals or unsent or thought):
        return file
    opened = await open_case(ctx, await case_row(ctx, file.summary.id))
    trace = await last_trace(ctx, opened)
    if trace is None:
        return file
    _, policy = await ctx.governance.policy()
    known = _Known(ctx, opened, trace, policy, await _around(ctx, opened, policy), revealed=file.revealed)
    partners = {one.name: one for one in (await ctx.governance.directory()).partners}
    waiting = [row for row in await referral_rows(ctx, opened.id) if row["state"] in UNSENT]
    own = () if thought is None else (_thought(opened, thought),)
    chosen = {row["partner"] for _, row in own}
    proposed = ((case, row) for case, row in _proposed(opened, file.proposals) if row["partner"] not in chosen)
    rows = [*own, *((opened, row) for row in waiting), *proposed]
    leaving = (known.leaving(case, row, partners[row["partner"]]) for case, row in rows if row["partner"] in partners)
    return file.model_copy(update={"leaving": tuple(leaving)})


async def _around(ctx: Context, opened: Opened, policy: Policy) -> Around:
    law = law_on(ctx.clock.now().date(), policy.law)
    return Around(await pages_of(ctx, opened), policy.severity, None, law)


def _thought(opened: Opened, one: Thought) -> tuple[Opened, Row]:
    row = {"id": _PROPOSED, "partner": one.partner, "route": STAFF, "is_copy": 0, "supersedes": one.supersedes}
    return replace(opened, row={**opened.row, **one.columns}), row | {"payload": None}


def _proposed(opened: Opened, proposals: Iterable[Proposal]) -> Iterator[tuple[Opened, Row]]:
    """Yield what `send` would make: each partner once, assessed as it would have to be."""
    seen: set[str] = set()
    for one in proposals:
        for partner in one.partners:
            if partner not in seen:
                seen.add(partner)
                row = {"id": _PROPOSED, "partner": partner, "route": "", "is_copy": 0, "supersedes": None}
                yield replace(opened, row={**opened.row, "assessment": one.assessment}), row | {"payload": None}


class _Known:
    """What is known of a case that is about to be sent."""

    def __init__(
        self, ctx: Context, opened: Opened, trace: Trace, policy: Policy, around: Around, *, revealed: bool
    ) -> None:
        self._ctx, self._opened, self._trace, self._policy, self._around = ctx, opened, trace, policy, around
        self._revealed = revealed

    def leaving(self, case: Opened, row: Row, partner: Partner) -> Leaving:
        """Return what one partner will get."""
        referral = None if row["id"] == _PROPOSED else str(row["id"])
        frozen = row["payload"] is not None and row["dialect"] == partner.dialect
        made: dict[str, Any] = {"partner": partner.name, "dialect": partner.dialect, "referral": referral}
        made |= {"chosen": row["id"] == _PROPOSED and row["route"] == STAFF}
        made |= {"begun": row.get("progress_step") is not None}
        dialect = self._ctx.dialects.get(partner.dialect)
        if dialect is None:
            return Leaving(**made)
        try:
            fields = (
                self._values(case, row, partner, dialect, frozen=frozen) if self._revealed else _names(dialect, partner)
            )
        except RouterError as error:
            return Leaving(**made, problem=error.message)
        shown = (one for one in fields if leaves(dialect.leaving, one.name))
        return Leaving(
            **made, frozen=frozen, fields=tuple(one for one in shown if referral or one.name.rpartition(".")[2] != _ID)
        )

    def _values(
        self, case: Opened, row: Row, partner: Partner, dialect: Dialect, *, frozen: bool
    ) -> list[LeavingField]:
        if frozen:
            return fields_of(self._opened.key.open(f"{PAYLOAD}:{row['id']}", row["payload"]))
        around = replace(self._around, scheme=partner.severity)
        return fields_of(dialect.freeze(message(self._ctx, case, self._trace, row, around), partner))


def _names(dialect: Dialect, partner: Partner) -> list[LeavingField]:
    """Return the fields that a partner may get, whether a report has them or not."""
    listed = dialect.fields if partner.fields is None else partner.fields
    return [LeavingField(name=name) for name in sorted(allowed(listed, partner.name))]


def fields_of(payload: bytes) -> list[LeavingField]:
    """Return what frozen bytes say, a dotted name each, its locations defanged. Raise Damaged."""
    try:
        said = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise Damaged from None
    return [LeavingField(name=name, value=_shown(value)) for name, value in _flat(said)]


def _flat(said: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, JsonValue]]:
    for name, value in said.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _shown(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return defang(value) if "://" in value else value
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return {name: _shown(one) for name, one in value.items()} if isinstance(value, dict) else value
