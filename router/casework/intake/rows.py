"""The rows of taken reports: items that join their open case, or open a new one. Pure, over what was looked up.

Built by step over a whole group of reports, because a batch brings a thousand: ids and random bytes are drawn once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from router.casework.case.desk_entry import TO_BE_DECIDED, is_asked, while_decided_anew
from router.casework.case.findings import gravest, is_contrary
from router.casework.case.next_look import look_at
from router.casework.case.priority import GRAVITY, graver, rank
from router.casework.case.sealed import CASE, ITEM, seal_fields
from router.casework.intake.domains import site_marks
from router.casework.intake.join_priority import PRIORITY_COLUMNS, eased, first_heard, heard_again
from router.casework.intake.left_before import Left, taking_over
from router.casework.intake.marks import marks
from router.casework.intake.validate import Reported, ReportOrigin
from router.clock import micros
from router.errors import Damaged
from router.guard.seal import CaseKey, Keyring
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.ids import new_dossier, new_ids
from router.store.schema.tables import case_keys, cases, items, reports
from schemas.casefile import DeskCode
from schemas.locator import Locator
from schemas.report import AssessmentGiven, ItemGiven, ItemTaken, ReportGiven, ReportTaken
from schemas.states import CASE as CASE_STATES
from schemas.states import CaseState, step
from schemas.vocabulary import Assessment, Urgency


class _Ids:
    """Ids in rising order, drawn in growing numbers: one report needs three, a batch of a thousand three thousand."""

    __slots__ = ("_drawn", "_size")

    def __init__(self) -> None:
        self._drawn: list[str] = []
        self._size = 4

    def draw(self) -> str:
        """Return the next id."""
        if not self._drawn:
            # In rising order a group's rows stand side by side in the index of their table.
            self._drawn = new_ids(self._size)[::-1]
            self._size = min(self._size * 2, 1024)
        return self._drawn.pop()


@dataclass(frozen=True, slots=True)
class Linked:
    """An item that a person found behind another one, in the same report."""

    report_id: str
    position: int  #: below zero, so that no answer to a source counts it
    secrets: Mapping[str, Any]  #: the fields of `ItemSecrets`
    row: Row  #: the item that it was found behind


@dataclass(slots=True)
class Opening:
    """Gathers the rows of one transition. `open_cases` is what the store holds: url index -> (row, key).

    `before` is url index -> its latest closed case; `left` what a ledger knows of locations without a case: -> rows.
    """

    keyring: Keyring
    now: int
    actor: str
    open_cases: Mapping[bytes, tuple[Row, CaseKey | None]]
    left: Left = field(default_factory=dict)
    before: Mapping[bytes, str] = field(default_factory=dict)
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: those that the policy lists, by scheme
    changes: list[Change] = field(default_factory=list)
    adds: list[Add] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    removes: list[Remove] = field(default_factory=list)
    _fresh: dict[bytes, tuple[str, CaseKey, dict[str, Any]]] = field(default_factory=dict)
    _joined: dict[str, tuple[Row, dict[str, Any]]] = field(default_factory=dict)  #: case -> (its row, what is raised)
    _ids: _Ids = field(default_factory=_Ids)
    _caps: dict[str | None, int | None] = field(default_factory=dict)  #: source -> its daily cap

    def take(self, reported: Reported, index: "Indexes") -> ReportTaken:
        """Add the rows of one report; return the answer it gets once they are durable.

        Raise Damaged, with nothing added, when it belongs to an open case whose key is damaged.
        """
        for url in index.urls:
            self._check(url)
        numbered = _Numbered(self._ids.draw(), new_dossier())
        self._caps[reported.origin.source] = reported.origin.daily_cap
        self.adds.append(Add(reports, _report_row(numbered, reported, index, self.now)))
        taken = [
            ItemTaken(index=position, case=self._place(reported, position, index, numbered))
            for position in range(len(index.urls))
        ]
        return ReportTaken(id=numbered.id, dossier=numbered.dossier, items=tuple(taken))

    def lead(self, reported: Reported, url: bytes, through: Row, linked: Sequence[Linked]) -> str:
        """Add the items that a person found behind those of the case `through`; return the case they belong to.

        What a person said of that one they said of what stands behind it, so a new case keeps it as theirs.
        """
        self._check(url)
        self._caps[reported.origin.source] = reported.origin.daily_cap
        case_id, key, act = self._case(reported, 0, reported.locators[0], url)
        if act == "case.opened":
            self._fresh[url][2].update({name: through[name] for name in _BY_STAFF})
        for one in linked:
            item_id = self._ids.draw()
            row = {
                "id": item_id,
                "report_id": one.report_id,
                "position": one.position,
                "case_id": case_id,
                "sealed": seal_fields(key, ITEM, item_id, one.secrets),
                "added_at": self.now,
                **{name: one.row[name] for name in _OF_ITEM},
            }
            self.adds.append(Add(items, row))
        act = "item.linked" if act == "item.joined" else act
        detail = {"through": through["id"], "source": reported.origin.source}
        self.events.append(Event(act, self.actor, case_id=case_id, detail=detail))
        return case_id

    @property
    def reprioritised(self) -> dict[str, dict[str, Any]]:
        """Return the cases that go faster now than their referrals, with what changes in them."""
        return {case_id: raised for case_id, (_, raised) in self._joined.items() if PRIORITY_COLUMNS & raised.keys()}

    def transition(self, along: Sequence[Change] = ()) -> Transition:
        """Return everything taken so far as one transition; `along` is what changes in referrals of these cases."""
        for _, _, row in self._fresh.values():
            self.adds.append(Add(cases, row))
        self.changes += [_joining(row, raised, self.now) for row, raised in self._joined.values()]
        self.changes += along
        return Transition(self.now, tuple(self.changes), tuple(self.adds), tuple(self.removes), tuple(self.events))

    def _place(self, reported: Reported, position: int, index: "Indexes", numbered: "_Numbered") -> str:
        url, named = index.urls[position], index.items[position]
        locator = reported.locators[position]
        case_id, key, act = self._case(reported, position, locator, url)
        item_id = self._ids.draw()
        secrets = _item_secrets(reported, position, numbered.dossier)
        secrets |= {} if reported.unread is None or position else {"unread": reported.unread}
        row = {
            "id": item_id,
            "report_id": numbered.id,
            "position": position,
            "case_id": case_id,
            "sealed": seal_fields(key, ITEM, item_id, secrets),
            "added_at": self.now,
            "assessment": said_of(reported.report, position).value,
            "reference_bidx": named.reference,
            "parent_bidx": named.parent,
            "account_bidx": named.account,
        }
        self.adds += (Add(items, row), *marks(item_id, case_id, reported.report.items[position], self.labels))
        detail = {"report": numbered.id, "source": reported.origin.source}
        self.events.append(Event(act, self.actor, case_id=case_id, detail=detail))
        return case_id

    def _check(self, url: bytes) -> None:
        if url in self.open_cases and self.open_cases[url][1] is None:
            raise Damaged(
                "A stored case that this belongs to is damaged; restore it from a backup, then send it again."
            )

    def _case(self, reported: Reported, position: int, locator: Locator, url: bytes) -> tuple[str, CaseKey, str]:
        if url in self._fresh:
            case_id, key, row = self._fresh[url]
            row.update(self._raised(row, reported, position))
            return case_id, key, "item.joined"
        if url in self.open_cases:
            row, joined = self.open_cases[url]
            assert joined is not None  # `_check`
            self._join(row, reported, position)
            return row["id"], joined, "item.joined"
        case_id = self._ids.draw()
        key, wrapped = self.keyring.new_case_key(case_id)
        row = _case_row(case_id, key, reported, position, locator, self.now)
        row |= {"url_bidx": url, **site_marks(self.keyring, locator), "came_back_from": self.before.get(url)}
        self._fresh[url] = (case_id, key, row)
        self.adds.append(Add(case_keys, {"case_id": case_id, "wrapped": wrapped}))
        if url in self.left:
            self._take_over(taking_over(self.left[url], row, self.now))
        return case_id, key, "case.opened"

    def _take_over(self, known: Transition) -> None:
        self.adds += known.adds
        self.removes += known.removes
        self.events += known.events

    def _join(self, row: Row, reported: Reported, position: int) -> None:
        """Gather what the reports of this group raise in a case that is open: each counts, not only the first."""
        _, raised = self._joined.get(row["id"], (row, {}))
        self._caps.setdefault(row["cap_source"], row["daily_cap"])
        self._joined[row["id"]] = row, raised | self._raised(row | raised, reported, position)

    def _raised(self, row: Row, reported: Reported, position: int) -> dict[str, Any]:
        """Return what a joining item changes: what is graver, faster or wider, and what nobody had said before."""
        item = reported.report.items[position]
        changed = _judged(row, reported.report, position) | _said_first(row, item) | _seen_later(row, item)
        if row["watching"] and not reported.origin.watching:
            changed["watching"] = 0  # it is ours to work on now
        urgency = Urgency((row | changed)["urgency"])
        changed |= eased(row, self._caps[row["cap_source"]], reported.origin, urgency)
        return changed | heard_again(row | changed, reported.origin)


def _joining(row: Row, raised: dict[str, Any], now: int) -> Change:
    """Say that the case must still be open; and when it became graver, or is contradicted, judge it anew."""
    if not raised:
        as_read = _OPEN | {"assessment": row["assessment"]}  # what the report's own was held against
        return Change(cases, {"id": row["id"]}, {"kind": row["kind"]}, guard=as_read)
    after = _anew(row, raised)
    if after is not None:
        seen = (DeskCode.SEEN_LONG_AGO,) if "last_seen_at" in raised else ()
        anew = {"state": after, **look_at(now), **while_decided_anew(row, *seen)}
        return Change(cases, {"id": row["id"]}, raised | anew, version=row["version"])
    # Not judged yet, or only to go faster, so whoever works on it is left alone; but what was read must still be so,
    # or a graver or faster report is undone. What waits for an embargo's end is looked at now: a child at risk rings.
    soon = look_at(now) if "urgency" in raised and row["state"] in TO_BE_DECIDED else {}
    return Change(cases, {"id": row["id"]}, raised | soon, guard={name: row[name] for name in _READ})


def _anew(row: Row, raised: Mapping[str, Any]) -> CaseState | None:
    """Return the state of a case that is to be judged anew; None when it is not judged yet or only goes faster.

    That it was seen again is news where people were asked to look, and nowhere else.
    """
    waits_for_it = is_asked(row, DeskCode.SEEN_LONG_AGO)
    quiet = PRIORITY_COLUMNS if waits_for_it else PRIORITY_COLUMNS | {"last_seen_at"}
    return None if raised.keys() <= quiet else step(CASE_STATES, CaseState(row["state"]), "retrace")


#: What a person said of a case, and when.
_BY_STAFF = ("staff_assessment", "staff_assessed_at")
#: What a join that raises rests on.
_READ = ("state", "urgency", "assessment", "lane", "cap_source", "last_seen_at", "heard_from")
#: What an item that stands behind another one takes over from it.
_OF_ITEM = ("assessment", "heard_at", "reference_bidx", "parent_bidx", "account_bidx")
_OPEN = {"state": tuple(s.value for s in CaseState if s is not CaseState.CLOSED)}


@dataclass(frozen=True, slots=True)
class Named:
    """The blind indexes of what an item's source calls it, the page that it is on, and the account that shared it."""

    reference: bytes | None = None
    parent: bytes | None = None
    account: bytes | None = None


@dataclass(frozen=True, slots=True)
class Indexes:
    """The blind indexes of one report: its reference, its body, each location, and what each item is called."""

    reference: bytes
    body: bytes
    urls: tuple[bytes, ...]
    items: tuple[Named, ...]


def said_of(report: ReportGiven, position: int) -> AssessmentGiven:
    """Return what an item was found to be: its own assessment, or else its report's."""
    return report.items[position].assessment or report.assessment


def _judged(row: Row, report: ReportGiven, position: int) -> dict[str, Any]:
    """Return what a joining report changes that its case must be judged by: a graver urgency, a graver assessment.

    One that contradicts the case's has it judged anew as well, whichever of them is the graver one: people are asked.
    """
    changed: dict[str, Any] = {}
    urgency = graver(Urgency(row["urgency"]), report.urgency)
    if GRAVITY[urgency] > GRAVITY[Urgency(row["urgency"])]:
        changed["urgency"] = urgency
    given, was = said_of(report, position), Assessment(row["assessment"])
    if gravest((was, given.value)) is not was:
        changed |= {"assessment": given.value, "assessed_at": micros(given.assessed_at) if given.assessed_at else None}
    elif is_contrary(row, given.value):
        changed["assessment"] = was
    return changed


def _said_first(row: Row, item: ItemGiven) -> dict[str, Any]:
    """Return what an item says of its location that no item before it did."""
    stated = (("site_type", item.site_type), ("commerciality", item.commerciality))
    return {name: value for name, value in stated if value is not None and row[name] is None}


def _seen_later(row: Row, item: ItemGiven) -> dict[str, Any]:
    """Return when it was last seen there, if nobody said so late a moment before."""
    at = None if item.last_seen is None else micros(item.last_seen.at)
    return {} if at is None or at <= (row["last_seen_at"] or 0) else {"last_seen_at": at}


@dataclass(frozen=True, slots=True)
class _Numbered:
    """What a report is called here."""

    id: str
    dossier: str


def _report_row(numbered: _Numbered, reported: Reported, index: Indexes, now: int) -> dict[str, Any]:
    report = reported.report
    return {
        "id": numbered.id,
        "dossier": numbered.dossier,
        "source": report.source,
        "reference_bidx": index.reference,
        "body_digest": index.body,
        "received_at": micros(report.received_at),
        "taken_at": now,
        "assessment": report.assessment.value,
        "urgency": report.urgency,
        "lane": reported.origin.lane,
    }


def _case_row(
    case_id: str, key: CaseKey, reported: Reported, position: int, locator: Locator, now: int
) -> dict[str, Any]:
    report, item = reported.report, reported.report.items[position]
    assessment = said_of(report, position)
    assessed_at = assessment.assessed_at
    return {
        "id": case_id,
        "state": CaseState.RECEIVED,
        "version": 1,
        **look_at(now),
        "claims": 0,
        "kind": locator.kind,
        "sealed": seal_fields(key, CASE, case_id, _case_secrets(locator)),
        "lane": reported.origin.lane,
        "rank": rank(report.urgency, reported.origin.lane),
        "source": report.source,
        "source_kind": reported.origin.kind,
        "cap_source": report.source,
        "heard_from": first_heard(report.source, reported.origin.kind),
        "assessment": assessment.value,
        "assessed_at": None if assessed_at is None else micros(assessed_at),
        "urgency": report.urgency,
        "site_type": item.site_type,
        "commerciality": item.commerciality,
        "received_at": micros(report.received_at),
        "last_seen_at": None if item.last_seen is None else micros(item.last_seen.at),
        "opened_at": now,
    } | _provenance(reported.origin)


def _provenance(origin: ReportOrigin) -> dict[str, Any]:
    path = "[" + ", ".join(f'"{name}"' for name in origin.path) + "]"
    return {
        "path": path,
        "origin": origin.origin,
        "origin_reference": origin.origin_reference,
        "watching": int(origin.watching),
        **dict.fromkeys(("gone_checks", "still_there"), 0),
    }


def _case_secrets(locator: Locator) -> dict[str, Any]:
    """Return the fields of `CaseSecrets`."""
    kept = ("canonical", "host", "no_host", "registrable_domain", "flags")
    return {name: getattr(locator, name) for name in kept}


def _item_secrets(reported: Reported, position: int, number: str) -> dict[str, Any]:
    """Return the fields of `ItemSecrets`."""
    report, item = reported.report, reported.report.items[position]
    assessment = said_of(report, position)
    return {
        "reference": report.reference,
        "item_reference": item.reference,
        "parent": item.parent,
        "labels": item.labels,
        "severity": item.severity,
        "last_seen": item.last_seen,
        "dossier": number,
        "received_unknown": None if report.received_at_known else True,
        "told": reported.origin.told,
        "location": item.location,
        "ways_in": item.ways_in,
        "account": item.account,
        "payment_methods": item.payment_methods,
        "age": item.age,
        "gender": item.gender,
        "assessed_by": assessment.assessed_by,
        "assessed_at": assessment.assessed_at,
        "memo": report.memo,
        "note_to_partner": report.note_to_partner,
    }
