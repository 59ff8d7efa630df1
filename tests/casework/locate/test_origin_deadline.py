"""A CDN that does not answer in time: the case is decided without its origin, and stays so decided."""

from datetime import timedelta

from router.casework.desk import case_acts
from router.casework.locate.origin_deadline import is_over, origin_due
from router.store.schema.tables import decisions, follow_ups
from schemas.casefile import DeskCode
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.states import CaseState
from tests.casebook import ANNA, DUTCH, EDGE, FORM, Casebook
from tests.office import Rules

HOUR = 3600 * 1_000_000
POLICY = Rules().policy_
ASKED = {"desk_code": DeskCode.EDGE_ONLY, "desk_text": "see", "desk_since": 5, "desk_due": 9}


def test_the_clock_starts_when_the_desk_is_asked() -> None:
    assert origin_due(ASKED, POLICY) == 5 + 24 * HOUR
    quick = POLICY.model_copy(update={"origin_wait": timedelta(hours=2)})
    assert origin_due(ASKED, quick) == 5 + 2 * HOUR


def test_a_case_that_is_with_people_for_something_else_has_no_such_clock() -> None:
    assert origin_due(ASKED | {"desk_code": DeskCode.LOOK}, POLICY) is None
    assert origin_due({"desk_code": None, "desk_since": None}, POLICY) is None


async def test_it_is_over_at_that_very_moment_and_not_before(book: Casebook) -> None:
    asked = ASKED | {"desk_since": book.ctx.now() + 5}
    book.later(hours=24, microseconds=4)
    assert not await is_over(book.ctx, asked, POLICY)
    book.later(microseconds=1)
    assert await is_over(book.ctx, asked, POLICY)
    assert not await is_over(book.ctx, asked | {"desk_code": DeskCode.LOOK}, POLICY)


async def an_edge(book: Casebook) -> str:
    book.world.verdict = EDGE
    return await book.decided()


async def last(book: Casebook) -> tuple[Facts, Decision]:
    row = (await book.rows(decisions))[-1]
    return Facts.model_validate_json(row["facts"]), Decision.model_validate_json(row["decision"])


async def test_nobody_answered_in_time_so_the_police_are_proposed(book: Casebook) -> None:
    case_id = await an_edge(book)
    book.later(hours=24)
    case = await book.step(case_id)
    known, decision = await last(book)
    assert known.reasons == ("origin_unknown",)
    assert [one.partner for one in decision.recipients] == ["federal-police"]
    assert (case["desk_code"], case["next_at"]) == (DeskCode.PROPOSED, None)


async def test_before_that_the_case_waits(book: Casebook) -> None:
    case_id = await an_edge(book)
    book.later(hours=23)
    case = await book.step(case_id)
    assert case["desk_code"] == DeskCode.EDGE_ONLY
    assert case["next_at"] == case["desk_since"] + 24 * HOUR


async def test_who_confirms_the_proposal_later_is_not_asked_for_the_origin_again(book: Casebook) -> None:
    case_id = await an_edge(book)
    book.later(hours=24)
    await book.step(case_id)
    book.later(days=3)
    (sent,) = await case_acts.send(book.ctx, case_id, ANNA, "the CDN is silent")
    assert sent.partner == "federal-police"
    assert (await last(book))[0].reasons == ("origin_unknown",)


async def test_an_origin_named_in_time_is_decided_on(book: Casebook) -> None:
    case_id = await an_edge(book)
    book.later(hours=23)
    await case_acts.origin(book.ctx, case_id, ANNA, "the CDN told", ip="3.120.0.1")
    book.world.verdict = DUTCH
    case = await book.step(case_id, 2)
    assert (case["state"], (await last(book))[0].reasons) == (CaseState.REFERRED, ())


async def test_what_is_known_at_last_is_not_called_unknown(book: Casebook) -> None:
    case_id = await an_edge(book)
    book.later(hours=24)
    await book.step(case_id)
    await case_acts.origin(book.ctx, case_id, ANNA, "the CDN told after all", ip="3.120.0.1")
    book.world.verdict = DUTCH
    await book.step(case_id, 2)
    assert (await last(book))[0].reasons == ()


async def test_a_policy_without_a_rule_for_it_asks_people_once_and_does_not_go_round(book: Casebook) -> None:
    routes = tuple(route for route in POLICY.routes if route.name != "origin-unknown")
    book.rules.policy_ = POLICY.model_copy(update={"routes": routes})
    case_id = await an_edge(book)
    book.later(hours=24)
    case = await book.step(case_id)
    assert (case["desk_code"], case["next_at"]) == (DeskCode.EDGE_ONLY, None)


async def test_nobody_waits_for_the_origin_of_what_the_policy_does_not_ask_it_for(book: Casebook) -> None:
    book.rules.policy_ = POLICY.model_copy(update={"routes": (POLICY.routes[-1],)})
    book.world.verdict = EDGE
    case = await book.case(await book.decided())
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)


async def test_the_clock_of_what_nobody_assessed_starts_with_the_assessment(book: Casebook) -> None:
    book.world.verdict = EDGE
    case = await book.case(await book.decided(actor=FORM))
    assert (case["desk_code"], case["next_at"]) == (DeskCode.NOT_ASSESSED, None)


async def test_a_copy_that_is_accepted_meanwhile_does_not_stop_the_clock(book: Casebook) -> None:
    """A suspect's account sends a copy abroad; its check after five days comes later than the origin's day."""
    copying = {"account-abroad", "edge", "origin-unknown"}
    routes = tuple(route for route in POLICY.routes if route.name in copying)
    book.rules.policy_ = POLICY.model_copy(update={"routes": routes})
    book.world.verdict = EDGE
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "NL"}
    case_id = await book.decided(item={"account": account})
    await book.send()
    case = await book.case(case_id)
    assert (case["desk_code"], len(await book.rows(follow_ups))) == (DeskCode.EDGE_ONLY, 1)
    assert case["next_at"] <= case["desk_since"] + 24 * HOUR  # what was dated earlier is not put off either
    book.later(hours=24)
    case = await book.step(case_id)
    assert case["desk_code"] == DeskCode.PROPOSED
    case = await book.step(case_id)
    (check,) = await book.rows(follow_ups)
    assert case["next_at"] == check["due_at"]  # and the copy's own check is not forgotten
