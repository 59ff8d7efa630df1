import asyncio
import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from router.errors import BadInput, TooOften
from router.guard.signin.passwords import Passwords

GOOD = "seven grey herons wait"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """Hashes that cost a millisecond; the parameters in force are looked at apart."""
    made = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    yield made
    made.close()


async def test_only_the_password_matches(passwords: Passwords) -> None:
    kept = await passwords.made(GOOD, "anna")
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert await passwords.match(kept, GOOD)
    for wrong in ("", GOOD.upper(), GOOD + " ", GOOD[:-1], kept):
        assert not await passwords.match(kept, wrong)


async def test_nothing_matches_no_hash_or_a_damaged_one(passwords: Passwords) -> None:
    for kept in (None, "", "$argon2id$v=19$m=64,t=1,p=1$xx", "plain"):
        assert not await passwords.match(kept, GOOD)
    assert not await passwords.match(None, "nobody's, whatever is typed")


async def test_keyboards_that_write_an_accent_in_two_pieces_match(passwords: Passwords) -> None:
    kept = await passwords.made("zeven re\u0301unis herons", "anna")
    assert await passwords.match(kept, "zeven r\u00e9unis herons")


@pytest.mark.parametrize("easy", ["", "short", "a" * 40, "abababababababab", "x" * 201, "ANNA and seven herons"])
async def test_what_is_easy_to_guess_is_not_taken(passwords: Passwords, easy: str) -> None:
    with pytest.raises(BadInput) as caught:
        await passwords.made(easy, "anna")
    assert caught.value.field == "password"
    assert not easy or easy not in caught.value.message


async def test_a_flood_is_told_to_come_back_and_holds_no_more_than_its_share(passwords: Passwords) -> None:
    answers = await asyncio.gather(*(passwords.match(None, "x") for _ in range(200)), return_exceptions=True)
    refused = [one for one in answers if isinstance(one, TooOften)]
    assert len(answers) - len(refused) == 18, "two at work and sixteen waiting"
    assert refused[0].retry_after
    assert await passwords.match(None, "x") is False, "and the next one is served"


async def test_an_account_that_there_is_not_takes_as_long() -> None:
    """By the parameters in force: at least half of the work of a real one, so that no clock tells them apart."""
    passwords = Passwords()
    kept = await passwords.made(GOOD, "anna")
    assert "m=65536" in kept, "64 MiB"
    await passwords.match(None, "x")  # the first one makes what is compared with

    async def took(hashed: str | None) -> float:
        began = time.process_time()
        await passwords.match(hashed, "wrong")
        return time.process_time() - began

    real, nobodys = min([await took(kept) for _ in range(3)]), min([await took(None) for _ in range(3)])
    passwords.close()
    assert nobodys > real / 2
