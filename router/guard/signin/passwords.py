"""Passwords by argon2id, in a pool of bounded size: one takes 64 MiB and a tenth of a second of a processor.

A flood of sign-ins waits in a short queue, then it is told to come back; memory and processors stay with the work. An
account that there is not takes the time of one that there is.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from router.errors import BadInput, TooOften

P = ParamSpec("P")
T = TypeVar("T")

#: Characters. NIST SP 800-63B-4 section 3.1.1.2 asks for 8 beside a second factor, and to take at least 64.
SHORTEST: Final = 12
LONGEST: Final = 200
#: Computed at once, and waiting: 2 x 64 MiB, and less than two seconds on a slow processor.
_THREADS: Final = 2
_WAITING: Final = 16
_BUSY: Final = "Too many people sign in at this moment; try again in a few seconds."
_SHORT: Final = "A password has from 12 to 200 characters; several words that you do not say often are easy to keep."
_ITS_NAME: Final = "A password that holds the account's name is tried first; choose another."


class Passwords:
    """Makes and checks hashes. One for a process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take how hashes are made; argon2-cffi's own parameters (RFC 9106, the second recommended) unless told."""
        self._hasher = hasher or PasswordHasher()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._asked = 0
        self._nobodys: str | None = None

    async def made(self, password: str, account: str) -> str:
        """Return the hash of a new password. Raise BadInput for one that is too easy, TooOften."""
        plain = _normal(password)
        if not SHORTEST <= len(plain) <= LONGEST or len(set(plain)) < SHORTEST // 2:
            raise BadInput(_SHORT, field="password")
        if account.casefold() in plain.casefold():
            raise BadInput(_ITS_NAME, field="password")
        return await self._in_pool(self._hasher.hash, plain)

    async def match(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one of a hash; without a hash never, after as long. Raise TooOften."""
        plain = _normal(password)[:LONGEST]
        return await self._in_pool(self._verified, kept, plain)

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verified(self, kept: str | None, plain: str) -> bool:
        if kept is None:
            self._nobodys = self._nobodys or self._hasher.hash("nobody's, whatever is typed")
        try:
            self._hasher.verify(kept or self._nobodys or "", plain)
        except (Argon2Error, InvalidHashError):
            return False
        return kept is not None

    async def _in_pool(self, call: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        if self._asked >= _THREADS + _WAITING:
            raise TooOften(_BUSY, reason="sign_in", retry_after=5)
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(*given, **named))
        finally:
            self._asked -= 1


def _normal(password: str) -> str:
    """Return a password as every keyboard writes it (NIST SP 800-63B-4: NFC before hashing)."""
    return unicodedata.normalize("NFC", password)
