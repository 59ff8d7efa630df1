"""Rows of one host have one tag, with how many of it are open; a tag means one host, or says that it means several."""

import pytest

from router.casework.desk import case_acts
from router.casework.read import lists, sites
from router.casework.read.case_file import case_file
from router.errors import BadInput
from router.guard.seal import Keyring
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from schemas.pages import CasesWanted, DeskWanted
from schemas.site import COUNTED, SHORTEST, SiteView, written
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, Casebook


async def two_hosts(book: Casebook) -> tuple[list[str], str]:
    """Three pages of one host, one of another; nobody has assessed any, so they are on the desk."""
    one = [await book.decided(f"https://one.test/{n}", f"a-{n}", actor=FORM) for n in range(3)]
    return one, await book.decided("https://other.test/", "b", actor=FORM)


async def site(book: Casebook, case: str) -> SiteView:
    found = (await case_file(book.ctx, case)).summary.site
    assert found is not None
    return found


async def test_rows_of_one_host_are_alike_and_those_of_another_are_not(book: Casebook) -> None:
    one, other = await two_hosts(book)
    on_desk = {entry.case: entry.site for entry in (await lists.desk(book.ctx)).items}
    listed = {found.id: found.site for found in (await lists.list_cases(book.ctx)).items}
    assert on_desk == listed == {case: await site(book, case) for case in (*one, other)}
    assert len({on_desk[case] for case in one}) == 1
    ours, theirs = await site(book, one[0]), await site(book, other)
    assert (ours.open, theirs.open) == (3, 1)
    assert ours.tag != theirs.tag
    file = await case_file(book.ctx, one[0])
    assert file.desk is not None
    assert file.summary.site == file.desk.site == on_desk[one[0]]


async def test_what_is_closed_is_no_longer_counted(book: Casebook) -> None:
    one, _ = await two_hosts(book)
    await case_acts.close(book.ctx, one[0], ANNA, "gone", outcome=Outcome.REMOVED)
    assert {(await site(book, case)).open for case in one} == {2}


async def test_what_has_no_host_has_no_tag(book: Casebook) -> None:
    case = await book.take("magnet:?xt=urn:btih:" + "a" * 40, "m")
    assert (await case_file(book.ctx, case)).summary.site is None


async def test_lists_are_narrowed_to_one_host_by_its_tag(book: Casebook) -> None:
    one, other = await two_hosts(book)
    tag = (await site(book, one[0])).tag
    found = await lists.list_cases(book.ctx, CasesWanted(site=tag.lower()))
    assert ([case.id for case in found.items], found.total) == (one[::-1], 3)
    desk = await lists.desk(book.ctx, DeskWanted(site=tag))
    assert ({entry.case for entry in desk.items}, desk.total) == (set(one), 3)
    nobodys = "A" * 26
    assert (await lists.list_cases(book.ctx, CasesWanted(site=nobodys))).total == 0
    assert (await lists.desk(book.ctx, DeskWanted(site=nobodys))).total == 0
    assert other not in {case.id for case in found.items}


async def moved(book: Casebook, case: str, to: bytes) -> None:
    row = await book.case(case)
    await book.ctx.store.commit(Transition(0, (Change(cases, {"id": case}, {"host_bidx": to}, row["version"]),)))


async def test_tags_that_would_be_alike_are_longer_and_a_short_one_means_neither(book: Casebook) -> None:
    one, other = await two_hosts(book)
    index = bytes((await book.case(one[0]))["host_bidx"])
    near = index[:-8] + bytes(8) if index[-8:] != bytes(8) else index[:-8] + b"\xff" * 8
    await moved(book, other, near)
    tags = {case: (await site(book, case)).tag for case in (one[0], other)}
    assert len(set(tags.values())) == 2
    assert all(len(tag) > SHORTEST + 5 for tag in tags.values())
    assert [await sites.host_called(book.ctx, tag) for tag in tags.values()] == [index, near]
    with pytest.raises(BadInput) as refused:
        await sites.host_called(book.ctx, written(index[4:])[:SHORTEST])
    assert refused.value.reason == "several"
    assert all(tag in refused.value.message for tag in tags.values())


async def test_a_tag_is_of_this_installation_alone(book: Casebook) -> None:
    """Nobody who guesses the host, and no other router, can say its tag: it is made under a key."""
    case = await book.decided("https://one.test/")
    ours = (await site(book, case)).tag
    theirs = written(Keyring.open(b"another house's key, 32 bytes ..").blind("host", "one.test")[4:])
    assert not theirs.startswith(ours)
    assert written(book.ctx.keyring.blind("host", "one.test")[4:]).startswith(ours)


async def test_very_many_are_counted_no_further_than_is_told(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = await two_hosts(book)
    monkeypatch.setattr(sites, "COUNTED", 2)
    found = await site(book, one[0])
    assert (found.open, found.more) == (2, True)
    assert COUNTED >= 1_000
