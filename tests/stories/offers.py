"""How a person fills in the form of each act, as the page lets them: for the stories about what is offered."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from router.casework.context import Context
from router.casework.decide.facts import bare
from router.casework.decide.proposal import TO_BE_SENT
from router.casework.desk import case_acts, leads_to, referral_acts, take_back, taken_back, taking, unit_acts
from router.casework.desk import look as looks
from router.casework.desk.acknowledge import acknowledge
from router.casework.desk.handed_over import handed_over
from router.casework.desk.not_illegal import not_illegal
from router.casework.desk.not_ours import not_ours
from router.casework.desk.told_police import told_police
from router.casework.desk.unit_acts import ENDINGS
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import endings
from router.casework.referral.row import LIVE
from router.policy.bars import may_receive
from schemas.actor import Actor
from schemas.acts import Answer, HandedOver, NotOurs, Receipt, TakenBack, ToldPolice
from schemas.casefile import CaseFile, ReferralView
from schemas.states import ReferralState
from schemas.vocabulary import Assessment, UnitAnswer
from schemas.vocabulary import Outcome as Ending

Fill = Callable[[Context, CaseFile, Actor, int], Awaitable[object]]


def _id(file: CaseFile) -> str:
    return file.summary.id


def _ending(file: CaseFile, actor: Actor, pick: int) -> Ending:
    may = endings(file, actor.permissions)
    return may[pick % len(may)]


def _word(file: CaseFile, among: Sequence[Assessment], pick: int) -> Assessment | None:
    """What the form asks for only where nobody has said it."""
    return among[pick % len(among)] if file.summary.assessment is Assessment.UNASSESSED else None


async def _send(ctx: Context, file: CaseFile, actor: Actor, pick: int) -> object:
    said = _word(file, [one.assessment for one in file.proposals], pick)
    return await case_acts.send(ctx, _id(file), actor, "agreed", assessment=said)


async def _refer(ctx: Context, file: CaseFile, actor: Actor, pick: int) -> object:
    said = _word(file, TO_BE_SENT, pick)
    to = await _somebody(ctx, file, said or file.summary.assessment, pick)
    return to and await case_acts.refer(ctx, _id(file), actor, "there", partner=to, assessment=said)


async def _somebody(ctx: Context, file: CaseFile, assessment: Assessment, pick: int) -> str | None:
    """A partner that the person may choose; None where the law or the directory leaves nobody."""
    _, policy = await ctx.governance.policy()
    row = {"assessment": assessment, "path": "[]"}
    held = {one.partner for one in file.referrals if one.state in LIVE}
    found = [
        one.name
        for one in (await ctx.governance.directory()).partners
        if one.name not in held and may_receive(one, bare(row), policy, ctx.clock.now().date()) is None
    ]
    return found[pick % len(found)] if found else None


async def _handed_over(ctx: Context, file: CaseFile, actor: Actor, pick: int) -> object:
    """To whoever is not being sent it at this moment, and does not have it."""
    busy = {one.partner for one in file.referrals if one.state in LIVE - _CAN_BE_ENDED}
    free = [one.name for one in (await ctx.governance.directory()).partners if one.name not in busy]
    said = HandedOver(reason="by telephone", partner=free[pick % len(free)], reference=f"N-{pick}") if free else None
    return said and await handed_over(ctx, _id(file), actor, said)


def _told_police(ctx: Context, file: CaseFile, actor: Actor, pick: int) -> Awaitable[object]:
    unit = file.units_to_tell[pick % len(file.units_to_tell)]
    return told_police(ctx, _id(file), actor, ToldPolice(reference=f"N-{pick}", partner=unit))


_CAN_BE_ENDED = {ReferralState.WAITING, ReferralState.HELD, ReferralState.UNKNOWN}


def _look(ctx: Context, file: CaseFile, actor: Actor, pick: int) -> Awaitable[object]:
    finding: Any = ("gone", "still_there", "moved")[pick % 3]
    return looks.look(ctx, _id(file), actor, "seen", finding=finding)


FILL: dict[str, Fill] = {
    "look": _look,
    "send": _send,
    "refer": _refer,
    "handed-over": _handed_over,
    "told-police": _told_police,
    "not-ours": lambda ctx, file, actor, pick: not_ours(
        ctx, _id(file), actor, NotOurs(reason="it is hosted elsewhere", country=(None, "DE")[pick % 2])
    ),
    "assess": lambda ctx, file, actor, pick: case_acts.assess(
        ctx, _id(file), actor, "seen", assessment=list(Assessment)[pick % len(Assessment)]
    ),
    "acknowledge": lambda ctx, file, actor, _: acknowledge(ctx, _id(file), actor),
    "not-illegal": lambda ctx, file, actor, _: not_illegal(ctx, _id(file), actor),
    "reopen": lambda ctx, file, actor, _: take_back.reopen(ctx, _id(file), actor, "not over"),
    "take": lambda ctx, file, actor, _: taking.take(ctx, _id(file), actor, over=file.holder is not None),
    "pass-on": lambda ctx, file, actor, _: taking.pass_on(ctx, _id(file), actor),
    "undo": lambda ctx, file, actor, _: take_back.undo(ctx, _id(file), actor),
    "done": lambda ctx, file, actor, pick: case_acts.done(
        ctx, _id(file), actor, "told them", code=file.over_when_said[pick % len(file.over_when_said)]
    ),
    "ask": lambda ctx, file, actor, _: case_acts.ask(ctx, _id(file), actor, "look"),
    "retrace": lambda ctx, file, actor, _: case_acts.retrace(ctx, _id(file), actor, "again"),
    "close": lambda ctx, file, actor, pick: case_acts.close(
        ctx, _id(file), actor, "over", outcome=_ending(file, actor, pick)
    ),
    "origin": lambda ctx, file, actor, _: case_acts.origin(ctx, _id(file), actor, "they said so", ip="93.184.216.34"),
    "target": lambda ctx, file, actor, pick: leads_to.target(
        ctx, _id(file), actor, "followed it", location=f"https://elsewhere.test/{pick}"
    ),
    "reveal": lambda ctx, file, actor, _: case_file(ctx, _id(file), reveal_to=actor, reason="to look"),
}


def _answer(ctx: Context, pick: int) -> Answer:
    """A form filled in as each answer asks for it."""
    said = list(UnitAnswer)[pick % len(UnitAnswer)]
    until = ctx.clock.now() + timedelta(days=9)
    outcome = list(ENDINGS)[pick % len(ENDINGS)]
    return Answer(answer=said, officer="an officer", until=until, outcome=outcome, whole=True)


async def on_referral(ctx: Context, file: CaseFile, one: ReferralView, act: str, by: tuple[Actor, int]) -> object:
    actor, pick = by
    if act == "taken-back":
        return await taken_back.taken_back(ctx, one.id, actor, TakenBack(reference="their letter"))
    if act == "receipt":
        return await unit_acts.receipt(ctx, one.id, actor, Receipt(number=f"FP-{pick}", shared=True, whole=True))
    if act == "answer":
        return await unit_acts.answer(ctx, one.id, actor, _answer(ctx, pick))
    if act != "override":
        return await getattr(referral_acts, act)(ctx, one.id, actor, "so")
    to = await _somebody(ctx, file, file.summary.assessment, pick)
    return to and to != one.partner and await referral_acts.override(ctx, one.id, actor, "there", partner=to)
