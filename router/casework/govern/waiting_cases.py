"""Cases on the desk that a partner could have by now: shown first, decided anew on one key, never by themselves.

A partner is enabled, resumed, gets its key, or comes in by an import: cases that were decided before keep waiting, for
nothing asks the policy about them again. Here each is judged by today's rules on the facts it was decided by; those
that would go to the partner are counted, and on a person's word are traced and decided anew.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import STICKY_DESK_CODES, is_asked, while_decided_anew
from router.casework.case.next_look import look_at
from router.casework.case.sealed import keys_of
from router.casework.case.typed_reason import acted_of_house, acted_under, check_reason
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of, facts_of
from router.casework.decide.proposal import facts_now, referrals_of
from router.errors import Conflict, NotFound
from router.guard.seal import CaseKey
from router.policy.decision import Rules, decide
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, decisions
from schemas.actor import Actor
from schemas.casefile import DeskCode
from schemas.governed import WaitingCases, WaitingGroup
from schemas.partner import Partner
from schemas.states import CASE, CaseState, ReferralState, step

#: Cases read at once, and changed by one transaction: a writer is never kept for long.
_PAGE: Final = 500
_BATCH: Final = 100
#: Cases that one look judges, whoever may read cases: what waits on a full desk is then said as "at least".
_JUDGED: Final = 1_000
_ON_DESK: Final = and_(cases.c.state == CaseState.DESK, cases.c.decision_id.is_not(None))
#: Questions to which only a person has the answer, whoever may receive by now. A child at risk is none of them: the
#: case comes back to the desk as it was, its alarm goes on, and whom it may go to by now is a proposal.
_FOR_PEOPLE: Final = STICKY_DESK_CODES - {DeskCode.CHILD_AT_RISK}


async def waiting_cases(ctx: Context, name: str) -> WaitingCases:
    """Return how many of the oldest cases on the desk a partner could have by now, by why they wait. Raise NotFound.

    `more` says that the desk has others, which this look did not judge.
    """
    await _known(ctx, name)
    counted = Counter([group async for _, group in _found(ctx, name, most=_JUDGED)])
    more = bool(await ctx.store.rows(select(cases.c.id).where(_ON_DESK).limit(1).offset(_JUDGED)))
    groups = [group.model_copy(update={"count": count}) for group, count in counted.most_common()]
    return WaitingCases(partner=name, total=sum(counted.values()), more=more, items=tuple(groups))


async def decide_waiting(ctx: Context, name: str, actor: Actor, reason: str) -> int:
    """Have the cases that `waiting_cases` counts decided anew, in batches; return how many. Raise NotFound, BadInput.

    The audit has one entry that says how many and why; each case's own timeline says by whom and why.
    """
    said = check_reason(reason)
    await _known(ctx, name)
    found = [case async for case, _ in _found(ctx, name)]
    if found:
        act = acted_of_house(ctx, "partner.waiting_decided", actor, said, partner=name, cases=len(found))
        await ctx.store.commit(act)
    return sum([await _moved(ctx, name, actor, said, batch) for batch in _batches(found)])


async def _known(ctx: Context, name: str) -> Partner:
    found = (await ctx.governance.directory()).named(name)
    if found is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    return found


async def _found(ctx: Context, name: str, *, most: int | None = None) -> AsyncIterator[tuple[Row, WaitingGroup]]:
    """Yield each such case with the group it counts in, oldest first; of so many cases of the desk at `most`."""
    version, policy = await ctx.governance.policy()
    rules = Rules(version, policy, await ctx.governance.directory(), ctx.clock.now())
    last, left = "", most
    while True:
        size = _PAGE if left is None else min(_PAGE, left)
        page = await ctx.store.rows(
            select(cases, decisions.c.facts, decisions.c.decision)
            .join(decisions, decisions.c.id == cases.c.decision_id)
            .where(and_(_ON_DESK, cases.c.id > last))
            .order_by(cases.c.id)
            .limit(size)
        )
        standing = await referrals_of(ctx, [row["id"] for row in page])
        for row in page:
            group = _could_go(row, standing.get(row["id"], ()), name, rules)
            if group is not None:
                yield row, group
        left = None if left is None else left - len(page)
        if len(page) < size or left == 0:
            return
        last = page[-1]["id"]


def _could_go(case: Row, standing: Sequence[Row], name: str, rules: Rules) -> WaitingGroup | None:
    """Return where a case counts that today's rules send or propose to the partner, and those of its decision did not.

    One that the partner has, had or sent back is none; one whose attempts are used up is.
    """
    if is_asked(case, *_FOR_PEOPLE):
        return None
    tried = [row for row in standing if row["partner"] == name]
    if any(row["state"] != ReferralState.EXPIRED for row in tried):
        return None
    before, known = decision_of(case), facts_of(case)
    if before is None or known is None:
        return None  # not what was written: its own page says so
    if not tried and any(one.partner == name for one in before.recipients):
        return None  # it is proposed to them already
    fresh = facts_now(case, known, standing, rules)
    now = {one.partner: one.mode for one in decide(rules, fresh).recipients}
    if name not in now:
        return None
    return WaitingGroup(code=case["desk_code"], partners=tuple(sorted(now)), mode=now[name], count=1)


def _batches(found: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for first in range(0, len(found), _BATCH):
        yield found[first : first + _BATCH]


async def _moved(ctx: Context, name: str, actor: Actor, said: str, batch: Sequence[Row]) -> int:
    """Commit a batch; one case that moved on meanwhile is left out, and the others are not."""
    keys = await keys_of(ctx, [case["id"] for case in batch])
    each = [_transition(ctx, name, actor, said, case, keys[case["id"]]) for case in batch if case["id"] in keys]
    done = 0
    for outcome in await ctx.store.commit_all(each):
        if outcome is not None and not isinstance(outcome, Conflict):
            raise outcome
        done += outcome is None
    return done


def _transition(ctx: Context, name: str, actor: Actor, said: str, case: Row, key: CaseKey) -> Transition:
    now = ctx.now()
    values = {"state": step(CASE, CaseState.DESK, "retrace"), **look_at(now), **while_decided_anew(case)}
    event = acted_under(key, "case.decided_anew", actor, said, case["id"], partner=name)
    return Transition(now, (Change(cases, {"id": case["id"]}, values, case["version"]),), events=(event,))
