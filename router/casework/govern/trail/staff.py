"""Staff by number: a trail says who acted without a name, and the names are a paper of their own. Pure.

A number is an account's place among all that the house ever opened, so that it is the same person in every trail: no
account is ever erased. Whoever works at the machine itself has no account, and gets a number within one trail.
"""

from collections.abc import Sequence
from typing import Any, Final

_PERSON: Final = "person:"
_MACHINE: Final = "local:"
#: Details that name an account without saying that it is a person's.
_ACCOUNT: Final = frozenset({"account", "by", "holder", "ask", "who", "from"})


class Staff:
    """The numbers of a house's staff, and whose they were in what was written down."""

    def __init__(self, accounts: Sequence[str]) -> None:
        """Take the names of all accounts, in the order in which they were opened."""
        self._numbers = {name: f"S{place}" for place, name in enumerate(accounts, 1)}
        self._others: dict[str, str] = {}
        self.met: dict[str, str] = {}  #: number -> name, of whom this trail tells

    def of(self, actor: str) -> str:
        """Return who acted, by number; what is no person stays as it is."""
        return "/".join(self._one(part) for part in actor.split("/"))

    def within(self, detail: dict[str, Any]) -> dict[str, Any]:
        """Return what an entry says with everybody in it by number."""
        return {name: self._value(name, value) for name, value in detail.items()}

    def _one(self, part: str) -> str:
        if part.startswith(_PERSON):
            name = part.removeprefix(_PERSON)
            return self._met(self._numbers.get(name) or self._other(part, "P"), name)
        if part.startswith(_MACHINE):
            return self._met(self._other(part, "M"), part.removeprefix(_MACHINE))
        return part

    def _other(self, part: str, letter: str) -> str:
        count = sum(one.startswith(letter) for one in self._others.values())
        return self._others.setdefault(part, f"{letter}{count + 1}")

    def _met(self, number: str, name: str) -> str:
        self.met[number] = name
        return number

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(name, one) for one in value]
        if isinstance(value, dict):
            return {self.of(key): self._value(name, one) for key, one in value.items()}
        if not isinstance(value, str):
            return value
        if name in _ACCOUNT and value in self._numbers:
            return self._one(f"{_PERSON}{value}")
        return self.of(value)
