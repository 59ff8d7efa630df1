"""Count lives, items and referrals: by measure, by what they are broken down, by which of it. Pure.

A key is (measure, dimension, key); the total of a measure is ("total", "all"). In most dimensions each is counted once,
so that they sum up to it; in those of `SEVERAL` they do not: an item may have two labels, or none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from router.clock import moment
from router.figures.lives import Ended, How, Life, Measured, Row, minutes
from router.figures.survival import Lived
from schemas.partner import PartnerKind
from schemas.word import Country

Key = tuple[str, str, str]
#: Dimensions in which one may be counted more than once, or not at all.
SEVERAL: Final = frozenset(
    {"label", "age", "gender", "to", "who", "police_same_day", "provider_same_day", "which", "finding", "within"}
    | {"went_wrong", "gone_said_by"}
)
TOTAL: Final = ("total", "all")
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
#: Until which minute each of the spans of a step lasts, its end left out.
_SPANS: Final = (("lt_24h", _DAY), ("24h_to_72h", 3 * _DAY), ("72h_to_168h", 7 * _DAY))
#: The bins of INHOPE's yearly report, with a home for the third day.
_BINS: Final = (("lt_72h", 3 * _DAY), ("72h_to_168h", 7 * _DAY))
_NEVER: Final = "never"
_LATE: Final = "ge_168h"
_NOT_GONE: Final = "not_gone"
_UNKNOWN: Final = "unknown"
#: In place of how long it was, where an end of it was measured while the clock was not believed.
_IN_DOUBT: Final = "clock_in_doubt"


@dataclass(slots=True)
class Counted:
    """What was counted so far."""

    home: Country
    eea: frozenset[str]
    zone: tzinfo
    numbers: Counter[Key] = field(default_factory=Counter)
    gone: list[tuple[Lived, str | None]] = field(default_factory=list)  #: from the acceptance on, and whose word it is

    ends: list[tuple[int, str]] = field(default_factory=list)  #: of the same: after how many minutes, and how
    in_doubt: int = 0  #: and how many are in neither, since an end of theirs was measured in doubt

    def report(self, row: Row) -> None:
        """Count a report."""
        self._each("reports", {"source": row["source"]})

    def item(self, way: str) -> None:
        """Count an item: `opened` a case, or a repeat of one of two ways."""
        self._each("items", {"way": way})

    def life(self, life: Life) -> None:
        """Count a case that was opened by a report of the period."""
        hosted = {"hosted": self._hosted(life.case), "site_type": life.case["site_type"] or _UNKNOWN}
        of_case = {name: str(life.case[name] or _UNKNOWN) for name in ("source", "source_kind", "country", "provider")}
        of_case |= {"assessment": life.assessment, "assessed_by": life.assessed_by}
        self._each("cases", hosted | of_case | {"outcome": str(life.case["outcome"] or "open")})
        self._marks("cases", life.marks)
        if life.case["came_back"]:
            self._each("repeat_closed_case", {})
        self._times(life)
        self._several("checks", "finding", life.findings)
        self._several("probes", "finding", life.probes)
        self._several("disagreements", "which", life.disagreements)
        if life.actionable:
            self._each("actionable", hosted)
            self._marks("actionable", life.marks)
            self._told(life)
        if life.actioned:
            self._gone(life)

    def referral(self, row: Row, kinds: Mapping[str, PartnerKind]) -> None:
        """Count a referral that first left in the period."""
        wrong = [name for name, so in (("misrouted", row["misrouted_at"]), ("sent_back", row["sent_back"])) if so]
        self._each(
            "referrals",
            {
                "partner": row["partner"],
                "how": how_decided(row),
                "state": row["state"],
                "copy": "copy" if row["is_copy"] else "first",
            },
        )
        self._add("referrals", "to", str(kinds.get(row["partner"], _UNKNOWN)))
        for one in wrong:
            self._add("referrals", "went_wrong", one)

    def notice(self, row: Row, life: Life) -> None:
        """Count a notice to a provider: who, what it is, and what came of it."""
        self._each("notices", {"notice": f"{row['partner']} | {life.assessment} | {life.case['outcome'] or 'open'}"})

    def _hosted(self, case: Row) -> str:
        country = case["country"]
        if case["verdict"] is None or country is None:
            return str(case["verdict"] or "not_located")
        if country == self.home:
            return "home"
        return "eea" if country in self.eea else "elsewhere"

    def _marks(self, measure: str, marks: Iterable[Row]) -> None:
        for what, value in sorted({(one["what"], one["value"]) for one in marks}):
            self._add(measure, what, value)

    def _told(self, life: Life) -> None:
        self._each("told", {})
        for name, kind in (("police", PartnerKind.POLICE), ("provider", PartnerKind.PROVIDER)):
            at = life.told(kind)
            if at is not None:
                self._add("told", "who", name)
            self._add("told", f"{name}_same_day", self._same_day(life.received, at))

    def _same_day(self, start: Measured, end: Measured | None) -> str:
        if end is None:
            return _NEVER
        if start.in_doubt or end.in_doubt:
            return _IN_DOUBT
        days = [moment(at).astimezone(self.zone).date() for at in (start.at, end.at)]
        return "same_day" if days[1] <= days[0] else "later"

    def _times(self, life: Life) -> None:
        received, sent, accepted = life.received, life.sent, life.accepted
        self._each(
            "times",
            {
                "report_to_sent": span(received, sent),
                "report_to_accepted": span(received, accepted),
                "sent_to_accepted": _NEVER if sent is None else span(sent, accepted),
                "report_to_police": span(received, life.told(PartnerKind.POLICE)),
                "report_to_provider": span(received, life.told(PartnerKind.PROVIDER)),
            },
        )

    def _gone(self, life: Life) -> None:
        accepted, ended = life.accepted, life.ended
        assert accepted is not None
        end = ended.at if ended.how is How.GONE else None
        bins = {"accepted_to_gone": accepted, "report_to_gone": life.received}
        self._each("actioned", {name: span(start, end, _BINS, _NOT_GONE) for name, start in bins.items()})
        self._several("actioned", "to", life.kinds_told, total=False)
        if end is not None:
            self._add("times", "gone_said_by", str(ended.said_by))
        if accepted.in_doubt or ended.at.in_doubt:
            self.in_doubt += 1
        else:
            self._lived(Lived(minutes(accepted.at, ended.at.at), end is not None), ended)

    def _lived(self, lived: Lived, ended: Ended) -> None:
        self.ends.append((lived.minutes, str(ended.how)))
        self.gone.append((lived, None if ended.said_by is None else str(ended.said_by)))
        for name, until in (("24h_of_acceptance", _DAY), ("5d_of_acceptance", 5 * _DAY)):
            if lived.event and lived.minutes <= until:
                self._add("times", "within", name)

    def _several(self, measure: str, dimension: str, keys: Iterable[str], *, total: bool = True) -> None:
        for one in keys:
            self._add(measure, dimension, one)
            if total:
                self.numbers[measure, *TOTAL] += 1

    def _each(self, measure: str, by: Mapping[str, str]) -> None:
        self.numbers[measure, *TOTAL] += 1
        for dimension, key in by.items():
            self._add(measure, dimension, key)

    def _add(self, measure: str, dimension: str, key: str) -> None:
        self.numbers[measure, dimension, key] += 1


def span(start: Measured, end: Measured | None, spans: Sequence[tuple[str, int]] = _SPANS, never: str = _NEVER) -> str:
    """Return in which span a step falls that began and ended so, in microseconds."""
    if end is None:
        return never
    if start.in_doubt or end.in_doubt:
        return _IN_DOUBT
    return next((name for name, until in spans if minutes(start.at, end.at) < until), _LATE)


def how_decided(row: Row) -> str:
    """Return who chose a partner: the policy alone, the policy with a person's yes, or a person."""
    if row["route"] in ("staff", "unseen"):
        return "by_hand" if row["route"] == "staff" else "automatic"
    return "automatic" if row["decided_by"] == "policy" else "agreed" if row["decided_by"] else _UNKNOWN


def ways(items: Sequence[Row]) -> dict[str, str]:
    """Return of each item of one case whether it opened it, or in which way it repeats it."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for one in sorted(items, key=lambda row: (row["added_at"], row["id"])):
        found[one["id"]] = "opened" if not seen else "same_report" if one["report_id"] in seen else "open_case"
        seen.add(one["report_id"])
    return found
