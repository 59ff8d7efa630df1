"""The list before an act on several: the open cases of a host, oldest first, with what this reader may do to each."""

import pytest

from router.casework.case.acts import ACTS
from router.casework.read import group as listing
from router.casework.read.case_file import case_file
from router.casework.read.group import chosen, found_on_desk, group
from router.casework.read.seen_by import file_seen_by
from router.casework.read.sites import sites_of
from router.guard.access import ROLES
from schemas.actor import Actor, Role
from schemas.group import Grouped
from schemas.pages import DeskOrder, DeskWanted
from tests.casebook import ANNA, FORM, Casebook
from tests.embargoes import embargo
from tests.stories.test_every_offer_is_accepted import SITUATIONS

NAMES = ("not_assessed", "at_risk_and_not_assessed", "with_its_partner", "to_be_looked_at", "under_embargo", "held")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR])
async def test_it_offers_what_the_cases_own_page_offers(book: Casebook, name: str, role: Role) -> None:
    case = await SITUATIONS[name](book)
    actor = Actor(id="person:anna", role=role, permissions=ROLES[role])
    tag = (await sites_of(book.ctx, [await book.case(case)]))[case].tag
    (one,) = (await group(book.ctx, tag, actor)).items
    file = file_seen_by(await case_file(book.ctx, case, reader=actor), actor.permissions)
    assert set(one.acts) == set(file.acts) & {str(act) for act in Grouped}
    assert {str(act) for act in Grouped} <= {act.name for act in ACTS}
    assert one.seen == file.seen


async def test_no_more_are_listed_than_one_request_takes(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [await book.decided(f"https://one.test/{n}", f"a-{n}", actor=FORM) for n in range(3)]
    monkeypatch.setattr(listing, "MOST", 2)
    tag = (await sites_of(book.ctx, [await book.case(ids[0])]))[ids[0]].tag
    found = await group(book.ctx, tag, FORM)
    assert ([one.case.id for one in found.items], found.more, found.site.open) == (ids[:2], True, 3)


async def test_nothing_of_what_an_embargo_holds_is_sent(book: Casebook) -> None:
    case = await book.decided(actor=FORM)
    await embargo(book.ctx, "host", "example.test")
    actor = Actor(id="person:anna", role=Role.SUPERVISOR, permissions=ROLES[Role.SUPERVISOR])
    tag = (await sites_of(book.ctx, [await book.case(case)]))[case].tag
    (one,) = (await group(book.ctx, tag, actor)).items
    assert (one.proposal, Grouped.SEND in one.acts, Grouped.CLOSE in one.acts) == ((), False, True)


async def test_those_that_were_chosen_come_as_they_were_chosen_once(book: Casebook) -> None:
    ids = [await book.decided(f"https://{n}.test/", f"a-{n}", actor=FORM) for n in range(3)]
    found = await chosen(book.ctx, [ids[2], "nothing", ids[0], ids[2]], ANNA)
    assert ([one.case.id for one in found.items], found.more) == ([ids[2], ids[0]], False)
    assert (await chosen(book.ctx, [], ANNA)).items == ()


async def test_all_that_a_filter_finds_up_to_what_one_act_takes(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await book.decided(f"https://{n}.test/", f"a-{n}", actor=FORM) for n in range(3)]
    wanted = DeskWanted(order=DeskOrder.AGE)
    found = await found_on_desk(book.ctx, wanted, ANNA)
    assert ([one.case.id for one in found.items], found.more) == (ids, False)
    none = await found_on_desk(book.ctx, DeskWanted(country="FR"), ANNA)
    assert (none.items, none.more) == ((), False)
    monkeypatch.setattr(listing, "MOST", 2)
    found = await found_on_desk(book.ctx, wanted, ANNA)
    assert ([one.case.id for one in found.items], found.more) == (ids[:2], True)
