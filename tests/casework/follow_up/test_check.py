"""What a check amounts to: whose word closes a case, what only people can end, and which move is one to act on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.deliver import stops
from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.follow_up.proof import MISSING_ACCESS
from router.partners.base import SentReferral
from router.store.base import Row
from router.store.schema.tables import actions, alarms
from schemas.alarm import HouseCode
from schemas.casefile import DeskCode
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.partner import Partner
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionReason, ActionType
from tests.casebook import ANNA, CANADIAN, DUTCH, Casebook, Scripted, casebook, partner
from tests.casework.follow_up.checks import due, open_check, says
from tests.office import START


@pytest.mark.parametrize("reason", sorted(MISSING_ACCESS))
async def test_a_partner_that_could_not_look_never_closes_it(book: Casebook, reason: ActionReason) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.UNAVAILABLE, reason=reason)
    for _ in range(4):
        case = await book.step(case_id)
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.ACCESS)
        book.later(days=5)
    assert case["desk_text"] == (
        f"hotline-nl needs access to look ({reason}): send what opens it, or look whether it is gone."
    )


@pytest.mark.parametrize(("finding", "state"), [("still_there", CaseState.REFERRED), ("gone", CaseState.CLOSED)])
async def test_a_look_answers_a_partner_without_access(book: Casebook, finding: str, state: CaseState) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.UNAVAILABLE, reason=ActionReason.PASSWORD_PROTECTED)
    await book.step(case_id)
    await looks.look(book.ctx, case_id, ANNA, "we have the password", finding=finding)
    assert (await book.case(case_id))["state"] == state


async def test_a_reason_that_nobody_knows_is_kept_as_a_word_and_closes_nothing(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.UNAVAILABLE, reason="gone from https://bad.test/x, we think")
    case = await book.step(case_id)
    assert (case["desk_code"], case["desk_text"]) == (
        DeskCode.LOOK,
        "Look whether it is gone: hotline-nl says Unavailable (gone from [removed] we think).",
    )
    assert [row["reason"] for row in await book.rows(actions)] == ["gone from [removed] we think"]


@dataclass
class Two(Scripted):
    """Two partners, of which each says what the test wrote down for it; a mailbox has nothing written down."""

    each: dict[str, ActionStatement | None] = field(default_factory=dict)

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        if partner.name not in self.each:
            return None
        word = self.each[partner.name]
        said = () if word is None else (word,)
        return [ReferralStatus(referral_id=one.referral_id, known=True, actions=said) for one in sent]


@asynccontextmanager
async def two_have_it(folder: Path) -> AsyncIterator[tuple[Casebook, Two, str]]:
    """A case that the Dutch hotline has, and the Canadian one, where the account belongs."""
    two = Two()
    async with casebook(folder, two) as book:
        account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
        case_id = await book.decided(item={"account": account})
        await book.send("hotline-nl")
        await book.send("hotline-ca")
        book.later(days=5)
        yield book, two, case_id


REMOVED = ActionStatement(action=ActionType.REMOVED, at=START + timedelta(days=2))
SEEN_GONE = ActionStatement(action=ActionType.UNAVAILABLE, at=START + timedelta(days=3), reason="LinkExpired")
LOCKED = ActionStatement(action=ActionType.UNAVAILABLE, at=START + timedelta(days=3), reason="PasswordProtected")


@pytest.mark.parametrize(
    ("dutch", "canadian", "closed"),
    [
        (REMOVED, REMOVED, True),
        (REMOVED, SEEN_GONE, True),
        (REMOVED, None, False),
        (None, REMOVED, False),
        (REMOVED, LOCKED, False),
        (LOCKED, REMOVED, False),
    ],
)
async def test_everybody_who_accepted_it_must_have_ended_it(
    tmp_path: Path, dutch: ActionStatement | None, canadian: ActionStatement | None, closed: bool
) -> None:
    async with two_have_it(tmp_path) as (book, two, case_id):
        two.each = {"hotline-nl": dutch, "hotline-ca": canadian}
        case = await book.step(case_id)
        assert (case["state"] == CaseState.CLOSED) is closed


async def test_one_that_cannot_be_asked_has_not_ended_it(tmp_path: Path) -> None:
    async with two_have_it(tmp_path) as (book, two, case_id):
        two.each = {"hotline-nl": REMOVED}
        case = await book.step(case_id)
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK)
        assert case["desk_text"] == ("Look whether it is gone: hotline-nl says Removed, hotline-ca cannot be asked.")


async def test_one_that_was_not_to_be_called_has_not_ended_it(tmp_path: Path) -> None:
    async with two_have_it(tmp_path) as (book, two, case_id):
        two.each = {"hotline-nl": REMOVED, "hotline-ca": REMOVED}
        await stops.stop(book.ctx, "partner:hotline-ca", ANNA, "they are moving")
        assert (await book.step(case_id))["desk_code"] == DeskCode.LOOK


async def test_one_that_sends_it_back_has_it_no_more_and_people_choose(book: Casebook) -> None:
    case_id = await due(book)
    referral_id = (await book.referral(case_id))["id"]
    book.partner.says = [ReferralStatus(referral_id=referral_id, known=True, returned=True)]
    case = await book.step(case_id)
    assert case["state"] == CaseState.LOCATED  # evidence, and a new decision
    row = await book.referral(case_id)
    assert (row["state"], row["misrouted_at"]) == (ReferralState.REFUSED, book.ctx.now())
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.REFUSED)
    assert case["desk_text"] == "hotline-nl: It took the case, and says since that it is not theirs."
    assert len(await book.referrals(case_id)) == 1  # it does not go there again by itself
    assert [row["code"] for row in await book.rows(alarms)] == [HouseCode.MISROUTED]


async def test_sent_back_a_second_time_it_is_for_people(tmp_path: Path) -> None:
    async with casebook(tmp_path) as book:
        case_id = await due(book)
        first = (await book.referral(case_id))["id"]
        book.partner.says = [ReferralStatus(referral_id=first, known=True, returned=True)]
        await book.step(case_id, 2)
        await case_acts.refer(book.ctx, case_id, ANNA, "perhaps theirs", partner="hotline-ca")
        await book.send("hotline-ca")
        (second,) = [row["id"] for row in await book.referrals(case_id) if row["partner"] == "hotline-ca"]
        book.partner.says = [ReferralStatus(referral_id=second, known=True, returned=True)]
        book.later(days=5)
        case = await book.step(case_id)
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.BOUNCED)
        assert case["desk_text"].startswith("hotline-nl, hotline-ca took it, and says since that it is not theirs")


async def test_found_elsewhere_when_it_is_sent_back_it_goes_there(book: Casebook) -> None:
    case_id = await due(book)
    one = (await book.referral(case_id))["id"]
    book.partner.says = [ReferralStatus(referral_id=one, known=True, returned=True)]
    book.world.verdict = CANADIAN
    await book.step(case_id, 2)
    assert [row["partner"] for row in await book.referrals(case_id)] == ["hotline-nl", "hotline-ca"]


async def test_a_partners_word_that_it_moved_is_looked_up_and_never_followed_blindly(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.MOVED, moved_to="CA")
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"], case["hosting_country"]) == (CaseState.DESK, DeskCode.MOVED, "NL")
    assert case["desk_text"] == (
        "hotline-nl says that it moved to CA, and our look-up does not: decide who deals with it."
    )
    assert [(row["by"], row["moved_to"]) for row in await book.rows(actions)] == [("hotline-nl", "CA")]
    assert len(await book.referrals(case_id)) == 1
    book.later(days=5)
    assert (await book.step(case_id))["desk_code"] == DeskCode.MOVED  # until people have decided


async def test_what_people_decided_of_a_partners_word_is_not_asked_again(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.MOVED, moved_to="CA")
    await book.step(case_id)
    await case_acts.retrace(book.ctx, case_id, ANNA, "it is still in the Netherlands")
    await book.step(case_id, 2)
    book.later(days=5)
    assert (await book.step(case_id))["desk_code"] == DeskCode.LOOK


async def test_a_move_that_we_find_too_is_decided_anew(book: Casebook) -> None:
    case_id = await due(book)
    await says(book, case_id, ActionType.MOVED, moved_to="CA")
    book.world.verdict = CANADIAN
    case = await book.step(case_id)
    assert (case["state"], case["hosting_country"]) == (CaseState.LOCATED, "CA")


async def moves(book: Casebook, case_id: str, *countries: str) -> Row:
    """Let it be found in one country after the other, a check each; whatever is decided automatically is sent."""
    for country in countries:
        book.world.verdict = DUTCH.model_copy(update={"country": country, "countries": (country,)})
        case = await book.step(case_id)
        if case["state"] == CaseState.LOCATED:
            case = await book.step(case_id)
            await book.send(f"hotline-{country.lower()}")
        book.later(days=5)
    return case


async def test_a_return_to_where_it_came_from_is_for_people(book: Casebook) -> None:
    case_id = await due(book)
    case = await moves(book, case_id, "CA", "NL")
    assert (case["state"], case["desk_code"], case["hosting_country"]) == (CaseState.DESK, DeskCode.MOVED, "NL")
    assert case["desk_text"] == "It moved from CA back to NL, where it came from: decide who deals with it."
    assert case["next_at"] == (await open_check(book))["due_at"]
    case = await moves(book, case_id, "CA", "NL", "CA", "NL")
    assert (case["desk_code"], len(await book.referrals(case_id))) == (DeskCode.MOVED, 2)


async def test_the_third_move_is_for_people(book: Casebook) -> None:
    book.partners(partner("hotline-fr", "FR"), partner("hotline-de", "DE"))
    case_id = await due(book)
    case = await moves(book, case_id, "CA", "FR")
    assert (case["state"], len(await book.referrals(case_id))) == (CaseState.REFERRED, 3)
    case = await moves(book, case_id, "DE")
    assert (case["desk_code"], len(await book.referrals(case_id))) == (DeskCode.MOVED, 3)
    assert case["desk_text"] == "It moved 3 times by now, from FR to DE last: decide who deals with it."
    assert [row["moved_to"] for row in await book.rows(actions)] == ["CA", "FR", "DE"]


async def test_after_it_came_back_the_country_between_does_not_close_it_alone(tmp_path: Path) -> None:
    two = Two()
    async with casebook(tmp_path, two) as book:
        case_id = await due(book)
        await moves(book, case_id, "CA", "NL")
        await case_acts.retrace(book.ctx, case_id, ANNA, "it stays with the Dutch")
        await book.step(case_id, 2)
        book.later(days=5)
        two.each = {"hotline-ca": REMOVED, "hotline-nl": None}
        assert (await book.step(case_id))["state"] != CaseState.CLOSED
