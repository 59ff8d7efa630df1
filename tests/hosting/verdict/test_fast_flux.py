"""Fast flux against load balancing, by the published score."""

from datetime import UTC, datetime, timedelta

from router.hosting.verdict.fast_flux import Observations

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_one_network_with_many_addresses_is_load_balancing() -> None:
    seen = Observations()
    assert not seen.is_flux("big.test", NOON, {f"3.120.0.{number}" for number in range(64)}, {16509})


def test_two_providers_are_no_flux() -> None:
    seen = Observations()
    for minute in range(100):
        assert not seen.is_flux("pair.test", NOON + timedelta(minutes=minute), {"3.120.0.1", "51.140.1.1"}, {1, 2})


def test_many_networks_over_time_are_flux() -> None:
    seen = Observations()
    verdicts = [
        seen.is_flux("flux.test", NOON + timedelta(minutes=5 * turn), {f"3.{turn}.0.1"}, {turn}) for turn in range(10)
    ]
    assert verdicts.index(True) == 7  # 8 x (1.32 + 18.54) = 158.9 is the first above 142.38
    assert all(verdicts[7:])


def test_an_answer_with_many_networks_is_flux_at_once() -> None:
    assert Observations().is_flux("now.test", NOON, {f"3.{turn}.0.1" for turn in range(10)}, set(range(10)))


def test_old_observations_do_not_count() -> None:
    seen = Observations()
    for turn in range(7):
        seen.is_flux("moved.test", NOON, {f"3.{turn}.0.1"}, {turn})
    assert not seen.is_flux("moved.test", NOON + timedelta(days=8), {"3.9.0.1"}, {9})


def test_hosts_are_kept_apart_and_the_oldest_forgotten() -> None:
    seen = Observations(most=2)
    for turn in range(7):
        seen.is_flux("a.test", NOON, {f"3.{turn}.0.1"}, {turn})
    assert not seen.is_flux("b.test", NOON, {"3.9.0.1"}, {9})
    seen.is_flux("c.test", NOON, {"3.9.0.1"}, {9})
    assert not seen.is_flux("a.test", NOON, {"3.9.0.1"}, {9}), "a.test was forgotten when c.test came"
