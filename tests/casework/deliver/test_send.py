"""Sending: judged once more, traced when stale, frozen before the first byte leaves, and the same bytes ever after."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.case.sealed import PAYLOAD, key_of
from router.casework.deliver import send as deliver
from router.casework.desk import case_acts, referral_acts
from router.errors import BadInput
from router.partners.answers import MENDING
from router.partners.base import Accepted, Deferred, Reason, Refused, Unknown
from router.store.base import Change, LookUp, Remove, Row, Transition
from router.store.schema.tables import audit, case_keys, cases, referrals, traces
from schemas.casefile import DeskCode
from schemas.partner import Agreement, Pace
from schemas.states import CaseState, ReferralState
from schemas.trace import Verdict, VerdictKind
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, CANADIAN, CHECKED, Casebook, partner


async def test_what_leaves_is_the_message_frozen_under_the_referrals_key(book: Casebook) -> None:
    case_id = await book.decided()
    ((outcome,),) = await book.send()
    referral = await book.referral(case_id)
    (envelope,) = book.partner.calls[0]
    key = await key_of(book.ctx, case_id)
    assert isinstance(outcome, Accepted)
    assert envelope.referral_id == referral["id"] == book.partner.messages()[0].referral_id
    assert key.open(f"{PAYLOAD}:{referral['id']}", referral["payload"]) == envelope.payload
    assert b"example" not in referral["payload"]
    assert (referral["first_sent_at"], referral["trace_id"]) == (book.ctx.now(), (await book.case(case_id))["trace_id"])


async def test_the_bytes_are_on_disk_before_the_first_one_leaves(book: Casebook) -> None:
    case_id = await book.decided()
    seen: list[object] = []

    async def look() -> None:
        seen.append((await book.referral(case_id))["payload"])

    book.partner.meanwhile = look
    await book.send()
    assert seen != [None]


async def test_what_cannot_be_written_for_a_partner_waits_until_somebody_may_have_mended_it(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await book.decided()

    def unusable(*_: object) -> bytes:
        raise BadInput("The template of this partner names a field that it does not get.")

    monkeypatch.setattr(type(book.partner), "freeze", unusable)
    await book.send()
    referral = await book.referral(case_id)
    assert (referral["state"], referral["attempts"], book.partner.calls) == (ReferralState.WAITING, 0, [])
    assert referral["next_at"] >= book.ctx.now() + MENDING * 1_000_000


async def test_sent_again_it_is_the_same_bytes_whatever_is_known_by_now(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    await book.send()
    await book.take(reference="r-2", note_to_partner="found out since")
    book.later(days=2)
    book.world.verdict = CANADIAN
    await book.send()
    first, second = (call[0] for call in book.partner.calls)
    assert (first.referral_id, first.payload) == (second.referral_id, second.payload)
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED


async def test_a_fresh_trace_is_not_made_again(book: Casebook) -> None:
    await book.decided()
    book.later(minutes=59)
    await book.send()
    assert len(book.world.asked) == 1


async def test_a_stale_one_is_made_again_and_sent(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=1, minutes=1)
    await book.send()
    assert len(book.world.asked) == 2
    assert book.partner.messages()[0].hosting.traced_at == book.clock.now()
    assert (await book.case(case_id))["traced_at"] == book.ctx.now()
    assert len(await book.rows(traces)) == 2


async def test_whom_a_person_chose_a_new_trace_does_not_replace(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.refer(book.ctx, case_id, ANNA, "they asked for it", partner="hotline-ca")
    book.later(days=2)
    book.world.verdict = Verdict(kind=VerdictKind.COUNTRY, country="DE", countries=("DE",), confidence=0.99)
    await book.send("hotline-ca")
    chosen = [one for one in await book.referrals(case_id) if one["partner"] == "hotline-ca"]
    assert [one["state"] for one in chosen] == [ReferralState.ACCEPTED]


async def test_found_elsewhere_it_is_not_sent_but_decided_anew(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=2)
    book.world.verdict = CANADIAN
    assert await book.send() == [] or book.partner.calls == []
    assert (await book.referral(case_id))["state"] == ReferralState.SUPERSEDED
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.RECEIVED, None)
    await book.step(case_id, 2)
    await book.send("hotline-ca")
    assert [one.hosting.country for one in book.partner.messages()] == ["CA"]


async def test_what_two_referrals_of_a_case_find_out_is_decided_once(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    book.later(hours=2)
    book.world.verdict = book.world.verdict.model_copy(update={"country": "DE", "countries": ("DE",)})
    for name in ("hotline-nl", "hotline-ca"):
        await book.send(name)
    assert {row["state"] for row in await book.referrals(case_id)} == {ReferralState.SUPERSEDED}
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    assert book.partner.calls == []


async def test_the_bar_is_asked_again_right_before_the_send(book: Casebook) -> None:
    case_id = await book.decided()
    book.partners(partner("hotline-nl", "NL", agreement=Agreement(until=CHECKED)))
    await book.send()
    assert book.partner.calls == []
    assert (await book.referral(case_id))["state"] == ReferralState.REFUSED
    assert "agreement ended" in (await book.case(case_id))["desk_text"]


async def sent_while(book: Casebook, happens: Callable[[], Awaitable[object]]) -> tuple[str, dict[str, object]]:
    """Let something happen while a stale referral is traced anew; return its case, and how it stands afterwards."""
    case_id = await book.decided()
    book.later(hours=2)
    book.world.meanwhile = happens
    await book.send()
    book.world.meanwhile = None
    return case_id, await book.referral(case_id)


async def test_a_partner_disabled_while_it_is_traced_anew_is_not_called(book: Casebook) -> None:
    async def disable() -> None:
        book.partners(partner("hotline-nl", "NL", enabled=False, disabled_reason="its keys were stolen"))

    case_id, row = await sent_while(book, disable)
    assert (book.partner.calls, row["state"]) == ([], ReferralState.REFUSED)
    assert "its keys were stolen" in (await book.case(case_id))["desk_text"]


async def test_a_bar_published_while_it_is_traced_anew_holds_at_once(book: Casebook) -> None:
    async def publish() -> None:
        book.rules.policy_ = book.rules.policy_.model_copy(update={"barred": {"NL": "the court said so"}})

    case_id, row = await sent_while(book, publish)
    assert (book.partner.calls, row["state"]) == ([], ReferralState.REFUSED)
    assert "the court said so" in (await book.case(case_id))["desk_text"]


async def test_assessed_as_not_illegal_while_it_is_traced_anew_it_stays_and_the_decision_replaces_it(
    book: Casebook,
) -> None:
    async def assess() -> None:
        (row,) = await book.rows(cases)
        said = {"assessment": "not_illegal", "state": CaseState.RECEIVED, "next_at": book.ctx.now()}
        await book.ctx.store.commit(Transition(1, (Change(cases, {"id": row["id"]}, said, row["version"]),)))

    case_id, row = await sent_while(book, assess)
    assert (book.partner.calls, row["state"], row["attempts"]) == ([], ReferralState.WAITING, 0)
    assert "judged anew" in str(row["last_text"])
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.RECEIVED, None)
    await book.step(case_id, 2)
    assert (await book.referral(case_id))["state"] == ReferralState.SUPERSEDED


async def test_all_that_is_about_to_leave_is_looked_at_in_one_query(book: Casebook) -> None:
    for number in range(4):
        await book.decided(f"https://example.test/{number}", f"r-{number}")
    asked: list[tuple[str, int]] = []

    class Watched:
        """The real store, and what it was asked."""

        def __getattr__(self, name: str) -> Any:
            return getattr(book.ctx.store, name)

        async def look_up(self, lookup: LookUp, values: Iterable[str]) -> Mapping[str, list[Row]]:
            wanted = list(values)
            asked.append((str(lookup.rows), len(wanted)))
            return await book.ctx.store.look_up(lookup, wanted)

    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.run(replace(book.ctx, store=Watched()), found, await book.claim())
    assert len(book.partner.calls) == 2
    assert [count for text, count in asked if "cases.assessment" in text and "JOIN cases" in text] == [4]


async def test_a_closed_cases_referral_that_may_have_arrived_is_withdrawn(book: Casebook) -> None:
    """It was sent for the first time when the case was closed, and then no answer came."""
    case_id = await book.decided()

    async def close() -> None:
        await case_acts.close(book.ctx, case_id, ANNA, "not illegal", outcome=Outcome.NOT_ILLEGAL)

    book.partner.meanwhile = close
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    await book.send()
    book.partner.meanwhile = None
    await book.send()
    row = await book.referral(case_id)
    assert (len(book.partner.calls), row["state"], row["next_at"]) == (1, ReferralState.WITHDRAWING, book.ctx.now())


async def test_a_closed_cases_referral_is_not_sent(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.claim()
    await case_acts.close(book.ctx, case_id, ANNA, "not illegal", outcome=Outcome.NOT_ILLEGAL)
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.run(book.ctx, found, [row])
    assert book.partner.calls == []


async def test_held_between_claim_and_send_it_does_not_leave(book: Casebook) -> None:
    """The act raises the version; freezing the payload then finds the row moved on."""
    case_id = await book.decided()
    (row,) = await book.claim()
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.run(book.ctx, found, [row])
    assert book.partner.calls == []
    assert (await book.referral(case_id))["payload"] is None


async def test_an_erased_case_leaves_nothing_to_send(book: Casebook) -> None:
    case_id = await book.decided()
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, {"case_id": case_id}),)))
    assert await book.send() == []


async def test_a_partner_gets_as_many_at_once_as_its_dialect_carries(book: Casebook) -> None:
    for number in range(5):
        await book.decided(f"https://example.test/{number}", f"r-{number}")
    calls = await book.send()
    assert sorted(len(call) for call in calls) == sorted(len(call) for call in book.partner.calls) == [1, 2, 2]


async def test_no_more_calls_run_at_once_than_the_partner_takes(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", pace=Pace(in_flight=1)))
    running, most = 0, 0

    async def busy() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1

    for number in range(6):
        await book.decided(f"https://example.test/{number}", f"r-{number}")
    book.partner.meanwhile = busy
    await book.send()
    assert (len(book.partner.calls), most) == (3, 1)


async def test_each_referral_of_a_call_gets_its_own_outcome(book: Casebook) -> None:
    ids = [await book.decided(f"https://example.test/{number}", f"r-{number}") for number in range(2)]
    book.partner.script = [Accepted("NL-1"), Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    assert [(await book.referral(one))["state"] for one in ids] == [ReferralState.ACCEPTED, ReferralState.REFUSED]


async def test_nothing_claimed_is_nothing_sent(book: Casebook) -> None:
    assert await book.send() == []


async def test_taken_back_the_partner_is_told_by_the_referrals_id(book: Casebook) -> None:
    case_id = await book.accepted()
    one = (await book.referral(case_id))["id"]
    await referral_acts.recall(book.ctx, one, ANNA, "wrong page")
    book.partner.withdrawal = [Accepted("dropped")]
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.withdraw(book.ctx, found, await book.referrals(case_id))
    assert book.partner.dropped == [one]
    assert (await book.referral(case_id))["state"] == ReferralState.RECALLED


async def test_a_dialect_without_a_word_for_it_leaves_it_to_people(book: Casebook) -> None:
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.withdraw(book.ctx, found, await book.referrals(case_id))
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW


async def test_whatever_fails_while_the_partner_is_told_is_tried_again_and_ends_on_the_desk(book: Casebook) -> None:
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    book.partner.withdrawal = ZeroDivisionError()
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.withdraw(book.ctx, found, await book.referrals(case_id))
    row = await book.referral(case_id)
    assert (row["state"], row["next_at"] > book.ctx.now() - 1) == (ReferralState.WITHDRAWING, True)
    change = Change(referrals, {"id": row["id"]}, {"claims": 11})
    await book.ctx.store.commit(Transition(1, (change,)))
    await deliver.withdraw(book.ctx, found, await book.referrals(case_id))
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW


async def test_a_partner_whose_bar_cannot_be_checked_is_not_called_to_take_back_either(book: Casebook) -> None:
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    book.rules.policy_ = book.rules.policy_.model_copy(update={"barred": {"RU": "no transfer basis"}})
    await deliver.withdraw(book.ctx, partner("hotline-nl"), await book.referrals(case_id))
    assert book.partner.dropped == []
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW


async def test_its_date_come_a_held_one_waits_to_be_sent(book: Casebook) -> None:
    case_id = await book.decided()
    until = book.clock.now() + timedelta(days=1)
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "police asked", until=until)
    held = await book.referral(case_id)
    await deliver.release(book.ctx, held)
    free = await book.referral(case_id)
    assert (free["state"], free["hold_until"], free["next_at"]) == (ReferralState.WAITING, None, book.ctx.now())
    (event,) = await book.rows(audit, audit.c.act == "referral.released")
    assert json.loads(event["detail"]) == {"because": "its date came"}
    await deliver.release(book.ctx, held)  # staff were faster: nothing happens
    assert (await book.referral(case_id))["version"] == free["version"]


async def test_a_recall_whose_sender_died_is_withdrawn_since_it_may_have_arrived(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.claim()
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    book.later(minutes=5)
    await deliver.abandoned(book.ctx, await book.referral(case_id))
    # By our clock it is long over; by the database's, its sender may be at it still, and must not be overtaken.
    assert (await book.referral(case_id))["state"] == ReferralState.RECALL_PENDING
    dead = Change(referrals, {"id": row["id"]}, {"claimed_until": 0})
    await book.ctx.store.commit(Transition(1, (dead,)))
    await deliver.abandoned(book.ctx, await book.referral(case_id))
    gone = await book.referral(case_id)
    assert (gone["state"], gone["next_at"]) == (ReferralState.WITHDRAWING, book.ctx.now())


async def test_what_a_dead_sender_left_is_sent_again_under_the_same_key(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.script = [Deferred(Reason.UNREACHABLE, "no connection")]
    await book.send()
    frozen = await book.referral(case_id)
    dead = Change(referrals, {"id": frozen["id"]}, {"state": "sending", "claims": 1})
    await book.ctx.store.commit(Transition(1, (dead,)))
    await book.send()
    (row,) = await book.ctx.store.rows(select(referrals))
    assert [call[0].referral_id for call in book.partner.calls] == [row["id"], row["id"]]
    assert row["payload_digest"] == frozen["payload_digest"]
