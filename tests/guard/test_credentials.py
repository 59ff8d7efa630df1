import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.credentials import LINK_PREFIX, TOKEN_PREFIX, digest, new_cookie, new_token, well_formed


@pytest.mark.parametrize("prefix", [TOKEN_PREFIX, LINK_PREFIX])
def test_a_new_secret_is_well_formed(prefix: str) -> None:
    raw = new_token(prefix)
    assert raw.startswith(prefix)
    assert well_formed(raw, prefix)
    assert len(raw) == len(prefix) + 48


def test_secrets_differ() -> None:
    assert len({new_token() for _ in range(100)} | {new_cookie() for _ in range(100)}) == 200


def test_one_kind_is_not_taken_for_another() -> None:
    assert not well_formed(new_token(LINK_PREFIX))
    assert not well_formed(TOKEN_PREFIX + new_token(LINK_PREFIX).removeprefix(LINK_PREFIX))


@given(position=st.integers(0, 47), letter=st.sampled_from("ABCxyz019-_"))
def test_one_mistyped_character_is_noticed(position: int, letter: str) -> None:
    raw = new_token()
    at = len(TOKEN_PREFIX) + position
    mistyped = raw[:at] + letter + raw[at + 1 :]
    assert well_formed(mistyped) == (mistyped == raw)


@given(st.text())
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert not well_formed(TOKEN_PREFIX + text)
    assert not well_formed(text)
    assert len(digest(text)) == 32


def test_the_digest_is_sha256() -> None:
    # FIPS 180-2, appendix B.1
    assert digest("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
