"""What is closed for the room opens with GnuPG and the room's own key, and with no other."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.errors import BadInput, Conflict
from router.partners.viewing_room import ViewingRoom
from schemas.viewing import ViewingSettings
from tests.partners.dropbox.key_ring import Ring

NOW = datetime.now(UTC)
ENDS = (NOW + timedelta(days=60)).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ring]:
    base = tmp_path_factory.mktemp("gpg")
    return {
        "room": Ring(base / "r", "room@hotline.test", expires=ENDS, algorithm="default"),
        "ours": Ring(base / "o", "router@hotline.test", password="of the key"),
    }


def room(rings: dict[str, Ring], **settings: str) -> ViewingRoom:
    files = {"room": rings["room"].public.encode(), "ours": rings["ours"].secret, "word": b"of the key", "no": b"\xff"}

    def file(name: str) -> bytes:
        if name not in files:
            raise BadInput(f"There is no secret file {name}.")
        return files[name]

    return ViewingRoom(ViewingSettings(**settings), file, lambda name: file(name).decode())  # type: ignore[arg-type] # one form


async def test_the_room_opens_it_and_finds_our_signature(rings: dict[str, Ring], tmp_path: Path) -> None:
    rings["room"].gpg("--import", data=rings["ours"].public.encode())
    for settings, signed in (({}, False), ({"signing": "ours", "signing_password": "word"}, True)):
        closed, fingerprint = await room(rings, certificate="room", **settings).sealed(b"canary", NOW)
        assert (b"canary" in closed, len(fingerprint)) == (False, 40)
        file, out = tmp_path / "s.gpg", tmp_path / f"s-{signed}"
        file.write_bytes(closed)
        said = rings["room"].gpg("--status-fd", "1", "--output", str(out), "--decrypt", str(file)).decode()
        assert (out.read_bytes(), "GOODSIG" in said) == (b"canary", signed)
        with pytest.raises(subprocess.CalledProcessError):
            rings["ours"].gpg("--passphrase", "of the key", "--decrypt", str(file))


async def test_without_a_key_that_can_be_used_nothing_is_closed_and_it_says_what_to_do(rings: dict[str, Ring]) -> None:
    assert room(rings).good_until(NOW) is None
    until = room(rings, certificate="room").good_until(NOW)
    assert until is not None
    assert abs(until - (NOW + timedelta(days=60))) < timedelta(days=2)
    for settings, now, says in (
        ({}, NOW, "No key of a viewing room is set"),
        ({"certificate": "gone"}, NOW, "no secret file"),
        ({"certificate": "no"}, NOW, "The viewing room's key cannot be read"),
        ({"certificate": "room"}, NOW + timedelta(days=90), "was good until"),
        ({"certificate": "room", "signing": "ours"}, NOW, "Our signing key cannot be used"),
    ):
        with pytest.raises(Conflict, match=says) as refused:
            await room(rings, **settings).sealed(b"canary", now)
        assert (refused.value.reason, "hotline.test" in refused.value.message) == ("room_key", False)
