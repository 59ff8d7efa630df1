"""Whoever may not act is offered nothing."""

from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by, referrals_seen_by
from router.guard.access import ROLES, Permission
from schemas.actor import Role
from tests.casebook import ANALYSTS, Casebook


async def test_a_viewer_is_offered_no_act_and_an_analyst_all(book: Casebook) -> None:
    file = await case_file(book.ctx, await book.accepted())
    viewer, analyst = (file_seen_by(file, ROLES[role]) for role in (Role.VIEWER, Role.ANALYST))
    assert (viewer.acts, [one.acts for one in viewer.referrals]) == ((), [()])
    assert (analyst.acts, analyst.referrals) == (file.acts, file.referrals)
    assert "reveal" in analyst.acts


async def test_a_token_for_referrals_is_offered_those_acts_alone(book: Casebook) -> None:
    file = await case_file(book.ctx, await book.accepted())
    (one,) = referrals_seen_by(file.referrals, {Permission.REFERRAL_ACT})
    assert one.acts == ("override", "recall")
    assert file_seen_by(file, {Permission.REFERRAL_ACT}).acts == ()


async def test_who_assessed_it_is_for_those_who_work_with_the_location(book: Casebook) -> None:
    assessed = {"value": "baseline", "assessed_by": "anna@hotline.example", "assessed_at": "2026-11-22T08:00:00Z"}
    file = await case_file(book.ctx, await book.take(actor=ANALYSTS, assessment=assessed))
    shown = {role: file_seen_by(file, ROLES[role]).items[0].assessed_by for role in Role}
    assert shown[Role.ANALYST] == shown[Role.SUPERVISOR] == "anna@hotline.example"
    assert {shown[role] for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR)} == {"an•••le"}
