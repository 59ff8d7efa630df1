from dataclasses import FrozenInstanceError

import pytest

from router.hosting.verdict.network_kind import NOTHING, Signals


def test_nothing_is_known_until_said() -> None:
    assert (
        Signals(asn=None, as_name=None, publishes=None, backbone=False, thin=frozenset(), places=frozenset()) == NOTHING
    )


def test_signals_never_change() -> None:
    with pytest.raises(FrozenInstanceError):
        NOTHING.asn = 64500  # type: ignore[misc] # what is forbidden
