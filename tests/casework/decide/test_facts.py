"""The record the policy judges: taken from the case, its items and its trace, and never guessed."""

import json

import pytest

from router.casework.case.record import open_case
from router.casework.decide.facts import bare, country_of, facts, most_telling, sent_back
from schemas.casefile import ItemSecrets
from schemas.facts import Facts
from schemas.report import Account
from schemas.trace import Address, Reason, Trace, Verdict, VerdictKind
from schemas.vocabulary import AccountRole, Assessment, Lane, SiteType, SourceKind, Urgency
from tests.casebook import DUTCH, FORM, Casebook


async def known(book: Casebook, verdict: Verdict = DUTCH, **more: object) -> Facts:
    """The facts of a new case that was traced to this verdict."""
    trace_more = {name: more.pop(name) for name in ("platform", "addresses") if name in more}
    case_id = await book.take(**more)
    opened = await open_case(book.ctx, await book.case(case_id))
    trace = Trace(host="example.test", traced_at=book.clock.now(), verdict=verdict, **trace_more)
    return facts(book.ctx, opened, trace, book.rules.directory_, book.rules.policy_)


def account(role: AccountRole = AccountRole.SUSPECT, **more: str) -> Account:
    return Account(platform="chat", handle="h", role=role, **more)


async def test_the_verdict_is_passed_on_as_it_is(book: Casebook) -> None:
    reasons = (Reason(code="cloud", text=""), Reason(code="registered_elsewhere", text=""))
    found = await known(book, DUTCH.model_copy(update={"reasons": reasons, "registration_country": "US"}))
    assert (found.verdict, found.hosting_country, found.confidence) == (VerdictKind.COUNTRY, "NL", 0.99)
    assert found.reasons == ("cloud", "registered_elsewhere")
    assert (found.registration_country, found.countries) == ("US", ("NL",))


async def test_a_report_says_what_its_source_said(book: Casebook) -> None:
    found = await known(book, actor=FORM, urgency="live", item={"site_type": "forum"})
    assert (found.assessment, found.urgency, found.site_type) == (
        Assessment.UNASSESSED, Urgency.LIVE, SiteType.FORUM,
    )  # fmt: skip
    assert (found.source, found.source_kind, found.lane) == ("form", SourceKind.PUBLIC, Lane.NORMAL)


async def test_a_hotline_counts_only_where_the_verdict_names_a_country(book: Casebook) -> None:
    assert (await known(book)).has_hotline
    assert not (await known(book, Verdict(kind=VerdictKind.EDGE_ONLY), reference="r-2")).has_hotline
    elsewhere = DUTCH.model_copy(update={"country": "QA"})
    assert not (await known(book, elsewhere, reference="r-3")).has_hotline


async def test_the_platform_is_the_one_of_the_platform_table_and_no_operator_of_an_address(book: Casebook) -> None:
    cloud = Address(ip="198.51.100.7", operator="A Cloud")
    assert (await known(book, addresses=(cloud,))).platform is None
    assert (await known(book, platform="chat", addresses=(cloud,), reference="r-2")).platform == "chat"


@pytest.mark.parametrize(
    ("country", "abroad", "hotline"), [("NL", True, True), ("QA", True, False), ("BE", False, False)]
)
async def test_an_account_abroad_is_one_of_another_country(
    book: Casebook, country: str, abroad: bool, hotline: bool
) -> None:
    found = await known(book, item={"account": json.loads(account(country=country).model_dump_json())})
    assert (found.account_country, found.account_abroad) == (country, abroad)
    assert (found.account_has_hotline, found.account_role) == (hotline, AccountRole.SUSPECT)


async def test_without_an_account_nothing_is_said_of_one(book: Casebook) -> None:
    found = await known(book)
    assert (found.account_country, found.account_abroad, found.account_role) == (None, False, AccountRole.UNKNOWN)


def test_the_suspect_says_most_then_the_victim() -> None:
    roles = [AccountRole.UNKNOWN, AccountRole.VICTIM, AccountRole.SUSPECT]
    items = [ItemSecrets(reference="r", location="l", account=account(role)) for role in roles]
    found = [most_telling(items[:count]) for count in (1, 2, 3)]
    assert [one and one.role for one in found] == roles
    assert most_telling([ItemSecrets(reference="r", location="l")]) is None


async def test_an_accounts_country_is_as_given_before_where_its_address_is(book: Casebook) -> None:
    assert country_of(book.ctx, account(country="CA", ip="3.120.0.1"), 0.9) == "CA"
    assert country_of(book.ctx, account(ip="3.120.0.1"), 0.9) == "NL"
    assert book.world.asked == []  # by the embedded data alone: nobody outside learns whose address it is


@pytest.mark.parametrize("ip", ["not an address", "10.0.0.1", "http://"])
async def test_an_address_that_says_nothing_is_no_country(book: Casebook, ip: str) -> None:
    assert country_of(book.ctx, account(ip=ip), 0.9) is None


async def test_an_account_whose_address_is_doubtful_has_no_country(book: Casebook) -> None:
    book.world.verdict = Verdict(kind=VerdictKind.SPLIT, countries=("NL", "CA"))
    assert country_of(book.ctx, account(ip="3.120.0.1"), 0.9) is None


@pytest.mark.parametrize(("confidence", "country"), [(0.649, None), (0.899, None), (0.9, "US"), (0.99, "US")])
async def test_a_country_that_only_the_data_tell_is_as_sure_as_the_policy_asks(
    book: Casebook, confidence: float, country: str | None
) -> None:
    # 4.2.2.2 was sent to the US hotline at 0.649: the routes of an account stand above the one for doubts.
    book.world.verdict = DUTCH.model_copy(update={"country": "US", "confidence": confidence})
    found = await known(book, item={"account": json.loads(account(ip="4.2.2.2").model_dump_json())})
    assert (found.account_country, found.account_abroad) == (country, country is not None)


async def test_what_the_reporter_knew_of_an_account_needs_no_confidence(book: Casebook) -> None:
    book.world.verdict = DUTCH.model_copy(update={"country": "US", "confidence": 0.2})
    given = account(ip="4.2.2.2", country="CA")
    found = await known(book, item={"account": json.loads(given.model_dump_json())})
    assert found.account_country == "CA"


async def test_every_way_out_asks_for_the_assessment_and_the_path(book: Casebook) -> None:
    row = await book.case(await book.take())
    assert bare(row | {"path": '["hotline-nl"]'}) == Facts(assessment=Assessment.BASELINE, path=("hotline-nl",))


@pytest.mark.parametrize(
    ("standing", "bounced"),
    [
        ([], 0),
        ([("hotline-nl", None), ("hotline-ca", "busy"), ("hotline-de", "on_its_path")], 0),
        ([("hotline-nl", "refused")], 1),
        ([("hotline-nl", "refused"), ("hotline-nl", "refused")], 2),
        ([("hotline-nl", "refused"), ("hotline-ca", "refused"), ("hotline-de", "accepted")], 2),
    ],
)
def test_a_bounce_is_a_referral_that_was_sent_back(standing: list[tuple[str, str | None]], bounced: int) -> None:
    assert sent_back([{"partner": name, "last_reason": reason} for name, reason in standing]) == bounced


async def test_how_often_it_was_seen_there_is_the_case_s_own_count(book: Casebook) -> None:
    assert (await known(book)).still_there == 0
    case_id = await book.take(reference="r-9")
    opened = await open_case(book.ctx, await book.case(case_id) | {"still_there": 3})
    trace = Trace(host="example.test", traced_at=book.clock.now(), verdict=DUTCH)
    assert facts(book.ctx, opened, trace, book.rules.directory_, book.rules.policy_).still_there == 3


async def test_a_host_is_known_by_its_index_and_a_network_by_its_number(book: Casebook) -> None:
    here = Address(ip="198.51.100.7", asn=64501, operator="A Cloud"), Address(ip="198.51.100.8", asn=64500)
    found = await known(book, addresses=here)
    assert (found.networks, found.operators) == ((64500, 64501), ("A Cloud",))
    again = await known(book, reference="r-2", location="https://other.example.test/")
    assert found.host_index is not None
    assert len(found.host_index) == 26
    assert found.host_index != again.host_index
