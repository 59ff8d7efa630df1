"""What somebody types finds what it means: a number, a case, a location however it is written, a host; and no more."""

from dataclasses import replace

import pytest

from router.casework.desk import case_acts
from router.casework.read.find import find
from router.errors import NotAllowed
from router.guard.access import ROLES
from schemas.actor import Actor, Role
from schemas.signin import SignInSettings
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, Casebook

VIEWER = Actor(id="person:duty", role=Role.VIEWER, permissions=ROLES[Role.VIEWER])
PAGE = "https://pictures.one.test/album/7?x=1"


async def found(book: Casebook, text: str, reader: Actor = ANNA) -> list[str]:
    return [one.id for one in (await find(book.ctx, text, reader)).items]


@pytest.fixture
async def ids(book: Casebook) -> list[str]:
    """Two pages of a host, one of them closed, and one of another host."""
    made = [await book.decided(PAGE, "ref-1", actor=FORM)]
    made.append(await book.decided("https://pictures.one.test/other", "ref-2", actor=FORM))
    made.append(await book.decided("https://other.test/", "ref-3", actor=FORM))
    await case_acts.close(book.ctx, made[0], ANNA, "gone", outcome=Outcome.REMOVED)
    return made


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        f"  {PAGE} ",
        "hxxps://pictures[.]one[.]test/album/7?x=1",
        "HTTPS://Pictures.One.test:443/album/7?x=1",
        "https://pictures.one.test/%61lbum/7?x=1",
        "ref-1",
    ],
)
async def test_one_location_is_found_however_it_is_written_and_when_it_is_closed(
    book: Casebook, ids: list[str], text: str
) -> None:
    assert await found(book, text) == [ids[0]]


@pytest.mark.parametrize("text", ["pictures.one.test", "Pictures.One.Test.", "pictures[.]one[.]test"])
async def test_a_host_finds_every_case_of_it(book: Casebook, ids: list[str], text: str) -> None:
    assert await found(book, text) == [ids[1], ids[0]]


@pytest.mark.parametrize("text", ["one.test", "ONE.test.", "one[.]test", "*.one.test"])
async def test_a_domain_finds_every_case_of_every_host_under_it(book: Casebook, ids: list[str], text: str) -> None:
    itself = await book.decided("https://one.test/", "ref-4", actor=FORM)
    found_ones = await find(book.ctx, text, ANNA)
    assert [one.id for one in found_ones.items] == [itself, ids[1], ids[0]]
    assert (found_ones.total, found_ones.read_as.meaning, found_ones.read_as.value) == (3, "domain", None)


@pytest.mark.parametrize(
    ("text", "meaning", "value", "count"),
    [
        (PAGE, "location", None, 1),
        ("pictures.one.test", "host", None, 2),
        ("other.test", "domain", None, 1),
        ("ref-1", "number", None, 1),
        ("Netherlands", "country", "NL", 3),
        ("nowhere at all", "number", None, 0),
    ],
)
async def test_it_says_as_what_a_text_was_read(
    book: Casebook, ids: list[str], text: str, meaning: str, value: str | None, count: int
) -> None:
    found_ones = await find(book.ctx, text, ANNA)
    assert (found_ones.read_as.meaning, found_ones.read_as.value, found_ones.total) == (meaning, value, count)


async def test_a_number_goes_before_a_name_and_the_name_is_told(book: Casebook, ids: list[str]) -> None:
    called = await book.decided("https://other.test/2", "NL", actor=FORM)
    found_ones = await find(book.ctx, "NL", VIEWER)
    assert [one.id for one in found_ones.items] == [called]
    assert [(one.meaning, one.value) for one in found_ones.also] == [("country", "NL")]


async def test_a_case_is_found_by_its_id_and_our_number_by_anybody_who_reads(book: Casebook, ids: list[str]) -> None:
    assert await found(book, ids[2], VIEWER) == [ids[2]]
    (one,) = (await find(book.ctx, "ref-3", VIEWER)).items
    assert one.numbers[0].dossier is not None
    assert await found(book, one.numbers[0].dossier, VIEWER) == [ids[2]]


@pytest.mark.parametrize("text", [PAGE, "pictures.one.test", "nobody.test", "https://nobody.test/"])
async def test_who_may_not_reveal_asks_of_no_location_whether_it_is_here(
    book: Casebook, ids: list[str], text: str
) -> None:
    with pytest.raises(NotAllowed):
        await find(book.ctx, text, VIEWER)


@pytest.mark.parametrize("text", ["nobody.test", "https://nobody.test/", "https://pictures.one.test/", "x", "ref-9"])
async def test_what_is_not_here_finds_nothing(book: Casebook, ids: list[str], text: str) -> None:
    assert await found(book, text) == []


@pytest.mark.parametrize("text", [PAGE, "pictures.one.test", "one.test"])
async def test_whose_mandate_is_over_looks_for_no_location(book: Casebook, ids: list[str], text: str) -> None:
    """By a search they would learn what is known of a location, which is what they were told not to look at."""
    house = replace(book.ctx, door=replace(book.ctx.door, settings=SignInSettings(mandates=True)))
    with pytest.raises(NotAllowed, match="mandate"):
        await find(house, text, ANNA)
    assert [one.id for one in (await find(house, "ref-1", ANNA)).items] == [ids[0]]
