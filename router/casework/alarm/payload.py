"""An alarm as its receivers read it: Alertmanager's two forms, and a letter. Pure; the same record, the same bytes.

Webhook version 4 and `/api/v2/alerts` are documented by Prometheus (prometheus.io/docs/alerting). A fingerprint there
is a function of the labels alone, and `groupKey` with `startsAt` is what a receiver tells doubles by, so neither
changes while an alarm rings; what changes is an annotation.
"""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

import orjson

from schemas.alarm import AlarmRecord, Shape

#: `endsAt` of what still rings, as Alertmanager's webhook writes it.
_NEVER: Final = "0001-01-01T00:00:00Z"
#: Alertmanager's API resolves by itself what is not pushed again: longer than we take to push, shorter than for ever.
_LASTS: Final = timedelta(minutes=30)


def labels(record: AlarmRecord) -> dict[str, str]:
    """Return what tells this alarm from any other, and never changes while it rings."""
    named = {"alertname": record.name, "code": record.code, "instance": record.instance, "severity": record.severity}
    return {name: str(value) for name, value in {**named, "case": record.case}.items() if value}


def annotations(record: AlarmRecord) -> dict[str, str]:
    """Return what may change."""
    due = None if record.due is None else _at(record.due)
    shown = {"summary": record.summary, "link": record.link, "due": due, "count": str(record.count)}
    return {name: value for name, value in shown.items() if value}


def fingerprint(record: AlarmRecord) -> str:
    """Return 16 hex digits that are a function of the labels alone."""
    return sha256(orjson.dumps(labels(record), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def webhook(record: AlarmRecord, shape: Shape, now: datetime) -> bytes:
    """Return the body of a POST. `now` only counts for the API's shape, where what rings has to be said again."""
    if shape == "alertmanager-api":
        ends = record.ended or now + _LASTS
        return orjson.dumps([_alert(record) | {"endsAt": _at(ends)}])
    ended = record.ended is not None
    status = "resolved" if ended else "firing"
    ends_at = _at(record.ended) if record.ended else _NEVER
    alert = {"status": status, **_alert(record), "endsAt": ends_at, "fingerprint": fingerprint(record)}
    group = {"alertname": record.name} | ({"case": record.case} if record.case else {})
    body: dict[str, Any] = {
        "receiver": "referral-router",
        "status": status,
        "alerts": [alert],
        "groupLabels": group,
        "commonLabels": labels(record),
        "commonAnnotations": annotations(record),
        "externalURL": record.link or "",
        "version": "4",
        "groupKey": f"{{}}:{{{','.join(f'{name}={chr(34)}{value}{chr(34)}' for name, value in group.items())}}}",
        "truncatedAlerts": 0,
    }
    return orjson.dumps(body)


def letter(record: AlarmRecord, ring: int, sender: str, to: str, now: datetime) -> EmailMessage:
    """Return the `ring`th letter about an alarm, from 1 on: the same one has the same Message-ID however often sent.

    The subject is the same for every alarm.
    """
    made = EmailMessage()
    domain = sender.rpartition("@")[2]
    key = f"{fingerprint(record)}.{int(record.began.timestamp() * 1_000_000):x}.{sha256(to.encode()).hexdigest()[:8]}"
    made["From"], made["To"], made["Subject"] = sender, to, "Referral router"
    made["Date"] = format_datetime(now.astimezone(UTC))
    made["Message-ID"] = f"<{key}.{ring}@{domain}>"
    if ring > 1:
        made["References"] = f"<{key}.1@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    lines = [
        record.summary,
        *([record.link] if record.link else []),
        *([str(record.count)] if record.count > 1 else []),
    ]
    made.set_content("\n".join(lines) + "\n")
    return made


def _alert(record: AlarmRecord) -> dict[str, Any]:
    return {
        "labels": labels(record),
        "annotations": annotations(record),
        "startsAt": _at(record.began),
        "generatorURL": record.link or "",
    }


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
