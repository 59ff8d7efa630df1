"""A policy's text of somebody's own, tried: judged in a process of its own, and nothing is kept of it.

What is wrong is told with its line, as `policy check` does. No text of ours repeats a location that was typed: a policy
names none, and what a page shows is copied.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from router.casework.context import Context
from router.casework.decide.replay import last
from router.casework.govern.rules.draft import policy_in, view
from router.casework.govern.rules.literal_hosts import check_no_location, without_locations
from router.casework.govern.subjects import in_force
from router.casework.govern.versions import newest_version
from router.errors import PolicyInvalid
from router.guard.mask import scrub
from router.policy.diff import Changed
from router.policy.load import load
from router.policy.widening import widened
from router.store.schema.tables import policies
from schemas.playground import FailedTest, TriedView, TryGiven
from schemas.policy import DESK, PolicyProblem
from schemas.proposal import POLICY

_SAID_OF = re.compile(r" \([^)]*\)$|:.*$")


async def try_out(ctx: Context, given: TryGiven) -> TriedView:
    """Return what is wrong with a text, how its tests end, and what it would have changed of the last decisions.

    Raise Unavailable (others are judged, or no policy is in force), StoreUnavailable.
    """
    over = await newest_version(ctx.store, policies)
    before = load(policy_in(await in_force(ctx, POLICY)))
    directory = await ctx.governance.directory()
    try:
        check_no_location(given.text)
        tested, changed = await ctx.policies.tried(given.text, directory, ctx.clock.now(), last(ctx, given.limit))
    except PolicyInvalid as error:
        problems = error.problems or [PolicyProblem(place="the policy", text=error.message)]
        return TriedView(ok=False, over=over, limit=given.limit, problems=_clean(problems))
    after = load(given.text)
    more, less = moved(changed)
    return TriedView(
        ok=not (tested.failed or tested.problems),
        over=over,
        widens=widened(before, after),
        limit=given.limit,
        tests=tested.tests,
        failed=tuple(map(_clean_test, tested.failed)),
        problems=_clean(tested.problems),
        notes=tested.notes,
        kinds=dict(Counter(one.kind for one in changed)),
        more=more,
        less=less,
        changed=tuple(map(view, changed)),
    )


async def shown_again(ctx: Context, text: str) -> str:
    """Return a text as it is shown again to whoever typed it: without a location."""
    known = (await ctx.governance.directory()).partners
    return without_locations(text, {one.name for one in known})


def moved(changed: Iterable[Changed]) -> tuple[dict[str, int], dict[str, int]]:
    """Return of how many decisions each would have had more, and each less; people count as one."""
    more: Counter[str] = Counter()
    less: Counter[str] = Counter()
    for one in changed:
        before, after = _reached(one.before), _reached(one.after)
        more.update(after - before)
        less.update(before - after)
    return dict(more), dict(less)


def _reached(words: Sequence[str]) -> set[str]:
    """Return the partners, and "desk", of what a decision came to (`policy/diff`): "desk:code", "name (proposed)"."""
    return {DESK if one.startswith(f"{DESK}:") else _SAID_OF.sub("", one) for one in words}


def _clean(problems: Iterable[PolicyProblem]) -> tuple[PolicyProblem, ...]:
    return tuple(one.model_copy(update={"place": scrub(one.place), "text": scrub(one.text)}) for one in problems)


def _clean_test(one: FailedTest) -> FailedTest:
    path = tuple(step.model_copy(update={"because": scrub(step.because)}) for step in one.path)
    return one.model_copy(update={"name": scrub(one.name), "path": path})
