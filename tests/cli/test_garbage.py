import gc

import pytest

from router.cli.garbage import put_together, spare_collector


def test_what_stands_when_the_program_is_ready_is_not_looked_at_for_garbage() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(700, 10, 10)  # a program begins with Python's own; a run of tests has others
        spare_collector()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > 700
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def test_while_a_program_is_put_together_nothing_is_looked_at_and_its_failure_changes_that_back() -> None:
    def failing() -> None:
        with put_together():
            assert not gc.isenabled()
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    assert gc.isenabled()
    before = gc.get_threshold()
    try:
        with put_together():
            spare_collector()
            assert gc.isenabled(), "from when it stands on"
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
