"""What a transition changes that its reports' sources may hear is written down by that transition, or not at all.

Of a case and its referrals the change itself is a row: whose reports it is about is found out afterwards, when nobody
can join the case unseen any more. A source outside the house hears by dates of its report alone, so its report brings
its first date with it, and what happens to its case adds nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from router.clock import moment
from router.store.base import Add, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import (
    actions,
    cases,
    items,
    part_actions,
    referrals,
    reports,
    status_changes,
    status_news,
)
from schemas.followed import RECEIVED_FOR, AgainTold, SendAgainEvent

#: Columns by which something changes of what a source of the house hears.
_OF_CASE: Final = frozenset({"state", "outcome", "hosting_country"})
_OF_REFERRAL: Final = frozenset({"state", "receipt", "accepted_at", "last_reason"})
#: Rows that are new to it, and their column that names the case.
_NEW: Final = {cases: "id", items: "case_id", referrals: "case_id", actions: "case_id", part_actions: "case_id"}
_FIRST: Final = RECEIVED_FOR // timedelta(microseconds=1)


def with_status(transition: Transition, hearing: Mapping[str, bool]) -> Transition:
    """Return the transition with what it gives its reports' sources to hear.

    `hearing` are the sources that have a status address, and whether each is of the house.
    """
    if not hearing:
        return transition
    rows = [Add(status_news, row) for row in _dates(transition, hearing)]
    if any(hearing.values()):
        rows += [Add(status_changes, row) for row in _changes(transition)]
    if not rows:
        return transition
    adds = (*transition.adds, *rows)
    return Transition(transition.at, transition.changes, adds, transition.removes, transition.events)


def _dates(transition: Transition, hearing: Mapping[str, bool]) -> Iterator[dict[str, Any]]:
    """Yield the first date of each report of a source outside the house."""
    for add in transition.adds:
        if add.table is reports and hearing.get(add.values["source"]) is False:
            yield dated(add.values["source"], add.values["id"], add.values["taken_at"] + _FIRST)


def dated(source: str, report_id: str, at: int) -> dict[str, Any]:
    """Return a row of `status_news` that is looked at when its time has come."""
    return {"id": new_id(), "source": source, "report_id": report_id, "at": at, "due_at": at, "version": 0}


def send_again(source: str, since: int, now: int) -> dict[str, Any]:
    """Return a row of `status_news` that asks a source for its reports again; it is about none, and names itself.

    It is added by the commit of the release, so each release asks once: two of the same backup are two losses.
    """
    said = SendAgainEvent(timestamp=moment(now), data=AgainTold(since=moment(since)))
    row = dated(source, "", now)
    return row | {"report_id": row["id"], "body": said.model_dump_json()}


def is_of_no_report(row: Row) -> bool:
    """Tell whether a row of `status_news` is of `send_again`."""
    return bool(row["report_id"] == row["id"])


def _changes(transition: Transition) -> Iterator[dict[str, Any]]:
    """Yield one row for each case that is changed, and for each referral whose case nothing here names."""
    case_ids: dict[str, None] = {}
    alone: dict[str, None] = {}
    case_of = {one.referral_id: one.case_id for one in transition.events if one.referral_id and one.case_id}
    for add in transition.adds:
        if add.table in _NEW:
            case_ids[add.values[_NEW[add.table]]] = None
    for change in transition.changes:
        if change.table is cases and not _OF_CASE.isdisjoint(change.values):
            case_ids[change.key["id"]] = None
        elif change.table is referrals and not _OF_REFERRAL.isdisjoint(change.values):
            known = case_of.get(change.key["id"])
            (alone if known is None else case_ids)[known or change.key["id"]] = None
    about = [{"case_id": one} for one in case_ids] + [{"referral_id": one} for one in alone]
    for named in about:
        yield {"id": new_id(), "case_id": None, "referral_id": None, **named, "at": transition.at, "version": 0}
