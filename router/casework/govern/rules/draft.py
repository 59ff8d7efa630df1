"""An override made a rule: drafted from the case, with what it would have changed. Publishing is another act."""

from collections import Counter

import orjson
from sqlalchemy import select

from router.casework.case.record import case_row, open_case
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of
from router.casework.decide.replay import replay
from router.casework.decide.step import judged
from router.casework.govern.subjects import in_force
from router.casework.govern.versions import newest_version
from router.errors import Conflict
from router.policy.check import failed_tests
from router.policy.diff import Changed
from router.policy.drafting import Wish, drafted
from router.policy.load import load
from router.policy.widening import widened
from router.store.schema.tables import decisions, policies
from schemas.draft import DraftGiven, DraftView
from schemas.governed import ChangedView
from schemas.proposal import POLICY

_NO_OVERRIDE = (
    "Nobody has sent this case elsewhere by hand, so there is nothing to make a rule of; name a partner, or "
    "override first."
)


async def draft(ctx: Context, given: DraftGiven) -> DraftView:
    """Return a rule for all that is alike, by what a person decided of a case; nothing is changed by asking.

    Raise NotFound, Conflict (nobody decided anything by hand), BadInput (no such rule can do it), Unavailable.
    """
    case_id = str(given.case)
    opened = await open_case(ctx, await case_row(ctx, case_id))
    partner = given.partner or await chosen_by_hand(ctx, case_id)
    if partner is None:
        raise Conflict(_NO_OVERRIDE, reason="no_override")
    over = await newest_version(ctx.store, policies)
    text = policy_in(await in_force(ctx, POLICY))
    facts, _ = await judged(ctx, opened)
    directory = await ctx.governance.directory()
    made = drafted(text, facts, Wish(given.scope, partner, given.mode, case_id), directory)
    changed, new = await replay(ctx, made.text, given.limit), load(made.text)
    return DraftView(
        case=case_id,
        scope=given.scope,
        partner=partner,
        name=made.name,
        before=made.before,
        route=made.route,
        test=made.test,
        text=made.text,
        widens=widened(load(text), new),
        over=over,
        limit=given.limit,
        kinds=dict(Counter(one.kind for one in changed)),
        changed=tuple(map(view, changed)),
        failed=tuple(failed_tests(new, directory)),
    )


async def chosen_by_hand(ctx: Context, case_id: str) -> str | None:
    """Return to whom a person sent a case last, or None when only the policy did."""
    of_case = select(decisions.c.decision).where(decisions.c.case_id == case_id, decisions.c.by != "policy")
    for row in await ctx.store.rows(of_case.order_by(decisions.c.decided_at.desc(), decisions.c.id.desc())):
        if (found := decision_of(row)) is not None and found.recipients:
            return found.recipients[0].partner
    return None


def policy_in(body: str | None) -> str:
    """Return the TOML of a policy as it is in force. Raise Conflict before the first one is."""
    if body is None:
        raise Conflict("No policy is in force yet; publish one.", reason="no_policy")
    return str(orjson.loads(body)["text"])


def view(one: Changed) -> ChangedView:
    """Return a decision that would be another, as it is told."""
    return ChangedView(
        case=one.case,
        kind=one.kind,
        before=one.before,
        after=one.after,
        route_before=one.route_before,
        route_after=one.route_after,
    )
