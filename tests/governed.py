"""A router's context whose policy and directory are real versions of a real store, for the tests of what governs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, cast

from router.casework.context import Context
from router.casework.decide import replay as replaying
from router.casework.govern import directory_change, partner_check, second_person, versions, waiting_cases
from router.casework.govern.partners import sheet as made
from router.casework.read.waits import waits
from router.partners.base import CheckResult, Dialect, DialectSettings
from router.policy.diff import Changed
from router.policy.judge import judge
from router.policy.recipients import resolve
from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.schema.tables import decisions
from schemas.actor import ROUTER, Role
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.governed import Published, WaitingCases
from schemas.partner import Directory, Partner, PartnerKind
from schemas.policy import Policy
from schemas.sheet import SheetFiles
from tests.office import office, person

ANNA, BOB = person("anna", Role.SUPERVISOR), person("bob", Role.SUPERVISOR)
SMALL = """
version = 1
home = "BE"

[[route]]
name = "abroad"
when = { has_hotline = true }
to = ["hotline:hosting_country"]

[[route]]
name = "rest"
to = ["police"]

[[tests]]
given = { hosting_country = "NL", has_hotline = true, assessment = "baseline" }
expect = ["hotline-nl"]

[retention]
handles = "180d"
urls = "365d"
cases = "1825d"
audit = "3650d"
"""
PARTNERS = (
    Partner(
        name="hotline-nl", title="Dutch hotline", kind=PartnerKind.HOTLINE, countries=("NL",), default=True, inhope=True
    ),
    Partner(name="police", title="Police", kind=PartnerKind.POLICE, countries=("BE",)),
)
DIRECTORY = Directory(partners=tuple(one.model_copy(update={"enabled": True, "dialect": "bell"}) for one in PARTNERS))


class BellSettings(DialectSettings):
    """Whether whoever is rung answers."""

    answers: bool = True


@dataclass
class Bell:
    """A dialect that is only ever rung: it answers as each partner's settings say, and counts."""

    Config: ClassVar[type[DialectSettings]] = BellSettings
    fields: ClassVar[tuple[str, ...]] = ("hosting", "note")
    rung: list[str] = field(default_factory=list)

    def clock_ahead(self, partner: str) -> int | None:
        return None

    async def check(self, partner: Partner) -> CheckResult:
        self.rung.append(partner.name)
        ok = bool(partner.config.get("answers", True))
        return CheckResult(ok=ok, text="It answered." if ok else "Nobody answered.")


@asynccontextmanager
async def governed(folder: Path, text: str = SMALL, directory: Directory = DIRECTORY) -> AsyncIterator[Context]:
    """A context whose store has this policy and directory as its first versions."""
    async with office(folder) as ctx:
        await versions.ensure_defaults(ctx.store, ctx.clock, text, directory, ROUTER)
        dialects = {"bell": cast("Dialect", Bell())}
        yield replace(ctx, governance=versions.Following(ctx.store, ctx.clock), dialects=dialects)


async def decided(
    ctx: Context, case: str, facts: Facts, policy: Policy, *, by: str = "policy", name: str | None = None
) -> Decision:
    """Write down what the policy decides, as the use-case does."""
    directory = await ctx.governance.directory()
    decision = resolve(judge(policy, facts), facts, directory, policy, ctx.clock.now(), version=1)
    decision = decision.model_copy(update={"by": by})
    row = {
        "id": name or new_id(),
        "case_id": case,
        "decided_at": ctx.now(),
        "by": by,
        "policy_version": 1,
        "facts": facts.model_dump_json(),
        "decision": decision.model_dump_json(),
    }
    await ctx.store.commit(Transition(ctx.now(), adds=[Add(decisions, row)]))
    return decision


@dataclass(frozen=True)
class StoreOffice:
    """What the verbs `policy` and `partners` ask, answered by the use-cases without the API between them."""

    ctx: Context

    async def policy(self) -> tuple[int, Policy]:
        return await self.ctx.governance.policy()

    async def directory(self) -> Directory:
        return await versions.newest_directory(self.ctx.store)

    async def waiting(self) -> dict[str, str]:
        names = {one.name for one in (await self.directory()).partners if one.enabled}
        return {name: one.text for name, one in (await waits(self.ctx, names)).items()}

    async def proposals(self) -> list[dict[str, Any]]:
        return [one.model_dump(mode="json") for one in await second_person.shown(self.ctx)]

    async def sheet(self) -> SheetFiles:
        return await made.sheet(self.ctx)

    async def publish(self, text: str) -> Published:
        return Published(version=await versions.publish_policy(self.ctx.store, self.ctx.clock, text, ANNA))

    async def replay(self, text: str, limit: int) -> list[Changed]:
        return await replaying.replay(self.ctx, text, limit)

    async def last_decision(self, case_id: str) -> Decision:
        return await replaying.last_decision(self.ctx, case_id)

    async def put_partner(self, partner: Partner) -> Published:
        return await directory_change.put_partner(self.ctx, partner, ANNA)

    async def import_directory(self, directory: Directory) -> Published:
        return Published(version=await versions.import_directory(self.ctx.store, self.ctx.clock, directory, ANNA))

    async def check_partners(self, name: str | None, *, rehearse: bool = False) -> list[partner_check.PartnerChecked]:
        return await partner_check.check_partners(self.ctx, ANNA, name)

    async def waiting_cases(self, name: str) -> WaitingCases:
        return await waiting_cases.waiting_cases(self.ctx, name)


def written(folder: Path, directory: Directory) -> str:
    """The path of a file with this directory, as an operator keeps it."""
    path = folder / "directory.json"
    path.write_text(json.dumps(directory.model_dump(mode="json", exclude={"version"})), encoding="utf-8")
    return str(path)


#: The day on which the story of `tests.office` begins.
STORY_DAY = date(2026, 11, 22)
