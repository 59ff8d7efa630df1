"""What a source is told of a report: what it may ask, in words, numbers and dates, and nothing of where anything is."""

from router.casework.read.followed import followed
from router.casework.read.told import digest, told_of
from router.clock import micros
from router.store.base import Add, Transition
from router.store.schema.tables import actions, part_actions, reports
from schemas.followed import ReportState
from schemas.vocabulary import ActionType
from tests.casebook import ANALYSTS, FORM, Casebook
from tests.office import START


async def test_the_house_hears_to_whom_it_went_and_what_they_did(book: Casebook) -> None:
    case_id = await book.accepted()
    row = await book.referral(case_id)
    act = {"id": "a", "case_id": case_id, "referral_id": row["id"], "by": "hotline-nl", "at": micros(START)}
    said = act | {"action": ActionType.UNAVAILABLE, "reason": "their own words, with https://a.test/ in them"}
    part = act | {"id": "p", "action": ActionType.REMOVED, "part": "7", "reason": None, "moved_to": None}
    moved = act | {"id": "b", "action": ActionType.MOVED, "moved_to": "DE"}
    await book.ctx.store.commit(Transition(0, adds=[Add(actions, said), Add(actions, moved), Add(part_actions, part)]))
    (report,) = await book.rows(reports)
    told = await told_of(book.ctx, report, of_house=True)
    (item,) = told.items
    assert (item.case, told.state) == (case_id, ReportState.PASSED_ON)
    assert item.detail is not None
    (referral,) = item.detail.referrals
    assert (referral.partner, referral.receipt, referral.accepted_at) == ("hotline-nl", row["receipt"], START)
    assert [(one.action, one.reason, one.moved_to, one.part) for one in referral.acts] == [
        ("Unavailable", None, None, None),
        ("Moved", None, "DE", None),
        ("Removed", None, None, "7"),
    ]
    assert "a.test" not in told.model_dump_json()
    assert "example" not in told.model_dump_json()


async def test_any_other_hears_what_it_would_be_answered(book: Casebook) -> None:
    await book.take(reference="f-1", actor=FORM)
    (report,) = await book.rows(reports)
    for hours in (0, 30, 200):
        book.later(hours=hours)
        told, asked = await told_of(book.ctx, report, of_house=False), await followed(book.ctx, "f-1", FORM)
        assert (told.id, told.dossier, told.state) == (asked.id, asked.dossier, asked.state)
        assert [(one.index, one.case, one.state) for one in told.items] == [
            (one.index, one.case, one.state) for one in asked.items
        ]
        assert {one.detail for one in told.items} == {None}


async def test_the_same_is_known_again(book: Casebook) -> None:
    case_id = await book.take(actor=ANALYSTS)
    (report,) = await book.rows(reports)
    first = digest(await told_of(book.ctx, report, of_house=True))
    assert digest(await told_of(book.ctx, report, of_house=True)) == first
    await book.step(case_id, 2)
    assert digest(await told_of(book.ctx, report, of_house=True)) != first
