"""What one person proposed that widens where data go, and another has not confirmed yet."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, StringConstraints

from schemas.word import Given, Line

SUBJECT_FORM: Final = (
    r"^(territories|alarm|policy|release|(partner|source):[a-z0-9][a-z0-9._-]{0,62}|"
    r"(embargo|trail|rule):[0-9a-f-]{36})$"
)
#: What may be proposed: a partner's entry, who serves which territory, whom alarms reach, the policy's bars, where a
#: source hears of its reports, an earlier end of an embargo, the trail of a case for a magistrate, a rule that was
#: drafted from a case, and that a router which was put back from a backup works again.
Subject = Annotated[str, StringConstraints(pattern=SUBJECT_FORM)]
PARTNER: Final = "partner:"
SOURCE: Final = "source:"
TERRITORIES: Final = "territories"
ALARM: Final = "alarm"
POLICY: Final = "policy"
RELEASE: Final = "release"
RULE: Final = "rule:"  #: a draft that an analyst handed in; a supervisor publishes it, or takes it back

#: A proposal that nobody confirmed ends by itself after so long: a working week and the days around it.
LASTS: Final = timedelta(days=7)
#: What is put in force without a second person is undone after so long.
GLASS_LASTS: Final = timedelta(hours=24)


class FieldChange(Given):
    """One field that a proposal changes, each value as JSON; None where there is none."""

    field: str
    was: str | None
    becomes: str | None


class ProposalView(Given):
    """A proposal as it is shown to whoever may confirm it."""

    subject: str
    id: str  #: what is confirmed is what was seen: another one of the same subject has another id
    by: str
    since: AwareDatetime
    until: AwareDatetime  #: when it ends by itself; of a broken glass, when it is undone
    changes: tuple[FieldChange, ...]
    outdated: bool = False  #: what is in force is not what it was when this was proposed: it cannot be confirmed
    in_force_by: str | None = None  #: who put it in force without a second person (break-glass)
    reason: str | None = None  #: why they did, as they typed it


class ConfirmGiven(Given):
    """Body of `POST /v1/proposals/{subject}/confirm`."""

    id: str | None = None  #: the one that was seen; another one meanwhile is a Conflict


class GlassGiven(ConfirmGiven):
    """Body of `POST /v1/proposals/{subject}/break-glass`."""

    reason: Line


class ReleaseGiven(Given):
    """Body of `POST /v1/release`."""

    reason: Line | None = None  #: why it is released although no ledger was given with the backup


class PausedView(Given):
    """The answer of `GET /v1/release`: whether this router was put back from a backup and waits for two people."""

    paused: bool
    point: AwareDatetime | None = None  #: all of before this moment is in the store; sources send again since then
    ledger: int | None = None  #: the last line of the ledger that was given with it
    text: str = "This router was not put back from a backup, or was released: it works."
