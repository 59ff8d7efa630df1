from datetime import timedelta
from pathlib import Path

import pytest

from router.errors import BadInput
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.unit import Unit, good_until
from router.world.police_unit import PoliceUnit, identity
from tests.partners.dropbox.unit_stage import START, a_partner, a_unit, settings, tools
from tests.partners.iccam.stage import WalkingClock


@pytest.fixture
def police(tmp_path: Path) -> PoliceUnit:
    return a_unit(tmp_path)


def unit(police: PoliceUnit, clock: WalkingClock | None = None, **more: object) -> Unit:
    partner = a_partner(settings(police, **more))
    return Unit(partner, DropboxConfig.model_validate(partner.config), tools(None, clock or WalkingClock()))


def test_nothing_goes_to_a_unit_that_answered_no_test_bundle(police: PoliceUnit) -> None:
    for given in ({}, {"rehearsed": "0000-0000"}, {"rehearsed": unit(police).code[:-1]}):
        with pytest.raises(BadInput, match="check federal-police --rehearse") as refused:
            unit(police, **given).check_usable()
        assert refused.value.field == "partners.federal-police.config.rehearsed"
    unit(police, rehearsed=unit(police).code.lower().replace("-", " ")).check_usable()


def test_another_key_asks_for_another_test(police: PoliceUnit) -> None:
    answered = unit(police).code
    other = identity("unit.police.test", START).pem
    with pytest.raises(BadInput):
        unit(police, certificate=other, rehearsed=answered).check_usable()


def test_a_key_that_ends_while_we_run_is_used_no_longer(police: PoliceUnit) -> None:
    clock = WalkingClock()
    held = unit(police, clock, rehearsed=unit(police).code)
    clock.advance(timedelta(days=364))
    held.check_usable()
    clock.advance(timedelta(days=2))
    with pytest.raises(BadInput, match="nothing is sent until"):
        held.check_usable()


def test_a_bundle_is_called_by_its_first_referral(police: PoliceUnit) -> None:
    assert unit(police).file("0190f7a1") == "0190f7a1.p7m"


def test_until_when_its_keys_are_good_is_known_after_they_have_ended(police: PoliceUnit) -> None:
    clock = WalkingClock()
    partner = a_partner(settings(police))
    config = DropboxConfig.model_validate(partner.config)
    ends = police.identity.certificate.not_valid_after_utc
    assert good_until(partner, config, tools(None, clock)) == ends
    clock.advance(timedelta(days=500))
    assert good_until(partner, config, tools(None, clock)) == ends
