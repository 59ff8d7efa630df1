"""One check in the making: what was looked up and what partners said, and what that amounts to. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from router.casework.case.record import Opened
from router.casework.follow_up.heard import Heard
from router.casework.follow_up.partner_status import Answer
from router.casework.follow_up.probe import Seen
from router.casework.follow_up.proof import ended, last_word, shown_reason
from router.clock import micros
from router.hosting.trace_notes import note
from router.store.base import Add
from router.store.schema.tables import actions
from schemas.exchange import ActionStatement
from schemas.probe import ProbeFinding, Referrer
from schemas.trace import DnsOutcome, Trace, VerdictKind
from schemas.vocabulary import ActionType
from schemas.word import Country

#: A new country must be as certain as a first one to count as a move.
_MOVED_CONFIDENCE: Final = 0.90
#: Notes of a verdict that rests on less than what the name's own servers say now: no ground to move a case on.
_NOT_NOW: Final = frozenset({"stale_answer", "half_filtered", "resolver_lies"})
#: Why look-ups that found no address prove nothing, in the words of the question to people.
_NO_PROOF: Final = {
    DnsOutcome.FILTERED: "our name server filters the name",
    DnsOutcome.STALE: "our name server repeats an old answer",
    DnsOutcome.LAME: "no name server that knows the name answered",
    DnsOutcome.NXDOMAIN: "the name server calls the name gone without its zone's word",
    DnsOutcome.NODATA: "the name server calls the name empty without its zone's word",
}
#: What is said and found, as clauses of that question.
_NOBODY_SAYS: Final = "no partner says that it is removed"
_SAYS: Final = "{partner} says {action}"
_SAYS_OF_PARTS: Final = "{partner} says of what is on the page: {counts}"
_SAYS_WHY: Final = "{partner} says {action} ({reason})"
_RESOLVER_LIES: Final = "a name server of ours lies"
_NOT_ASKABLE: Final = "{partner} cannot be asked"
_ANSWERS: Final = "its server answers {status}"
_ANSWERS_BLIND: Final = "its server answers {status}, which proves nothing without the page that it is reached from"
_NOT_FOUND: Final = frozenset({404, 410})
_PROBED: Final = {
    ProbeFinding.NO_HTTP: "its server takes the connection and gives no answer",
    ProbeFinding.REFUSED: "nobody listens at any of its addresses",
    ProbeFinding.UNREACHABLE: "its server cannot be reached from here",
}
#: What people are asked of a move that is for them.
_BACK_AGAIN: Final = "It moved from {was} back to {now}, where it came from: decide who deals with it."
_MOVED_OFTEN: Final = "It moved {moves} times by now, from {was} to {now} last: decide who deals with it."
#: This move within one follow-up is for people: by then somebody moves it faster than partners act.
_MOVE_FOR_PEOPLE: Final = 3


@dataclass(frozen=True, slots=True)
class Check:
    """The case, its fresh trace, and what partners said."""

    heard: Heard
    opened: Opened
    trace: Trace
    kept: Add  #: the trace's row
    now: int
    probe: Seen | None = None  #: what its host said when it was asked itself; None where it was not

    def moved_to(self) -> Country | None:
        """Return the country in which it is hosted now, when that is another one than before and certain."""
        verdict, before = self.trace.verdict, self.opened.row["hosting_country"]
        certain = verdict.kind is VerdictKind.COUNTRY and verdict.confidence >= _MOVED_CONFIDENCE
        now = _NOT_NOW.isdisjoint(reason.code for reason in verdict.reasons)
        return verdict.country if certain and now and before not in (None, verdict.country) else None

    def to_and_fro(self, country: Country) -> str | None:
        """Return why a move to that country is for people, None when it is one to act on."""
        was, moves = self.opened.row["hosting_country"], self.heard.moves + 1
        if country == self.opened.row["moved_from"]:
            return _BACK_AGAIN.format(was=was, now=country)
        if moves >= _MOVE_FOR_PEOPLE:
            return _MOVED_OFTEN.format(moves=moves, was=was, now=country)
        return None

    def claimed(self) -> tuple[Answer, Country] | None:
        """Return a partner's new word that it moved to a country where our own look-up does not find it."""
        new = {
            (add.values["by"], add.values["action"], add.values["at"])
            for add in self.heard.new_actions
            if add.table is actions
        }
        for one in self.heard.holders:
            word = last_word(one.said)
            if word is None or word.action is not ActionType.MOVED or word.moved_to is None or one.hands_on:
                continue
            fresh = (one.partner, word.action, micros(word.at)) in new
            if fresh and word.moved_to != self.trace.verdict.country:
                return one, word.moved_to
        return None

    def clauses(self) -> Iterator[str]:
        """Yield what was said and found, for the question whether it is gone."""
        said = [clause for one in self.heard.said for clause in _clauses(one)]
        yield from said or [_NOBODY_SAYS]
        yield from (why for _, why in self.heard.unasked)
        if any(ended(last_word(one.said)) for one in self.heard.holders):
            silent = (one for one in self.heard.holders if not (one.askable or one.said))
            yield from (_NOT_ASKABLE.format(partner=one.partner) for one in silent)
        if any(one.code == "resolver_lies" for one in self.trace.verdict.reasons):
            yield _RESOLVER_LIES
        elif self.trace.outcome in _NO_PROOF and not self.trace.gone:
            yield _NO_PROOF[self.trace.outcome]
        if self.probe is not None:
            yield from _of_probe(self.probe)


def doubted(trace: Trace, lying: Sequence[str]) -> Trace:
    """Return a trace for what it is worth: while a resolver of ours is known to lie, no look-up proves anything."""
    if not lying or trace.outcome is None:
        return trace
    reasons = (*trace.verdict.reasons, note("resolver_lies"))
    return trace.model_copy(update={"gone": False, "verdict": trace.verdict.model_copy(update={"reasons": reasons})})


def _of_probe(seen: Seen) -> Iterator[str]:
    """Yield what the host said itself; a page that opens by a referrer answers 404 to whoever does not show it."""
    if seen.finding is ProbeFinding.ANSWERED:
        blind = seen.referrer is not Referrer.SENT and seen.status in _NOT_FOUND
        yield (_ANSWERS_BLIND if blind else _ANSWERS).format(status=seen.status)
    elif seen.finding in _PROBED:
        yield _PROBED[seen.finding]


def _clauses(answer: Answer) -> Iterator[str]:
    """Yield what a partner says of the whole, and of how many parts it says what."""
    yield from (_says(answer, one) for one in answer.said if one.part is None)
    parts = {one.part: [each for each in answer.said if each.part == one.part] for one in answer.said if one.part}
    whole = [[each.model_copy(update={"part": None}) for each in said] for said in parts.values()]
    ends = Counter(word.action for said in whole if (word := last_word(said)) is not None)
    if ends:
        counts = "; ".join(f"{action} {count}" for action, count in sorted(ends.items()))
        yield _SAYS_OF_PARTS.format(partner=answer.partner, counts=counts)


def _says(answer: Answer, said: ActionStatement) -> str:
    reason = shown_reason(said)
    clause = _SAYS_WHY if reason else _SAYS
    return clause.format(partner=answer.partner, action=said.action, reason=reason)
