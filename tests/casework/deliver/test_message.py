"""What a referral says, and above all what it does not."""

from typing import Any

import pytest

from router.casework.case.record import last_trace, open_case
from router.casework.deliver.message import Around, hosting, message
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from schemas.exchange import NOT_STATED, ReferralMessage
from schemas.severity import SeverityRules
from schemas.trace import Address, Reason, Trace, Verdict, VerdictKind
from schemas.vocabulary import AgeCategory, Assessment, Commerciality, GenderCategory, PaymentMethod, SiteType
from tests.casebook import ANALYSTS, FORM, Casebook
from tests.office import START
from tests.referrals import CANARY

FOUND = {"value": "baseline", "assessed_by": "anna", "assessed_at": START.isoformat()}
HANDLE = {"platform": "chat", "handle": CANARY}


async def said(book: Casebook, case_id: str, **case: Any) -> ReferralMessage:
    """The message that a referral of the case would carry."""
    if case:
        change = Change(cases, {"id": case_id}, case)
        await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))
    opened = await open_case(book.ctx, await book.case(case_id))
    trace = await last_trace(book.ctx, opened)
    assert trace is not None
    return message(book.ctx, opened, trace, (await book.referrals(case_id))[0])


async def test_it_says_what_was_reported_and_where_it_is(book: Casebook) -> None:
    item = {"site_type": "forum", "age": "infant", "payment_methods": ["visa"]}
    case_id = await book.decided("https://example.test/marked#key", item=item, note_to_partner="third row")
    told = await said(book, case_id)
    assert (told.location, told.note) == ("https://example.test/marked#key", "third row")
    assert (told.site_type, told.age, told.payment_methods) == (
        SiteType.FORUM, AgeCategory.INFANT, (PaymentMethod.VISA,),
    )  # fmt: skip
    assert (told.hosting.country, told.hosting.verdict, told.assigned_country) == ("NL", "country", "NL")
    assert told.referral_id == (await book.referral(case_id))["id"]


async def test_its_origin_is_us_with_our_case_and_the_day_the_public_reported_it(book: Casebook) -> None:
    case_id = await book.decided()
    told = await said(book, case_id)
    assert (told.origin, told.origin_reference, told.path) == ("hotline-be", case_id, ("hotline-be",))
    assert told.received_at == START


async def test_what_a_peer_brought_keeps_its_origin_and_adds_us_to_its_path(book: Casebook) -> None:
    case_id = await book.decided()
    told = await said(book, case_id, origin="hotline-de", origin_reference="DE-7", path='["hotline-de"]')
    assert (told.origin, told.origin_reference, told.path) == ("hotline-de", "DE-7", ("hotline-de", "hotline-be"))


async def test_a_role_assessed_it_and_no_person_is_named(book: Casebook) -> None:
    told = await said(book, await book.decided())
    assert (told.assessment.value, told.assessment.assessed_by_role) == (Assessment.BASELINE, "analyst")
    assert "anna" not in told.model_dump_json()


async def test_who_reported_it_and_their_memo_stay_here(book: Casebook) -> None:
    case_id = await book.decided(memo=f"call {CANARY} back", assessment=FOUND | {"assessed_by": CANARY})
    told = (await said(book, case_id)).model_dump_json()
    assert CANARY not in told
    assert "analysts" not in told


async def test_what_its_reports_are_called_leaves_each_once_and_not_without_end(book: Casebook) -> None:
    case_id = await book.decided(reference="r-0")
    for number in range(1, 25):
        await book.take(reference=f"r-{number}")
    told = (await said(book, case_id)).numbers
    assert [one.reference for one in told] == [f"r-{number}" for number in range(20)]
    assert {one.hotline for one in told} == {book.ctx.me}
    assert len({one.dossier for one in told}) == 20


@pytest.mark.parametrize(
    ("role", "assessment", "leaves"),
    [
        ("suspect", "baseline", True),
        ("suspect", "national", True),
        ("suspect", "unassessed", False),
        ("suspect", "not_illegal", False),
        ("victim", "baseline", False),
        ("unknown", "baseline", False),
    ],
)
async def test_only_a_confirmed_suspects_handle_leaves(
    book: Casebook, role: str, assessment: str, leaves: bool
) -> None:
    case_id = await book.decided(item={"account": {**HANDLE, "role": role}}, urgency="live")
    told = await said(book, case_id, assessment=assessment)
    assert (told.account is not None) is leaves
    assert (CANARY in told.model_dump_json()) is leaves


async def test_a_victim_reported_beside_a_suspect_stays_unnamed(book: Casebook) -> None:
    case_id = await book.decided(item={"account": {**HANDLE, "role": "victim"}})
    await book.take(reference="r-2", item={"account": {"platform": "chat", "handle": "theirs", "role": "suspect"}})
    told = await said(book, case_id)
    assert told.account is not None
    assert told.account.handle == "theirs"
    assert CANARY not in told.model_dump_json()


async def test_reports_that_joined_add_their_ways_in_and_notes_once_each(book: Casebook) -> None:
    ways = ({"steps": ["click twice"]}, {"steps": ["click twice"]}, {"referrer": "https://from.test/"})
    for number, way in enumerate(ways):
        take = book.decided if number == 0 else book.take
        case_id = await take(reference=f"r-{number}", item={"ways_in": way}, note_to_partner=f"note {number // 2}")
    told = await said(book, case_id)
    assert [(way.steps, way.referrer) for way in told.ways_in] == [
        (("click twice",), None),
        ((), "https://from.test/"),
    ]
    assert told.note == "note 0\n\nnote 1"


async def test_notes_are_cut_to_what_a_message_holds(book: Casebook) -> None:
    case_id = await book.decided(note_to_partner="a" * 3000)
    await book.take(reference="r-2", actor=ANALYSTS, note_to_partner="b" * 3000)
    note = (await said(book, case_id)).note
    assert note is not None
    assert (len(note), note[-30:]) == (4000, "b\n[cut here; ask for the rest]")


async def test_of_several_reports_the_youngest_child_counts_and_both_sexes(book: Casebook) -> None:
    case_id = await book.decided(item={"age": "pubescent", "gender": "female"})
    await book.take(reference="r-2", actor=ANALYSTS, item={"age": "infant", "gender": "male"})
    await book.take(reference="r-3", actor=ANALYSTS, item={"age": "not_categorised", "gender": "not_determined"})
    told = await said(book, case_id)
    assert (told.age, told.gender) == (AgeCategory.INFANT, GenderCategory.BOTH)


async def test_what_a_later_report_says_of_the_site_counts_where_nobody_had(book: Casebook) -> None:
    case_id = await book.decided()
    await book.take(reference="r-2", actor=ANALYSTS, item={"site_type": "forum", "commerciality": "commercial"})
    await book.take(reference="r-3", actor=ANALYSTS, item={"site_type": "blog"})
    told = await said(book, case_id)
    assert (told.site_type, told.commerciality) == (SiteType.FORUM, Commerciality.COMMERCIAL)


async def test_nobody_assessed_it_so_nobody_is_said_to_have(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM, urgency="live")
    opened = await open_case(book.ctx, await book.case(case_id))
    trace = Trace(host="example.test", traced_at=START, verdict=book.world.verdict)
    given = {"id": "0" * 36, "supersedes": None, "route": "hotline-abroad", "is_copy": 0}
    stated = message(book.ctx, opened, trace, given).assessment
    assert (stated.value, stated.assessed_by_role, stated.assessed_at) == (Assessment.UNASSESSED, None, None)


def test_where_it_is_rests_on_the_first_address_and_names_at_most_sixty_four() -> None:
    addresses = tuple(Address(ip=f"198.51.100.{n}", asn=64500 + n, as_name="A Host", edge=n == 70) for n in range(80))
    verdict = Verdict(
        kind=VerdictKind.SPLIT, countries=("NL", "CA"), registration_country="US", reasons=(Reason(code="a", text="b"),)
    )
    stated = hosting(Trace(host="h", traced_at=START, verdict=verdict, addresses=addresses))
    assert (stated.asn, stated.as_name, len(stated.ips), stated.edge) == (64500, "A Host", 64, True)
    assert (stated.country, stated.verdict, stated.registration_country) == (None, "split", "US")


def test_an_unnamed_network_is_left_out_and_not_sent_empty() -> None:
    trace = Trace(host="h", traced_at=START, verdict=Verdict(kind=VerdictKind.COUNTRY, country="NL"))
    assert hosting(trace).asn is None
    unnamed = trace.model_copy(update={"addresses": (Address(ip="198.51.100.1", as_name=""),)})
    assert hosting(unnamed).as_name is None


SCALES = SeverityRules.model_validate_json(
    """{"schemes": {"copine": ["1", "5", "10"], "be": ["low", "high"]},
        "map": [{"from": {"scheme": "copine", "value": "1"}, "to": {"scheme": "be", "value": "low"}},
                {"from": {"scheme": "copine", "value": "10"}, "to": {"scheme": "be", "value": "high"}}]}"""
)


def grave(scheme: str, value: str, at: str = "2026-11-21T04:03:02Z") -> dict[str, object]:
    return {"severity": {"scheme": scheme, "value": value, "by": CANARY, "at": at}}


async def graded(book: Casebook, *given: dict[str, object], scheme: str | None = None) -> list[tuple[str, str]]:
    """How grave a partner hears that several reports of one place found it."""
    book.rules.policy_ = book.rules.policy_.model_copy(update={"severity": SCALES})
    for number, item in enumerate(given):
        case_id = await book.take(reference=f"r-{number}", item=item)
    opened = await open_case(book.ctx, await book.step(case_id, 2) and await book.case(case_id))
    trace = await last_trace(book.ctx, opened)
    assert trace is not None
    told = message(book.ctx, opened, trace, (await book.referrals(case_id))[0], Around((), SCALES, scheme))
    assert CANARY not in told.model_dump_json()
    return [(one.scheme, one.value) for one in told.severity]


async def test_of_each_scheme_the_gravest_is_told(book: Casebook) -> None:
    said = await graded(book, grave("copine", "5"), grave("be", "low"), grave("copine", "10"), grave("copine", "1"))
    assert said == [("copine", "10"), ("be", "low")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["10"], "high"),
        (["1", "10"], "high"),
        (["1"], "low"),
        (["5"], NOT_STATED),
        (["5", "1"], "low"),
        ([], NOT_STATED),
    ],
)
async def test_a_partner_s_scheme_is_filled_by_the_hotline_s_table_alone(
    book: Casebook, given: list[str], told: str
) -> None:
    said = await graded(book, *([grave("copine", one) for one in given] or [{}]), scheme="be")
    assert said == [("be", told)]


async def test_labels_leave_as_they_were_said_and_without_a_name(book: Casebook) -> None:
    label = {"scheme": "ucs", "version": "3.1", "value": "x", "by": CANARY, "at": "2026-11-21T04:03:02Z"}
    case_id = await book.decided(item={"labels": [label, {**label, "scheme": "ai_generated", "version": None}]})
    await book.take(reference="r-2", item={"labels": [label]})
    told = (await said(book, case_id)).labels
    assert [(one.scheme, one.version, one.value) for one in told] == [("ucs", "3.1", "x"), ("ai_generated", None, "x")]


async def test_the_latest_time_that_somebody_saw_it_is_told(book: Casebook) -> None:
    case_id = await book.decided(item={"last_seen": {"by": "anna", "at": "2026-11-21T04:00:00Z"}})
    await book.take(reference="r-2", item={"last_seen": {"by": "bert", "at": "2026-11-21T06:00:00Z"}})
    await book.take(reference="r-3", item={"last_seen": {"by": "carl", "at": "2026-11-21T05:00:00Z"}})
    told = await said(book, case_id)
    assert told.last_seen is not None
    assert told.last_seen.isoformat() == "2026-11-21T06:00:00+00:00"
