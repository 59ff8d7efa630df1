"""What partners say they did with their referrals: asked of those that have one, can be asked, and may be called.

A partner speaks for its own referral only: what it says of another one, or of one that it does not know, is no answer.

They are asked side by side: a worker's lease on the case is some calls long, however many partners have it.

A question is a way out like any other: nothing goes to a partner that the law bars, that is disabled, or that staff
stopped. Who was not asked for such a reason is named, so that its silence is not taken for an answer.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from router.casework.case.gate import held_ids
from router.casework.case.sealed import keys_of
from router.casework.context import Context
from router.casework.deliver.progress import sent_referral
from router.casework.deliver.stops import Halts, halts
from router.casework.referral.row import OUTSIDE
from router.delivery import ask
from router.guard.mask import scrub
from router.partners.base import Dialect, SentReferral
from router.policy.bars import may_be_called
from router.store.base import Row
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.partner import Partner
from schemas.states import ReferralState

#: Why a partner said nothing, as a clause of the question to people.
#: What stands behind a partner's "not ours".
BELIEVED: Final = "They believe that it is for {country}."
TYPED: Final = "They say: {text}"
_NOT_ASKED: Final = "{partner} was not asked ({why})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one partner says of a referral that it accepted."""

    referral: Row
    said: tuple[ActionStatement, ...] = ()  #: in the order in which it was said; none when it does not answer
    answered: bool = False  #: it said something of this referral, if only that nothing was done yet
    holder: str | None = None  #: the country that has it instead, where the partner gave it on itself
    returned: bool = False  #: it says that it is not theirs
    words: str | None = None  #: whose it believes to be, and why, where it says so
    hands_on: bool = False  #: what moved it gives on itself, and goes on telling of it (`Dialect.hands_on`)
    askable: bool = True  #: False when no dialect of the partner can be asked, as a mailbox

    @property
    def partner(self) -> str:
        """Return the partner's name."""
        return str(self.referral["partner"])


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking about a case."""

    said: list[Answer]  #: one for each referral whose partner may be called
    unasked: list[tuple[Row, str]]  #: each referral whose partner was not to be called, with a clause that says why


async def ask_partners(ctx: Context, rows: Sequence[Row], heard: Mapping[str, Answer] | None = None) -> Answers:
    """Ask everybody who accepted one of these referrals; one that cannot be asked or is silent says nothing.

    `heard` are answers that came just now in a round, by referral: their partners are not asked again.
    """
    unasked: list[tuple[Row, str]] = []
    calls: list[tuple[Row, Partner, Dialect]] = []
    apart: list[Answer] = []
    keys = await keys_of(ctx, (row["case_id"] for row in rows if row["progress"] is not None))
    held = await held_ids(ctx, {row["case_id"] for row in rows if row["state"] == ReferralState.ACCEPTED})
    halted = await halts(ctx)
    directory = await ctx.governance.directory()
    for row in rows:
        if row["state"] != ReferralState.ACCEPTED:
            continue
        if row["dialect"] == OUTSIDE:  # no dialect gave it to them, so none knows what they call it
            apart.append(Answer(row, askable=False))
            continue
        partner = directory.named(row["partner"])
        by = held.get(row["case_id"])
        kept = by is not None and by.keeps_from(row["partner"])
        why = by.clause if by is not None and kept else await _uncallable(ctx, row, partner, halted)
        if why is not None:
            unasked.append((row, _NOT_ASKED.format(partner=row["partner"], why=why)))
        elif (known := (heard or {}).get(row["id"])) is not None:
            apart.append(replace(known, referral=row))
        elif partner is not None:
            calls.append((row, partner, ctx.dialects[partner.dialect]))
    said = await asyncio.gather(
        *(
            _answer(dialect, partner, row, sent_referral(dialect, row, keys.get(row["case_id"])))
            for row, partner, dialect in calls
        )
    )
    return Answers([*apart, *said], unasked)


async def _uncallable(ctx: Context, row: Row, partner: Partner | None, halted: Halts) -> str | None:
    if partner is None or partner.dialect not in ctx.dialects:
        return "it cannot be reached by the directory in force"
    if halted.partner(partner.name) or row["route"] in halted.routes:
        return "a stop is in force"
    _, policy = await ctx.governance.policy()
    reason = may_be_called(partner, policy)
    return None if reason is None else reason.text


async def _answer(dialect: Dialect, partner: Partner, row: Row, sent: SentReferral) -> Answer:
    """Return what a partner says of one referral, whatever else it tells beside."""
    statuses = await ask.status(dialect, partner, [sent])
    if statuses is None:
        return Answer(row, askable=False)
    return answer_of(dialect, row, statuses)


def answer_of(dialect: Dialect, row: Row, statuses: Iterable[ReferralStatus]) -> Answer:
    """Return what a partner says of one referral among all that it said."""
    ours = [one for one in statuses if one.referral_id == row["id"] and one.known and not one.withdrawn]
    said = tuple(action for one in ours for action in one.actions)
    holder = next((one.holder for one in ours if one.returned and one.holder is not None), None)
    back = next((one for one in ours if one.returned), None)
    return Answer(
        row,
        said,
        bool(ours),
        holder if dialect.hands_on else None,
        back is not None,
        None if back is None else _words(back),
        hands_on=dialect.hands_on,
    )


def _words(back: ReferralStatus) -> str | None:
    """Return what a partner says beside "not ours"; of its own text nothing that looks like a location."""
    believed = None if back.believed is None else BELIEVED.format(country=back.believed)
    typed = None if back.text is None else TYPED.format(text=scrub(back.text))
    return " ".join(one for one in (believed, typed) if one) or None
