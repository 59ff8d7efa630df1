"""Cases that belong together: whichever is read, it names the other."""

from router.casework.desk import case_acts, leads_to
from router.casework.read.case_file import case_file
from schemas.case_page import Relation
from schemas.trace import Verdict, VerdictKind
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook

#: What the other one says of this one.
BACK = {
    Relation.PAGE: Relation.FILE,
    Relation.FILE: Relation.PAGE,
    Relation.LEADS_TO: Relation.LED_HERE,
    Relation.LED_HERE: Relation.LEADS_TO,
    Relation.CAME_BACK_FROM: Relation.CAME_BACK_AS,
    Relation.CAME_BACK_AS: Relation.CAME_BACK_FROM,
}


async def said(book: Casebook, case_id: str) -> set[tuple[Relation, str]]:
    return {(one.relation, one.case) for one in (await case_file(book.ctx, case_id)).linked}


async def both_ways(book: Casebook, case_id: str) -> set[Relation]:
    """Return how others belong to a case, having read that each of them says the same of it."""
    found = await said(book, case_id)
    for relation, other in found:
        assert (BACK[relation], case_id) in await said(book, other)
    return {relation for relation, _ in found}


def test_each_relation_has_its_other_side() -> None:
    assert set(BACK) == set(Relation)
    assert all(BACK[BACK[one]] is one for one in Relation)


async def test_a_page_and_its_files(book: Casebook) -> None:
    page = await book.take("https://page.test/", "r-1")
    files = [await book.take(f"https://file.test/{n}", f"f-{n}", item={"parent": "r-1"}) for n in (1, 2)]
    assert await said(book, page) == {(Relation.FILE, one) for one in files}
    assert await both_ways(book, page) == {Relation.FILE}
    assert await both_ways(book, files[0]) == {Relation.PAGE}


async def test_a_link_and_where_it_leads(book: Casebook) -> None:
    book.world.verdict = Verdict(kind=VerdictKind.UNRESOLVED)
    link = await book.decided("https://short.test/1")
    place = await leads_to.target(book.ctx, link, ANNA, "followed it", location="https://place.test/")
    assert await both_ways(book, link) == {Relation.LEADS_TO}
    assert await said(book, place) == {(Relation.LED_HERE, link)}


async def test_a_location_that_came_back_and_came_back_again(book: Casebook) -> None:
    cases = []
    for number in range(3):
        cases.append(await book.decided(reference=f"r-{number}"))
        await case_acts.close(book.ctx, cases[-1], ANNA, "gone", outcome=Outcome.REMOVED)
    assert await said(book, cases[1]) == {(Relation.CAME_BACK_FROM, cases[0]), (Relation.CAME_BACK_AS, cases[2])}
    assert [await both_ways(book, one) for one in cases] == [
        {Relation.CAME_BACK_AS},
        {Relation.CAME_BACK_AS, Relation.CAME_BACK_FROM},
        {Relation.CAME_BACK_FROM},
    ]


async def test_a_case_alone_names_nobody(book: Casebook) -> None:
    assert await said(book, await book.decided()) == set()
