"""What a hub gives to us is said by numbers and contents; who gives nothing has no inbox."""

import dataclasses

import pytest

from router.partners import DIALECTS
from router.partners.base import Dialect
from router.partners.inbox import HandedIn, Inbox, Page


def test_only_a_hub_has_an_inbox() -> None:
    assert [name for name, one in DIALECTS.items() if one.inbox is not Dialect.inbox] == ["iccam"]


def test_what_was_read_cannot_be_changed() -> None:
    page, given = Page(("1",), is_full=False), HandedIn("1", "2", "https://a.test/", "BE", None, None)
    for one, name in ((page, "numbers"), (given, "location")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, name, "other")


def test_an_inbox_says_all_four() -> None:
    assert Inbox.__abstractmethods__ == {"page", "read", "acknowledge", "tell"}
