"""A partner by its code or title, a country by its code or its name in each language; and both where both are meant."""

import pytest

from router.casework.read.readings import names, wanted
from schemas.pages import CasesWanted
from tests.casebook import Casebook


@pytest.mark.parametrize("text", ["NL", "nl", " Netherlands ", "nederland", "Pays-Bas", "NIEDERLANDE"])
async def test_a_country_in_any_of_the_languages(book: Casebook, text: str) -> None:
    (found,) = [one for one in await names(book.ctx, text) if one.meaning == "country"]
    assert wanted(found) == CasesWanted(country="NL")


async def test_a_partner_by_its_name_and_its_title(book: Casebook) -> None:
    for partner in (await book.ctx.governance.directory()).partners:
        for text in (partner.name, partner.title.upper()):
            first, *_ = await names(book.ctx, text)
            assert wanted(first) == CasesWanted(partner=partner.name)


@pytest.mark.parametrize("text", ["", "world", "001", "419", "Atlantis", "Nether"])
async def test_anything_else_names_nothing(book: Casebook, text: str) -> None:
    assert await names(book.ctx, text) == ()
