from datetime import UTC, date, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from router import __version__
from router.api.metrics import Metrics
from router.casework.read.stats import Stats

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
STATS = Stats(
    cases={"desk": 3, "closed": 1},
    desk={"look": 2, "doubtful": 1},
    referrals={"waiting": 4},
    at_risk=1,
    oldest_on_desk=NOW - timedelta(minutes=10),
    without_receipt=2,
    due_today=5,
    overdue=2,
    second_looks=7,
    second_looks_differ=2,
    at_risk_unacknowledged_since=NOW - timedelta(minutes=3),
    partners_down=("hotline-nl",),
    misrouted=3,
    bounced=4,
    not_checked=6,
    requests_due=2,
    requests_overdue=1,
)


def samples(metrics: Metrics, stats: Stats = STATS) -> dict[tuple[str, tuple[str, ...]], float]:
    text = metrics.page(stats, NOW).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_stores_figures() -> None:
    found = samples(Metrics())
    assert found["referral_cases", ("desk",)] == 3
    assert found["referral_open", ("look",)] == 2
    assert found["delivery_backlog", ("waiting",)] == 4
    assert found["partner_circuit_state", ("hotline-nl",)] == 1
    assert found["referral_oldest_age_seconds", ()] == 600
    assert found["referral_at_risk", ()] == 1
    assert found["referral_due_today", ()] == 5
    assert found["referral_overdue", ()] == 2
    assert found["referral_at_risk_unacknowledged_age_seconds", ()] == 180
    assert found["delivery_without_receipt", ()] == 2
    assert (found["referral_misrouted", ()], found["referral_bounced", ()]) == (3, 4)
    assert found["referral_not_checked", ()] == 6
    assert (found["referral_requests_due", ()], found["referral_requests_overdue", ()]) == (2, 1)
    assert (found["referral_second_looks", ()], found["referral_second_looks_differ", ()]) == (7, 2)


def test_the_version_that_runs() -> None:
    assert samples(Metrics())["referral_router_build_info", (__version__,)] == 1


def test_what_is_gone_leaves_no_label() -> None:
    metrics = Metrics()
    samples(metrics)
    later = Stats({}, {}, {}, 0, None, 0, 0, 0, None, (), 0, 0)
    found = samples(metrics, later)
    assert ("partner_circuit_state", ("hotline-nl",)) not in found
    assert found["referral_oldest_age_seconds", ()] == 0


def test_requests_are_counted_by_route_and_class() -> None:
    metrics = Metrics()
    for status in (200, 204, 404, 503):
        metrics.observe("/v1/cases", "GET", status, 0.1)
    found = samples(metrics)
    by_class = {
        labels: value for (name, labels), value in found.items() if name == "http_server_request_duration_seconds_count"
    }
    assert sorted(by_class.values()) == [1, 1, 2]
    assert found["http_server_failures_total", ()] == 1


def test_a_made_up_method_makes_no_new_label() -> None:
    metrics = Metrics()
    for number in range(50):
        metrics.observe("(none)", f"X{number}", 405, 0.1)
    text = metrics.page(STATS, NOW).decode()
    assert text.count("http_server_request_duration_seconds_count{") == 1
    assert 'method="other"' in text


def test_two_applications_do_not_share_their_counts() -> None:
    first, second = Metrics(), Metrics()
    first.observe("/v1/cases", "GET", 500, 0.1)
    assert samples(second)["http_server_failures_total", ()] == 0


def test_the_age_of_each_data_set() -> None:
    days = {"geolocation": date(2026, 11, 21), "ranges": date(2026, 11, 22)}
    metrics = Metrics(lambda: days)
    found = samples(metrics)
    assert found["dataset_age_seconds", ("geolocation",)] == 33 * 3600
    assert found["dataset_age_seconds", ("ranges",)] == 9 * 3600
    days["geolocation"] = date(2026, 11, 22)
    assert samples(metrics)["dataset_age_seconds", ("geolocation",)] == 9 * 3600
