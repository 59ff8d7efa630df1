"""A turn that is cut off anywhere: the process dies before or after any call, or any answer is lost.

A referral is never lost and never told twice. Where nobody can know whether the report was taken, it ends on the desk.
"""

from dataclasses import replace

import pytest

from router.guard.egress import HttpAnswer
from router.partners.base import Deferred, Unknown
from router.partners.iccam.session import Call, Session
from router.partners.iccam.standing import Done, Result
from router.partners.iccam.turns import Turns
from router.world.iccam.rules import STRICT, AssignedBy, Rules
from router.world.iccam.trouble import Kind, Trouble
from schemas.exchange import ReferralMessage
from tests.partners.iccam.play import Player
from tests.partners.iccam.stage import Near
from tests.referrals import a_message

#: Where a lost report can be found again, and where only a person can.
FINDS = {"as recorded": Rules(), "strict": replace(STRICT, token_settle=0)}
HIDES = {
    "assigns by hosting": Rules(assigned_by=AssignedBy.HOSTING),
    "hides references": Rules(shows_reference=False),
}
#: More calls than a referral ever needs.
CALLS = 18


class Died(Exception):
    """The process is gone."""


class Mortal(Session):
    """A session whose process dies at its n-th call: before it, or when it was answered."""

    dies_at = -1
    answered = False
    made = 0

    async def ask(self, call: Call, turns: Turns, *, until: float, urgent: bool = False) -> HttpAnswer | Deferred:
        if self.made == self.dies_at and not self.answered:
            raise Died
        found = await super().ask(call, turns, until=until, urgent=urgent)
        self.made += 1
        if self.made == self.dies_at + 1 and self.answered:
            raise Died
        return found


async def reported(at: Near, message: ReferralMessage) -> int:
    """How many reports of it the hub has."""
    return sum(report.reference == message.referral_id for report in at.hub.reports.values())


async def play_and_die(at: Near, dies_at: int, *, answered: bool) -> tuple[Player, Result]:
    player = Player(at, a_message())
    mortal = Mortal(at.tools, at.config)
    mortal.dies_at, mortal.answered = dies_at, answered
    player.use(mortal)
    try:
        return player, await player.to_the_end()
    except Died:
        player.restart()
        player.in_doubt = player.standing is None  # whoever keeps it knows that a turn began, and never ended
        return player, await player.to_the_end()


def left_undone(at: Near, message: ReferralMessage) -> list[str]:
    """What the hub was not told of the referral, or was told twice."""
    (report,) = (one for one in at.hub.reports.values() if one.reference == message.referral_id)
    (content,) = report.contents
    wrong = {
        "country": content.assigned_country != "NL",
        "assessment": len(content.assessments) != 1,
        "source": not report.is_complete,
        "actions": bool(content.actions),
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


@pytest.mark.parametrize("answered", [False, True], ids=["before a call", "after its answer"])
@pytest.mark.parametrize("rules", [*FINDS.values(), *HIDES.values()], ids=[*FINDS, *HIDES])
async def test_a_process_that_dies_at_any_call_loses_and_doubles_nothing(
    at: Near, rules: Rules, answered: bool
) -> None:
    at.hub.rules = rules
    ends = []
    for dies_at in range(CALLS):
        player, step = await play_and_die(at, dies_at, answered=answered)
        count = await reported(at, player.message)
        assert count <= 1
        assert isinstance(step, Done | Unknown)
        if isinstance(step, Done):
            assert (count, left_undone(at, player.message)) == (1, [])
        elif rules in FINDS.values():
            assert count == 0  # what was taken is found
        ends.append(type(step))
    assert ends.count(Done) >= CALLS - 9  # the deaths before the first call that can create anything, and at it


LOSSES = (
    Trouble(Kind.DROP_BEFORE),
    Trouble(Kind.DROP_AFTER),
    Trouble(Kind.CUT),
    Trouble(Kind.GARBAGE),
    Trouble(Kind.LOGGED_OUT),
    Trouble(Kind.STATUS, status=500),
    Trouble(Kind.STATUS, status=408),
    Trouble(Kind.STATUS, status=503, retry_after="30"),
    Trouble(Kind.STATUS, status=302),
    Trouble(Kind.STATUS, status=600),
)


@pytest.mark.parametrize(
    ("rules", "trouble"),
    [*((FINDS["strict"], one) for one in LOSSES), *((HIDES["assigns by hosting"], one) for one in LOSSES[:3])],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Trouble) else value.assigned_by,
)
async def test_any_answer_may_be_lost_and_nothing_is_told_twice(at: Near, rules: Rules, trouble: Trouble) -> None:
    at.hub.rules = rules
    for skip in range(CALLS):
        at.server.troubles.ordered[:] = [replace(trouble, path="rest/", skip=skip)]
        player = Player(at, a_message())
        step = await player.to_the_end()
        count = await reported(at, player.message)
        assert count <= 1
        if isinstance(step, Done):
            assert (count, left_undone(at, player.message)) == (1, [])
            continue
        assert isinstance(step, Unknown)
        assert step.for_people
        assert rules in HIDES.values() or count == 0


async def test_many_lost_answers_in_a_row_end_well(at: Near) -> None:
    """A hub on its worst day: every second call is lost after it was taken."""
    at.hub.rules = FINDS["strict"]
    for skip in range(0, 80, 2):
        at.server.troubles.order(Trouble(Kind.CUT, "rest/", skip=skip + 9 if skip > 0 else 9))
    player = Player(at, a_message())
    step = await player.to_the_end()
    assert await reported(at, player.message) <= 1
    assert isinstance(step, Done)


async def test_a_report_is_found_among_many_that_are_not_ours(at: Near) -> None:
    others = [Player(at, a_message()) for _ in range(30)]
    for other in others:
        await other.turn()
    at.server.troubles.order(Trouble(Kind.DROP_AFTER, "rest/reports", "POST"))
    player = Player(at, a_message())
    assert isinstance(await player.turn(), Unknown)
    for _ in range(30):  # newer ones, which are read first
        other = Player(at, a_message())
        await other.turn()
    assert isinstance(await player.to_the_end(), Done)
    assert await reported(at, player.message) == 1
