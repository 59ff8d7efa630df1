"""The rows of taken reports: pure, so that a batch of a thousand can be judged without a store."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from router.casework.case import sealed
from router.casework.intake import take as intake
from router.casework.intake.rows import Opening, _Ids
from router.casework.intake.validate import Reported, ReportOrigin
from router.clock import micros
from router.guard.seal import CaseKey, Keyring
from router.hosting.location.url import read
from router.store.base import Change, Row
from router.store.schema.tables import case_keys, cases, items, reports
from schemas.locator import LocationKind
from schemas.report import AssessmentGiven, ItemGiven, ReportGiven, ReportTaken
from schemas.states import CaseState
from schemas.vocabulary import Assessment, Lane, SourceKind, Urgency
from tests.office import MASTER, START
from tests.referrals import CANARY

KEYRING = Keyring.open(MASTER)
NOW = micros(START)
FORM = ReportOrigin("form", SourceKind.PUBLIC, Lane.NORMAL, assesses=False)
FOUND = AssessmentGiven(value=Assessment.BASELINE, assessed_by="anna", assessed_at=START)


def a_report(*locations: str, origin: ReportOrigin = FORM, reference: str = "r-1", **more: Any) -> Reported:
    given = tuple(ItemGiven(location=one) for one in locations or ("https://example.test/page",))
    report = ReportGiven(source=origin.source, reference=reference, received_at=START, items=given, **more)
    return Reported(report, tuple(read(one.location, LocationKind.URL) for one in given), origin)


def opening(known: Mapping[bytes, tuple[Row, CaseKey]] | None = None) -> Opening:
    return Opening(KEYRING, NOW + 5, "source:form", known or {})


def take(into: Opening, one: Reported) -> ReportTaken:
    return into.take(one, intake.indexes(KEYRING, one))


def added(into: Opening, table: object) -> list[Mapping[str, Any]]:
    return [add.values for add in into.adds if add.table is table]


def test_a_new_location_opens_a_case_with_a_key_of_its_own() -> None:
    into = opening()
    taken = take(into, a_report(urgency=Urgency.LIVE, assessment=FOUND))
    into.transition()
    (case,), (key,), (item,), (report,) = (added(into, table) for table in (cases, case_keys, items, reports))
    assert taken.items[0].case == case["id"] == key["case_id"] == item["case_id"]
    assert (case["state"], case["version"], case["next_at"]) == (CaseState.RECEIVED, 1, NOW + 5)
    assert (case["urgency"], case["rank"], case["assessment"], case["assessed_at"]) == ("live", 0, "baseline", NOW)
    assert (report["received_at"], report["taken_at"], item["report_id"]) == (NOW, NOW + 5, report["id"])


def test_nothing_identifying_is_readable_in_any_row() -> None:
    into = opening()
    where = f"https://{CANARY}.test/{CANARY}"
    take(into, a_report(where, reference=CANARY, memo=CANARY, note_to_partner=CANARY))
    assert CANARY not in repr(into.transition())
    (case,) = added(into, cases)
    key = KEYRING.unwrap(case["id"], added(into, case_keys)[0]["wrapped"])
    assert sealed.case_secrets(key, case["id"], case["sealed"]).canonical == where


def test_the_same_location_twice_in_a_group_is_one_case() -> None:
    into = opening()
    first = take(into, a_report("https://example.test/", "https://EXAMPLE.test"))
    second = take(into, a_report("https://example.test/", reference="r-2"))
    into.transition()
    assert len({one.case for one in (*first.items, *second.items)}) == len(added(into, cases)) == 1
    assert len(added(into, items)) == 3
    assert [event.act for event in into.events] == ["case.opened", "item.joined", "item.joined"]


def test_a_graver_report_in_the_same_group_raises_the_new_case() -> None:
    into = opening()
    take(into, a_report())
    take(into, a_report(reference="r-2", urgency=Urgency.IMMINENT_RISK, assessment=FOUND))
    into.transition()
    (case,) = added(into, cases)
    assert (case["urgency"], case["rank"], case["assessment"]) == ("imminent_risk", 0, "baseline")


def test_a_case_without_a_host_has_no_index_of_one() -> None:
    into = opening()
    take(into, a_report("magnet:?xt=urn:btih:" + "0" * 40, "http://10.0.0.1/"))
    into.transition()
    assert [case["host_bidx"] is None for case in added(into, cases)] == [True, False]


def test_ids_rise_with_time_and_none_is_given_twice() -> None:
    into = opening()
    taken = [take(into, a_report(f"https://example.test/{n}", reference=f"r-{n}")) for n in range(50)]
    ids = [one.id for one in taken]
    assert len(set(ids)) == 50
    milliseconds = [one[:13] for one in ids]  # the time of a UUIDv7 (RFC 9562 section 5.7)
    assert milliseconds == sorted(milliseconds)


def test_what_a_peer_brought_keeps_where_it_has_been() -> None:
    peer = ReportOrigin("nl", SourceKind.PEER, Lane.NORMAL, True, ("hotline-de", "nl"), "hotline-de", "DE-7")
    into = opening()
    take(into, a_report(origin=peer))
    into.transition()
    (case,) = added(into, cases)
    assert (case["path"], case["origin"], case["origin_reference"]) == (
        '["hotline-de", "nl"]', "hotline-de", "DE-7",
    )  # fmt: skip


#: What a case's row says that a test does not.
_PLAIN = {
    "heard_from": '["form"]',
    "assessment": "unassessed",
    "cap_source": "form",
    "watching": 0,
    "daily_cap": None,
    "last_seen_at": None,
}


def known(state: str, **more: Any) -> dict[bytes, tuple[Row, CaseKey]]:
    """The store's open case of the location."""
    key, _ = KEYRING.new_case_key("c-1")
    row = {"id": "c-1", "state": state, "version": 4, "kind": "url", "urgency": "none", "lane": "normal", "rank": 2}
    row |= {"desk_asked": more.get("desk_code")}
    (url,) = intake.indexes(KEYRING, a_report()).urls
    return {
        url: (row | _PLAIN | more, key),
    }


def test_a_report_that_says_nothing_new_joins_and_only_asks_that_the_case_is_open() -> None:
    into = opening(known("referred"))
    assert take(into, a_report()).items[0].case == "c-1"
    (change,) = into.transition().changes
    assert (change.version, change.values) == (None, {"kind": "url"})
    assert set(change.guard["state"]) == set(CaseState) - {CaseState.CLOSED}


@pytest.mark.parametrize("state", ["located", "referred", "desk"])
def test_a_graver_report_has_the_open_case_judged_anew(state: str) -> None:
    into = opening(known(state))
    take(into, a_report(urgency=Urgency.LIVE))
    (change,) = into.transition().changes
    assert (change.version, change.values["state"], change.values["next_at"]) == (4, CaseState.RECEIVED, NOW + 5)
    assert (change.values["urgency"], change.values["rank"], change.values["desk_code"]) == ("live", 0, None)


def test_every_report_of_a_group_that_joins_counts() -> None:
    into = opening(known("referred"))
    take(into, a_report(urgency=Urgency.LIVE))
    take(into, a_report(reference="r-2", assessment=FOUND))
    take(into, a_report(reference="r-3", urgency=Urgency.IMMINENT_RISK))
    (change,) = into.transition().changes
    assert (change.values["urgency"], change.values["assessment"]) == ("imminent_risk", "baseline")


def assessed(value: str) -> AssessmentGiven:
    return FOUND.model_copy(update={"value": Assessment(value)})


#: The rest of a place on the desk.
ASKED = {"desk_text": "see", "desk_since": 1, "desk_due": 2, "desk_first_since": 1}


@pytest.mark.parametrize(
    ("was", "given", "now"),
    [
        ("unassessed", "not_illegal", "not_illegal"),
        ("not_illegal", "national", "national"),
        ("not_illegal", "baseline", "baseline"),
        ("national", "baseline", "baseline"),
    ],
)
def test_the_graver_assessment_has_the_case_judged_anew(was: str, given: str, now: str) -> None:
    into = opening(known("desk", assessment=was, desk_code="policy", **ASKED))
    take(into, a_report(reference="r-2", assessment=assessed(given)))
    (change,) = into.transition().changes
    assert (change.version, change.values["state"], change.values["desk_code"]) == (4, "received", None)
    assert (change.values["assessment"], change.values["assessed_at"]) == (now, NOW)


@pytest.mark.parametrize("more", [{}, {"desk_code": "disagree"}, {"staff_assessment": "baseline"}])
@pytest.mark.parametrize("given", ["not_illegal", "national", "baseline", "unassessed"])
def test_a_lesser_one_changes_nothing_but_people_hear_once_of_a_contradiction(given: str, more: dict[str, str]) -> None:
    into = opening(known("referred", assessment="baseline", **more))
    said = assessed(given) if given != "unassessed" else AssessmentGiven(value=Assessment.UNASSESSED)
    take(into, a_report(reference="r-2", assessment=said))
    (change,) = into.transition().changes
    heard = given == "not_illegal" and not more
    assert change.values.get("state") == ("received" if heard else None)
    assert change.values.get("assessment") == ("baseline" if heard else None)


def test_what_a_report_was_held_against_must_still_be_so() -> None:
    into = opening(known("referred", assessment="baseline"))
    take(into, a_report(assessment=FOUND))
    (change,) = into.transition().changes
    assert (change.version, change.guard["assessment"]) == (None, "baseline")


def test_a_case_that_is_not_judged_yet_is_left_to_its_worker() -> None:
    into = opening(known("received"))
    take(into, a_report(urgency=Urgency.LIVE))
    (change,) = into.transition().changes
    assert (change.version, change.guard) == (
        None,
        {
            "state": "received",
            "urgency": "none",
            "assessment": "unassessed",
            "lane": "normal",
            "cap_source": "form",
            "heard_from": '["form"]',
            "last_seen_at": None,
        },
    )


CRAWLER = ReportOrigin("crawler", SourceKind.CRAWLER, Lane.BULK, assesses=False, daily_cap=3)


@pytest.mark.parametrize("state", ["received", "located", "referred", "desk"])
def test_a_citizen_takes_a_case_over_from_the_crawler_and_nobody_is_disturbed(state: str) -> None:
    into = opening(known(state, lane="bulk", rank=3, cap_source="crawler", daily_cap=3))
    take(into, a_report())
    (change,) = into.transition().changes
    assert change.values == into.reprioritised["c-1"] == {"lane": "normal", "rank": 2, "cap_source": "form"}
    assert (change.version, change.guard["state"], change.guard["cap_source"]) == (None, state, "crawler")


def test_a_crawler_takes_nothing_from_a_citizen() -> None:
    into = opening(known("referred"))
    take(into, a_report(origin=CRAWLER))
    into.transition()
    assert into.reprioritised == {}


def test_within_one_group_the_order_of_reports_does_not_matter() -> None:
    for order in ((FORM, CRAWLER), (CRAWLER, FORM)):
        into = opening()
        for n, origin in enumerate(order):
            take(into, a_report(origin=origin, reference=f"r-{n}"))
        into.transition()
        (case,) = added(into, cases)
        assert (case["lane"], case["rank"], case["cap_source"]) == ("normal", 2, "form")
        assert case["source"] == order[0].source  # whose facts the policy judges: the one that opened it


def test_what_travels_along_is_part_of_the_transition() -> None:
    into = opening(known("referred", lane="bulk", rank=3))
    take(into, a_report())
    along = Change(cases, {"id": "other"}, {})
    assert into.transition([along]).changes[-1] is along


def test_time_passes_between_the_public_and_us() -> None:
    into = opening()
    early = a_report(reference="r-9")
    late = Reported(
        early.report.model_copy(update={"received_at": START - timedelta(days=3)}), early.locators, early.origin
    )
    take(into, late)
    into.transition()
    (case,) = added(into, cases)
    assert case["opened_at"] - case["received_at"] == 3 * 24 * 3600 * 1_000_000 + 5


def test_ids_are_drawn_in_rising_order_and_never_twice() -> None:
    ids, drawn = _Ids(), []
    for count in (1, 4, 200, 3000):
        drawn += [ids.draw() for _ in range(count)]
    assert len(set(drawn)) == len(drawn)
    assert [one[:13] for one in drawn] == sorted(one[:13] for one in drawn)  # by their time; a block by all of it
    assert all(UUID(one).version == 7 for one in drawn)
