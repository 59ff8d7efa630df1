"""What a check proves, put to the policy's closing rules: every partner's word, and the checks that found no host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from router.casework.believed import is_believed
from router.casework.case.close import DISAGREES, NOT_GONE, gone, gone_seen
from router.casework.case.desk_entry import is_sticky
from router.casework.context import Context
from router.casework.follow_up.check import Check
from router.casework.follow_up.partner_status import Answer
from router.casework.follow_up.probe import others_answer, refused_in_a_row
from router.casework.follow_up.proof import last_word, shown_reason, word_of
from router.clock import micros, moment
from router.partners.base import Dialect
from router.policy.closing import Ruling, counted, rule
from router.store.schema.tables import actions
from schemas.closing import Closing, PartnerWord, Proof
from schemas.exchange import ActionStatement
from schemas.partner import Directory
from schemas.probe import ProbeFinding
from schemas.vocabulary import ActionType, Assessment

_HOUR: Final = 3_600_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_SAYS: Final = "{partner} says {action} ({day})."
_SAYS_WHY: Final = "{partner} says {action} ({reason}, {day})."
_THERE_ONLY: Final = "{partner} says {action} ({day}), which holds for {country} only."
_WHY_THERE_ONLY: Final = "{partner} says {action} ({reason}, {day}), which holds for {country} only."
_GONE: Final = "The host was gone in {checks} checks, {hours} hours apart."
_REFUSED: Final = "Every address of the host refused the connection in {checks} checks, {hours} hours apart."
#: What is kept of a partner's fields when its entry names none, and the dialect is gone.
_NO_FIELDS: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What the policy's closing rules make of a check."""

    check: Check
    ruling: Ruling
    rules: Closing
    seen: tuple[int, ...]  #: when checks in a row found no host, or it refused us, with this one if so
    counts: bool = True  #: the clock is believed, so it is known how far apart they were

    @property
    def counted(self) -> int:
        """Return how many of those checks count."""
        return len(counted(hours_between(self.seen), self.rules))

    def gone(self) -> dict[str, Any]:
        """Return the case's columns after a check that found no host."""
        return gone(self.seen, self.counted) if self.check.trace.gone else dict(NOT_GONE)

    def next_gone(self) -> int:
        """Return when the next check may count, in microseconds."""
        last = self.seen[0] + round(counted(hours_between(self.seen), self.rules)[-1] * _HOUR)
        return max(last + self.rules.gone_apart // _MICROSECOND, self.check.now + _HOUR)

    def said(self) -> tuple[Answer, ActionStatement]:
        """Return whose word decided it, and the word."""
        assert self.ruling.word is not None
        answer = self.check.heard.holders[self.ruling.word]
        word = last_word(answer.said)
        assert word is not None
        return answer, word

    def rests_on(self) -> str:
        """Return on what the closing rests, in words."""
        if self.ruling.word is None:
            hours = round(self.rules.gone_apart.total_seconds() / 3600)
            text = _GONE if self.check.trace.gone else _REFUSED
            return text.format(checks=self.counted, hours=hours)
        answer, word = self.said()
        reason, country = shown_reason(word), self.check.opened.row["hosting_country"]
        there = word.action is ActionType.NOT_ILLEGAL and country is not None
        text = (_THERE_ONLY if there else _SAYS) if reason is None else (_WHY_THERE_ONLY if there else _SAYS_WHY)
        day = f"{word.at:%Y-%m-%d}"
        return text.format(partner=answer.partner, action=word.action, reason=reason, day=day, country=country)

    def disagreement(self) -> str:
        """Return what people read who say again what it is."""
        return DISAGREES.format(partner=self.said()[0].partner)


async def judged(ctx: Context, check: Check) -> Judged:
    """Return what the policy in force makes of a check."""
    _, policy = await ctx.governance.policy()
    counts = await is_believed(ctx)
    seen = (*gone_seen(check.opened.row), check.now) if check.trace.gone and counts else ()
    refused = await _refused(ctx, check) if policy.closing.refused and counts else ()
    proof = proof_of(check, seen, await ctx.governance.directory(), ctx.dialects, refused)
    return Judged(check, rule(policy.closing, proof), policy.closing, seen or refused, counts)


async def _refused(ctx: Context, check: Check) -> tuple[int, ...]:
    """Return when checks in a row found that every address of its host refuses us, this one the last of them.

    Nothing where no other host answered us of late: then it may be our own network that lets nothing out.
    """
    if check.probe is None or check.probe.finding is not ProbeFinding.REFUSED or not await others_answer(ctx):
        return ()
    return await refused_in_a_row(ctx, check.opened)


def proof_of(
    check: Check,
    seen: Sequence[int],
    directory: Directory,
    dialects: Mapping[str, Dialect],
    refused: Sequence[int] = (),
) -> Proof:
    """Return what is known of a case at a check. Pure."""
    by_referrer = any(one.parent or (one.ways_in is not None and one.ways_in.referrer) for one in check.opened.items)

    def word(answer: Answer) -> PartnerWord:
        said, blind = last_word(answer.said), by_referrer and not _gets_ways_in(answer, directory, dialects)
        overruled = said is not None and _overruled(check, answer, said)
        return word_of(said, referrer_missing=blind, overruled=overruled)

    return Proof(
        assessment=Assessment(check.opened.row["assessment"]),
        partners=tuple(map(word, check.heard.holders)),
        unheard=check.heard.somebody_unasked(),
        gone_hours=hours_between(seen),
        refused_hours=hours_between(refused),
        asked=is_sticky(check.opened.row),
    )


def _overruled(check: Check, answer: Answer, said: ActionStatement) -> bool:
    """Tell whether a person said what it is after this word was heard: one that is new, nobody has answered."""
    new = any(
        add.table is actions and (add.values["by"], add.values["at"]) == (answer.partner, micros(said.at))
        for add in check.heard.new_actions
    )
    at = check.opened.row["staff_assessed_at"]
    return not new and at is not None and moment(at) >= said.at


def _gets_ways_in(answer: Answer, directory: Directory, dialects: Mapping[str, Dialect]) -> bool:
    """Tell whether a partner is told the referrer by which a page opens."""
    partner, dialect = directory.named(answer.partner), dialects.get(answer.referral["dialect"] or "")
    listed = partner.fields if partner is not None else None
    own = _NO_FIELDS if dialect is None else dialect.fields
    return "ways_in" in (own if listed is None else listed)


def hours_between(seen: Sequence[int]) -> tuple[float, ...]:
    """Return the hours from the first of some moments to each."""
    return tuple((at - seen[0]) / _HOUR for at in seen)
