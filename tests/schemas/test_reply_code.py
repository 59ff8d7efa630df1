from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from schemas.reply_code import ALPHABET, code_of, named_in, referral_of

ids = st.uuids().map(str)


@given(ids)
def test_a_code_names_its_referral_however_it_is_typed(referral: str) -> None:
    code = code_of(referral)
    assert len(code) == 34
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("0", "O")):
        assert referral_of(typed) == referral


@given(ids, st.integers(0, 27), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(referral: str, place: int, other: str) -> None:
    code = code_of(referral).replace("-", "")
    wrong = code[:place] + other + code[place + 1 :]
    assert referral_of(wrong) == (referral if wrong == code else None)


@given(ids, st.integers(0, 26))
def test_two_that_changed_places_are_noticed(referral: str, place: int) -> None:
    code = code_of(referral).replace("-", "")
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert referral_of(swapped) == (referral if swapped == code else None)


@given(st.text(max_size=60))
def test_what_is_no_code_names_nothing(text: str) -> None:
    found = referral_of(text)
    assert found is None or UUID(found)


def test_codes_are_found_in_a_text() -> None:
    one, other = "0190f7a1-0000-7000-8000-000000000001", "0190f7a1-0000-7000-8000-000000000002"
    text = f"Re: {code_of(one)} is FP 12; and {code_of(other).replace('-', ' ')}. {code_of(one)}"
    assert named_in(text) == (one, other)
    assert named_in("0190f7a1-0000-7000-8000-000000000001") == ()
