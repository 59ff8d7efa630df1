"""Lists and figures: newest first, page after page without gaps, and never a location in full."""

from pathlib import Path

import pytest

from router.casework.desk import case_acts, referral_acts
from router.casework.read import lists
from router.errors import Conflict, NotFound
from router.partners.base import Deferred, Reason, Refused
from router.store.base import Remove, Transition
from router.store.schema.tables import case_keys
from schemas.pages import CasesWanted, ReferralsWanted
from schemas.partner import Directory
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, DUTCH, FORM, Casebook
from tests.police_desk import police_desk

AWAY = [[Deferred(Reason.UNREACHABLE, "no")]] * 20


async def several(book: Casebook, count: int = 5, **more: object) -> list[str]:
    return [await book.decided(f"https://example.test/{n}/secret", f"r-{n}", **more) for n in range(count)]


async def test_cases_come_newest_first_page_after_page_without_gaps(book: Casebook) -> None:
    ids = await several(book)
    found: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = await lists.list_cases(book.ctx, cursor=cursor, limit=2)
        cursor, found = page.next, found + [one.id for one in page.items]
        assert (page.total, page.more) == (5, False)
        pages += 1
    assert (found, pages) == (ids[::-1], 3)


async def test_a_full_last_page_is_the_last(book: Casebook) -> None:
    await several(book, 2)
    assert (await lists.list_cases(book.ctx, limit=2)).next is None


async def test_cases_of_one_state(book: Casebook) -> None:
    one, two = await several(book, 2)
    await case_acts.close(book.ctx, one, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    assert [case.id for case in (await lists.list_cases(book.ctx, CasesWanted(state=CaseState.REFERRED))).items] == [
        two
    ]


async def test_a_case_names_the_partners_that_still_have_it(book: Casebook) -> None:
    await several(book, 1)
    assert (await lists.list_cases(book.ctx)).items[0].partners == ("hotline-nl",)
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    assert (await lists.list_cases(book.ctx)).items[0].partners == ()


async def test_nothing_read_here_shows_a_location(book: Casebook) -> None:
    await several(book, 2, actor=FORM)
    page = (await lists.list_cases(book.ctx)).items
    shown = [one.model_dump_json() for one in [*page, *(await lists.desk(book.ctx)).items]]
    assert len(shown) == 4
    assert not [text for text in shown if "secret" in text or "example" in text]


async def test_an_erased_case_is_no_longer_listed(book: Casebook) -> None:
    one, two = await several(book, 2)
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, {"case_id": one}),)))
    assert [case.id for case in (await lists.list_cases(book.ctx)).items] == [two]


async def test_the_desk_shows_a_child_at_risk_first_and_then_what_waited_longest(book: Casebook) -> None:
    first = await book.decided("https://a.test/", "r-1", FORM)
    book.later(minutes=1)
    second = await book.decided("https://b.test/", "r-2", FORM)
    book.later(minutes=1)
    urgent = await book.decided("https://c.test/", "r-3", FORM, urgency="live")
    entries = (await lists.desk(book.ctx)).items
    assert [one.case for one in entries] == [urgent, first, second]
    assert entries[1].proposal == ("hotline-nl",)
    assert [one.case for one in (await lists.desk(book.ctx, limit=1)).items] == [urgent]


async def test_the_desk_counts_reports_and_not_their_items(book: Casebook) -> None:
    await book.decided(actor=FORM)
    await book.take(reference="r-2", actor=FORM)
    assert [one.reports for one in (await lists.desk(book.ctx)).items] == [2]


async def test_referrals_are_paged_and_filtered_like_cases(book: Casebook) -> None:
    await several(book, 3)
    first = await lists.list_referrals(book.ctx, limit=2)
    second = await lists.list_referrals(book.ctx, cursor=first.next, limit=2)
    ids = [one.id for one in first.items + second.items]
    assert (ids, first.total, second.next) == (sorted(ids, reverse=True), 3, None)
    assert (await lists.list_referrals(book.ctx, ReferralsWanted(state=ReferralState.ACCEPTED))).items == []


async def test_a_referral_has_its_partners_title_and_its_tries(book: Casebook) -> None:
    case_id = await book.accepted()
    view = await lists.referral(book.ctx, (await book.referral(case_id))["id"])
    assert (view.partner_title, [one.outcome for one in view.attempts]) == ("Hotline-Nl", ["accepted"])


async def test_what_a_closed_cases_page_offers_can_be_done(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    one = (await book.referral(case_id))["id"]
    assert "retry" in (await lists.referral(book.ctx, one)).acts
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.UNAVAILABLE)
    assert (await lists.referral(book.ctx, one)).acts == ()
    with pytest.raises(Conflict):
        await referral_acts.retry(book.ctx, one, ANNA, "again")
    with pytest.raises(Conflict):
        await referral_acts.override(book.ctx, one, ANNA, "elsewhere", partner="hotline-ca")


async def test_a_partner_that_left_the_directory_is_shown_by_its_name(book: Casebook) -> None:
    case_id = await book.accepted()
    book.rules.directory_ = Directory(version=3)
    assert (await lists.referral(book.ctx, (await book.referral(case_id))["id"])).partner_title == "hotline-nl"


async def test_what_is_not_there_is_not_found(book: Casebook) -> None:
    for read in (lists.referral,):
        with pytest.raises(NotFound):
            await read(book.ctx, "no such id")


async def test_what_went_to_police_in_bundles_is_listed_by_itself(tmp_path: Path) -> None:
    async with police_desk(tmp_path) as desk:
        ids = await desk.case("https://a.test/1", "https://a.test/2")
        desk.book.world.verdict = DUTCH
        await desk.book.accepted(location="https://b.test/", reference="r-9")
        found = (await lists.list_referrals(desk.book.ctx, ReferralsWanted(bundled=True))).items
        assert {one.case for one in found} == set(ids)
        assert len({one.bundle for one in found}) == 1
