"""The policy and the directory in force: published as versions of the store, followed by every process.

Files are imported at the first start and by `policy publish` and `partners import`; after that the store owns them. A
policy that does not load, or fails its own tests, is not published, and the one in force stays; nor is a directory with
a mistake, or one that leaves the policy in force without a partner it names.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Table, func, select

from router.clock import Clock, micros
from router.data.directory import DirectoryInvalid, mistakes
from router.errors import Conflict, PolicyInvalid, Unavailable
from router.policy.check import prove
from router.policy.load import load
from router.policy.translations import Said, of_routes, said
from router.store.base import NOTHING, Add, Event, Store, Transition, with_beside
from router.store.schema.tables import directories, policies
from schemas.actor import Actor
from schemas.partner import Directory
from schemas.policy import Policy
from schemas.word import Country

#: Returns the home of a policy that loads with this directory and passes its own tests. Raises PolicyInvalid.
Prover: TypeAlias = Callable[[str, Directory, datetime], Awaitable[Country]]

#: Seconds for which a process trusts the version it has; a new one is in force everywhere after that.
FOLLOWED_WITHIN = 1.0
#: Versions whose reasons a process keeps, the last that it read; each is read once, as none ever changes.
_MOST_SAID: Final = 100
_OTHER_HOME: Final = 'The policy says home = "{home}", but this router serves {here}; correct it.'


class Yes(NamedTuple):
    """Who said yes to a version beside whoever put it in force."""

    proposed_by: str | None = None
    confirmed_by: str | None = None  #: None by break-glass too: nobody did


ALONE: Final = Yes()


@dataclass(slots=True)
class Following:
    """Follows the store's versions; one a process. Reads two numbers at most once a second, by the machine's clock."""

    store: Store
    clock: Clock
    _policy: tuple[int, Policy] | None = None
    _directory: Directory | None = None
    _looked: int = field(default=-1)
    _said: dict[int, tuple[Said, Mapping[str, str]]] = field(default_factory=dict)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def policy(self) -> tuple[int, Policy]:
        """Return (version, policy) in force. Raise Unavailable before the first one is published."""
        await self._follow()
        if self._policy is None:
            raise Unavailable("No policy is published yet; run `policy publish FILE`.")
        return self._policy

    async def directory(self) -> Directory:
        """Return the directory in force; an empty one before the first import."""
        await self._follow()
        return self._directory or Directory()

    async def said(self, version: int) -> Said:
        """Return the reasons of a version in its languages; none of one that is not kept or does not load any more."""
        return (await self._reasons(version))[0]

    async def reasons_of_routes(self, version: int) -> Mapping[str, str]:
        """Return the reason of each route of a version that gives one, by the route's name; likewise."""
        return (await self._reasons(version))[1]

    async def _reasons(self, version: int) -> tuple[Said, Mapping[str, str]]:
        if version not in self._said:
            try:
                _, policy = await _read_policy(self.store, version)
                self._said[version] = said(policy), of_routes(policy)
            except (IndexError, PolicyInvalid):
                self._said[version] = {}, {}
            for oldest in list(self._said)[:-_MOST_SAID]:
                del self._said[oldest]
        return self._said.get(version, ({}, {}))

    def forget(self) -> None:
        """Look again at the next question: this process has just published."""
        self._looked = -1

    async def _follow(self) -> None:
        if self._is_fresh():
            return
        async with self._looking:  # sixty-four cases ask at one moment, and one look answers all of them
            if not self._is_fresh():
                await self._look()

    def _is_fresh(self) -> bool:
        ago = micros(self.clock.now()) - self._looked
        return self._looked >= 0 and 0 <= ago < FOLLOWED_WITHIN * 1_000_000

    async def _look(self) -> None:
        now = micros(self.clock.now())
        newest = {table.name: await newest_version(self.store, table) for table in (policies, directories)}
        if newest["policies"] and (self._policy is None or self._policy[0] != newest["policies"]):
            self._policy = await _read_policy(self.store, newest["policies"])
        if newest["directories"] and (self._directory is None or self._directory.version != newest["directories"]):
            self._directory = await _read_directory(self.store, newest["directories"])
        self._looked = now


async def newest_version(store: Store, table: Table) -> int:
    """Return the newest version of a governed table, 0 when it is empty."""
    rows = await store.rows(select(func.max(table.c.version).label("version")))
    return int(rows[0]["version"] or 0)


async def prove_here(text: str, directory: Directory, now: datetime) -> Country:  # noqa: ARG001 - as every Prover
    """Prove a policy in this process: for those that ship with the program. Raise PolicyInvalid."""
    policy = load(text, directory)
    prove(policy, directory)
    return policy.home


async def publish_policy(
    store: Store,
    clock: Clock,
    text: str,
    actor: Actor,
    *,
    over: int | None = None,
    prover: Prover = prove_here,
    beside: Transition = NOTHING,
    yes: Yes = ALONE,
) -> int:
    """Publish a policy and return its version. Raise PolicyInvalid (the one in force stays), Conflict.

    `over` is the version that the caller saw; another one in force meanwhile is a Conflict. A text from outside is
    proved by `PolicyProcess.prove`, since this process has other work. `beside` is committed with it, or not at all.
    """
    home = await prover(text, await newest_directory(store), clock.now())
    version = (await newest_version(store, policies) if over is None else over) + 1
    await _check_home(store, home, version - 1)
    now = micros(clock.now())
    digest = sha256(text.encode())
    row = {"version": version, "published_at": now, "by": actor.id, "digest": digest.digest(), "body": text}
    row |= {"proposed_by": yes.proposed_by, "confirmed_by": yes.confirmed_by}
    event = Event("policy.published", actor.id, detail={"version": version, "sha256": digest.hexdigest()})
    await _commit(store, with_beside(Transition(now, adds=(Add(policies, row),), events=(event,)), beside))
    return version


async def check_directory(store: Store, directory: Directory) -> None:
    """Raise DirectoryInvalid naming each mistake, PolicyInvalid when the policy in force does not load with it."""
    if found := mistakes(directory):
        raise DirectoryInvalid("The directory cannot be used; the one in force stays", mistakes=found)
    current = await newest_version(store, policies)
    if current:
        rows = await store.rows(select(policies.c.body).where(policies.c.version == current))
        load(rows[0]["body"], directory)


async def import_directory(
    store: Store,
    clock: Clock,
    directory: Directory,
    actor: Actor,
    *,
    over: int | None = None,
    beside: Transition = NOTHING,
) -> int:
    """Put a directory in force and return its version. Nobody else is asked: `directory_change` knows who is to be.

    `over` is the version that the caller changed; another one in force meanwhile is a Conflict. `beside` is committed
    with it, or not at all. Raise as `check_directory`, Conflict.
    """
    await check_directory(store, directory)
    version = (await newest_version(store, directories) if over is None else over) + 1
    now = micros(clock.now())
    body = directory.model_copy(update={"version": version}).model_dump_json(exclude_defaults=True)
    row = {"version": version, "published_at": now, "by": actor.id, "body": body}
    event = Event("directory.imported", actor.id, detail={"version": version, "partners": len(directory.partners)})
    await _commit(store, with_beside(Transition(now, adds=(Add(directories, row),), events=(event,)), beside))
    return version


async def ensure_defaults(store: Store, clock: Clock, policy_text: str, directory: Directory, actor: Actor) -> None:
    """Put the shipped policy and directory in force where there are none yet: the first start.

    Of several processes that start at once the first one's stay. Raise PolicyInvalid, BadInput, StoreUnavailable.
    """
    if not await newest_version(store, directories):
        with suppress(Conflict):
            await import_directory(store, clock, directory, actor, over=0)
    if not await newest_version(store, policies):
        with suppress(Conflict):
            await publish_policy(store, clock, policy_text, actor, over=0)


async def newest_directory(store: Store) -> Directory:
    """Return the directory in force, read now; an empty one before the first import."""
    newest = await newest_version(store, directories)
    return await _read_directory(store, newest) if newest else Directory()


async def _check_home(store: Store, home: Country, current: int) -> None:
    if not current:
        return
    _, in_force = await _read_policy(store, current)
    if home != in_force.home:
        raise PolicyInvalid(_OTHER_HOME.format(home=home, here=in_force.home), field="home")


async def _commit(store: Store, transition: Transition) -> None:
    try:
        await store.commit(transition)
    except Conflict:
        raise Conflict("Somebody published at the same moment; look at the newest version and publish again.") from None


async def _read_policy(store: Store, version: int) -> tuple[int, Policy]:
    rows = await store.rows(select(policies.c.body).where(policies.c.version == version))
    return version, load(rows[0]["body"])


async def _read_directory(store: Store, version: int) -> Directory:
    rows = await store.rows(select(directories.c.body).where(directories.c.version == version))
    return Directory.model_validate_json(rows[0]["body"]).model_copy(update={"version": version})
