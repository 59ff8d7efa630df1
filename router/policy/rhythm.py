"""When is a referred case looked at? The policy's follow-up, by partner, assessment, kind of site and reason. Pure."""

from collections.abc import Iterable
from typing import Any

from schemas.follow_up import Followed, FollowUpRule, Rhythm
from schemas.policy import Policy


def rhythm(policy: Policy, followed: Followed) -> Rhythm:
    """Return when a partner's case is looked at: by the first rule that names each time, else by `follow_up`.

    Police are asked at their own rhythm, `police_every`: they do not come back every five days.
    """
    matching = [one for one in policy.follow_up_rules if _matches(one, followed)]
    usual = policy.police_every if followed.police else policy.follow_up
    after = next((one.after for one in matching if one.after is not None), usual)
    every = next((one.every for one in matching if one.every is not None), usual)
    until = next((one.until for one in matching if one.until is not None), policy.follow_up_until)
    return Rhythm(after, every, until)


def soonest(policy: Policy, everybody: Iterable[Followed]) -> Rhythm:
    """Return when a case is looked at that several have: by each one's soonest, and for as long as the last one's.

    Police count where nobody else has it: beside a hotline their rhythm puts nothing off.
    """
    known = list(everybody)
    asked = [one for one in known if not one.police] or known
    each = [rhythm(policy, one) for one in asked]
    if not each:
        return Rhythm(policy.follow_up, policy.follow_up, policy.follow_up_until)
    return Rhythm(min(one.after for one in each), min(one.every for one in each), max(one.until for one in each))


def _matches(rule: FollowUpRule, followed: Followed) -> bool:
    asked: tuple[tuple[tuple[Any, ...] | None, Any], ...] = (
        (rule.partner, followed.partner),
        (rule.assessment, followed.assessment),
        (rule.site_type, followed.site_type),
        (rule.reason, followed.reason),
    )
    return all(wanted is None or known in wanted for wanted, known in asked)
