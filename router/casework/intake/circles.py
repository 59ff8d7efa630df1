"""Reports whose pages would be files of their own files: refused, each by the field of its item.

A page may be known already, come later, or never come. So a report is held against what its source said before, in the
same batch too: only what would close a circle is refused, and a page that is not there yet is no fault.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from router.casework.case.pages import items_called
from router.casework.context import Context
from router.casework.intake.rows import Indexes
from router.casework.intake.validate import Reported
from router.errors import BadInput, RouterError

#: Pages of pages: more than any site nests, and a bound for the search.
DEEPEST: Final = 16

#: By source and what it calls an item: what it calls the pages of that item.
_Above = dict[tuple[str, bytes], set[bytes]]


async def in_circles(
    ctx: Context, fresh: Mapping[int, Indexes], verdicts: Sequence[Reported | RouterError]
) -> dict[int, BadInput]:
    """Return the reports, by their place, that make an item its own page by way of others, and why."""
    named = {i: index for i, index in fresh.items() if any(one.parent is not None for one in index.items)}
    if not named:
        return {}
    sources = {i: one.report.source for i, one in enumerate(verdicts) if isinstance(one, Reported)}
    above = await _known(ctx, {(sources[i], one.parent) for i in named for one in named[i].items if one.parent})
    refused = {}
    for i, index in fresh.items():
        links = _links(sources[i], index)
        for key, parents in links.items():
            above.setdefault(key, set()).update(parents)
        wrong = next((at for at, one in enumerate(index.items) if _is_above(above, sources[i], index, at)), None)
        if wrong is not None:
            refused[i] = _circle(wrong)
            for key, parents in links.items():
                above[key] -= parents
    return refused


def _links(source: str, index: Indexes) -> _Above:
    found: _Above = {}
    for at, one in enumerate(index.items):
        if one.parent is not None:
            for called in _called(index, at):
                found.setdefault((source, called), set()).add(one.parent)
    return found


def _called(index: Indexes, at: int) -> tuple[bytes, ...]:
    """Return what an item is called: its own reference; the first one of a report goes by the report's as well."""
    own = index.items[at].reference
    return tuple(one for one in (own, index.reference if at == 0 else None) if one is not None)


def _is_above(above: _Above, source: str, index: Indexes, at: int) -> bool:
    """Tell whether an item stands above itself, or under more pages than there can be."""
    own, here = set(_called(index, at)), {index.items[at].parent} - {None}
    for _ in range(DEEPEST):
        if not here:
            return False
        if own & here:
            return True
        here = {page for one in here if one is not None for page in above.get((source, one), ())}
    return True


async def _known(ctx: Context, wanted: Iterable[tuple[str, bytes]]) -> _Above:
    """Return what is known of these pages, of their pages, and so on."""
    above: _Above = {}
    ahead = set(wanted)
    for _ in range(DEEPEST):
        if not ahead:
            break
        found = await items_called(ctx, ahead)
        for key in ahead:
            above[key] = {bytes(row["parent_bidx"]) for row in found.get(key, ()) if row["parent_bidx"] is not None}
        ahead = {(source, page) for (source, one) in ahead for page in above[source, one]} - above.keys()
    return above


def _circle(at: int) -> BadInput:
    text = "This item would be its own page, by way of others; name the page that the file is on."
    return BadInput(text, field=f"items.{at}.parent", reason="parent_cycle")
