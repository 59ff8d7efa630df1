"""What must reach a person: whom alarms ring and when, and the closed record that is all an alarm ever says."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from schemas.duration import parse_duration
from schemas.word import Name, Word


def _duration(given: Any) -> Any:
    """Read a time as it is written in the file, or as the store keeps it (ISO 8601)."""
    return given if isinstance(given, str) and given.startswith("P") else parse_duration(given)


#: "0s" is at once; the rest as in the policy: "15m", "1h".
After = Annotated[timedelta, BeforeValidator(lambda given: timedelta() if given == "0s" else _duration(given))]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]{1,2000}$")]
Shape = Literal["alertmanager-v4", "alertmanager-api"]


class Written(Word):
    """A table of `router.toml`, which has no tuples and no times of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Webhook(Written):
    """A receiver of alarms on the web: https, or this machine."""

    url: Url
    shape: Shape = "alertmanager-v4"
    secret: Name | None = None  #: the file of its bearer token in the folder `secrets`
    after: After = timedelta()


class Mail(Written):
    """A mailbox that is told of alarms, so long after each began."""

    to: Address
    after: After = timedelta()


class Relay(Written):
    """The house's own mail relay. Encrypted or not at all."""

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls"] = "starttls"
    sender: Address
    user: Annotated[str, StringConstraints(max_length=320)] | None = None
    secret: Name | None = None  #: the file of its password in the folder `secrets`


class Heartbeat(Written):
    """A secret address that is asked for every so often: whoever watches it rings when we fall silent."""

    url_secret: Name  #: the file of the address in the folder `secrets`
    every: Duration = timedelta(minutes=1)


class AlarmSettings(Written):
    """Whom alarms reach: `[alarm]` of `router.toml` at the first start, then the store's newest version."""

    webhook: tuple[Webhook, ...] = ()
    mail: tuple[Mail, ...] = ()
    relay: Relay | None = None
    heartbeat: Heartbeat | None = None
    repeat: Duration = timedelta(minutes=5)  #: until somebody acknowledges
    most_per_hour: Annotated[int, Field(ge=1, le=1000)] = 20  #: more than so many are one with a count
    discreet: bool = False  #: one name for every alarm, where the receiver is not ours alone
    language: Literal["en", "nl", "fr", "de"] = "en"

    @model_validator(mode="after")
    def _letters_need_a_relay(self) -> Self:
        if self.mail and self.relay is None:
            raise ValueError("`mail` needs a `relay`: the house's own mail server")
        return self


class HouseCode(StrEnum):
    """Alarms of the house itself, which belong to no case."""

    OVERDUE = "overdue"  #: work on the desk whose time is over
    WAY_DOWN = "way_down"  #: a way by which alarms go does not work
    HEARTBEAT = "heartbeat"  #: whoever watches whether we still live does not hear us
    MANY = "many"  #: more cases ring than a person can be rung for one by one
    LETTER = "nameless_letter"  #: police wrote, and no case of ours stands in it
    INBOX = "inbox"  #: a hub gave us what cannot be taken or seen, or refuses how a case ended
    CERTIFICATE = "certificate"  #: what proves us to a partner ends soon
    MISROUTED = "misrouted"  #: a case went to the wrong country
    GLASS = "glass"  #: something that takes two people is in force by one
    VIEWING_LOST = "viewing_lost"  #: the file of a viewing session, or what was made of it, is lost
    TEST = "test"


#: What an alarm is called by the code of its question; every other question of the desk is `RouterAtRisk`.
NAMES: Final[dict[str, str]] = {
    "child_at_risk": "RouterAtRisk",
    "undelivered": "RouterUndelivered",
    "expired": "RouterUndelivered",
    "refused": "RouterUndelivered",
    "unknown": "RouterNoReceipt",
    "stopped": "RouterStopped",
    HouseCode.OVERDUE: "RouterDeskDue",
    HouseCode.WAY_DOWN: "RouterAlarmWayDown",
    HouseCode.HEARTBEAT: "RouterAlarmWayDown",
    HouseCode.MANY: "RouterAtRisk",
    HouseCode.LETTER: "RouterLetter",
    HouseCode.INBOX: "RouterInbox",
    HouseCode.CERTIFICATE: "RouterCertificateEnds",
    HouseCode.MISROUTED: "RouterMisrouted",
    HouseCode.GLASS: "RouterGlassBroken",
    HouseCode.VIEWING_LOST: "RouterViewingLost",
    HouseCode.TEST: "RouterTest",
}
DISCREET: Final = "RouterTask"


class Severity(StrEnum):
    """How loud."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class AlarmRecord(Word):
    """All that an alarm ever says, whatever way it goes. Closed: there is no field for a place, a name or a text.

    The labels are those that never change while it rings, since receivers tell alarms apart by them.
    """

    name: str  #: one of `NAMES`, or `DISCREET`
    severity: Severity
    code: str  #: a DeskCode or a HouseCode; empty when discreet
    instance: Name  #: this router's own name
    case: Hex | None  #: a hash of the case's random id: the same for the same case, and says nothing
    began: AwareDatetime
    ended: AwareDatetime | None = None
    due: AwareDatetime | None = None
    count: int = 1
    link: str | None = None  #: to the console; only the case's id stands in it
    summary: str  #: one of a few fixed sentences


class AlarmStanding(Word):
    """The answer of `GET /v1/alarm`."""

    ways: tuple[str, ...]  #: receivers by a name that says their kind and no address
    failing: tuple[str, ...]  #: those that did not take an open alarm when last tried, and `heartbeat`
    ringing: int  #: cases whose alarm nobody acknowledged
    heartbeat: bool


class WayTried(Word):
    """What one receiver said to a test."""

    way: str
    ok: bool
    text: str


class WaysTried(Word):
    """The answer of `POST /v1/alarm/test`."""

    items: tuple[WayTried, ...]
