"""A case's traces: asked for as the policy allows, kept sealed, shown in its row."""

from router.casework.case.record import open_case
from router.casework.case.sealed import trace_of
from router.casework.case.traces import recorded, shown, traced
from router.clock import micros
from schemas.trace import Address, DnsOutcome, NamedOrigin, OnlineMode, Trace, Verdict, VerdictKind
from tests.casebook import Casebook
from tests.office import START

SPLIT = Verdict(kind=VerdictKind.SPLIT, countries=("NL", "CA"), confidence=0.5, registration_country="US")
TRACE = Trace(host="example.test", traced_at=START, verdict=SPLIT, outcome=DnsOutcome.OK)


async def test_the_policy_says_who_outside_is_asked_and_what_a_country_means(book: Casebook) -> None:
    changed = {"online": OnlineMode.NEVER, "hosting_basis": "registration"}
    book.rules.policy_ = book.rules.policy_.model_copy(update=changed)
    opened = await open_case(book.ctx, await book.case(await book.take()))
    await traced(book.ctx, opened)
    ((locator, online, basis),) = book.world.asked
    assert (locator.host, online, basis) == ("example.test", OnlineMode.NEVER, "registration")


async def test_a_known_origin_is_traced_in_place_of_its_edge(book: Casebook) -> None:
    opened = await open_case(book.ctx, await book.case(await book.take()))
    told = NamedOrigin(addresses=("3.120.0.1",), by="staff", on="2026-11-22")
    opened.secrets.__dict__["origin"] = told
    await traced(book.ctx, opened)
    assert (book.world.asked[0][0].host, book.world.origins) == ("example.test", [told])


async def test_a_trace_is_kept_under_the_cases_key_and_opens_as_it_was(book: Casebook) -> None:
    opened = await open_case(book.ctx, await book.case(await book.take()))
    trace = TRACE.model_copy(update={"addresses": (Address(ip="198.51.100.7"),)})
    row = recorded(opened, trace).values
    assert trace_of(opened.key, row["id"], row["sealed"]) == trace
    plain = {name: value for name, value in row.items() if name != "sealed"}
    assert "example" not in repr(plain)
    assert "198.51" not in repr(plain)
    assert b"example" not in row["sealed"]


async def test_each_trace_is_a_row_of_its_own(book: Casebook) -> None:
    opened = await open_case(book.ctx, await book.case(await book.take()))
    assert recorded(opened, TRACE).values["id"] != recorded(opened, TRACE).values["id"]


def test_the_case_shows_the_verdict_and_no_guess() -> None:
    assert shown(TRACE, "t-1") == {
        "trace_id": "t-1",
        "traced_at": micros(START),
        "verdict": VerdictKind.SPLIT,
        "hosting_country": None,
        "registration_country": "US",
        "confidence": 0.5,
        "gone_checks": 0,
        "gone_seen": None,
    }
