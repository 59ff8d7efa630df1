"""Which rows are of one host, for people who see no host: its tag, and how many open cases it has.

A tag is the beginning of the host's blind index (`schemas/site`). So two tags that are alike are neighbours in the
index of cases, and so is whatever a tag that somebody types may mean: each answer is a few steps into that index.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ScalarSelect, and_, func, select

from router.casework.context import Context
from router.errors import BadInput
from router.guard.seal import ID
from router.store.base import Row
from router.store.schema.tables import cases
from schemas.site import COUNTED, SiteView, bounds, tag

_SEVERAL: Final = "Several tags begin so: write more of it, as in {one} and {other}."
_KEPT: Final = cases.alias("kept")


async def sites_of(ctx: Context, rows: Sequence[Row]) -> dict[str, SiteView]:
    """Return, by the case's id, the site of each of these cases that has a host."""
    of_hosts = {row["host_bidx"] for row in rows if row["host_bidx"] is not None}
    if not of_hosts:
        return {}
    ids = sorted(row["id"] for row in rows)
    host = select(cases.c.host_bidx).where(cases.c.id.in_(ids), cases.c.host_bidx.is_not(None)).distinct().subquery()
    asked = select(
        host.c.host_bidx,
        _next_to(host, _KEPT.c.host_bidx < host.c.host_bidx, _KEPT.c.host_bidx.desc()).label("before"),
        _next_to(host, _KEPT.c.host_bidx > host.c.host_bidx, _KEPT.c.host_bidx).label("behind"),
        _open_ones(host).label("n"),
    )
    found = {row["host_bidx"]: _site(row) for row in await ctx.store.rows(asked)}
    return {row["id"]: found[row["host_bidx"]] for row in rows if row["host_bidx"] in found}


def _next_to(host: Any, where: Any, order: Any) -> ScalarSelect[Any]:
    """Return the index that comes next before or behind a host's own, of any that are kept."""
    return select(_KEPT.c.host_bidx).where(where).order_by(order).limit(1).correlate(host).scalar_subquery()


def _open_ones(host: Any) -> ScalarSelect[Any]:
    """Return how many cases of a host are open, counting no more of them than are told."""
    of_host = and_(_KEPT.c.host_bidx == host.c.host_bidx, _KEPT.c.closed_at.is_(None))
    some = select(_KEPT.c.id).where(of_host).limit(COUNTED + 1).correlate(host).subquery()
    return select(func.count()).select_from(some).correlate(host).scalar_subquery()


def _site(row: Row) -> SiteView:
    index, before, behind = (None if row[name] is None else bytes(row[name])[ID:] for name in _INDEXES)
    assert index is not None  # for the type checker
    return SiteView(tag=tag(index, before, behind), open=min(row["n"], COUNTED), more=row["n"] > COUNTED)


_INDEXES: Final = ("host_bidx", "before", "behind")


async def host_called(ctx: Context, given: str) -> bytes | None:
    """Return the blind index of the host that a tag is of, None for no host. Raise BadInput where it is of several."""
    first, last = bounds(given)
    found: set[bytes] = set()
    for master in ctx.keyring.ids():
        among = cases.c.host_bidx.between(master + first, master + last)
        for order in (cases.c.host_bidx, cases.c.host_bidx.desc()):
            ends = select(cases.c.host_bidx).where(among).order_by(order).limit(1)
            found |= {bytes(row["host_bidx"]) for row in await ctx.store.rows(ends)}
    if len(found) > 1:
        one, other, *_ = sorted(index[ID:] for index in found)
        text = _SEVERAL.format(one=tag(one, other), other=tag(other, one))
        raise BadInput(text, field="site", reason="several")
    return found.pop() if found else None
