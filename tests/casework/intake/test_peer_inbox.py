"""What peers send us: taken once each, judged like any other, and answered without telling what we knew."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from router.casework.desk import case_acts, leads_to
from router.casework.intake import peer_inbox
from router.errors import BadInput, NotAllowed, NotSignedIn
from router.store.schema.tables import cases, items, nonces
from router.store.schema.tables import inbox as table
from schemas.actor import Actor
from schemas.exchange import AssessmentStatement, InboxAnswer, InboxResult, ReferralBundle, ReferralMessage, StatusQuery
from schemas.states import CaseState
from schemas.trace import Reason, Verdict, VerdictKind
from schemas.vocabulary import ActionType, Assessment, Outcome, PaymentMethod
from tests.casebook import ANNA, FORM, Casebook, partner
from tests.office import START
from tests.referrals import a_message

SENDER = "hotline-nl"
PEER = Actor(id=f"peer:{SENDER}")
WHERE = "https://example.test/page"


def told(**more: Any) -> ReferralMessage:
    given = {"location": WHERE, "path": (SENDER,), "origin": SENDER, "received_at": START - timedelta(hours=1)}
    return a_message(**{"account": None, **given, **more})


async def take(book: Casebook, *messages: ReferralMessage, **bundle: str) -> tuple[InboxAnswer, ...]:
    given = ReferralBundle(**{"sender": SENDER, "recipient": "hotline-be", **bundle}, referrals=messages)
    return (await peer_inbox.take_referrals(book.ctx, given, SENDER, PEER)).answers


async def test_what_is_accepted_is_a_case_like_any_other(book: Casebook) -> None:
    message = told()
    (answer,) = await take(book, message)
    (case,), (row,) = await book.rows(cases), await book.rows(table)
    assert (answer.referral_id, answer.result, answer.receipt) == (
        message.referral_id, InboxResult.ACCEPTED, row["receipt"],
    )  # fmt: skip
    assert (case["state"], case["source"], case["source_kind"]) == (CaseState.RECEIVED, SENDER, "peer")
    assert (case["origin"], case["path"], row["case_id"]) == (SENDER, f'["{SENDER}"]', case["id"])


async def test_where_a_peer_believes_it_is_decides_nothing_here(book: Casebook) -> None:
    await take(book, told())
    (case,) = await book.rows(cases)
    assert case["hosting_country"] is None
    assert (await book.step(case["id"]))["hosting_country"] == "NL"
    assert len(book.world.asked) == 1


async def test_the_same_again_is_the_same_receipt_and_no_second_case(book: Casebook) -> None:
    message = told()
    first = await take(book, message)
    assert await take(book, message) == first
    assert await take(book, message, message) == first
    assert len(await book.rows(items)) == 1


async def test_the_same_id_with_another_body_is_refused(book: Casebook) -> None:
    message = told()
    await take(book, message)
    (answer,) = await take(book, message.model_copy(update={"note": "changed"}))
    assert (answer.result, answer.reason) == (InboxResult.REFUSED, "replayed_differently")


async def test_the_answer_does_not_tell_whether_the_location_was_known(book: Casebook) -> None:
    await book.take(actor=FORM)
    (known,) = await take(book, told())
    (new,) = await take(book, told(location="https://other.test/"))
    shape = {name: type(value) for name, value in known.model_dump().items()}
    assert shape == {name: type(value) for name, value in new.model_dump().items()}
    assert len(await book.rows(cases)) == 2
    case_ids = {row["id"] for row in await book.rows(cases)}
    assert not case_ids & {known.receipt, new.receipt}


@pytest.mark.parametrize(
    "path",
    [
        ("hotline-be", SENDER), (SENDER, "hotline-de"), ("a", "b", "c", SENDER), (SENDER, SENDER),
        ("a", SENDER, SENDER), ("a", "a", SENDER), ("hotline-fr", SENDER), (SENDER, "hotline-fr", SENDER),
    ],
    ids="-".join,
)  # fmt: skip
@pytest.mark.parametrize("origin", ["a", SENDER, "hotline-be"])
async def test_what_goes_round_or_did_not_come_this_way_is_refused(
    book: Casebook, path: tuple[str, ...], origin: str
) -> None:
    (answer,) = await take(book, told(path=path, origin=origin))
    assert (answer.result, answer.reason) == (InboxResult.REFUSED, "on_its_path")
    assert await book.rows(cases) == []


async def test_what_is_ours_does_not_come_back_as_another_s(book: Casebook) -> None:
    (answer,) = await take(book, told(origin="hotline-be"))
    assert (answer.result, answer.reason) == (InboxResult.REFUSED, "on_its_path")


async def test_a_message_that_a_report_cannot_hold_is_refused_alone(book: Casebook) -> None:
    many = told().model_copy(update={"payment_methods": (PaymentMethod.AMEX,) * 14})
    answers = await take(book, many, told(location="https://b.test/"))
    assert [one.result for one in answers] == [InboxResult.REFUSED, InboxResult.ACCEPTED]
    assert answers[0].reason == "invalid_field"


async def test_one_bad_referral_does_not_take_the_others_with_it(book: Casebook) -> None:
    good, future = told(), told(received_at=START + timedelta(days=1), location="https://b.test/")
    embedded = told(location="data:text/html,x")
    answers = await take(book, future, good, embedded)
    assert [one.result for one in answers] == [InboxResult.REFUSED, InboxResult.ACCEPTED, InboxResult.REFUSED]
    assert all(one.text and "example" not in one.text and "b.test" not in one.text for one in answers if one.reason)
    assert len(await book.rows(cases)) == 1


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+01:00", "2027-01-01T00:00:00Z"])
@pytest.mark.parametrize("of", ["received_at", "assessed_at"])
async def test_a_date_that_cannot_be_is_refused_and_the_others_are_taken(book: Casebook, of: str, when: str) -> None:
    given: dict[str, Any] = {"received_at": datetime.fromisoformat(when)}
    if of == "assessed_at":
        given = {"assessment": AssessmentStatement(value=Assessment.BASELINE, assessed_at=given["received_at"])}
    answers = await take(book, told(**given), told(location="https://b.test/"))
    assert [one.result for one in answers] == [InboxResult.REFUSED, InboxResult.ACCEPTED]
    assert len(await book.rows(cases)) == 1


@pytest.mark.parametrize("wrong", [{"sender": "hotline-de"}, {"recipient": "hotline-fr"}])
async def test_a_bundle_for_or_from_somebody_else_is_refused_whole(book: Casebook, wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        await take(book, told(), **wrong)
    query = StatusQuery(**{"sender": SENDER, "recipient": "hotline-be", **wrong})
    with pytest.raises(BadInput):
        await peer_inbox.status(book.ctx, query, SENDER)


async def test_only_an_enabled_router_partner_is_a_peer(book: Casebook) -> None:
    book.partners(partner("hotline-de", "DE", dialect="router"), partner("off", "FR", dialect="router", enabled=False))
    assert (await peer_inbox.peer(book.ctx, "hotline-de")).name == "hotline-de"
    for name in ("off", "hotline-nl", "nobody"):
        with pytest.raises(NotAllowed):
            await peer_inbox.peer(book.ctx, name)


async def test_a_nonce_is_taken_once_by_each_peer(book: Casebook) -> None:
    until = START + timedelta(minutes=5)
    await peer_inbox.remember_nonce(book.ctx, SENDER, "n-1", until)
    await peer_inbox.remember_nonce(book.ctx, "hotline-de", "n-1", until)
    with pytest.raises(NotSignedIn) as refused:
        await peer_inbox.remember_nonce(book.ctx, SENDER, "n-1", until)
    assert refused.value.reason == "replayed"
    assert len(await book.rows(nonces)) == 2


async def ask(book: Casebook, *referrals: str, sender: str = SENDER, withdraw: tuple[str, ...] = ()) -> list[Any]:
    query = StatusQuery(sender=sender, recipient="hotline-be", referrals=referrals, withdraw=withdraw)
    return list((await peer_inbox.status(book.ctx, query, sender)).statuses)


async def test_a_peer_is_told_what_became_of_its_own_referrals_and_of_no_others(book: Casebook) -> None:
    message = told()
    await take(book, message)
    (case,) = await book.rows(cases)
    await case_acts.close(book.ctx, case["id"], ANNA, "the host took it down", outcome=Outcome.REMOVED)
    (status,) = await ask(book, message.referral_id)
    assert (status.known, [one.action for one in status.actions]) == (True, [ActionType.REMOVED])
    assert [one.known for one in await ask(book, str(uuid4()))] == [False]
    assert [one.known for one in await ask(book, message.referral_id, sender="hotline-de")] == [False]


async def test_of_a_short_link_a_peer_hears_what_was_done_at_the_place_it_leads_to(book: Casebook) -> None:
    message = told(location="https://bit.ly/abc")
    await take(book, message)
    (case,) = await book.rows(cases)
    shortener = Reason(code="shortener", text="it only sends on")
    book.world.verdict = Verdict(kind=VerdictKind.UNRESOLVED, reasons=(shortener,))
    await book.step(case["id"], 2)
    place = await leads_to.target(book.ctx, case["id"], ANNA, "followed it", location=WHERE)
    await case_acts.close(book.ctx, place, ANNA, "the host took it down", outcome=Outcome.REMOVED)
    (status,) = await ask(book, message.referral_id)
    assert [one.action for one in status.actions] == [ActionType.MOVED, ActionType.REMOVED]


async def test_what_a_peer_takes_back_is_withdrawn_whenever_it_asks(book: Casebook) -> None:
    message = told()
    await take(book, message)
    for _ in range(2):
        (status,) = await ask(book, withdraw=(message.referral_id,))
        assert (status.known, status.withdrawn) == (True, True)
    (status,) = await ask(book, message.referral_id)
    assert (status.known, status.withdrawn) == (True, True)


async def test_a_withdrawal_that_overtook_its_referral_is_remembered_and_nothing_is_opened(book: Casebook) -> None:
    """The sender's request was cut, its staff took the referral back, and then the repetition comes in."""
    message = told()
    (status,) = await ask(book, withdraw=(message.referral_id,))
    assert (status.known, status.withdrawn) == (False, True)
    for _ in range(2):
        (answer,) = await take(book, message)
        assert (answer.result, answer.reason, answer.receipt) == (InboxResult.REFUSED, "withdrawn", None)
    assert (await book.rows(cases), await book.rows(items)) == ([], [])
    (status,) = await ask(book, message.referral_id)
    assert (status.known, status.withdrawn, status.actions) == (False, True, ())


async def test_what_one_peer_took_back_another_may_still_send(book: Casebook) -> None:
    message = told()
    await ask(book, withdraw=(message.referral_id,), sender="hotline-de")
    (answer,) = await take(book, message)
    assert answer.result is InboxResult.ACCEPTED
