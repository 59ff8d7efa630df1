"""What partners say of what left after the backup is adopted; who is silent leaves it with people."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.casework.follow_up.after_restore import Asked, asked
from router.casework.referral.left_before import NO_DECISION
from router.errors import NotSent
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.base import Add, Change, Transition
from router.store.schema.tables import left_before_restore, referrals
from router.world.iccam.rules import Rules
from schemas.casefile import DeskCode
from schemas.exchange import ReferralStatus
from tests.casebook import PAGE, Casebook, Mail, casebook
from tests.casework.intake.test_left_before import OLD, known
from tests.casework.referral.test_left_before import left
from tests.embargoes import embargo, ended
from tests.hub_desk import hub_desk
from tests.police_holds import police_hold


def says(name: str, *, has_it: bool) -> list[ReferralStatus]:
    return [ReferralStatus(referral_id=name, known=has_it)]


async def in_doubt(book: Casebook) -> str:
    """A case that took over what may have arrived, and of which people are asked."""
    await known(book)
    case_id = await book.take()
    assert (await book.step(case_id, 3))["desk_code"] == DeskCode.UNKNOWN
    return case_id


async def test_what_the_partner_has_is_accepted_and_nobody_is_asked_any_more(book: Casebook) -> None:
    case_id = await in_doubt(book)
    book.partner.says = says(OLD, has_it=True)
    assert await asked(book.ctx) == Asked(there=1)
    row, case = await book.referral(case_id), await book.case(case_id)
    assert (row["state"], row["receipt"], row["in_doubt"]) == ("accepted", "", 0)
    assert (case["state"], case["desk_code"]) == ("referred", None)
    assert await asked(book.ctx) == Asked()
    assert book.partner.calls == []


async def test_what_it_never_got_is_sent(book: Casebook) -> None:
    case_id = await in_doubt(book)
    book.partner.says = says(OLD, has_it=False)
    assert await asked(book.ctx) == Asked(never=1)
    assert (await book.case(case_id))["state"] == "referred"
    await book.send()
    assert [one.referral_id for call in book.partner.calls for one in call] == [OLD]
    assert (await book.referral(case_id))["state"] == "accepted"


@pytest.mark.parametrize("answer", [None, [], NotSent("down")])
async def test_who_says_nothing_is_asked_again_in_an_hour_and_people_stay_asked(book: Casebook, answer: Any) -> None:
    case_id = await in_doubt(book)
    book.partner.says = answer
    assert await asked(book.ctx) == Asked(silent=1)
    assert await asked(book.ctx) == Asked()
    book.later(hours=2)
    assert await asked(book.ctx, of_lost_cases=True) == Asked(silent=1)
    assert (await book.case(case_id))["desk_code"] == DeskCode.UNKNOWN


async def test_of_what_is_under_embargo_nobody_is_asked(book: Casebook) -> None:
    case_id = await in_doubt(book)
    book.partner.says = says(OLD, has_it=True)
    one = await embargo(book.ctx, "url", PAGE)
    assert await asked(book.ctx) == Asked()
    assert book.partner.asked == []
    await ended(book.ctx, one.embargo.id)
    assert await asked(book.ctx) == Asked(there=1)
    assert (await book.referral(case_id))["state"] == "accepted"


async def test_a_mailbox_is_asked_nothing(tmp_path: Path) -> None:
    async with casebook(tmp_path, Mail()) as book:
        await in_doubt(book)
        assert await asked(book.ctx) == Asked(silent=1)
        assert book.partner.asked == []


async def test_what_belongs_to_no_case_here_is_noted_for_the_one_that_comes(book: Casebook) -> None:
    rows = [left(name, partner="hotline-nl", url_bidx=name.encode()) for name in ("has-it", "never", "silent")]
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=[Add(left_before_restore, row) for row in rows]))
    book.partner.says = [*says("has-it", has_it=True), *says("never", has_it=False)]
    assert await asked(book.ctx) == Asked(1, 1, 1)
    kept = {row["id"]: row["receipt"] for row in await book.rows(left_before_restore)}
    assert kept == {"has-it": "", "silent": None}


async def test_of_a_lost_case_that_an_embargo_names_nobody_is_asked(book: Casebook) -> None:
    url = book.ctx.keyring.blind("url", identity(read("https://lost.test/")))
    lost = left("lost", partner="hotline-nl", url_bidx=url)
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=[Add(left_before_restore, lost)]))
    await embargo(book.ctx, "url", "https://lost.test/")
    assert await asked(book.ctx) == Asked()
    assert book.partner.asked == []


async def test_while_the_police_hold_it_only_they_are_asked(book: Casebook) -> None:
    case_id = await in_doubt(book)
    await police_hold(book.ctx, case_id)
    assert await asked(book.ctx) == Asked()
    assert book.partner.asked == []


async def test_what_a_hub_has_is_found_by_its_number_and_followed_from_then_on(tmp_path: Path) -> None:
    """The ledger has the hub's number, and not what the dialect needs to ask about it."""
    async with hub_desk(tmp_path, Rules()) as desk:
        case_id = await desk.book.decided()
        sent = await desk.send(case_id)
        lost = {"progress": None, "progress_step": None, "decision_id": NO_DECISION}
        change = Change(referrals, {"id": sent["id"]}, lost, sent["version"])
        await desk.book.ctx.store.commit(Transition(desk.book.ctx.now(), [change]))
        posted = len(desk.near.hub.reports)
        desk.book.ctx = replace(desk.book.ctx, was_restored=True)
        assert await asked(desk.book.ctx, of_lost_cases=True) == Asked(there=1)
        row = await desk.row(case_id)
        assert (row["state"], row["receipt"], row["progress_step"]) == (
            "accepted",
            sent["receipt"],
            sent["progress_step"],
        )
        assert len(desk.near.hub.reports) == posted
        assert await asked(desk.book.ctx, of_lost_cases=True) == Asked()
