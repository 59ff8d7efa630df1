"""A change of the partner directory through this router: judged first, then in force as far as it narrows.

What `partners check` would find wrong without a call is found here: an unknown dialect, an address without TLS, a key
that no setting has. Each mistake names its partner and the field, never the value, which may be a secret. What widens
where data go waits for a second person (`proposals`); what narrows it never waits (`narrowing`).
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from pydantic import ValidationError

from router.casework.case.typed_reason import acted_of_house, check_reason
from router.casework.context import Context
from router.casework.govern.narrowing import fewer_territories, narrowed
from router.casework.govern.proposals import Proposed, adding, needs_two, pending
from router.casework.govern.subjects import entry, territories
from router.casework.govern.versions import check_directory, import_directory, newest_directory
from router.data.directory import MOST_MISTAKES, DirectoryInvalid
from router.errors import Conflict, NotFound
from router.partners.base import Dialect
from router.store.base import NOTHING, Transition, with_beside
from schemas.actor import Actor
from schemas.governed import Published
from schemas.mistake import Mistake
from schemas.partner import Directory, Partner
from schemas.problem import reworded
from schemas.proposal import PARTNER, TERRITORIES


async def put_in_force(
    ctx: Context, directory: Directory, actor: Actor, *, over: int | None = None, said: Transition = NOTHING
) -> Published:
    """Put a directory in force as far as it narrows, and propose the rest; return what came of it.

    `over` is the version that the caller changed, `said` keeps their reason with it. Raise DirectoryInvalid (the one in
    force stays), PolicyInvalid, Conflict, NotAllowed for what takes two people and cannot be proposed by this one.
    """
    found = list(islice(wrong_settings(ctx.dialects, directory), MOST_MISTAKES))
    if found:
        raise DirectoryInvalid("The directory cannot be used; the one in force stays", mistakes=found)
    before = await newest_directory(ctx.store)
    if over is not None and over != before.version:
        raise Conflict("Somebody changed the directory at the same moment; look at the newest version first.")
    await check_directory(ctx.store, directory)
    kept, waits = _split(ctx, before, directory) if needs_two(actor) else (directory, [])
    beside = with_beside(await adding(ctx, waits, actor), said)
    version = before.version
    if _same(kept, before):
        await ctx.store.commit(beside)
    else:
        version = await import_directory(ctx.store, ctx.clock, kept, actor, over=before.version, beside=beside)
        ctx.governance.forget()
    return Published(version=version, proposed=tuple(one.subject for one in waits))


async def put_partner(ctx: Context, partner: Partner, actor: Actor, said: Transition = NOTHING) -> Published:
    """Add a partner, or replace the one of its name; everybody else stays. Raise as `put_in_force`."""
    directory = await newest_directory(ctx.store)
    others = tuple(one for one in directory.partners if one.name != partner.name)
    changed = directory.model_copy(update={"partners": (*others, partner)})
    return await put_in_force(ctx, changed, actor, over=directory.version, said=said)


async def switch(ctx: Context, name: str, actor: Actor, reason: str, *, enabled: bool) -> Published:
    """Disable a partner now, or propose that it may receive; the audit keeps why, and the entry of one that is off.

    Who is to receive, as it is proposed already where something is: to enable is the last of several changes as a rule.
    Raise NotFound and as `put_in_force`.
    """
    said = check_reason(reason)
    found = (await newest_directory(ctx.store)).named(name)
    if enabled:
        found = await _as_proposed(ctx, name) or found
    if found is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    change = {"enabled": enabled, "disabled_reason": None if enabled else said}
    act = acted_of_house(ctx, "partner.to_receive" if enabled else "partner.disabled", actor, said, partner=name)
    return await put_partner(ctx, found.model_copy(update=change), actor, act)


async def _as_proposed(ctx: Context, name: str) -> Partner | None:
    waiting = [row for row in await pending(ctx) if row["subject"] == PARTNER + name and row["glass_by"] is None]
    return Partner.model_validate_json(waiting[0]["body"]) if waiting else None


def _split(ctx: Context, before: Directory, wanted: Directory) -> tuple[Directory, list[Proposed]]:
    """Return what narrows, as a directory, and the rest, each with what it changes."""
    kept, waits = [], []
    for partner in wanted.partners:
        known = before.named(partner.name)
        if known is None:
            waits.append(Proposed(PARTNER + partner.name, None, entry(partner)))
            continue
        dialect = ctx.dialects.get(known.dialect)
        less = narrowed(known, partner, () if dialect is None else dialect.fields)
        kept.append(less)
        if less != partner:  # by what they say: the order of settings is none of it
            waits.append(Proposed(PARTNER + partner.name, entry(less), entry(partner)))
    fewer = fewer_territories(before, wanted)
    if territories(fewer) != territories(wanted):
        waits.append(Proposed(TERRITORIES, territories(fewer), territories(wanted)))
    return fewer.model_copy(update={"partners": tuple(kept)}), waits


def _same(one: Directory, other: Directory) -> bool:
    if territories(one) != territories(other) or len(one.partners) != len(other.partners):
        return False
    return all(other.named(partner.name) == partner for partner in one.partners)


def wrong_settings(dialects: Mapping[str, Dialect], directory: Directory) -> Iterator[Mistake]:
    """Yield what is wrong with the settings of each partner that is enabled, or that has any."""
    for partner in directory.partners:
        if not (partner.enabled or partner.config):
            continue
        about, dialect = f"partner {partner.name}", dialects.get(partner.dialect)
        if dialect is None:
            text = f"there is none named {partner.dialect}; known are {', '.join(sorted(dialects))}"
            yield Mistake(about, "dialect", text, "no_dialect")
            continue
        try:
            dialect.Config.model_validate(partner.config)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False, include_context=False):
                field = ".".join(str(part) for part in ("config", *one["loc"]))
                yield Mistake(about, field, reworded(one["type"], one["msg"]), one["type"])
