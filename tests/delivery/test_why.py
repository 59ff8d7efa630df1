"""Every gate of a claim has its sentence: why nothing goes to a partner, since when, and what ends it."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.delivery import breaker
from router.delivery.lanes import FURTHEST, Hold, Waiting, may_call
from router.delivery.partner_state import Breaker, PartnerState
from router.delivery.why import Halted, why_it_waits
from schemas.casefile import WaitCode
from schemas.partner import Agreement, Pace, Partner, PartnerKind, Window
from schemas.trace import Reason

NOON = int(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp() * 1_000_000)


def partner(**more: object) -> Partner:
    return Partner(name="nl", title="Dutch hotline", kind=PartnerKind.HOTLINE, enabled=True, **more)  # type: ignore[arg-type] # each test gives one field


def test_a_partner_that_may_be_called_waits_for_nothing() -> None:
    assert why_it_waits("nl", partner(), PartnerState(), NOON, bar=None, stop=None) is None


@pytest.mark.parametrize(
    ("state", "code", "acts"),
    [
        (PartnerState(paused="gone", since=7), WaitCode.PAUSED, True),
        (breaker.paused(PartnerState(), 7), WaitCode.PAUSED, True),
        (PartnerState(breaker=Breaker.OPEN, failures=6, opened_until=NOON + 5, since=7), WaitCode.DOWN, False),
    ],
)
def test_what_its_row_says_is_said_with_since_when(state: PartnerState, code: WaitCode, *, acts: bool) -> None:
    found = why_it_waits("nl", partner(), state, NOON, bar=None, stop=None)
    assert found is not None
    assert (found.code, found.since, found.until is None) == (code, 7, acts)
    assert not acts or "partners resume nl" in found.text


def test_what_people_decided_is_said_before_what_the_network_does() -> None:
    down = PartnerState(breaker=Breaker.OPEN, failures=6, opened_until=NOON + 5)
    stop = Halted("partner:nl", 3)
    bar = Reason(code="barred", text="nothing may be sent to NL")
    asked = [
        why_it_waits("nl", partner(), down, NOON, bar=bar, stop=stop),
        why_it_waits("nl", None, down, NOON, bar=None, stop=None),
        why_it_waits("nl", partner(), down, NOON, bar=bar, stop=None),
    ]
    assert [one and one.code for one in asked] == [WaitCode.STOPPED, WaitCode.NOT_LISTED, WaitCode.BARRED]


def test_hours_and_agreements_end() -> None:
    closed = partner(pace=Pace(closed=(Window(start=time(11), end=time(13)),)))
    found = why_it_waits("nl", closed, PartnerState(), NOON, bar=None, stop=None)
    assert found is not None
    assert (found.code, found.until) == (WaitCode.CLOSED_HOURS, NOON + 3_600_000_000)
    over = partner(agreement=Agreement(until=date(2026, 11, 28)))
    found = why_it_waits("nl", over, PartnerState(), NOON, bar=None, stop=None)
    assert found is not None
    assert found.code is WaitCode.AGREEMENT_ENDED


@given(
    paused=st.none() | st.sampled_from(["gone", "staff"]),
    opened=st.none() | st.integers(NOON - 10, NOON + 2 * FURTHEST),
    failures=st.integers(0, 64),
)
def test_whatever_holds_a_partner_for_longer_than_its_pace_is_said(
    paused: str | None, opened: int | None, failures: int
) -> None:
    state = PartnerState(
        breaker=Breaker.OPEN if opened else Breaker.CLOSED, failures=failures, opened_until=opened, paused=paused
    )
    grant = may_call(state, Pace(), Waiting(urgent=1), NOON, bundle=1)
    found = why_it_waits("nl", partner(), state, NOON, bar=None, stop=None)
    assert (found is not None) is (grant.hold in (Hold.PAUSED, Hold.BREAKER))
    assert found is None or found.until == grant.again_at
