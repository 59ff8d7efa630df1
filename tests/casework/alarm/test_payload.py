"""The bytes that receivers get: Alertmanager's forms, the same whenever the same is said, and nothing of a case."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.casework.alarm.payload import annotations, fingerprint, labels, letter, webhook
from router.casework.alarm.record import record
from router.clock import micros
from schemas.alarm import AlarmRecord, AlarmSettings
from schemas.casefile import DeskCode

NOW = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
CASE = "0193aaaa-0000-7000-8000-000000000001"
ROW = {"case_id": CASE, "code": "child_at_risk", "placed_at": micros(NOW), "resolved_at": None, "count": 1}


def said(row: Mapping[str, object] = ROW, **more: object) -> AlarmRecord:
    return record(dict(row), None, AlarmSettings.model_validate(more), me="hotline-be", console="https://router.test/")


def test_the_webhook_has_the_form_of_alertmanagers_version_4() -> None:
    body = orjson.loads(webhook(said(), "alertmanager-v4", NOW))
    assert list(body) == [
        "receiver", "status", "alerts", "groupLabels", "commonLabels", "commonAnnotations", "externalURL", "version",
        "groupKey", "truncatedAlerts",
    ]  # fmt: skip
    (alert,) = body["alerts"]
    assert set(alert) == {
        "status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint",
    }  # fmt: skip
    assert (body["version"], body["status"], body["truncatedAlerts"]) == ("4", "firing", 0)
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-11-22T01:02:03.456789Z", "0001-01-01T00:00:00Z")
    assert alert["labels"] == {
        "alertname": "RouterAtRisk", "code": "child_at_risk", "instance": "hotline-be", "severity": "critical",
        "case": sha256(CASE.encode()).hexdigest()[:16],
    }  # fmt: skip
    assert len(bytes.fromhex(alert["fingerprint"])) == 8


def test_what_changes_while_it_rings_changes_no_identifier() -> None:
    later = said({**ROW, "count": 7, "resolved_at": micros(NOW + timedelta(hours=1))})
    assert (labels(later), fingerprint(later)) == (labels(said()), fingerprint(said()))
    assert annotations(later) != annotations(said())
    ended = orjson.loads(webhook(later, "alertmanager-v4", NOW))
    assert (ended["status"], ended["alerts"][0]["endsAt"]) == ("resolved", "2026-11-22T02:02:03.456789Z")
    assert ended["groupKey"] == orjson.loads(webhook(said(), "alertmanager-v4", NOW))["groupKey"]


def test_the_api_gets_an_array_that_ends_by_itself() -> None:
    (alert,) = orjson.loads(webhook(said(), "alertmanager-api", NOW))
    assert set(alert) == {"labels", "annotations", "startsAt", "generatorURL", "endsAt"}
    assert alert["endsAt"] > alert["startsAt"]


def test_a_letter_says_nothing_in_its_subject_and_is_the_same_letter_when_sent_again() -> None:
    first, again = (letter(said(), 1, "r@h.test", "d@h.test", NOW + timedelta(minutes=n)) for n in (0, 3))
    assert first["Message-ID"] == again["Message-ID"] != letter(said(), 2, "r@h.test", "d@h.test", NOW)["Message-ID"]
    assert first["Subject"] == letter(said({**ROW, "code": "expired"}), 1, "r@h.test", "d@h.test", NOW)["Subject"]
    assert first["Auto-Submitted"] == "auto-generated"


def test_discreet_says_one_name_for_all() -> None:
    names = {labels(said({**ROW, "code": code}, discreet=True))["alertname"] for code in DeskCode}
    assert names == {"RouterTask"}
    assert "code" not in labels(said(discreet=True))


#: What a case's row and secrets could hold of the location, the account and partners, as text.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=4, max_size=40)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(DeskCode), TEXTS, TEXTS, st.booleans())
def test_no_byte_of_an_alarm_comes_from_a_case(code: DeskCode, location: str, partner: str, discreet: bool) -> None:
    """The builder is given a whole row of a case: what it says is what it says of a row that has nothing in it."""
    sealed = {"url": location, "desk_text": partner, "hosting_country": location[:2], "sealed": location.encode()}
    full, bare = (said({**ROW, "code": code, **extra}, discreet=discreet) for extra in (sealed, {}))
    for shape in ("alertmanager-v4", "alertmanager-api"):
        assert webhook(full, shape, NOW) == webhook(bare, shape, NOW)
    assert bytes(letter(full, 1, "r@h.test", "d@h.test", NOW)) == bytes(letter(bare, 1, "r@h.test", "d@h.test", NOW))
