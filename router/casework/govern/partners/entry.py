"""A partner's entry as somebody changes it in a form: what they saw of it, and the one way it is judged and proposed.

It is read and judged as `partners add` reads and judges a file, by the same functions. What somebody else put in force
or proposed meanwhile is not overwritten by what was begun before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from router.casework.context import Context
from router.casework.govern.directory_change import put_partner
from router.casework.govern.proposals import pending
from router.casework.govern.subjects import entry
from router.casework.govern.versions import newest_directory
from router.data.directory import DirectoryInvalid, read_directory
from router.errors import Conflict, NotFound
from schemas.actor import Actor
from schemas.governed import Published
from schemas.mistake import Mistake
from schemas.partner import Partner
from schemas.proposal import PARTNER

_TAKEN: Final = "there is a partner of this name, or one is proposed; change that one"


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a partner: its entry in force, and what is proposed of it and by whom."""

    in_force: Partner | None
    proposed: Partner | None
    by: str | None
    seen: str  #: stands for all of this: another one means that somebody was faster

    @property
    def newest(self) -> Partner | None:
        """Return the entry that a change begins with: as it is proposed, where something is."""
        return self.proposed or self.in_force


async def standing(ctx: Context, name: str) -> Standing:
    """Return what there is of a partner, read now."""
    in_force = (await newest_directory(ctx.store)).named(name)
    waiting = [row for row in await pending(ctx) if row["subject"] == PARTNER + name and row["glass_by"] is None]
    proposed = Partner.model_validate_json(waiting[0]["body"]) if waiting else None
    kept = "" if in_force is None else entry(in_force)
    seen = sha256(f"{kept}\n{waiting[0]['id'] if waiting else ''}".encode()).hexdigest()
    return Standing(in_force, proposed, waiting[0]["by"] if waiting else None, seen)


async def known(ctx: Context, name: str) -> tuple[Partner, Standing]:
    """Return the entry that a change of a partner begins with. Raise NotFound."""
    found = await standing(ctx, name)
    if found.newest is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    return found.newest, found


async def add(ctx: Context, given: Mapping[str, Any], actor: Actor) -> Published:
    """Propose a partner that there is none of yet. Raise DirectoryInvalid, NotAllowed, Conflict, PolicyInvalid."""
    partner = _read(given)
    if (await standing(ctx, partner.name)).newest is not None:
        found = Mistake(f"partner {partner.name}", "name", _TAKEN, "name_taken")
        raise DirectoryInvalid("The directory cannot be used; the one in force stays", mistakes=[found])
    return await put_partner(ctx, partner, actor)


async def change(ctx: Context, given: Mapping[str, Any], actor: Actor, seen: str) -> Published:
    """Change a partner: what narrows is in force at once, the rest waits for a second person.

    `seen` is the standing that the change began with. Raise as `add`, and Conflict when somebody was faster.
    """
    partner = _read(given)
    if (await standing(ctx, partner.name)).seen != seen:
        raise Conflict
    return await put_partner(ctx, partner, actor)


def _read(given: Mapping[str, Any]) -> Partner:
    (partner,) = read_directory(json.dumps({"partners": [given]})).partners
    return partner
