"""What `doctor` says of the viewing room: none, one whose key is good, one whose key is not there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from router.cli.viewings.room import viewing_room
from tests.partners.dropbox.key_ring import Ring


def test_no_room_is_no_fault(run: Callable[..., Any], data: str) -> None:
    lines = [line for line in run("doctor", "--data", data).out.splitlines() if "viewing room" in line]
    assert [line[:5] for line in lines] == ["good "]


@pytest.mark.parametrize(("days", "more"), [(20, "ask the room"), (90, "2")])
def test_a_key_is_good_until_its_day(data: str, tmp_path: Path, days: int, more: str) -> None:
    ends = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d")
    ring = Ring(tmp_path / "ring", "room@hotline.test", expires=ends, algorithm="default")
    ring.close()
    _set(data, ring.public)
    said = viewing_room(Path(data))
    assert (said["ok"], f"good until {ends[:7]}" in said["text"], more in said["text"]) == (True, True, True)


def test_a_key_that_cannot_be_used_says_what_to_do(data: str) -> None:
    said = viewing_room(_set(data, None))
    assert (said["ok"], "no secret file room.asc" in said["text"]) == (False, True)
    said = viewing_room(_set(data, "no key"))
    assert (said["ok"], "The viewing room's key cannot be read" in said["text"]) == (False, True)


def _set(data: str, key: str | None) -> Path:
    folder = Path(data)
    settings = folder / "router.toml"
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    if "[viewing]" not in text:
        settings.write_text(f'{text}\n[viewing]\ncertificate = "room.asc"\n', encoding="utf-8")
    if key is not None:
        (folder / "secrets").mkdir(exist_ok=True)
        file = folder / "secrets" / "room.asc"
        file.touch(mode=0o600)
        file.write_text(key, encoding="utf-8")
    return folder
