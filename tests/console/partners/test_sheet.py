"""The sheet as a page to print, and its signed files."""

import io
from dataclasses import replace
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.console.partners.words import NEVER
from router.console.trail.paper import HousePapers
from router.partners.fields import STAYS
from schemas.actor import Role

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def house(console: Any) -> Any:
    papers = HousePapers(Ed25519PrivateKey.generate(), "hotline-be-1", HOSTILE)
    console.ctx = replace(console.ctx, console="https://router.example/", house=papers)
    console.app.state.ctx = console.ctx
    return console


@pytest.mark.parametrize(("locale", "words"), [("en", "What we never send"), ("nl", "Wat wij nooit verzenden")])
async def test_the_page_says_who_we_are_in_the_language_of_whoever_reads(house: Any, locale: str, words: str) -> None:
    viewer = await house.person(Role.VIEWER, locale=locale)
    page = (await viewer.get("/sheet")).text
    assert words in page
    assert house.ctx.house.fingerprint() in page
    assert "https://router.example/v1/inbox/referrals" in page
    assert "openssl pkeyutl -verify" in page
    assert "<script>alert" not in page
    assert 'href="/sheet"' in (await viewer.get("/partners")).text


async def test_the_files_are_signed_ones(house: Any, supervisor: Any) -> None:
    answer = await supervisor.get("/sheet/files")
    assert answer.headers["content-type"] == "application/zip"
    names = set(ZipFile(io.BytesIO(answer.content)).namelist())
    assert names == {"sheet.json", "sheet.json.sig", "sheet.txt", "sheet.txt.sig", "house.pem"}


async def test_who_sees_no_partner_sees_no_sheet(house: Any) -> None:
    lead = await house.person(Role.WELLBEING)
    assert [(await lead.get(path)).status_code for path in ("/sheet", "/sheet/files")] == [403, 403]


def test_everything_that_never_leaves_is_said() -> None:
    assert sorted(field for fields in NEVER.values() for field in fields) == sorted(STAYS)
