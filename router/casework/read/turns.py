"""Who has had a case, and for how long each: us, a partner, the police, the provider. Pure, from what its file tells.

A partner has it from its receipt until it says how it ended, drops what was taken back, or the case is closed.
What a partner says that it told (`ReportedToLEA`, `ReportedToISP`) those have from then on, until the same end. It is
ours while it is open and nobody else has it, and while people here are asked, whoever else has it too. A time that
began after a closing and a re-opening begins there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from schemas.case_page import Turn, Whose
from schemas.casefile import ReferralView, TimelineEntry
from schemas.partner import PartnerKind
from schemas.vocabulary import FINAL_ACTIONS, ActionType

_WHOSE: Final[Mapping[PartnerKind, Whose]] = {
    PartnerKind.HOTLINE: Whose.PARTNER,
    PartnerKind.HUB: Whose.PARTNER,
    PartnerKind.POLICE: Whose.POLICE,
    PartnerKind.PROVIDER: Whose.PROVIDER,
}
_TOLD: Final[Mapping[ActionType, Whose]] = {
    ActionType.REPORTED_TO_LEA: Whose.POLICE,
    ActionType.REPORTED_TO_ISP: Whose.PROVIDER,
}
_CLOSED: Final = "case.closed"
_REOPENED: Final = "case.reopened"
Span = tuple[datetime, datetime]


def turns(
    opened_at: datetime,
    now: datetime,
    referrals: Sequence[ReferralView],
    timeline: Sequence[TimelineEntry],
    kinds: Mapping[str, PartnerKind],
    asked_since: datetime | None = None,
) -> tuple[Turn, ...]:
    """Return the turns of a case, in order of their beginning. `kinds` are those of partners, by name.

    `asked_since` is since when people here are asked; None for a case that is not on the desk.
    """
    lasting = list(_open_times(opened_at, now, timeline))
    theirs = [turn for one in referrals for turn in _of_referral(one, timeline, kinds, now)]
    others = [kept for turn in theirs for kept in _within(turn, lasting, now)]
    elsewhere = [kept for turn in others for kept in _before(turn, asked_since)]
    ours = [_turn(Whose.US, span, now) for span in _without(lasting, elsewhere, now)]
    return tuple(sorted([*ours, *others], key=lambda one: (one.since, one.who, one.partner or "")))


def _open_times(opened_at: datetime, now: datetime, timeline: Iterable[TimelineEntry]) -> Iterator[Span]:
    """Yield the times during which the case was open."""
    since: datetime | None = opened_at
    for one in timeline:
        if one.act == _CLOSED and since is not None:
            yield since, one.at
            since = None
        elif one.act == _REOPENED and since is None:
            since = one.at
    if since is not None:
        yield since, now


def _of_referral(
    one: ReferralView, timeline: Iterable[TimelineEntry], kinds: Mapping[str, PartnerKind], now: datetime
) -> Iterator[Turn]:
    if one.accepted_at is None:
        return
    ends = [said.at for said in one.said if said.action in FINAL_ACTIONS]
    ends += [entry.at for entry in timeline if entry.referral == one.id and _takes_back(entry)]
    until = min((at for at in ends if at >= one.accepted_at), default=now)
    who = _WHOSE[kinds.get(one.partner, PartnerKind.HOTLINE)]
    yield _turn(who, (one.accepted_at, until), now, one.partner)
    for said in one.said:
        if said.action in _TOLD and said.at < until:
            span = max(said.at, one.accepted_at), until
            yield _turn(_TOLD[said.action], span, now, one.partner, through=True)


def _takes_back(entry: TimelineEntry) -> bool:
    """Tell whether its partner dropped it: it said so to us, or to people. A recall alone is a wish."""
    told = entry.act == "referral.withdrawn" and entry.detail.get("told") is True
    return told or entry.act == "referral.taken_back"


def _turn(who: Whose, span: Span, now: datetime, partner: str | None = None, *, through: bool = False) -> Turn:
    since, until = span
    return Turn(who=who, partner=partner, through=through, since=since, until=None if until >= now else until)


def _within(turn: Turn, lasting: Iterable[Span], now: datetime) -> Iterator[Turn]:
    """Yield what of a turn lies within the times during which the case was open."""
    for since, until in lasting:
        begun, ended = max(turn.since, since), min(turn.until or now, until)
        if begun < ended:
            yield _turn(turn.who, (begun, ended), now, turn.partner, through=turn.through)


def _before(turn: Turn, asked_since: datetime | None) -> Iterator[Turn]:
    """Yield what of a turn lies before people here were asked."""
    if asked_since is None:
        yield turn
    elif turn.since < asked_since:
        yield turn.model_copy(update={"until": min(asked_since, turn.until or asked_since)})


def _without(lasting: Iterable[Span], others: Iterable[Turn], now: datetime) -> Iterator[Span]:
    """Yield what of the open times nobody else had."""
    taken = sorted((one.since, one.until or now) for one in others)
    for since, until in lasting:
        at = since
        for begun, ended in taken:
            if begun >= until:
                break
            if begun > at:
                yield at, begun
            at = max(at, min(ended, until)) if ended > at else at
        if at < until or not taken:  # what was opened this moment is ours
            yield at, until
