"""The check after five days: closed on two grounds only, and a person looks at everything unclear."""

import json
from dataclasses import replace

import pytest

from router.casework.case.desk_entry import STICKY_DESK_CODES, open_questions, take_off_desk
from router.casework.deliver import stops
from router.casework.desk import case_acts, referral_acts, take_back
from router.casework.desk import look as looks
from router.casework.follow_up import step as follow_up
from router.casework.follow_up.partner_status import Answer
from router.casework.intake.peer_status import actions_since
from router.casework.read.figures import counted
from router.casework.read.stats import stats
from router.errors import Conflict, NotSent
from router.store.base import Change, Transition
from router.store.schema.tables import actions, cases, follow_ups, traces
from schemas.casefile import DeskCode
from schemas.exchange import ActionStatement
from schemas.published import Audience, Period
from schemas.states import CaseState, ReferralState
from schemas.trace import DnsOutcome, Reason, Verdict, VerdictKind
from schemas.vocabulary import ActionType, Assessment, Outcome
from tests.casebook import ANNA, CANADIAN, FORM, Casebook, partner
from tests.casework.follow_up.checks import due, open_check, says
from tests.office import START

DAY = 24 * 3600 * 1_000_000
HOUR = 3600 * 1_000_000


@pytest.mark.parametrize(
    ("action", "reason", "outcome", "rests_on"),
    [
        (ActionType.REMOVED, None, Outcome.REMOVED, "hotline-nl says Removed (2026-11-24)."),
        (
            ActionType.UNAVAILABLE,
            "ContentNotFound",
            Outcome.UNAVAILABLE,
            "hotline-nl says Unavailable (ContentNotFound, 2026-11-24).",
        ),
    ],
)
async def test_the_partners_word_closes_it(
    book: Casebook, action: ActionType, reason: str | None, outcome: Outcome, rests_on: str
) -> None:
    case_id = await due(book)
    await says(book, case_id, action, reason=reason)
    case = await book.step(case_id)
    assert (case["state"], case["outcome"], case["rests_on"]) == (CaseState.CLOSED, outcome, rests_on)
    told = {(row["by"], row["action"], row["reason"]) for row in await book.rows(actions)}
    assert told == {("hotline-nl", action, reason), ("router", action, reason)}


@pytest.mark.parametrize("action", [ActionType.REPORTED_TO_LEA, ActionType.REPORTED_TO_ISP])
async def test_what_a_partner_only_began_is_for_a_person(book: Casebook, action: ActionType) -> None:
    case_id = await due(book)
    await says(book, case_id, action)
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK)
    assert f"hotline-nl says {action}" in case["desk_text"]


async def test_not_illegal_of_baseline_material_is_a_disagreement_until_a_person_says_what_it_is(
    book: Casebook,
) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.NOT_ILLEGAL)
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.DISAGREE)
    assert case["desk_text"].startswith("hotline-nl says NotIllegal, and it was assessed as illegal everywhere")
    await case_acts.assess(book.ctx, case_id, ANNA, "it is", assessment=Assessment.BASELINE)
    assert (await book.step(case_id, 2))["state"] == CaseState.REFERRED
    book.later(days=5)
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK), "answered, it is asked once"


async def test_not_illegal_of_what_our_own_law_forbids_ends_it_in_that_country(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", accepts=("baseline", "national")))
    case_id = await book.decided(assessment={"value": "national", "assessed_by": "a", "assessed_at": START.isoformat()})
    await case_acts.send(book.ctx, case_id, ANNA, "go")
    await book.send()
    book.later(days=5)
    await says(book, case_id, ActionType.NOT_ILLEGAL)
    case = await book.step(case_id)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.NOT_ILLEGAL)
    assert case["rests_on"] == "hotline-nl says NotIllegal (2026-11-24), which holds for NL only."


@pytest.mark.parametrize("given", [True, False])
async def test_a_404_of_a_partner_that_was_not_given_the_referrer_is_for_people(book: Casebook, given: bool) -> None:
    fields = None if given else ("hosting", "location")
    book.partners(partner("hotline-nl", "NL", fields=fields))
    case_id = await book.accepted(item={"ways_in": {"referrer": "https://links.test/"}})
    book.later(days=5)
    await says(book, case_id, ActionType.UNAVAILABLE, reason="Error404NotFoundOrSiteDown")
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (("closed", None) if given else ("desk", DeskCode.LOOK))


async def test_checks_that_a_partners_word_brings_on_are_not_a_day_apart(book: Casebook) -> None:
    case_id = await due(book)
    book.world.verdict = Verdict(kind=VerdictKind.UNRESOLVED)
    book.world.known = {"outcome": DnsOutcome.NXDOMAIN, "gone": True}
    first = book.ctx.now()
    await book.step(case_id)
    for hours in (1, 2):
        book.later(hours=hours)
        one = (await book.referral(case_id))["id"]
        said = ActionStatement(action=ActionType.UNAVAILABLE, at=book.clock.now(), reason="Other")
        answers = {one: Answer(await book.referral(case_id), (said,), answered=True)}
        await book.ctx.store.commit(await follow_up.told(book.ctx, await book.case(case_id), answers))
        case = await book.case(case_id)
        assert (case["state"], case["gone_checks"]) == (CaseState.REFERRED, 1)
        assert (await open_check(book))["due_at"] == first + DAY


@pytest.mark.parametrize("who", ["reopened", "seen there"])
async def test_who_finds_it_there_begins_the_count_anew(book: Casebook, who: str) -> None:
    case_id = await due(book)
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, {"gone_seen": gone_twice(book)}),)))
    if who == "reopened":
        await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
        await take_back.reopen(book.ctx, case_id, ANNA, "no, it is there")
    else:
        await looks.look(book.ctx, case_id, ANNA, "it is there", finding="still_there")
    assert (await book.case(case_id))["gone_seen"] is None


async def test_a_word_of_a_later_version_is_kept_and_shown_and_closes_nothing(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, "HandedToEuropol")
    case = await book.step(case_id)
    assert (case["state"], case["outcome"]) == (CaseState.DESK, None)
    assert "hotline-nl says HandedToEuropol" in case["desk_text"]
    assert [(row["by"], row["action"]) for row in await book.rows(actions)] == [("hotline-nl", "HandedToEuropol")]
    assert await actions_since(book.ctx, case_id, 0) == (), "and no older peer is told a word that it may not know"


async def test_what_a_partner_said_before_is_written_down_once(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.REPORTED_TO_ISP)
    await book.step(case_id)
    book.later(days=5)
    await book.step(case_id)
    assert len(await book.rows(actions)) == 1


@pytest.mark.parametrize("outcome", [DnsOutcome.NXDOMAIN, DnsOutcome.NODATA])
async def test_gone_is_three_checks_a_day_apart(book: Casebook, outcome: DnsOutcome) -> None:
    case_id = await due(book)
    book.world.verdict, book.world.known = Verdict(kind=VerdictKind.UNRESOLVED), {"outcome": outcome, "gone": True}
    for found in (1, 2):
        case = await book.step(case_id)
        assert (case["state"], case["gone_checks"], case["next_at"]) == ("referred", found, book.ctx.now() + DAY)
        assert (await open_check(book))["due_at"] == case["next_at"]
        book.later(days=1)
    case = await book.step(case_id)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.UNAVAILABLE)
    assert case["rests_on"] == "The host was gone in 3 checks, 24 hours apart."


async def test_one_that_is_back_between_starts_the_count_anew(book: Casebook) -> None:
    case_id = await due(book)
    book.world.known = {"outcome": DnsOutcome.NXDOMAIN, "gone": True}
    await book.step(case_id)
    book.later(days=1)
    book.world.known = {"outcome": DnsOutcome.OK}
    assert (await book.step(case_id))["gone_checks"] == 0


@pytest.mark.parametrize("outcome", sorted(set(DnsOutcome) - {DnsOutcome.OK}))
async def test_what_proves_nothing_is_never_gone(book: Casebook, outcome: DnsOutcome) -> None:
    case_id = await due(book)
    book.world.verdict, book.world.known = Verdict(kind=VerdictKind.UNRESOLVED), {"outcome": outcome}
    for _ in range(4):
        case = await book.step(case_id)
        assert (case["state"], case["desk_code"], case["gone_checks"]) == (CaseState.DESK, DeskCode.LOOK, 0)
        book.later(days=5)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (DnsOutcome.FILTERED, "our name server filters the name"),
        (DnsOutcome.STALE, "our name server repeats an old answer"),
        (DnsOutcome.LAME, "no name server that knows the name answered"),
        (DnsOutcome.NXDOMAIN, "the name server calls the name gone without its zone's word"),
    ],
)
async def test_people_read_why_the_look_up_proves_nothing(book: Casebook, outcome: DnsOutcome, why: str) -> None:
    case_id = await due(book)
    book.world.known = {"outcome": outcome}
    case = await book.step(case_id)
    assert case["desk_text"] == f"Look whether it is gone: no partner says that it is removed, {why}."


async def test_hosted_elsewhere_it_is_decided_anew_on_the_new_trace(book: Casebook) -> None:
    case_id = await due(book)
    book.world.verdict = CANADIAN
    case = await book.step(case_id)
    assert (case["state"], case["hosting_country"], case["moved_from"]) == (CaseState.LOCATED, "CA", "NL")
    assert [row["action"] for row in await book.rows(actions)] == [ActionType.MOVED]
    await book.step(case_id)
    _, new = await book.referrals(case_id)
    assert new["partner"] == "hotline-ca"


async def test_an_uncertain_country_is_no_move(book: Casebook) -> None:
    case_id = await due(book)
    book.world.verdict = CANADIAN.model_copy(update={"confidence": 0.89})
    assert (await book.step(case_id))["desk_code"] == DeskCode.LOOK


@pytest.mark.parametrize("code", ["stale_answer", "half_filtered"])
async def test_an_address_that_may_not_be_the_hosts_is_no_move(book: Casebook, code: str) -> None:
    case_id = await due(book)
    noted = (Reason(code="all_agree", text="They agree."), Reason(code=code, text="But."))
    book.world.verdict = CANADIAN.model_copy(update={"reasons": noted})
    case = await book.step(case_id)
    assert (case["desk_code"], case["hosting_country"], len(await book.referrals(case_id))) == ("look", "NL", 1)


@pytest.mark.parametrize("verdict", [CANADIAN, Verdict(kind=VerdictKind.UNRESOLVED)])
async def test_while_a_resolver_is_known_to_lie_nothing_closes_and_nothing_moves(
    book: Casebook, verdict: Verdict
) -> None:
    case_id = await due(book)
    ctx = replace(book.ctx, lying_resolvers=lambda: ("192.0.2.53:53",))
    gone = verdict.kind is VerdictKind.UNRESOLVED
    book.world.verdict = verdict
    book.world.known = {"outcome": DnsOutcome.NXDOMAIN if gone else DnsOutcome.OK, "gone": gone}
    for _ in range(4):
        await ctx.store.commit(await follow_up.run(ctx, await book.case(case_id)))
        book.later(days=5)
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"], len(await book.referrals(case_id))) == (CaseState.DESK, "look", 1)
    assert case["desk_text"].endswith("a name server of ours lies.")


async def test_still_there_a_person_looks_and_the_next_check_is_dated(book: Casebook) -> None:
    case_id = await due(book)
    case = await book.step(case_id)
    assert case["desk_text"] == "Look whether it is gone: no partner says that it is removed."
    assert case["next_at"] == (await open_check(book))["due_at"] == book.ctx.now() + 5 * DAY
    assert [row["finding"] for row in await book.rows(follow_ups) if row["done_at"]] == ["unclear"]
    assert len(await book.rows(traces)) == 2


async def test_a_partner_that_does_not_answer_says_nothing(book: Casebook) -> None:
    case_id = await due(book)
    book.partner.says = NotSent()
    assert (await book.step(case_id))["desk_code"] == DeskCode.LOOK


async def test_a_partner_that_left_the_directory_or_took_nothing_is_not_asked(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.REMOVED)
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    case = await book.step(case_id)
    assert case["state"] == CaseState.DESK


async def test_one_that_is_stopped_is_not_asked_and_the_look_says_so(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.REMOVED)
    await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "they are moving")
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK)
    assert case["desk_text"] == (
        "Look whether it is gone: no partner says that it is removed, hotline-nl was not asked (a stop is in force)."
    )
    assert book.partner.asked == []


async def test_the_next_check_does_not_hide_what_is_still_on_its_way(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    await book.send("hotline-nl")
    book.later(days=5)
    case = await book.step(case_id)
    assert (case["desk_code"], case["next_at"]) == (DeskCode.LOOK, book.ctx.now() + 4 * HOUR)
    assert (await open_check(book))["due_at"] == book.ctx.now() + 5 * DAY


@pytest.mark.parametrize("code", sorted(STICKY_DESK_CODES))
async def test_a_look_stands_beside_what_people_have_already(book: Casebook, code: DeskCode) -> None:
    case_id = await due(book)
    place = {"state": "desk", "desk_code": code, "desk_text": "first", "desk_since": 1, "desk_due": 2}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, place),)))
    case = await book.step(case_id)
    assert {name: case[name] for name in place} == place
    assert [one.code for one in open_questions(case)] == [code, DeskCode.LOOK]
    assert case["next_at"] == (await open_check(book))["due_at"] == book.ctx.now() + 5 * DAY


@pytest.mark.parametrize("code", sorted(STICKY_DESK_CODES))
@pytest.mark.parametrize("by", ["the partner's word", "three checks"])
async def test_nothing_closes_while_people_have_yet_to_answer_what_must_not_be_lost(
    book: Casebook, code: DeskCode, by: str
) -> None:
    case_id = await due(book)
    place = {"state": "desk", "desk_code": code, "desk_text": "first", "desk_since": 1, "desk_due": 2}
    await book.ctx.store.commit(
        Transition(1, (Change(cases, {"id": case_id}, place | {"gone_seen": gone_twice(book)}),))
    )
    if by == "three checks":
        book.world.known = {"outcome": DnsOutcome.NXDOMAIN, "gone": True}
    else:
        await says(book, case_id, ActionType.REMOVED)
    case = await book.step(case_id)
    assert {name: case[name] for name in place} == place
    assert case["gone_checks"] == (3 if by == "three checks" else 0)
    assert case["next_at"] == (await open_check(book))["due_at"] == book.ctx.now() + 5 * DAY
    answered = {"state": "referred"} | take_off_desk()
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, answered),)))
    book.later(days=5)
    assert (await book.step(case_id))["state"] == CaseState.CLOSED  # answered, it closes on the same grounds


@pytest.mark.parametrize("at_risk", [False, True])
async def test_beyond_what_people_can_do_it_is_not_checked_and_counted_so(book: Casebook, at_risk: bool) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"most_looks": 1})
    ids = [await book.accepted(location=f"https://example.test/{n}", reference=f"r-{n}") for n in range(3)]
    if at_risk:
        await book.ctx.store.commit(Transition(1, (Change(cases, {"id": ids[2]}, {"urgency": "live"}),)))
    book.later(days=5)
    found = [await book.step(case_id) for case_id in ids]
    codes = [case["desk_code"] for case in found]
    assert codes == [DeskCode.LOOK, None, DeskCode.LOOK if at_risk else None]
    assert all(case["next_at"] is not None for case in found), "each is looked at again"
    said = [row["finding"] for row in await book.rows(follow_ups, follow_ups.c.done_at.is_not(None))]
    missed = 1 if at_risk else 2
    assert said.count("not_checked") == missed
    assert (await stats(book.ctx)).not_checked == missed
    today = book.clock.now().date()
    figures = await counted(book.ctx, Audience.INTERNAL, Period(first=today.replace(month=1, day=1), last=today))
    (checks,) = [one.value for one in figures.figures if (one.measure, one.key) == ("checks", "not_checked")]
    assert checks == missed


def gone_twice(book: Casebook) -> str:
    """Two checks in a row that found no host, a day apart and the last a day ago."""
    return json.dumps([book.ctx.now() - 2 * DAY, book.ctx.now() - DAY])


async def test_what_is_not_delivered_for_too_long_is_told_and_goes_on_being_tried(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=4)
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.UNDELIVERED)
    assert case["next_at"] == book.ctx.now() + 4 * HOUR
    assert (await book.referral(case_id))["state"] == ReferralState.WAITING


async def test_told_once_is_enough(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=4)
    since = (await book.step(case_id))["desk_since"]
    book.later(hours=4)
    assert (await book.step(case_id))["desk_since"] == since


async def test_delivered_meanwhile_it_waits_for_its_check(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(hours=4)
    case = await book.step(case_id)
    assert (case["state"], case["next_at"]) == (CaseState.REFERRED, (await open_check(book))["due_at"])


async def test_nothing_to_wait_for_leaves_the_desk_without_a_date(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    assert (await book.step(case_id))["next_at"] is None


async def test_a_case_that_staff_closed_meanwhile_is_not_checked(book: Casebook) -> None:
    case_id = await due(book)
    late = await follow_up.run(book.ctx, await book.case(case_id))
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    with pytest.raises(Conflict):
        await book.ctx.store.commit(late)
    assert [row["finding"] for row in await book.rows(follow_ups)] == ["removed"]
