"""The duty officer tells the police of a case that rings: written down once, acknowledged, and still with people."""

import pytest

from router.casework.desk import case_acts
from router.casework.desk.acknowledge import acknowledge
from router.casework.desk.told_police import told_police
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by
from router.errors import BadInput, Conflict
from router.guard.access import ROLES
from router.store.schema.tables import alarms, audit, follow_ups
from schemas.actor import Actor, Role
from schemas.acts import ToldPolice
from schemas.casefile import CaseFile, DeskCode
from schemas.partner import PartnerKind
from schemas.states import CaseState
from tests.casebook import ANNA, DUTCH, FORM, PARTNERS, Casebook, partner

DUTY = Actor(id="person:duty", role=Role.VIEWER, permissions=ROLES[Role.VIEWER])
SAID = ToldPolice(reference="BR.37/26")


async def page(book: Casebook, case_id: str) -> CaseFile:
    return file_seen_by(await case_file(book.ctx, case_id, reader=DUTY), DUTY.permissions)


async def test_who_may_see_nothing_acknowledges_and_files_it(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM, urgency="live")
    file = await page(book, case_id)
    assert file.acts == ("acknowledge", "told-police")
    assert file.units_to_tell == ("federal-police",)
    await told_police(book.ctx, case_id, DUTY, SAID)
    (row,) = [one for one in await book.referrals(case_id) if one["partner"] == "federal-police"]
    assert (row["state"], row["receipt"]) == ("accepted", "BR.37/26")
    (alarm,) = await book.rows(alarms)
    assert (alarm["acknowledged_by"], (await book.case(case_id))["acknowledged_at"]) == (DUTY.id, book.ctx.now())
    said = [(one["act"], one["actor"]) for one in await book.rows(audit, audit.c.actor == DUTY.id)]
    assert said == [("case.acknowledged", DUTY.id), ("referral.handed_over", DUTY.id)]
    assert len(await book.rows(follow_ups)) == 1


async def test_it_answers_nothing_that_wants_somebody_who_sees_it(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM, urgency="live")
    before = await book.case(case_id)
    await told_police(book.ctx, case_id, DUTY, SAID)
    after = await book.case(case_id)
    kept = ("state", "desk_code", "desk_due", "desk_since", "desk_more", "desk_alarm")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["desk_code"] == DeskCode.CHILD_AT_RISK
    assert (await page(book, case_id)).acts == ("acknowledge",), "nobody is told twice"
    await case_acts.done(book.ctx, case_id, ANNA, "they look after it", code=DeskCode.CHILD_AT_RISK)


async def test_what_waited_for_them_never_leaves(book: Casebook) -> None:
    """The policy sends a copy to the police at once: whoever rings them first ends that."""
    case_id = await book.decided(urgency="imminent_risk")
    waiting = [row for row in await book.referrals(case_id) if row["partner"] == "federal-police"]
    await told_police(book.ctx, case_id, DUTY, SAID)
    rows = [row for row in await book.referrals(case_id) if row["partner"] == "federal-police"]
    assert [row["state"] for row in rows] == ["accepted"]
    assert not waiting or [row["id"] for row in rows] == [row["id"] for row in waiting]


async def test_a_second_word_is_refused_and_the_first_stands(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM, urgency="live")
    await acknowledge(book.ctx, case_id, ANNA)
    await told_police(book.ctx, case_id, DUTY, SAID)
    (alarm,) = await book.rows(alarms)
    assert alarm["acknowledged_by"] == ANNA.id, "who was on it first stays who was"
    with pytest.raises(Conflict):
        await told_police(book.ctx, case_id, DUTY, SAID)


async def test_only_police_and_only_while_it_rings(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM, urgency="live")
    with pytest.raises(BadInput):
        await told_police(book.ctx, case_id, DUTY, SAID.model_copy(update={"partner": "hotline-nl"}))
    quiet = await book.decided("https://quiet.test/", "r-2", actor=FORM)
    assert "told-police" not in (await page(book, quiet)).acts
    with pytest.raises(Conflict):
        await told_police(book.ctx, quiet, DUTY, SAID)


async def test_of_several_units_one_is_named(book: Casebook) -> None:
    book.partners(partner("police-one", "BE", kind="police"), partner("police-two", "BE", kind="police"))
    case_id = await book.decided(actor=FORM, urgency="live")
    with pytest.raises(BadInput) as refused:
        await told_police(book.ctx, case_id, DUTY, SAID)
    assert refused.value.reason == "which"
    view = await told_police(book.ctx, case_id, DUTY, SAID.model_copy(update={"partner": "police-two"}))
    assert view.partner == "police-two"
    assert (await book.case(case_id))["state"] == CaseState.DESK
    assert book.world.verdict == DUTCH


OFF = partner("federal-police", "BE", kind=PartnerKind.POLICE, enabled=False)
ABROAD = partner("police-nl", "NL", kind=PartnerKind.POLICE, enabled=False)


async def test_in_a_house_that_has_no_channel_yet_the_unit_at_home_is_told_by_telephone(book: Casebook) -> None:
    book.partners(OFF, ABROAD)
    case_id = await book.decided(actor=FORM, urgency="live")
    file = await page(book, case_id)
    assert file.acts == ("acknowledge", "told-police")
    assert file.units_to_tell == ("federal-police",)
    await told_police(book.ctx, case_id, DUTY, SAID)
    (row,) = [one for one in await book.referrals(case_id) if one["partner"] == "federal-police"]
    assert (row["state"], row["receipt"]) == ("accepted", "BR.37/26")


async def test_where_a_unit_is_switched_on_nobody_else_is_named(book: Casebook) -> None:
    book.partners(OFF.model_copy(update={"name": "another"}), partner("federal-police", "BE", kind=PartnerKind.POLICE))
    case_id = await book.decided(actor=FORM, urgency="live")
    assert (await page(book, case_id)).units_to_tell == ("federal-police",)


async def test_nobody_is_offered_to_refer_where_nobody_can_be_chosen(book: Casebook) -> None:
    book.partners(*(one.model_copy(update={"enabled": False}) for one in PARTNERS))
    case_id = await book.decided(urgency="live")
    assert "refer" not in (await case_file(book.ctx, case_id)).acts
    book.partners(PARTNERS[0])
    assert "refer" in (await case_file(book.ctx, case_id)).acts
