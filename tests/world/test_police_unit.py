from pathlib import Path

import pytest

from router.partners.dropbox.bundle import bundle, entity
from router.world.police_unit import MARK, PoliceUnit, read_bundle
from tests.partners.dropbox.test_bundle import HEADING, ID, ITEM
from tests.partners.dropbox.unit_stage import HOTLINE, SIGNERS, START, UnitStage


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    unit = PoliceUnit(tmp_path, START)
    assert (unit.files, unit.bundles(), (unit.inbox / MARK).is_file()) == ([], [], True)


def test_what_it_cannot_open_or_believe_is_refused(tmp_path: Path) -> None:
    stage = UnitStage.set_up(tmp_path)
    (stage.unit.inbox / "noise.p7m").write_bytes(b"noise")
    assert stage.unit.bundles() == []
    assert stage.unit.refused == ["noise.p7m"]


def test_a_file_that_is_not_as_the_manifest_says_is_noticed() -> None:
    whole = entity(bundle(ID, HEADING, [ITEM]), HEADING, SIGNERS[0])
    assert read_bundle("x", whole).items[ID]["location"] == ITEM["location"]
    with pytest.raises(ValueError, match="manifest"):
        read_bundle("x", whole.replace(b"TRANSMISSION", b"TRANSMISSIOM", 1))


def test_a_key_and_its_certificate_travel_in_one_file() -> None:
    assert HOTLINE.p12("password")
    assert HOTLINE.pem.startswith("-----BEGIN CERTIFICATE-----")
