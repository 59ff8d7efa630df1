"""Whom a person may choose: by name or by country, and nobody whom the law or the directory rules out."""

from datetime import timedelta
from typing import Any

import pytest

from router.casework.desk.recipient import check_may_receive, chosen_by_staff
from router.casework.referral.row import STAFF
from router.errors import BadInput
from schemas.decision import Decision, Recipient
from schemas.partner import Agreement
from schemas.vocabulary import Assessment
from tests.casebook import ANNA, CHECKED, Casebook, partner
from tests.office import START


async def choose(book: Casebook, name: str | None = None, country: str | None = None) -> tuple[Recipient, Decision]:
    return await chosen_by_staff(book.ctx, await book.case(await book.take()), ANNA, name, country)


async def test_a_partner_by_name(book: Casebook) -> None:
    recipient, decision = await choose(book, "hotline-ca")
    assert (recipient.partner, recipient.route, recipient.hold_until) == ("hotline-ca", STAFF, None)
    assert (decision.by, decision.assigned_country, decision.policy_version) == (ANNA.id, "CA", 1)


async def test_the_partner_of_a_country(book: Casebook) -> None:
    recipient, decision = await choose(book, country="NL")
    assert (recipient.partner, decision.assigned_country) == ("hotline-nl", "NL")


async def test_a_territory_is_served_by_whoever_the_directory_says(book: Casebook) -> None:
    book.partners(territories={"AW": "NL"})
    recipient, decision = await choose(book, country="AW")
    assert (recipient.partner, decision.assigned_country) == ("hotline-nl", "AW")


async def test_a_partner_of_several_countries_leaves_open_which_one_deals_with_it(book: Casebook) -> None:
    book.partners(partner("hub", "FR", "DE"))
    assert (await choose(book, "hub"))[1].assigned_country is None


@pytest.mark.parametrize(
    ("name", "country", "field"),
    [(None, None, "partner"), ("hotline-nl", "NL", "partner"), ("nobody", None, "partner"), (None, "QA", "country")],
)
async def test_exactly_one_that_exists_is_to_be_named(
    book: Casebook, name: str | None, country: str | None, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await choose(book, name, country)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"enabled": False}, "disabled"),
        ({"agreement": Agreement(until=CHECKED)}, "agreement_ended"),
        ({"agreement": Agreement(transfer_until=CHECKED)}, "transfer_ended"),
        ({"accepts": (Assessment.NATIONAL,)}, "not_accepted"),
        ({"countries": ("NL", "BE")}, "ourselves"),
    ],
)
async def test_a_person_cannot_choose_whom_the_directory_rules_out(
    book: Casebook, changed: dict[str, Any], code: str
) -> None:
    book.partners(partner("hotline-nl", "NL").model_copy(update=changed))
    with pytest.raises(BadInput) as refused:
        await choose(book, "hotline-nl")
    assert refused.value.reason == code


async def test_a_person_cannot_choose_whom_the_law_bars(book: Casebook) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"barred": {"NL": "no transfer basis"}})
    with pytest.raises(BadInput, match="no transfer basis"):
        await choose(book, "hotline-nl")


async def test_never_back_to_a_hotline_that_has_had_it(book: Casebook) -> None:
    case = await book.case(await book.take()) | {"path": '["hotline-nl"]'}
    with pytest.raises(BadInput) as refused:
        await check_may_receive(book.ctx, case, "hotline-nl")
    assert refused.value.reason == "on_path"


async def test_an_agreement_holds_on_its_last_day_and_not_on_the_next(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", agreement=Agreement(until=START.date())))
    case = await book.case(await book.take())
    await check_may_receive(book.ctx, case, "hotline-nl")
    book.clock.advance(timedelta(days=1))
    with pytest.raises(BadInput):
        await check_may_receive(book.ctx, case, "hotline-nl")


async def test_a_partner_that_left_the_directory_receives_nothing(book: Casebook) -> None:
    with pytest.raises(BadInput, match="no partner of this name"):
        await check_may_receive(book.ctx, await book.case(await book.take()), "nobody")
