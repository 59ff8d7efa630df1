import gc

from router.cli.garbage import spare_collector


def test_what_stands_when_the_program_is_ready_is_not_looked_at_for_garbage() -> None:
    before = gc.get_threshold()
    try:
        spare_collector()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > before[0]
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
