"""An image in each channel by which a police unit, or somebody who pretends to be one, reaches us: none is stored.

By mail and as a file they lie in the unit's own folder, which is read and never copied. What people type, by telephone
or in the console, is a line of at most 300 characters or a number, and no form takes a file (`console/test_forms.py`).
"""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from router.casework.desk.unit_acts import receipt
from router.casework.follow_up import letters
from router.casework.read.letters import letters as shown
from schemas.acts import Answer, Receipt
from schemas.casefile import DeskCode
from schemas.reply_code import code_of
from tests.casebook import ANNA
from tests.partners.dropbox.test_any_letter import CANARY, IMAGES, TRACES
from tests.police_desk import PoliceDesk, police_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


def disguises(code: str, image: bytes) -> dict[str, bytes]:
    """An image under each name by which a file of answers is looked at, with a code that has it looked at closely."""
    text, pasted = f"{code} 12\r\n".encode(), b64encode(image)
    lines = b"\r\n".join(pasted[at : at + 76] for at in range(0, len(pasted), 76))
    encoded = b"Content-Transfer-Encoding: base64\r\n\r\n" + lines
    mixed = (
        b'From: a@police.test\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n' + text + b"\r\n--b\r\n"
    )
    return {
        "raw.txt": image,
        "raw.eml": image,
        "image.jpg": image,
        "pasted.txt": text + lines,
        "link.txt": text + b"data:image/png;base64," + pasted,
        "attached.eml": mixed + b"Content-Type: image/jpeg\r\n" + encoded + b"\r\n--b--\r\n",
        "as-text.eml": mixed + b"Content-Type: text/plain; charset=latin-1\r\n" + encoded + b"\r\n--b--\r\n",
        "as-signature.eml": mixed + b"Content-Type: application/pgp-signature\r\n" + encoded + b"\r\n--b--\r\n",
        "body.eml": b"From: a@police.test\r\nContent-Type: image/jpeg\r\n" + encoded,
        "forwarded.eml": mixed + b"Content-Type: message/rfc822\r\n\r\nSubject: " + CANARY + b"\r\n\r\n" + lines,
    }


async def test_of_an_image_nothing_is_stored_by_whatever_channel_it_comes(desk: PoliceDesk, tmp_path: Path) -> None:
    (case_id,) = await desk.case()
    row = await desk.row(case_id)
    for number, image in enumerate(IMAGES):
        for name, content in disguises(code_of(row["id"]), image).items():
            (desk.unit.answers / f"{number}-{name}").write_bytes(content)
    for _ in range(3):
        await letters.tell(desk.book.ctx)
        await desk.turn()
        desk.book.later(minutes=1)
    assert (await desk.book.case(case_id))["desk_code"] == DeskCode.LETTER
    told = "".join(one.model_dump_json() for one in await shown(desk.book.ctx)).encode()
    typed = b64encode(IMAGES[0]).decode()
    for word in (Receipt, Answer):
        for field in ("number", "officer", "reason", "code"):
            with pytest.raises(ValidationError):
                word.model_validate({"answer": "received", field: typed}, strict=False)
    await receipt(desk.book.ctx, row["id"], ANNA, Receipt(number="FP/1"))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "house").rglob("*") if path.is_file())
    assert len(kept) > 100_000
    for trace in TRACES:
        assert trace not in kept
        assert trace not in told
