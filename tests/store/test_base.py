"""The words of the store are values: frozen, with nothing left to chance."""

import pytest

from router.store.base import Change, Event, Store, Transition
from router.store.schema.tables import cases
from router.store.writer import Writer
from tests.store.samples import KEYRING


def test_a_transition_cannot_be_changed_after_it_was_handed_over() -> None:
    with pytest.raises(AttributeError):
        Transition(1).at = 2  # type: ignore[misc] # what is forbidden


def test_what_is_not_said_is_nothing() -> None:
    assert Transition(1) == Transition(1, changes=(), adds=(), removes=(), events=())
    assert Change(cases, {"id": "c"}, {}) == Change(cases, {"id": "c"}, {}, version=None, guard={}, keep_claim=False)
    assert Event("act", "router").detail == {}


async def test_the_writer_is_a_store(tmp_path: object) -> None:
    from tests.store.test_writer import Recorder

    store: Store = Writer(Recorder(), KEYRING)  # judged by the type checker, and by its names here
    assert all(
        callable(getattr(store, name)) for name in ("rows", "look_up", "commit", "claim", "wait_for_work", "checkpoint")
    )
