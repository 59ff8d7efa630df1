"""What is closed for a unit opens with GnuPG and its own key; a key that will not do is refused."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.errors import BadInput
from router.partners.dropbox.openpgp import OpenPgpSeal, openpgp_seal
from tests.partners.dropbox.key_ring import Ring

NOW = datetime.now(UTC)
PLACE = "partners.unit.config"
ENDS = (NOW + timedelta(days=60)).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ring]:
    base = tmp_path_factory.mktemp("gpg")
    made = {
        "unit": Ring(base / "u", "unit@police.test", expires=ENDS, algorithm="default"),
        "hotline": Ring(base / "h", "router@hotline.test", password="of the key"),
        "signs": Ring(base / "s", "signs@police.test"),
    }
    made["signs"].gpg("--passphrase", "", "--quick-generate-key", "only@police.test", "rsa2048", "sign", "never")
    return made


def seal(rings: dict[str, Ring], now: datetime | None = NOW, password: str = "of the key") -> OpenPgpSeal:
    return openpgp_seal(rings["unit"].public, rings["hotline"].secret, password, now, PLACE)


def test_gnupg_opens_it_and_finds_our_signature(rings: dict[str, Ring], tmp_path: Path) -> None:
    unit = rings["unit"]
    unit.gpg("--import", data=rings["hotline"].public.encode())
    closed = seal(rings).close(b"canary\r\n" * 50)
    assert b"canary" not in closed
    (tmp_path / "b.gpg").write_bytes(closed)
    line = ["--status-fd", "1", "--output", str(tmp_path / "b.eml"), "--decrypt", str(tmp_path / "b.gpg")]
    said = unit.gpg(*line).decode()
    assert "GOODSIG" in said
    assert (tmp_path / "b.eml").read_bytes() == b"canary\r\n" * 50
    with pytest.raises(subprocess.CalledProcessError):
        rings["signs"].gpg("--decrypt", str(tmp_path / "b.gpg"))


def test_until_when_both_are_good(rings: dict[str, Ring]) -> None:
    found = seal(rings)
    assert abs(found.until - (NOW + timedelta(days=60))) < timedelta(days=2)
    assert (len(found.fingerprint), found.suffix) == (40, ".gpg")
    later = NOW + timedelta(days=90)
    assert seal(rings, now=None).until == found.until
    with pytest.raises(BadInput, match="nothing is sent until") as refused:
        seal(rings, now=later)
    assert refused.value.field == f"{PLACE}.certificate"


def test_what_cannot_be_used_is_refused_and_says_nothing_of_whose_it_is(rings: dict[str, Ring]) -> None:
    only = rings["signs"].gpg("--armor", "--export", "only@police.test").decode()
    hotline, unit = rings["hotline"], rings["unit"]
    for certificate, signing, password, field in (
        (only, hotline.secret, "of the key", "certificate"),
        ("no key", hotline.secret, "of the key", "certificate"),
        (unit.public, hotline.secret, "wrong", "signing"),
        (unit.public, hotline.public.encode(), "of the key", "signing"),
        (unit.public, b"no key", "of the key", "signing"),
    ):
        with pytest.raises(BadInput) as refused:
            openpgp_seal(certificate, signing, password, NOW, PLACE)
        assert refused.value.field == f"{PLACE}.{field}"
        assert "police.test" not in refused.value.message
        assert refused.value.__context__ is None


def test_nothing_of_it_outlives_the_call(
    rings: dict[str, Ring], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked for by a folder of its own: other tests of this machine have agents too, at this moment."""
    mine = tmp_path_factory.mktemp("k")  # short: an agent's socket lies in it
    monkeypatch.setattr("tempfile.tempdir", str(mine))
    seal(rings).close(b"x")
    assert list(mine.iterdir()) == []
    for one in rings.values():
        one.close()
    agents = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in agents.splitlines() if "gpg-agent" in line and f"{mine}/" in line]
