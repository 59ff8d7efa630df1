"""The words of a hub as it serves them, for tests that need no hub."""

import json

from router.partners.iccam.words import List, Words
from router.world.iccam import words as world


def served(name: List, rows: dict[int, str]) -> bytes:
    """A list as the hub serves it."""
    key = "type" if name is List.ACTIONS else "id"
    return json.dumps([{key: number, "name": word} for number, word in rows.items()]).encode()


def all_words() -> Words:
    """Every list of v3."""
    found = Words()
    for name in List:
        assert found.learn(name, served(name, world.known_words()[name]))
    return found
