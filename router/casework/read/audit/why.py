"""Why the policy sent a case where it did: the reason of each route that matched, as the version that decided has it.

An entry of the audit names routes. What a version says of them never changes, so what decided long ago is read in its
words, and not in today's. The facts are those that the decision was kept with.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import select

from router.casework.context import Context
from router.casework.decide.decision_row import decision_of
from router.casework.read.audit_text import parsed
from router.guard.mask import scrub
from router.policy.judge import ROOT, unsaid
from router.store.base import Row
from router.store.schema.tables import decisions
from schemas.decision import RouteWhy

#: The act of an entry by which the policy decided.
DECIDED: Final = "case.decided"
#: An entry's place in the chain: its epoch, and its number there.
Place: TypeAlias = tuple[str, int]


async def whys(
    ctx: Context, case_id: str, rows: Sequence[Row], *, revealed: bool = False
) -> Mapping[Place, tuple[RouteWhy, ...]]:
    """Return why each route matched of those entries of a case by which the policy decided, by their place.

    What a report says of the material is among the facts only when the location is `revealed`.
    What looks like a location is taken out: a version may be older than the check that lets none into a policy.
    """
    decided = {(row["epoch"], row["seq"]): (row["at"], parsed(row)) for row in rows if row["act"] == DECIDED}
    if not decided:
        return {}
    newest, _ = await ctx.governance.policy()
    kept = {one: because if revealed else unsaid(because) for one, because in (await _kept(ctx, case_id)).items()}
    return {place: await _why(ctx, at, detail or {}, newest, kept) for place, (at, detail) in decided.items()}


async def _why(
    ctx: Context, at: int, detail: Mapping[str, Any], newest: int, kept: Mapping[tuple[int, str], str]
) -> tuple[RouteWhy, ...]:
    match detail:
        case {"policy": int(version), "routes": [*routes]} if 0 < version <= newest:
            reasons = {**await ctx.governance.reasons_of_routes(version), ROOT.name: ROOT.reason}
            said = await ctx.governance.said(version)
            return tuple(_of_route(str(one), reasons.get(str(one)), said, kept.get((at, str(one)))) for one in routes)
    return ()  # not what was written; the entry says so


def _of_route(route: str, reason: str | None, said: Mapping[str, Mapping[str, str]], because: str | None) -> RouteWhy:
    words = {} if reason is None else {language: scrub(text) for language, text in said.get(reason, {}).items()}
    found = RouteWhy(
        route=route,
        reason=None if reason is None else scrub(reason),
        because=None if because is None else scrub(because),
    )
    if not words:
        return found
    written, *further = words  # the language in which it is written comes first
    return found.model_copy(update={"language": written, "translations": {one: words[one] for one in further}})


async def _kept(ctx: Context, case_id: str) -> Mapping[tuple[int, str], str]:
    """Return what each route that matched looked at, by the moment of the decision and the route's name."""
    kept = select(decisions.c.case_id, decisions.c.decided_at, decisions.c.decision)
    rows = await ctx.store.rows(kept.where(decisions.c.case_id == case_id, decisions.c.by == "policy"))
    return {
        (row["decided_at"], step.route): step.because
        for row in rows
        if (decision := decision_of(row)) is not None
        for step in decision.path
        if step.matched
    }
