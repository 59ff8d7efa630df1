"""A second geolocator, the operator's own: what follows from it where its edition was measured, and nothing where not.

Licences forbid to ship such a set, and counts fitted on it (ADR 0003), so how often it is right beside the shipped data
is measured at the operator's, on the very edition that is in use (`benchmarks/locate_truth.py --second`). Measured, it

- vetoes: where it names another country than the rule does, a published range too unless it speaks of a wider block,
  people see both;
- confirms: where the rule is in doubt and it names the same country, the confidence is the share right of just that.
  What a network claims for show it never confirms (`places_thin`): vendors repeat such claims.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from router.errors import CannotStart
from router.hosting.verdict.calibration import Calibration, Measured
from router.hosting.verdict.pattern import RANGE_SOURCES, Match, Pattern
from schemas.trace import Evidence

#: The name under which it speaks.
SOURCE: Final = "maxmind"
#: The patterns that it may confirm: geolocation is there, and nobody settles the matter.
CONFIRMED: Final = frozenset(
    {
        Pattern.GEO_ALONE,
        Pattern.GEO_ALONE_WIDE,
        Pattern.GEO_FINER,
        Pattern.PLACES_DIFFER,
        Pattern.ALL_AGREE_UNLISTED,
        Pattern.GEO_REGISTRY_UNLISTED,
        Pattern.GEO_ALONE_UNLISTED,
        Pattern.RANGE_UNPLACED,
    }
)
#: Where it has no say: no place was asked for, or a person is asked already.
_SILENT_ON: Final = frozenset(
    {Pattern.EDGE, Pattern.SPECIAL, Pattern.NOTHING, Pattern.REGISTRATION, Pattern.PEER_DISAGREES}
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A set by its own name, and the ISO date of its build."""

    name: str
    date: str


@dataclass(frozen=True, slots=True)
class Second:
    """One edition as it was measured: how often a pattern is right where the edition agrees, and where it differs."""

    edition: Edition
    agrees: Calibration
    differs: Calibration

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `locate_truth.py --second` wrote. Raise CannotStart when it cannot be read."""
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            edition = Edition(str(content["set"]), str(content["edition"]))
            return cls(edition, *(Calibration(_rows(content[part])) for part in ("agrees", "differs")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            text = f"{file.name} cannot be read; measure the second geolocator again (locate_truth.py --second)"
            raise CannotStart(text) from error

    def written(self) -> str:
        """Return it as `load` reads it."""
        parts = {name: _written(part) for name, part in (("agrees", self.agrees), ("differs", self.differs))}
        return json.dumps({"set": self.edition.name, "edition": self.edition.date, **parts}, indent=2) + "\n"

    def weigh(self, found: Match, confidence: float, evidence: Sequence[Evidence]) -> tuple[Match, float]:
        """Return what follows from the rule's answer and its confidence once this set was heard."""
        said = next((item for item in evidence if item.source == SOURCE and self._is_of(item)), None)
        return self.after(found, confidence, agrees=answer_to(found, said, evidence))

    def after(self, found: Match, confidence: float, *, agrees: bool | None) -> tuple[Match, float]:
        """Return what follows from an answer that this set agrees with, or not; None where it says nothing to it."""
        if agrees is None:
            return found, confidence
        if agrees:
            agreed = self.agrees.confidence(found.pattern) if found.pattern in CONFIRMED else 0.0
            if agreed <= confidence:
                return found, confidence
            return Match(Pattern.GEOLOCATORS_AGREE, found.country), agreed
        return Match(Pattern.GEOLOCATORS_DISAGREE, found.country), self.differs.confidence(found.pattern)

    def _is_of(self, item: Evidence) -> bool:
        """Say whether a claim is of this very edition: another one was never measured."""
        return (item.detail, item.as_of) == (self.edition.name, self.edition.date)


def answer_to(found: Match, said: Evidence | None, evidence: Sequence[Evidence]) -> bool | None:
    """Return whether a second geolocator agrees with the rule's answer; None where it says nothing that bears on it."""
    if said is None or said.claim.country is None or found.country is None or found.pattern in _SILENT_ON:
        return None
    if said.claim.country == found.country:
        return True
    listed = next((one for one in evidence if one.source in RANGE_SOURCES and one.claim.country is not None), None)
    return None if listed is not None and _length(said) < _length(listed) else False


def _length(item: Evidence) -> int:
    return int(item.prefix.rpartition("/")[2]) if item.prefix is not None else 128


def _rows(table: Mapping[str, Any]) -> dict[str, Measured]:
    known = {pattern.value for pattern in Pattern}
    return {name: Measured(**row) for name, row in table.items() if name in known}


def _written(table: Calibration) -> dict[str, Any]:
    return {
        name: {"networks": one.networks, "right": one.right, "rows": one.rows, "systems": one.systems}
        for name, one in sorted(table.patterns.items())
    }
