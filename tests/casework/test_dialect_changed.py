"""A partner is reached another way from now on: what was frozen for the old one is written anew, or asked about."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from router.casework.deliver import send as deliver
from router.casework.desk import referral_acts
from router.partners.base import Accepted, Deferred, EffectClass, Outcome, Reason, Unknown
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from schemas.casefile import DeskCode
from schemas.exchange import ReferralMessage
from schemas.partner import Partner
from schemas.states import ReferralState
from tests.casebook import ANNA, Casebook, Scripted, partner


class Other(Scripted):
    """Another dialect: it writes, and can send, nothing but its own."""

    name: ClassVar[str] = "other"

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        return b"other:" + super().freeze(message, partner)

    def _next(self, envelope: object) -> Outcome:
        assert getattr(envelope, "payload").startswith(b"other:")  # noqa: B009 - whatever it is given
        return super()._next(envelope)  # type: ignore[arg-type]  # an envelope, whatever it is called


@dataclass
class Changed:
    """The partner after the change, and what it is sent."""

    book: Casebook
    dialect: Other

    async def send(self) -> None:
        ctx = replace(self.book.ctx, dialects={**self.book.ctx.dialects, "other": self.dialect})
        found = self.book.rules.directory_.named("hotline-nl")
        assert found is not None
        await deliver.run(ctx, found, await self.book.claim())


@pytest.fixture
def change(book: Casebook) -> Callable[[], Changed]:
    def now() -> Changed:
        book.partners(partner("hotline-nl", "NL", dialect="other"))
        return Changed(book, Other())

    return now


async def tried(book: Casebook, outcome: Outcome) -> str:
    case_id = await book.decided()
    book.partner.script = [outcome]
    await book.send()
    return case_id


AWAY, SILENT = Deferred(Reason.UNREACHABLE, "no connection"), Unknown(Reason.NO_ANSWER, "no answer")


async def test_what_has_not_arrived_is_written_anew_and_sent(book: Casebook, change: Callable[[], Changed]) -> None:
    case_id = await tried(book, AWAY)
    assert (await book.referral(case_id))["dialect"] == "scripted"
    changed = change()
    await changed.send()
    row = await book.referral(case_id)
    assert (row["state"], row["dialect"], len(changed.dialect.calls)) == (ReferralState.ACCEPTED, "other", 1)


@pytest.mark.parametrize("effect", EffectClass)
async def test_what_may_have_arrived_is_asked_about_and_not_sent(
    book: Casebook, change: Callable[[], Changed], effect: EffectClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await tried(book, SILENT)
    changed = change()
    monkeypatch.setattr(Other, "effect", effect)
    await changed.send()
    assert changed.dialect.calls == []
    assert (await book.referral(case_id))["state"] == ReferralState.UNKNOWN
    case = await book.case(case_id)
    assert (case["desk_code"], "reached another way" in case["desk_text"]) == (DeskCode.UNKNOWN, True)


async def test_what_a_dead_sender_left_in_another_dialect_is_asked_about(
    book: Casebook, change: Callable[[], Changed]
) -> None:
    case_id = await tried(book, AWAY)
    dead = Change(referrals, {"id": (await book.referral(case_id))["id"]}, {"state": "sending", "claims": 1})
    await book.ctx.store.commit(Transition(1, (dead,)))
    changed = change()
    await changed.send()
    assert (changed.dialect.calls, (await book.referral(case_id))["state"]) == ([], ReferralState.UNKNOWN)


async def test_once_a_person_says_so_it_is_written_anew_and_sent_once(
    book: Casebook, change: Callable[[], Changed]
) -> None:
    case_id = await tried(book, SILENT)
    changed = change()
    await changed.send()
    await referral_acts.retry(book.ctx, (await book.referral(case_id))["id"], ANNA, "they do not have it")
    await changed.send()
    row = await book.referral(case_id)
    assert (row["state"], row["dialect"], row["may_have_arrived"]) == (ReferralState.ACCEPTED, "other", 1)
    (call,) = changed.dialect.calls
    assert call[0].referral_id == row["id"]


async def test_a_retry_of_what_the_partner_can_still_take_keeps_the_same_bytes(book: Casebook) -> None:
    case_id = await tried(book, AWAY)
    frozen = (await book.referral(case_id))["payload_digest"]
    await referral_acts.retry(book.ctx, (await book.referral(case_id))["id"], ANNA, "now")
    assert isinstance((await book.send())[0][0], Accepted)
    assert (await book.referral(case_id))["payload_digest"] == frozen


async def an_hour_of_silence(book: Casebook) -> str:
    """It timed out, so it waits, and may have arrived."""
    return await tried(book, SILENT)


async def days_of_silence(book: Casebook) -> str:
    """It timed out until its attempts were used up: the desk was told so, and not that it may have arrived."""
    case_id = await tried(book, SILENT)
    for _ in range(30):
        if (await book.referral(case_id))["state"] == ReferralState.EXPIRED:
            return case_id
        book.later(days=1)
        book.partner.script = [SILENT]
        await book.send()
    raise AssertionError("its attempts never end")


async def a_sender_that_died(book: Casebook) -> str:
    """Its first sender died with the bytes in its hands, and the second failed before it sent them again."""
    case_id = await tried(book, AWAY)
    dead = Change(referrals, {"id": (await book.referral(case_id))["id"]}, {"claims": 2})
    await book.ctx.store.commit(Transition(1, (dead,)))
    return case_id


@pytest.mark.parametrize("before", [an_hour_of_silence, days_of_silence, a_sender_that_died])
async def test_a_retry_does_not_answer_a_question_that_nobody_was_asked(
    book: Casebook, change: Callable[[], Changed], before: Callable[[Casebook], Awaitable[str]]
) -> None:
    case_id = await before(book)
    changed, one = change(), (await book.referral(case_id))["id"]
    await referral_acts.retry(book.ctx, one, ANNA, "now, please")
    await changed.send()
    assert (changed.dialect.calls, (await book.referral(case_id))["state"]) == ([], ReferralState.UNKNOWN)
    assert "reached another way" in (await book.case(case_id))["desk_text"]
    await referral_acts.retry(book.ctx, one, ANNA, "they do not have it")
    await changed.send()
    assert ((await book.referral(case_id))["state"], len(changed.dialect.calls)) == (ReferralState.ACCEPTED, 1)
