"""The sheet for a new partner: what is public of us, and nothing else; its signatures hold for OpenSSL as it says."""

import json
import subprocess
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.casework.govern.partners.sheet import sheet
from router.console.trail.paper import HousePapers
from router.data.directory import read_directory
from router.errors import Conflict
from router.partners import DIALECTS
from router.partners.router import RouterConfig
from schemas.sheet import SheetFiles
from tests.casebook import Casebook, partner
from tests.office import MASTER

URL = "https://router.hotline.example"
CANARY = "canary-secret-9"
KEY = Ed25519PrivateKey.generate()
ODD = 'Desk "night" \\ +32 2 000 <b>'


@pytest.fixture
def house(book: Casebook) -> Casebook:
    book.ctx = replace(book.ctx, console=f"{URL}/", house=HousePapers(KEY, "hotline-be-1", ODD))
    book.rules.directory_ = book.rules.directory_.model_copy(
        update={"partners": (partner("hotline-nl", "NL", config={"secrets": [CANARY], "password": CANARY}),)}
    )
    return book


def contents(found: SheetFiles) -> dict[str, bytes]:
    return {one.name: b64decode(one.content) for one in found.files}


async def test_it_is_verified_by_the_command_that_stands_on_it(house: Casebook, tmp_path: Path) -> None:
    found = await sheet(house.ctx)
    files = contents(found)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    lines = [line.strip() for line in files["sheet.txt"].decode().splitlines()]
    commands = [line for line in lines if line.startswith("openssl")]
    assert len(commands) == 3
    for command in commands[:2]:
        assert "Signature Verified Successfully" in run(command, tmp_path)
    assert found.sheet.key.fingerprint in run(commands[2], tmp_path)
    (tmp_path / "sheet.json").write_bytes(files["sheet.json"].replace(b"router.hotline", b"router.hotl1ne"))
    assert "Signature Verified Successfully" not in run(commands[0], tmp_path)


def run(command: str, folder: Path) -> str:
    done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


async def test_a_partner_with_this_program_takes_our_entry_as_it_is(house: Casebook) -> None:
    entry = (await sheet(house.ctx)).sheet.entry
    (us,) = read_directory(str(entry)).partners
    assert (us.name, us.countries, us.enabled) == (house.ctx.me, ("BE",), False)
    config = RouterConfig.model_validate(us.config)
    assert (str(config.url).rstrip("/"), config.peer, config.keys[0].public) == (URL, house.ctx.me, house_key())
    assert us.dialect in DIALECTS


def house_key() -> str:
    return b64encode(KEY.public_key().public_bytes_raw()).decode()


async def test_nothing_of_it_is_secret(house: Casebook) -> None:
    said = b"".join(contents(await sheet(house.ctx)).values()) + (await sheet(house.ctx)).model_dump_json().encode()
    private = KEY.private_bytes_raw()
    for secret in (private, MASTER):
        for form in (secret, secret.hex().encode(), b64encode(secret)):
            assert form not in said
    assert CANARY.encode() not in said
    assert b"hotline-nl" not in said  # nor who else is a partner


async def test_what_is_not_set_is_said_and_what_is_odd_is_text(house: Casebook) -> None:
    whole = (await sheet(house.ctx)).sheet
    assert (whole.contact, whole.addresses[0]) == (ODD, f"{URL}/v1/inbox/referrals")
    assert json.loads(contents(await sheet(house.ctx))["sheet.json"])["contact"] == ODD
    bare: Any = replace(house.ctx, console=None, house=HousePapers(KEY))
    found = await sheet(bare)
    assert (found.sheet.entry, found.sheet.addresses) == (None, ())
    assert "not set" in contents(found)["sheet.txt"].decode()
    with pytest.raises(Conflict):
        await sheet(replace(house.ctx, house=None))
