from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.signin import totp

NOW = datetime(2026, 11, 30, 9, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.mark.parametrize(("off", "taken"), [(-61, False), (-30, True), (0, True), (29, True), (61, False)])
def test_a_clock_may_be_half_a_minute_off(off: int, taken: bool) -> None:
    assert (totp.step_of(SECRET, code(NOW + timedelta(seconds=off)), NOW, None) is not None) is taken


def test_rfc_6238s_own_values() -> None:
    """Appendix B, SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, shown in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp.step_of(secret, shown, datetime.fromtimestamp(seconds, UTC), None) == seconds // 30


@given(steps=st.lists(st.integers(-1, 40), max_size=60))
def test_no_code_is_taken_twice_whatever_the_order(steps: list[int]) -> None:
    """Each is shown in its own moment, and again and again: the last step that was taken only grows."""
    last, taken = None, []
    for step in steps:
        at = NOW + timedelta(seconds=30 * step)
        for shown in (code(at), code(at - timedelta(seconds=30)), code(at)):
            found = totp.step_of(SECRET, shown, at, last)
            if found is not None:
                last = found
                taken.append(found)
    assert taken == sorted(set(taken))


WIDE = "\uff11\uff12\uff13\uff14\uff15\uff16"  #: digits, to Unicode


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "é" * 6, WIDE, "0" * 1000])
def test_what_is_no_code(wrong: str) -> None:
    assert totp.step_of(SECRET, wrong, NOW, None) is None


def test_a_code_may_be_typed_in_groups() -> None:
    shown = code(NOW)
    assert totp.step_of(SECRET, f" {shown[:3]} {shown[3:]} ", NOW, None) is not None


def test_an_app_reads_the_account_and_the_house() -> None:
    made = pyotp.parse_uri(totp.address(SECRET, "anna", "hotline-be"))
    assert (made.secret, made.name, made.issuer) == (SECRET, "anna", "hotline-be")


def test_secrets_are_long_and_differ() -> None:
    made = {totp.new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(len(one) == 32 for one in made)


def test_the_picture_is_an_element_without_styles_scripts_or_addresses() -> None:
    drawn = totp.picture(totp.address(SECRET, "<anna>", "hotline-be"))
    tree = ET.fromstring(drawn)  # noqa: S314 - made here
    assert tree.tag == "svg"
    assert not [one for one in tree.iter() if "style" in one.attrib or one.tag == "script"]
    assert SECRET not in drawn
    assert "http" not in drawn
