import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime, format_timedelta

from router.console.language import LANGUAGES, choose, load

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "account", "accepted", "spoken"),
    [
        ("nl", "fr", "de", "nl"),
        (None, "fr", "de", "fr"),
        (None, None, "de", "de"),
        (None, "", "de", "de"),
        ("xx", None, "pt, nl;q=0.8, fr;q=0.9", "fr"),
        (None, None, "nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        (None, None, "en;q=nonsense, de;q=0.2", "de"),
        (None, None, "", "en"),
        (None, None, "pt", "en"),
        (None, None, "x" * 10_000, "en"),
    ],
)
def test_whose_choice_goes_first(chosen: str | None, account: str | None, accepted: str, spoken: str) -> None:
    assert choose(chosen, account, accepted) == spoken


def test_each_language_names_countries_its_own_way() -> None:
    names = {code: tongue.country("NL") for code, tongue in load().items()}
    assert names == {"nl": "Nederland", "fr": "Pays-Bas", "de": "Niederlande", "en": "Netherlands"}
    assert load()["en"].country(None) == ""


@pytest.mark.parametrize(
    ("code", "number", "said"),
    [
        ("en", 1, "one report"),
        ("en", 2, "%(count)s reports"),
        ("nl", 1, "één melding"),
        ("nl", 0, "%(count)s meldingen"),
        ("fr", 0, "un signalement"),  # French counts zero as one
        ("fr", 2, "%(count)s signalements"),
        ("de", 2, "%(count)s Meldungen"),
    ],
)
def test_numbers_take_the_right_form(code: str, number: int, said: str) -> None:
    assert load()[code].ngettext("one report", "%(count)s reports", number) == said


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=-15), "15 minutes ago"),
        (timedelta(hours=24), "in 24 hours"),
        (timedelta(days=5), "in 5 days"),
    ],
)
def test_distances(away: timedelta, said: str) -> None:
    assert load()["en"].distance(NOW + away, NOW) == said


def test_waiting_is_told_to_the_minute() -> None:
    assert load()["en"].waiting(NOW - timedelta(seconds=5), NOW) == "1 minute"
    assert load()["nl"].waiting(NOW - timedelta(hours=3), NOW) == "3 uur"


@pytest.mark.parametrize(("value", "said"), [(0.9987, "99%"), (1.0, "100%"), (0.5, "50%"), (0.0, "0%")])
def test_what_is_not_certain_never_reads_as_certain(value: float, said: str) -> None:
    assert load()["en"].share(value) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "23 Nov 2026, 09:00 CET"),
        (NOW.astimezone(ZoneInfo("Asia/Kathmandu")), "23 Nov 2026, 09:00 CET"),
        (NOW - timedelta(days=100), "15 Aug 2026, 10:00 CEST"),
    ],
)
def test_moments_are_told_by_the_houses_clock_with_its_zone(at: datetime, said: str) -> None:
    assert load()["en"].moment(at, ZoneInfo("Europe/Brussels")) == said


def test_what_is_not_in_the_catalogue_stays_english() -> None:
    for code in LANGUAGES:
        assert load()[code].gettext("no such message") == "no such message"
    assert not load()["nl"].speaks("no such message")
    assert load()["en"].speaks("no such message")
    assert load()["nl"].listed(["a", "b"]) == "a en b"


@pytest.mark.parametrize("code", LANGUAGES)
def test_times_are_told_as_cldr_has_them(code: str) -> None:
    """What is kept of Babel's answers, and the months written by hand, are what Babel says of each moment."""
    tongue, zone, draw = load()[code], ZoneInfo("Europe/Brussels"), random.Random(1)  # noqa: S311 - the same in every run
    spans = [timedelta(seconds=draw.uniform(-1, 1) * 10 ** draw.uniform(0, 8.5)) for _ in range(2000)]
    for away in spans:
        at = NOW + away
        written = format_datetime(at.astimezone(zone), "d MMM y, HH:mm", tzinfo=zone, locale=code)
        assert tongue.moment(at, zone) == f"{written} {at.astimezone(zone).tzname()}"
        if abs(away) >= timedelta(seconds=45):
            assert tongue.distance(at, NOW) == format_timedelta(away, add_direction=True, threshold=1.2, locale=code)
        lasted = max(-away, timedelta(minutes=1))
        said = format_timedelta(lasted, granularity="minute", threshold=1.2, locale=code)
        assert tongue.waiting(at, NOW) == said
