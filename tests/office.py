"""A router without network: a real store in a temporary folder, a story's clock, the shipped policy, two partners.

Only the tracer stands in: it gives the verdict that a test asks for, as `Tracer` promises, and asks no name server.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from argon2 import PasswordHasher

from router.casework.case.ringing import Ringing
from router.casework.context import Context
from router.casework.govern.sources import add_source
from router.casework.people import tokens
from router.clock import StoryClock
from router.data.policies import default_policy
from router.errors import Conflict
from router.guard.access import ROLES
from router.guard.seal import Keyring
from router.guard.signin.door import Door
from router.guard.signin.passwords import Passwords
from router.policy.load import load
from router.policy.translations import Said, of_routes, said
from router.store.connect import DEFAULT_FILE, open_store
from router.store.writer import Writer
from schemas.actor import ROUTER, Actor, Role
from schemas.actor import person as by_hand
from schemas.acts import TokenGiven
from schemas.locator import Locator
from schemas.partner import Directory, Partner, PartnerKind
from schemas.policy import Policy
from schemas.signin import SignInSettings
from schemas.source import SourceGiven
from schemas.trace import HostingBasis, NamedOrigin, OnlineMode, Trace, Verdict, VerdictKind
from schemas.vocabulary import SourceKind

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MASTER = bytes(range(32))
_MIGRATED: list[bytes] = []
PARTNERS = (
    Partner(
        name="hotline-nl", title="Dutch hotline", kind=PartnerKind.HOTLINE, countries=("NL",), enabled=True, inhope=True
    ),
    Partner(name="federal-police", title="Federal Police", kind=PartnerKind.POLICE, countries=("BE",), enabled=True),
)


@dataclass
class Verdicts:
    """Gives every location the verdict of the test."""

    clock: StoryClock
    verdict: Verdict = field(default_factory=lambda: Verdict(kind=VerdictKind.COUNTRY, country="NL", confidence=0.99))

    async def trace(
        self,
        locator: Locator,
        *,
        online: OnlineMode | None = None,
        basis: HostingBasis | None = None,
        origin: NamedOrigin | None = None,
    ) -> Trace:
        return self.offline(locator)

    def offline(self, locator: Locator) -> Trace:
        verdict = self.verdict if locator.no_host is None else Verdict(kind=VerdictKind.NO_HOST)
        return Trace(host=locator.host, traced_at=self.clock.now(), verdict=verdict)


def shipped_policy() -> str:
    """The policy that a Belgian hotline starts with."""
    return default_policy("BE")


@cache
def _loaded() -> Policy:
    """That policy, read once for all tests of a process: nothing can change it.

    But for the second look at what is not illegal: which cases it takes is drawn, and tests of it say a share.
    """
    return load(shipped_policy()).model_copy(update={"second_look": 0.0})


@dataclass
class Rules:
    """The policy and the directory in force. Left out of `repr`, which asyncio asks for around every test."""

    directory_: Directory = field(default_factory=lambda: Directory(version=1, partners=PARTNERS), repr=False)
    policy_: Policy = field(default_factory=_loaded, repr=False)

    async def policy(self) -> tuple[int, Policy]:
        return 1, self.policy_

    async def directory(self) -> Directory:
        return self.directory_

    async def said(self, version: int) -> Said:
        return said(self.policy_)

    async def reasons_of_routes(self, version: int) -> Mapping[str, str]:
        return of_routes(self.policy_)

    def forget(self) -> None:
        """Nothing is remembered here."""


async def _store(folder: Path, keyring: Keyring, url: str | None) -> Writer:
    """That of a URL; else a fresh one, copied from the first one's file: migrating takes longer than most tests."""
    if url is not None:
        return await open_store(url, folder, keyring)
    file = folder / DEFAULT_FILE
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(await _migrated(keyring))
    return await open_store(None, folder, keyring)


async def _migrated(keyring: Keyring) -> bytes:
    """The file of a store that was opened and closed, and nothing else."""
    if not _MIGRATED:
        with TemporaryDirectory() as first:
            await (await open_store(None, Path(first), keyring)).close()
            _MIGRATED.append((Path(first) / DEFAULT_FILE).read_bytes())
    return _MIGRATED[0]


@asynccontextmanager
async def office(folder: Path, *, rules: Rules | None = None, url: str | None = None) -> AsyncIterator[Context]:
    """A context over a fresh store, or that of a URL, with the sources `form` (a citizen's form) and `analysts`."""
    keyring = Keyring.open(MASTER)
    store = await _store(folder, keyring, url)
    clock = StoryClock(START)
    ctx = Context(
        store=Ringing(store), keyring=keyring, clock=clock, tracer=Verdicts(clock), governance=rules or Rules(),
        dialects={}, me="hotline-be", home="BE", owner="test", zone=ZoneInfo("Europe/Brussels"), door=door(),
    )  # fmt: skip
    try:
        for given in (
            SourceGiven(name="form", kind=SourceKind.PUBLIC),
            SourceGiven(name="analysts", kind=SourceKind.ANALYST, assesses=True),
        ):
            with suppress(Conflict):  # a store that was filled before
                await add_source(ctx, given, ROUTER)
        yield ctx
    finally:
        ctx.door.passwords.close()
        await store.close()


def door(**settings: Any) -> Door:
    """How people sign in, with hashes that cost a millisecond."""
    return Door(SignInSettings(**settings), Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)))


def person(name: str, role: Role) -> Actor:
    """A person who signed in, without an account behind."""
    return by_hand(name, role, frozenset(str(one) for one in ROLES[role]))


async def token_for(ctx: Context, role: Role, name: str | None = None) -> str:
    """A token that a person of this role made for themselves."""
    name = name or f"a-{role}"
    account = await tokens.add_account(ctx, name, role, ROUTER)
    issued = await tokens.create_token(ctx, TokenGiven(name="test", account=name), account.actor)
    return issued.token


async def token_of(ctx: Context, source: str) -> str:
    """A token of an intake system."""
    return (await tokens.create_token(ctx, TokenGiven(name="test", source=source), ROUTER)).token


def report(reference: str = "r-1", location: str = "https://example.test/page", **more: Any) -> dict[str, Any]:
    """A report as a source sends it."""
    given = {"source": "form", "reference": reference, "received_at": "2026-11-22T07:59:00Z"}
    return {**given, "items": [{"location": location}], **more}


def line(reference: str = "r-1", location: str = "https://example.test/page", **more: Any) -> bytes:
    """The same as one line of NDJSON."""
    return orjson.dumps(report(reference, location, **more)) + b"\n"
