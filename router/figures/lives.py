"""One case with all that became of it, and the clocks of it. Pure.

Moments are microseconds since the epoch, spans whole minutes. An end is taken, in this order, from a partner's own
date, from a person who saw it, from our look-ups (`router/data/figures.toml`, `gone`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from schemas.actor import ROUTER
from schemas.partner import PartnerKind
from schemas.vocabulary import ActionType, Assessment, Outcome

Row = Mapping[str, Any]

MINUTE: Final = 60_000_000
_GONE: Final = frozenset({Outcome.REMOVED, Outcome.UNAVAILABLE})
_SAYS_GONE: Final = frozenset({ActionType.REMOVED, ActionType.UNAVAILABLE})
_CHECKED: Final = "check_"
_PROBED: Final = "probe_"


class How(StrEnum):
    """How a clock stopped."""

    GONE = "gone"
    MOVED = "moved"  #: found in another country: another clock starts there
    NOT_ILLEGAL = "not_illegal"  #: it was none after all
    LEFT = "left"  #: closed without an end that anybody saw
    OPEN = "open"  #: still there, or not looked at since


class SaidBy(StrEnum):
    """Whose word an end is."""

    PARTNER = "partner"
    STAFF = "staff"
    US = "us"


#: What figures keep of whom a sign is.
_WHO: Final = {ROUTER.id: SaidBy.US, "staff": SaidBy.STAFF}


class Measured(NamedTuple):
    """A moment, and whether our clock was not believed when it measured that (`clock_in_doubt`)."""

    at: int
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """When a clock stopped, how, and on whose word."""

    at: Measured
    how: How
    said_by: SaidBy | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A case, its referrals without copies, what was said of it, and what was seen there."""

    case: Row
    referrals: Sequence[Row]
    signs: Sequence[Row]
    marks: Sequence[Row]
    kinds: Mapping[str, PartnerKind]  #: of partners, by name
    doubts: frozenset[tuple[str, str]] = frozenset()  #: (row, which of its dates) that were measured in doubt

    @property
    def assessment(self) -> str:
        """Return what it is: spam, or as it is assessed."""
        return str(Outcome.SPAM if self.case["outcome"] == Outcome.SPAM else self.case["assessment"])

    @property
    def assessed_by(self) -> str:
        """Return whose word that is."""
        if self.assessment == Outcome.SPAM or self.case["staff_assessment"] == self.case["assessment"]:
            return "staff"
        return "nobody" if self.case["assessment"] == Assessment.UNASSESSED else "source"

    @property
    def actionable(self) -> bool:
        """Tell whether it is assessed as illegal."""
        return self.assessment in (Assessment.BASELINE, Assessment.NATIONAL)

    @property
    def received(self) -> Measured:
        """Return when it was reported."""
        return self._at(self.case, "received_at")

    @property
    def sent(self) -> Measured | None:
        """Return when it first left."""
        return self._first("first_sent_at", self.referrals)

    @property
    def accepted(self) -> Measured | None:
        """Return when a partner first accepted it."""
        return self._first("accepted_at", self.referrals)

    @property
    def actioned(self) -> bool:
        """Tell whether it is assessed as illegal, and a partner accepted it."""
        return self.actionable and self.accepted is not None

    def told(self, kind: PartnerKind) -> Measured | None:
        """Return when police or a provider were told, by us or by a partner as it says."""
        act = ActionType.REPORTED_TO_LEA if kind is PartnerKind.POLICE else ActionType.REPORTED_TO_ISP
        ours = self._first("accepted_at", (one for one in self.referrals if self.kinds.get(one["partner"]) is kind))
        said = [self._signed(one) for one in self.signs if one["sign"] == act]
        return min(said if ours is None else [ours, *said], default=None)

    @property
    def ended(self) -> Ended:
        """Return how it ended, or until when it is known to have been there."""
        moved = [
            self._signed(one) for one in self.signs if one["sign"] == ActionType.MOVED and _said_by(one) is SaidBy.US
        ]
        if self.case["moved"] and moved:
            return Ended(min(moved), How.MOVED)
        outcome = self.case["outcome"]
        if outcome is None:
            return Ended(self._looked_at, How.OPEN)
        closed = self._at(self.case, "closed_at")
        if outcome in _GONE:
            return self._gone(closed)
        hows = {Outcome.MOVED: How.MOVED, Outcome.NOT_ILLEGAL: How.NOT_ILLEGAL}
        return Ended(closed, hows.get(outcome, How.LEFT))

    def _gone(self, closed: Measured) -> Ended:
        said = [one for one in self.signs if one["sign"] in _SAYS_GONE]
        for who in (SaidBy.PARTNER, SaidBy.STAFF):
            if dates := [self._signed(one) for one in said if _said_by(one) is who]:
                return Ended(max(dates), How.GONE, who)
        seen = self._at(self.case, "gone_since") if self.case["gone_since"] else closed
        return Ended(seen, How.GONE, SaidBy.US)

    @property
    def _looked_at(self) -> Measured:
        """Return the last moment at which it is known to have been there: what was measured in doubt shows none."""
        opened = self._at(self.case, "opened_at")
        looks = [self._signed(one) for one in self.signs if one["sign"].startswith(_CHECKED)]
        seen = self._first("seen_at", [self.case])
        known = [one for one in (opened, seen, self.accepted, *looks) if one is not None]
        return max((one for one in known if not one.in_doubt), default=opened)

    def _first(self, name: str, rows: Iterable[Row]) -> Measured | None:
        return min((self._at(one, name) for one in rows if one[name] is not None), default=None)

    def _at(self, row: Row, name: str) -> Measured:
        return Measured(int(row[name]), bool(self.doubts) and (row["id"], name) in self.doubts)

    def _signed(self, sign: Row) -> Measured:
        return Measured(int(sign["at"]), bool(self.doubts) and (sign["id"], sign["sign"]) in self.doubts)

    @property
    def kinds_told(self) -> frozenset[str]:
        """Return the kinds of partners that accepted it."""
        took = (one for one in self.referrals if one["accepted_at"] is not None)
        return frozenset(str(self.kinds.get(one["partner"], "unknown")) for one in took)

    @property
    def disagreements(self) -> frozenset[str]:
        """Return who found otherwise than it stands: a partner, or a second person here."""
        called = any(one["sign"] == ActionType.NOT_ILLEGAL and _said_by(one) is SaidBy.PARTNER for one in self.signs)
        second = any(one["sign"] == "second_look_differs" for one in self.signs)
        return frozenset(
            name for name, is_so in (("partner", called and self.actionable), ("second_look", second)) if is_so
        )

    @property
    def findings(self) -> Sequence[str]:
        """Return what came of each check."""
        return self._said(_CHECKED)

    @property
    def probes(self) -> Sequence[str]:
        """Return what came of each time that its host was asked itself."""
        return self._said(_PROBED)

    def _said(self, kind: str) -> Sequence[str]:
        return [one["sign"].removeprefix(kind) for one in self.signs if one["sign"].startswith(kind)]


def minutes(start: int, end: int) -> int:
    """Return whole minutes between two moments; what is dated before the clock began counts as at once."""
    return max(end - start, 0) // MINUTE


def _said_by(sign: Row) -> SaidBy:
    return _WHO.get(sign["by"], SaidBy.PARTNER)
