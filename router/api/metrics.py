"""Figures for Prometheus, in a registry of their own. Labels are bounded: route templates and partner names."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from router import __version__
from router.casework.read.stats import Stats

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
#: Seconds. An answer should come in under 0.2 s; a batch of thousands may take seconds.
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


#: Says the day of each data set.
Days: TypeAlias = Callable[[], Mapping[str, date]]


class Metrics:
    """What this process counted, and what the store says at the moment of asking."""

    def __init__(self, datasets: Days = dict) -> None:
        """Make an empty registry. `datasets` says the day of each data set that this process has open now."""
        self._datasets = datasets
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "http_server_request_duration_seconds",
            "Time to answer a request.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._failures = Counter(
            "http_server_failures_total", "Requests that ended in a fault of ours.", registry=self._registry
        )
        build = Gauge(
            "referral_router_build_info", "1, by the version that runs.", ("version",), registry=self._registry
        )
        build.labels(__version__).set(1)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request. `route` is the template, without ids."""
        known = method if method in _METHODS else "other"
        self._seconds.labels(known, route, f"{status // 100}xx").observe(seconds)
        if status >= 500:
            self._failures.inc()

    def page(self, stats: Stats, now: datetime) -> bytes:
        """Return everything in the text format: what was counted, and the store's figures of this moment."""
        figures = _figures(stats, now)
        _ages(figures, self._datasets(), now)
        return generate_latest(self._registry) + generate_latest(figures)


def _figures(stats: Stats, now: datetime) -> CollectorRegistry:
    """Return the store's figures in a registry that lives for one answer, so that what is gone leaves no label."""
    registry = CollectorRegistry()
    counts = (
        ("referral_cases", "Cases by state.", "state", stats.cases),
        ("referral_open", "Cases on the desk by their most urgent reason.", "queue", stats.desk),
        ("delivery_backlog", "Referrals by state.", "state", stats.referrals),
        (
            "partner_circuit_state",
            "1: the partner is not called now.",
            "partner",
            dict.fromkeys(stats.partners_down, 1),
        ),
    )
    for name, said, label, values in counts:
        gauge = Gauge(name, said, (label,), registry=registry)
        for value, count in values.items():
            gauge.labels(value).set(count)
    unheard = stats.at_risk_unacknowledged_since
    waited = 0.0 if stats.oldest_on_desk is None else (now - stats.oldest_on_desk).total_seconds()
    for name, said, figure in (
        ("referral_oldest_age_seconds", "Age of what has been on the desk longest.", waited),
        ("referral_at_risk", "Open cases with a child in danger.", stats.at_risk),
        (
            "referral_at_risk_unacknowledged_age_seconds",
            "How long the oldest case with a child in danger waits whose alarm nobody acknowledged; 0 without one.",
            0.0 if unheard is None else (now - unheard).total_seconds(),
        ),
        ("referral_due_today", "Desk items due today, by the house's clock.", stats.due_today),
        ("referral_overdue", "Desk items whose time is over.", stats.overdue),
        ("delivery_without_receipt", "Referrals tried at least once and not yet received.", stats.without_receipt),
        ("referral_second_looks", "What one called not illegal, and a second person looked at.", stats.second_looks),
        ("referral_second_looks_differ", "Of these, where the second one found otherwise.", stats.second_looks_differ),
        ("referral_not_checked", "Checks that nobody had the time for.", stats.not_checked),
        ("referral_requests_due", "Requests of people about themselves, due within a week.", stats.requests_due),
        ("referral_requests_overdue", "Of these, those whose last day is over.", stats.requests_overdue),
        (
            "referral_clock_believed",
            "0: our clock is doubted, and no date ends anything.",
            not stats.clock_doubted,
        ),
        ("referral_misrouted", "Referrals that were found to have gone to the wrong country.", stats.misrouted),
        ("referral_bounced", "Referrals that whoever got them did not take, or gave back.", stats.bounced),
    ):
        Gauge(name, said, registry=registry).set(float(figure))
    return registry


def _ages(registry: CollectorRegistry, datasets: Mapping[str, date], now: datetime) -> None:
    gauge = Gauge("dataset_age_seconds", "Age of the data sets in use here.", ("dataset",), registry=registry)
    for name, day in datasets.items():
        gauge.labels(name).set((now - datetime.combine(day, time(), UTC)).total_seconds())
