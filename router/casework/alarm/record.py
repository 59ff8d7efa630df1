"""What an alarm says: built from its row and its case's dates alone, so that nothing else of the case can be in it."""

from hashlib import sha256
from typing import Final

from router.casework.alarm.sentences import SENTENCES
from router.clock import moment, moment_or_none
from router.store.base import Row
from schemas.alarm import DISCREET, NAMES, AlarmRecord, AlarmSettings, HouseCode, Severity

#: What every question of the desk is called that has no name of its own: it rings where a child may be in danger alone.
_OTHER: Final = "RouterAtRisk"
_CRITICAL: Final = frozenset({HouseCode.MANY, HouseCode.WAY_DOWN, HouseCode.HEARTBEAT, HouseCode.GLASS})


def is_critical(alarm: Row) -> bool:
    """Tell whether it is rung for each time: an alarm of a case, and of the house what hides one."""
    return alarm["case_id"] is not None or alarm["code"] in _CRITICAL


def record(alarm: Row, due: int | None, settings: AlarmSettings, *, me: str, console: str | None) -> AlarmRecord:
    """Return all that the alarm says. `due` is its case's (microseconds), `console` the address of ours, if any."""
    name = NAMES.get(alarm["code"], _OTHER)
    case = alarm["case_id"]
    severity = Severity.CRITICAL if is_critical(alarm) else Severity.WARNING
    return AlarmRecord(
        name=DISCREET if settings.discreet else name,
        severity=Severity.INFO if alarm["code"] == HouseCode.TEST else severity,
        code="" if settings.discreet else alarm["code"],
        instance=me,
        case=sha256(case.encode()).hexdigest()[:16] if case else None,
        began=moment(alarm["placed_at"]),
        ended=moment_or_none(alarm["resolved_at"]),
        due=moment_or_none(due),
        count=alarm["count"],
        link=_link(console, case),
        summary=SENTENCES[settings.language][DISCREET if settings.discreet else name],
    )


def _link(console: str | None, case: str | None) -> str | None:
    if console is None:
        return None
    return f"{console.rstrip('/')}/cases/{case}" if case else f"{console.rstrip('/')}/"
