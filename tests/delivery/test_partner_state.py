import pytest

from router.delivery.partner_state import Breaker, PartnerState
from router.store.schema.tables import partner_state


def test_a_partner_that_was_never_called_is_fresh() -> None:
    state = PartnerState.of(None)
    assert (state.breaker, state.failures, state.paused) == (Breaker.CLOSED, 0, None)


@pytest.mark.parametrize(
    "state",
    [PartnerState(), PartnerState(Breaker.OPEN, 7, 99, "gone", 86_400_000_000, 3, 1.5, 42, 17)],
)
def test_a_state_survives_its_row(state: PartnerState) -> None:
    assert PartnerState.of({"partner": "nl", "version": 3} | state.values()) == state


def test_the_row_has_a_column_for_every_field_and_only_key_and_fence_besides() -> None:
    assert {column.name for column in partner_state.columns} - set(PartnerState().values()) == {"partner", "version"}


def test_a_breaker_that_nobody_knows_is_not_taken_for_closed() -> None:
    with pytest.raises(ValueError, match="ajar"):
        PartnerState.of(PartnerState().values() | {"breaker": "ajar"})
