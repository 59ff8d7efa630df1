from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dossier import ALPHABET, RANDOM_BYTES, dossier, read

DRAWN = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@given(DRAWN)
def test_a_number_is_nine_characters_that_can_be_said(drawn: bytes) -> None:
    made = dossier(drawn)
    assert len(made) == 9
    assert set(made) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert read(made) == made


@given(DRAWN, DRAWN)
def test_other_bytes_are_another_number(one: bytes, other: bytes) -> None:
    assert (dossier(one)[:8] == dossier(other)[:8]) == (one == other)


@given(DRAWN)
def test_any_one_wrong_character_is_noticed(drawn: bytes) -> None:
    made = dossier(drawn)
    wrong = {made[:at] + other + made[at + 1 :] for at in range(9) for other in ALPHABET} - {made}
    assert len(wrong) == 9 * 31
    assert {read(one) for one in wrong} == {None}


@given(DRAWN)
def test_any_two_characters_that_changed_places_are_noticed(drawn: bytes) -> None:
    made = dossier(drawn)
    for one, other in combinations(range(9), 2):
        turned = list(made)
        turned[one], turned[other] = turned[other], turned[one]
        assert (read("".join(turned)) is None) == (made[one] != made[other])


@given(DRAWN)
def test_it_is_read_as_people_write_it(drawn: bytes) -> None:
    made = dossier(drawn)
    written = f" {made[:4]}-{made[4:8]} {made[8]} ".lower().replace("1", "l").replace("0", "o")
    assert read(written) == made


@pytest.mark.parametrize(
    "other", ["", "r-1", "0199d2ff-0000-7000-8000-000000000001", "000000001", "0000000000", "ÀÁÂÃÄÅÆÇÈ"]
)
def test_what_is_none_of_ours_is_none(other: str) -> None:
    assert read(other) is None


def test_the_form_does_not_change() -> None:
    assert dossier(bytes(5)) == "000000000"
    assert [dossier(bytes([n, 2, 3, 4, 5])) for n in (1, 77, 255)] == ["04106105G", "9M1061058", "ZW1061054"]
