"""Who had a case for how long: by examples, and at every moment of generated lives by a second way of telling."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from router.casework.desk import case_acts, take_back
from router.casework.read.case_file import case_file
from router.casework.read.turns import turns
from schemas.case_page import Turn, Whose
from schemas.casefile import PartnerAct, ReferralView, TimelineEntry
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.partner import PartnerKind
from schemas.states import ReferralState
from schemas.vocabulary import ActionType, Outcome
from tests.casebook import ANNA, Casebook

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = {"nl": PartnerKind.HOTLINE, "unit": PartnerKind.POLICE, "host": PartnerKind.PROVIDER}
HOURS = st.integers(0, 40)


def at(hours: int) -> datetime:
    return BEGAN + timedelta(hours=hours)


def referral(partner: str, accepted: int | None, *said: tuple[ActionType, int]) -> ReferralView:
    acts = tuple(PartnerAct(action=action, at=at(hours)) for action, hours in said)
    accepted_at = None if accepted is None else at(accepted)
    known: dict[str, Any] = {"id": partner, "case": "c", "partner": partner, "partner_title": partner, "route": "r"}
    return ReferralView(
        **known, is_copy=False, state=ReferralState.ACCEPTED, version=1, accepted_at=accepted_at, said=acts
    )


def entry(act: str, hours: int, **more: Any) -> TimelineEntry:
    return TimelineEntry(at=at(hours), actor="router", act=act, text="", **more)


def told(found: tuple[Turn, ...]) -> list[tuple[str, str | None, int, int | None]]:
    def hours(moment: datetime | None) -> int | None:
        return None if moment is None else round((moment - BEGAN) / timedelta(hours=1))

    return [(one.who, one.partner, hours(one.since) or 0, hours(one.until)) for one in found]


def test_it_is_ours_until_somebody_has_it_and_the_hosts_once_they_were_told() -> None:
    hotline = referral("nl", 3, (ActionType.REPORTED_TO_ISP, 10), (ActionType.REMOVED, 30))
    assert told(turns(at(0), at(40), [hotline], [], KINDS)) == [
        ("us", None, 0, 3),
        ("partner", "nl", 3, 30),
        ("provider", "nl", 10, 30),
        ("us", None, 30, None),
    ]


def test_what_people_here_are_asked_is_with_us_whoever_else_has_it() -> None:
    assert told(turns(at(0), at(40), [referral("nl", 3)], [], KINDS, at(10))) == [
        ("us", None, 0, 3),
        ("partner", "nl", 3, None),
        ("us", None, 10, None),
    ]


def test_a_closed_case_is_nobodys_and_one_that_is_opened_again_goes_on() -> None:
    timeline = [entry("case.closed", 10), entry("case.reopened", 20)]
    assert told(turns(at(0), at(40), [referral("unit", 2)], timeline, KINDS)) == [
        ("us", None, 0, 2),
        ("police", "unit", 2, 10),
        ("police", "unit", 20, None),
    ]


def test_a_recall_ends_a_turn_once_the_partner_has_dropped_it() -> None:
    asked = [entry("referral.recalled", 5, referral="nl"), entry("referral.withdrawn", 6, referral="nl")]
    still = [asked[0], asked[1].model_copy(update={"detail": {"told": False}})]
    gone = [asked[0], asked[1].model_copy(update={"detail": {"told": True}})]
    by_hand = [*still, entry("referral.taken_back", 9, referral="nl")]
    for timeline, until in ((still, None), (gone, 6), (by_hand, 9)):
        assert ("partner", "nl", 2, until) in told(turns(at(0), at(40), [referral("nl", 2)], timeline, KINDS))


ACTS = st.lists(st.tuples(st.sampled_from([*ActionType]), HOURS), max_size=3)
REFERRALS = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.none() | HOURS, ACTS), max_size=3)


@given(REFERRALS, st.lists(HOURS, unique=True, max_size=4), st.none() | HOURS)
def test_at_every_moment_of_an_open_case_somebody_has_it_and_of_a_closed_one_nobody(
    given: list[tuple[str, int | None, list[tuple[ActionType, int]]]], changes: list[int], asked: int | None
) -> None:
    """Each moment is asked by itself; nothing of the intervals is used."""
    referrals = [referral(name, accepted, *said) for name, accepted, said in given]
    changed = sorted(one + 1 for one in changes)
    timeline = [entry(("case.closed", "case.reopened")[place % 2], hour) for place, hour in enumerate(changed)]
    found = turns(at(0), at(50), referrals, timeline, KINDS, None if asked is None else at(asked))
    for hour in range(50):
        moment = at(hour) + timedelta(minutes=30)
        is_open = sum(one <= hour for one in changed) % 2 == 0
        now = {(one.who, one.partner) for one in found if one.since <= moment < (one.until or at(50))}
        theirs = {
            (Whose.PARTNER if name == "nl" else Whose.POLICE if name == "unit" else Whose.PROVIDER, name)
            for name, accepted, said in given
            if accepted is not None and accepted <= hour and not _ended(accepted, said, hour)
        }
        assert {one for one in now if one[0] is not Whose.US} >= (theirs if is_open else set())
        is_asked = asked is not None and asked <= hour
        assert ((Whose.US, None) in now) is (is_open and (is_asked or not theirs))
        assert bool(now) is is_open


def _ended(accepted: int, said: list[tuple[ActionType, int]], hour: int) -> bool:
    final = {ActionType.REMOVED, ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL, ActionType.MOVED}
    return any(action in final and accepted <= when <= hour for action, when in said)


async def test_the_file_of_a_case_tells_it(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=2)
    await book.send()
    (row,) = await book.referrals(case_id)
    book.later(hours=1)
    word = ActionStatement(action=ActionType.REPORTED_TO_ISP, at=book.clock.now())
    book.partner.says = [ReferralStatus(referral_id=row["id"], known=True, actions=(word,))]
    book.later(days=6)
    await book.step(case_id)
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    book.later(days=1)
    await take_back.reopen(book.ctx, case_id, ANNA, "it is there")
    book.later(days=1)
    found = (await case_file(book.ctx, case_id)).turns
    assert [(one.who, one.partner, one.until is None) for one in found] == [
        ("us", None, False),
        ("partner", "hotline-nl", False),
        ("provider", "hotline-nl", False),
        ("partner", "hotline-nl", True),
        ("provider", "hotline-nl", True),
        ("us", None, True),  # opened again, people here are asked
    ]
    assert found[0].until == found[1].since


async def test_a_case_on_the_desk_is_with_us_though_a_partner_has_it(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(hours=3)
    await case_acts.ask(book.ctx, case_id, ANNA, "look at this again")
    book.later(hours=1)
    had = (await case_file(book.ctx, case_id)).turns
    assert [(one.who, one.until) for one in had if one.until is None] == [(Whose.PARTNER, None), (Whose.US, None)]
    assert had[-1].since == book.clock.now() - timedelta(hours=1)
