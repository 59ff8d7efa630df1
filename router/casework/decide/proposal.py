"""What the policy proposes for a case now, and as what it would have to be assessed for that to be sent.

Computed from the facts of the decision in force, by the same judge as when it is sent: a decision of last week names
partners that today's policy, directory or law may rule out, and a page that offered them would offer a refusal.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.decide.decision_row import decision_of, facts_of
from router.casework.decide.facts import sent_back
from router.casework.referral.row import is_live
from router.errors import Conflict
from router.policy.decision import Rules, decide
from router.policy.hub import is_member, through_hub
from router.policy.recipients import has_hotline, may_receive
from router.store.base import LookUp, Row
from router.store.schema.tables import decisions, referrals
from schemas.casefile import Proposal
from schemas.decision import Decision, Mode, Recipient
from schemas.facts import Facts
from schemas.states import CaseState
from schemas.vocabulary import Assessment, Urgency

#: As what somebody may assess a case in the same key as they send it.
TO_BE_SENT: Final = (Assessment.BASELINE, Assessment.NATIONAL)
#: Why nothing is sent in one key.
NO_PROPOSAL: Final = "There is no proposal to send; refer the case to a partner of your choice."
_DECISIONS: Final = LookUp(select(decisions.c.id, decisions.c.facts, decisions.c.decision), decisions.c.id)
_STANDING: Final = LookUp(
    select(referrals.c.case_id, referrals.c.partner, referrals.c.state, referrals.c.last_reason), referrals.c.case_id
)
_SENDABLE: Final = frozenset({CaseState.REFERRED, CaseState.DESK})


async def proposals_for(ctx: Context, rows: Sequence[Row]) -> Mapping[str, tuple[Proposal, ...]]:
    """Return by case id what may be sent of these cases as proposed; nothing for one that waits to be decided."""
    asked = {row["decision_id"]: row for row in rows if row["decision_id"] and row["state"] in _SENDABLE}
    found = {
        decision_id: row
        for decision_id, (row,) in (await ctx.store.look_up(_DECISIONS, asked)).items()
        if _proposes(decision_of(row))
    }
    if not found:
        return {}
    standing = await referrals_of(ctx, [asked[decision_id]["id"] for decision_id in found])
    version, policy = await ctx.governance.policy()
    rules = Rules(version, policy, await ctx.governance.directory(), ctx.clock.now())
    return {
        case["id"]: proposals(case, known, standing.get(case["id"], ()), rules)
        for case, row in ((asked[decision_id], row) for decision_id, row in found.items())
        if (known := facts_of(row)) is not None
    }


def proposals(case: Row, known: Facts, standing: Sequence[Row], rules: Rules) -> tuple[Proposal, ...]:
    """Return each assessment under which the policy has somebody to send the case to, and whom.

    `known` are the facts it was decided by, `standing` all its referrals.
    """
    holders = frozenset(row["partner"] for row in standing if is_live(row))
    given = Assessment(case["assessment"])
    wanted = TO_BE_SENT if given is Assessment.UNASSESSED else (given,)
    fresh = facts_now(case, known, standing, rules)
    made = ((one, _chosen(fresh.model_copy(update={"assessment": one}), holders, rules)) for one in wanted)
    return tuple(Proposal(assessment=one, partners=tuple(r.partner for r in chosen)) for one, chosen in made if chosen)


async def check_proposed(ctx: Context, case: Row) -> None:
    """Raise Conflict (`no_proposal`) for a case whose decision leaves nothing to people, as no page offers it either.

    What waits to be decided is judged when it is sent.
    """
    if case["decision_id"] is None or case["state"] not in _SENDABLE:
        return
    wanted = select(decisions.c.decision).where(decisions.c.id == case["decision_id"])
    rows = await ctx.store.rows(wanted)
    if not any(_proposes(decision_of(row)) for row in rows):
        raise Conflict(NO_PROPOSAL, reason="no_proposal")


def _proposes(decision: Decision | None) -> bool:
    """Tell whether people are to confirm it. What the policy sent by itself, and somebody refused, is no proposal.

    Nor is one that is not what was written.
    """
    return decision is not None and any(one.mode is Mode.PROPOSE for one in decision.recipients)


def left_to_send(decision: Decision, holders: Collection[str]) -> list[Recipient]:
    """Return the recipients of a decision that neither have the case nor are to get it."""
    return [one for one in decision.recipients if one.partner not in holders]


def _chosen(known: Facts, holders: Collection[str], rules: Rules) -> list[Recipient]:
    decision = decide(rules, known)
    chosen = left_to_send(decision, holders)
    return chosen if all(_may_receive(one.partner, known, rules) for one in chosen) else []


def _may_receive(name: str, known: Facts, rules: Rules) -> bool:
    found = rules.directory.named(name)
    return found is not None and may_receive(found, known, rules.policy, rules.now.date()) is None


def facts_now(case: Row, known: Facts, standing: Sequence[Row], rules: Rules) -> Facts:
    """Return the facts as they are now: what a report raised, who sent it back, which hotlines are reached today."""
    today = rules.now.date()

    def reached(country: str | None) -> bool:
        return country is not None and has_hotline(rules.directory, country, today)

    now = {
        "urgency": Urgency(case["urgency"]),
        "inhope": is_member(rules.directory, known.hosting_country),
        "iccam": through_hub(rules.directory, known.hosting_country, today),
        "has_hotline": reached(known.hosting_country),
        "account_has_hotline": reached(known.account_country),
        "moved": case["moved_from"] is not None,
        "bounced": sent_back(standing),
        "still_there": case["still_there"],
    }
    return known.model_copy(update=now)


async def referrals_of(ctx: Context, case_ids: Sequence[str]) -> Mapping[str, Sequence[Row]]:
    """Return by case its referrals, as far as they say who has it and who sent it back."""
    return await ctx.store.look_up(_STANDING, case_ids)
