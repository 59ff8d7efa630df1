"""A change of the partner directory through this router: judged by each dialect's own settings before it is in force.

What `partners check` would find wrong without a call is found here: an unknown dialect, an address without TLS, a key
that no setting has. Each mistake names its partner and the field, never the value, which may be a secret.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from pydantic import ValidationError

from router.casework.case.typed_reason import check_reason
from router.casework.context import Context
from router.casework.govern.versions import import_directory, newest_directory
from router.data.directory import MOST_MISTAKES
from router.errors import BadInput, NotFound
from router.partners.base import Dialect
from schemas.actor import Actor
from schemas.partner import Directory, Partner
from schemas.problem import reworded


async def put_in_force(ctx: Context, directory: Directory, actor: Actor, *, over: int | None = None) -> int:
    """Put a directory in force and return its version. Raise BadInput (the one in force stays), Conflict."""
    found = list(islice(wrong_settings(ctx.dialects, directory), MOST_MISTAKES))
    if found:
        listed = "".join(f"\n  {one}" for one in found)
        raise BadInput(f"The directory cannot be used; the one in force stays:{listed}", reason="directory_invalid")
    return await import_directory(ctx.store, ctx.clock, directory, actor, over=over)


async def put_partner(ctx: Context, partner: Partner, actor: Actor) -> int:
    """Add a partner, or replace the one of its name; everybody else stays. Raise as `put_in_force`."""
    directory = await newest_directory(ctx.store)
    others = tuple(one for one in directory.partners if one.name != partner.name)
    changed = directory.model_copy(update={"partners": (*others, partner)})
    return await put_in_force(ctx, changed, actor, over=directory.version)


async def switch(ctx: Context, name: str, actor: Actor, reason: str, *, enabled: bool) -> int:
    """Enable or disable a partner, with the reason in its entry. Raise NotFound and as `put_in_force`."""
    said = check_reason(reason)
    found = (await newest_directory(ctx.store)).named(name)
    if found is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    change = {"enabled": enabled, "disabled_reason": None if enabled else said}
    return await put_partner(ctx, found.model_copy(update=change), actor)


def wrong_settings(dialects: Mapping[str, Dialect], directory: Directory) -> Iterator[str]:
    """Yield what is wrong with the settings of each partner that is enabled, or that has any."""
    for partner in directory.partners:
        if not (partner.enabled or partner.config):
            continue
        dialect = dialects.get(partner.dialect)
        if dialect is None:
            known = ", ".join(sorted(dialects))
            yield f"partner {partner.name}: dialect: there is none named {partner.dialect}; known are {known}"
            continue
        try:
            dialect.Config.model_validate(partner.config)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False, include_context=False):
                field = ".".join(str(part) for part in ("config", *one["loc"]))
                yield f"partner {partner.name}: {field}: {reworded(one['type'], one['msg'])}"
