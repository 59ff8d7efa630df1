"""Whom alarms reach, as versions of the store; `router.toml` is read when there is no version yet."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from sqlalchemy import select

from router.errors import Conflict
from router.store.base import NOTHING, Add, Event, Store, Transition, with_beside
from router.store.schema.tables import alarm_ways
from schemas.actor import ROUTER, Actor
from schemas.alarm import AlarmSettings, Mail, Webhook

_NEWEST = select(alarm_ways).order_by(alarm_ways.c.version.desc()).limit(1)
Receiver: TypeAlias = Webhook | Mail


@dataclass(frozen=True, slots=True)
class Way:
    """One receiver under a name that says its kind and nothing of where it is."""

    name: str
    to: Receiver

    @property
    def after(self) -> int:
        """Return how long after an alarm began it is told, in microseconds."""
        return round(self.to.after.total_seconds() * 1_000_000)


def ways(settings: AlarmSettings) -> Sequence[Way]:
    """Return all receivers, webhooks first."""
    return [
        *(Way(f"webhook-{_short(one.url)}", one) for one in settings.webhook),
        *(Way(f"mail-{_short(one.to)}", one) for one in settings.mail),
    ]


def _short(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:8]


async def in_force(store: Store) -> AlarmSettings:
    """Return whom alarms reach now; nobody before the first version."""
    rows = await store.rows(_NEWEST)
    return AlarmSettings.model_validate_json(rows[0]["body"]) if rows else AlarmSettings()


async def publish(
    store: Store,
    settings: AlarmSettings,
    now: int,
    actor: Actor,
    *,
    over: int | None = None,
    beside: Transition = NOTHING,
) -> int:
    """Put other receivers in force and return the version. Raise Conflict when somebody did so at the same moment.

    `over` is the version that the caller looked at; another one in force meanwhile is a Conflict too.
    Nobody else is asked: `govern/alarm_change` knows who is to be. `beside` is committed with it, or not at all.
    """
    rows = await store.rows(_NEWEST) if over is None else [{"version": over}]
    version = rows[0]["version"] + 1 if rows else 1
    row = {"version": version, "published_at": now, "by": actor.id, "body": settings.model_dump_json()}
    said = {"version": version, "ways": len(ways(settings))}
    event = Event("alarm.set", actor.id, detail=said)
    await store.commit(with_beside(Transition(now, adds=(Add(alarm_ways, row),), events=(event,)), beside))
    return int(version)


async def ensure_ways(store: Store, settings: AlarmSettings | None, now: int) -> None:
    """Put what `router.toml` says in force where nothing is yet: the first start."""
    if settings is not None and not await store.rows(_NEWEST):
        with suppress(Conflict):  # another process started at the same moment
            await publish(store, settings, now, ROUTER)
