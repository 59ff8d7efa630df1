"""Which hosts the rules in force name that nobody here knows any more: by an index of a key that is gone."""

from sqlalchemy import select

from router.casework.context import Context
from router.store.schema.tables import cases
from schemas.governed import UnknownHosts
from schemas.site import bounds


async def unknown_hosts(ctx: Context) -> UnknownHosts:
    """Return the routes that name a host of which no case is kept; none while the indexes are those of the first key.

    Once they were made anew such a route may match nothing for ever: whatever host it meant has another index by now.
    """
    version, policy = await ctx.governance.policy()
    if not ctx.keyring.indexed_anew:
        return UnknownHosts(version=version)
    routes = []
    for route in policy.routes:
        for index in route.when.host_index or ():
            first, _ = bounds(index)
            marks = [one + first for one in ctx.keyring.ids()]
            if not await ctx.store.rows(select(cases.c.id).where(cases.c.host_bidx.in_(marks)).limit(1)):
                routes.append(route.name)
                break
    return UnknownHosts(version=version, routes=tuple(routes))
