"""What every use-case works with, made once by `app` and passed as the first argument."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from router.casework.policy_process import PolicyProcess
from router.clock import Clock, micros
from router.guard.anchor import Anchors
from router.guard.seal import Keyring
from router.guard.signin.door import Door
from router.hosting.origin import OriginLookup
from router.partners.base import Dialect
from router.policy.translations import Said
from router.store.base import Store
from schemas.alarm import Relay, Webhook
from schemas.locator import Locator
from schemas.partner import Directory
from schemas.policy import Policy
from schemas.probe import Probed
from schemas.trace import HostingBasis, NamedOrigin, OnlineMode, Trace
from schemas.trail import Trail
from schemas.viewing import ViewingSettings
from schemas.word import Country


class Bell(Protocol):
    """How alarms leave. Each raises a RouterError unless it was taken."""

    async def webhook(self, to: Webhook, body: bytes) -> None:
        """Post an alarm."""
        ...

    async def letter(self, relay: Relay, letter: EmailMessage, to: str) -> None:
        """Hand a letter to the house's relay."""
        ...

    async def beat(self, url_secret: str) -> None:
        """Say that we live."""
        ...


class House(Protocol):
    """How papers of the house read and are signed: by the console's words and our own key, which casework has not."""

    @property
    def key_id(self) -> str:
        """Return the name under which peers pin our key."""
        ...

    @property
    def contact(self) -> str | None:
        """Return whom a partner's staff call; None where the settings name nobody."""
        ...

    def public(self) -> str:
        """Return our public key as peers pin it, in base64."""
        ...

    def text(self, said: Trail) -> str:
        """Return a trail as people of the court read it, in its language."""
        ...

    def instructions(self, said: Trail) -> str:
        """Return how its signatures are checked."""
        ...

    def public_key(self) -> bytes:
        """Return our public key as PEM."""
        ...

    def fingerprint(self) -> str:
        """Return the SHA-256 of our public key (DER) in hexadecimal, as OpenSSL prints it."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Return the Ed25519 signature of a file (RFC 8032), 64 bytes."""
        ...


class Room(Protocol):
    """A closed room in which people look, on another network: how what goes there is closed for it."""

    @property
    def settings(self) -> ViewingSettings:
        """Return the house's: how many locations somebody takes there at once, and for how long."""
        ...

    async def sealed(self, content: bytes, now: datetime) -> tuple[bytes, str]:
        """Return it encrypted to the room's key, and that key's fingerprint. Raise Conflict saying what to do."""
        ...


class Tracer(Protocol):
    """Finds out where a location is hosted."""

    async def trace(
        self,
        locator: Locator,
        *,
        online: OnlineMode | None = None,
        basis: HostingBasis | None = None,
        origin: NamedOrigin | None = None,
    ) -> Trace:
        """Return the trace of a location; a source that does not answer lowers confidence, never raises.

        `origin` is what a CDN named behind its edge, which it stands in for.
        """
        ...

    def offline(self, locator: Locator) -> Trace:
        """Return what the embedded data alone say; names stay unresolved."""
        ...


class Prober(Protocol):
    """Asks a reported host whether it is still there."""

    turns: asyncio.Semaphore  #: how many are under way at once

    async def head(self, url: str, referrer: str | None) -> Probed:
        """Return how one HEAD ended; whatever goes wrong is a finding."""
        ...


class Governance(Protocol):
    """The policy and the directory in force; every process follows the store's versions."""

    async def policy(self) -> tuple[int, Policy]:
        """Return (version, policy) in force."""
        ...

    async def directory(self) -> Directory:
        """Return the partner directory in force."""
        ...

    async def said(self, version: int) -> Said:
        """Return the reasons of a version of the policy in its languages."""
        ...

    async def reasons_of_routes(self, version: int) -> Mapping[str, str]:
        """Return the reason of each route of a version that gives one, as it is written, by the route's name."""
        ...

    def forget(self) -> None:
        """Look again at the next question: this process has just put something in force."""
        ...


#: Longer ago than any moment.
NEVER = -(2**62)


@dataclass(slots=True)
class Belief:
    """When the clock was last found to be believed, in microseconds (`believed`)."""

    at: int = NEVER


@dataclass(frozen=True, slots=True)
class Context:
    """The collaborators of casework. Frozen: nothing here changes while the router runs."""

    store: Store
    keyring: Keyring
    clock: Clock
    tracer: Tracer
    governance: Governance
    dialects: Mapping[str, Dialect]
    me: str  #: our name among peers
    home: Country
    owner: str  #: this process, as leases name it
    origins: tuple[OriginLookup, ...] = ()  #: CDNs that may be asked for the host behind their edge
    call_seconds: float = 30.0  #: one call to a partner; leases are longer, so that nobody else takes the row meanwhile
    undelivered_after: float = 4 * 3600.0  #: seconds until the desk is told that a delivery takes too long
    zone: tzinfo = field(default=UTC)  #: the house's: what is due today, and by night
    locator: Tracer | None = None  #: for questions about any host: it remembers nothing of what was reported
    anchors: Anchors | None = None  #: the audit's newest root, outside the database
    prober: Prober | None = None  #: asks reported hosts; None unless the operator allows it
    bell: Bell | None = None  #: how alarms leave; None where nothing works the alarms
    console: str | None = None  #: the address of our console, for the link in an alarm
    lying_resolvers: Callable[[], tuple[str, ...]] = tuple  #: those of ours that `doctor` found to lie
    hosts_moved: Callable[[], int | None] = lambda: None  #: by data sets that wait for a person; None when none do
    key_file: Path | None = None  #: where the master key is kept; None where nobody rotates it
    was_restored: bool = False  #: something left of cases that this store does not have (`intake/left_before`)
    house: House | None = None  #: how its papers read and are signed; None where nothing is
    clock_set_back: Callable[[], int] = int  #: how often the store's clock was set back while this process looked
    room: Room | None = None  #: where they look at them; None where nobody could
    door: Door = field(default_factory=Door)  #: what signing in works with
    belief: Belief = field(default_factory=Belief)  #: in its clock
    policies: PolicyProcess = field(default_factory=PolicyProcess)  #: judges what is not in force, apart from us

    def now(self) -> int:
        """Return the business time in microseconds since the epoch."""
        return micros(self.clock.now())
