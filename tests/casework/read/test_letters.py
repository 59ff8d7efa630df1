"""A letter is shown as text, without what may be a location and without what names no referral of its unit."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from router.casework.read.letters import letters, letters_about
from schemas.reply_code import code_of
from tests.partners.dropbox.test_inbound import IMAGE
from tests.police_desk import PoliceDesk, police_desk

STRANGE = "0190f7a1-0000-7000-8000-000000000001"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


async def test_a_letter_is_shown_without_locations_images_and_strange_codes(desk: PoliceDesk) -> None:
    (case_id,) = await desk.case("https://forum.test/canary-path")
    referral = (await desk.row(case_id))["id"]
    made = EmailMessage()
    made["From"] = "inspector@police.test"
    made.set_content(f"{code_of(referral)} 12/2026\nof https://forum.test/canary-path\n{code_of(STRANGE)} 13\n")
    made.add_attachment(IMAGE, "image", "jpeg", filename="canary.jpg")
    (desk.unit.answers / "1.eml").write_bytes(bytes(made))
    (one,) = await letters(desk.book.ctx)
    assert (one.numbers, one.cases, one.is_signed) == ({referral: "12/2026"}, (case_id,), False)
    assert [(part.kind, part.size) for part in one.dropped] == [("image/jpeg", len(IMAGE))]
    told = one.model_dump_json()
    assert "12/2026" in told
    assert "canary" not in told
    assert "inspector" not in told, "who wrote is no part of it"
    assert await letters_about(desk.book.ctx, [referral, STRANGE]) == {referral: [one]}
    assert await letters_about(desk.book.ctx, []) == {}


async def test_the_newest_comes_first_and_a_unit_that_cannot_be_read_hides_no_other(desk: PoliceDesk) -> None:
    for number in range(3):
        (desk.unit.answers / f"{number}.txt").write_text(f"letter {number}")
    found = [one.text for one in await letters(desk.book.ctx)]
    assert sorted(found) == ["letter 0", "letter 1", "letter 2"]
    desk.change(certificate="no certificate")
    assert await letters(desk.book.ctx) == []


async def test_a_letter_keeps_its_id_while_it_lies_there(desk: PoliceDesk) -> None:
    (desk.unit.answers / "1.txt").write_text("one")
    first = (await letters(desk.book.ctx))[0].id
    (desk.unit.answers / "1.txt").rename(desk.unit.answers / "2.txt")
    assert [one.id for one in await letters(desk.book.ctx)] == [first]
