"""Two policies compared as a supervisor reads them: route by route, and who gets more or less by it.

Widening (`policy/widening`) asks whether a second person is needed and fails closed; this says what is different, and
nothing of what is the same.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import SequenceMatcher, unified_diff
from typing import Any, Final

from router.policy.faults import implied
from router.policy.widening import widened
from schemas.decision import Mode
from schemas.policy import Policy, PolicyTest, Route
from schemas.policy_version import ComparedView, PartChange, Reach, RouteChange, RouteKind

#: What is compared by itself, or is no setting.
_APART: Final = frozenset({"version", "route", "tests", "closing_tests"})
#: Lines of text around what differs.
_AROUND: Final = 3
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
#: The part that says where a route stands: before which other.
BEFORE: Final = "before"


def compared(of: int, to: int, before: Policy, after: Policy) -> ComparedView:
    """Return in what two policies differ; the text is not looked at (`lines`)."""
    old, new = (_tests(one) for one in (before, after))
    return ComparedView(
        of=of,
        to=to,
        routes=tuple(_routes(before, after)),
        settings=tuple(_parts(_settings(before), _settings(after))),
        tests_added=tuple(name for key, name in new.items() if key not in old),
        tests_removed=tuple(name for key, name in old.items() if key not in new),
        widens=widened(before, after),
    )


def lines(before: str, after: str) -> tuple[str, ...]:
    """Return the lines of a unified diff of two texts, without its head."""
    return tuple(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=_AROUND))[2:]


def _routes(before: Policy, after: Policy) -> Iterator[RouteChange]:
    old, new = ({one.name: one for one in policy.routes} for policy in (before, after))
    moved = _moved([name for name in old if name in new], [name for name in new if name in old])
    for name, route in new.items():
        if name not in old:
            yield _whole(RouteKind.ADDED, route, _next(new, name))
        elif change := _changed(old, new, name, moved=name in moved):
            yield change
    for name, route in old.items():
        if name not in new:
            yield _whole(RouteKind.REMOVED, route, _next(old, name))


def _whole(kind: RouteKind, route: Route, follows: str | None) -> RouteChange:
    is_new = kind is RouteKind.ADDED
    whole = {**_written(route), BEFORE: follows}
    parts = _parts({}, whole) if is_new else _parts(whole, {})
    to = tuple(sorted(route.to))
    return RouteChange(
        route=route.name,
        kind=kind,
        reach=Reach.MORE if is_new else Reach.FEWER,
        parts=tuple(parts),
        more=to if is_new else (),
        less=() if is_new else to,
        decides_for_others=route.ends_the_walk,
    )


def _changed(old: Mapping[str, Route], new: Mapping[str, Route], name: str, *, moved: bool) -> RouteChange | None:
    was, becomes = old[name], new[name]
    parts = list(_parts(_written(was), _written(becomes)))
    if not parts and not moved:
        return None
    places = _parts({BEFORE: _next(old, name)}, {BEFORE: _next(new, name)}) if moved else ()
    reach = _reach(was, becomes)
    more, less = _more_and_less(was, becomes, reach)
    return RouteChange(
        route=name,
        kind=RouteKind.CHANGED if parts else RouteKind.MOVED,
        reach=reach,
        parts=(*parts, *places),
        more=tuple(sorted(more)),
        less=tuple(sorted(less)),
        decides_for_others=moved or reach is not Reach.SAME or was.ends_the_walk != becomes.ends_the_walk,
    )


def _reach(was: Route, becomes: Route) -> Reach:
    wider, narrower = implied(becomes.when, was.when), implied(was.when, becomes.when)
    if wider and narrower:
        return Reach.SAME
    return Reach.MORE if wider else Reach.FEWER if narrower else Reach.OTHER


def _more_and_less(was: Route, becomes: Route, reach: Reach) -> tuple[set[str], set[str]]:
    """Return who gets more by a route that is written otherwise, and who less; both where that is not plain."""
    more, less = set(becomes.to) - set(was.to), set(was.to) - set(becomes.to)
    stays = set(was.to) & set(becomes.to)
    if reach in {Reach.MORE, Reach.OTHER}:
        more |= stays
    if reach in {Reach.FEWER, Reach.OTHER}:
        less |= stays
    if was.mode is not becomes.mode:
        by_itself = becomes.mode is Mode.AUTOMATIC
        (more if by_itself else less).update(stays)
    return more, less


def _next(routes: Mapping[str, Route], name: str) -> str | None:
    names = list(routes)
    at = names.index(name) + 1
    return names[at] if at < len(names) else None


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return the fewest names, or nearly, whose places explain another order."""
    stays = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {name for block in stays for name in old[block.a : block.a + block.size]}
    return set(old) - kept


def _written(route: Route) -> dict[str, Any]:
    return _flat(route.model_dump(by_alias=True, exclude_defaults=True, exclude={"name"}))


def _settings(policy: Policy) -> dict[str, Any]:
    whole = policy.model_dump(by_alias=True)
    return _flat({key: value for key, value in whole.items() if key not in _APART})


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of tables under their own names: `when.has_hotline`, `barred.XX`, `translations.nl.TEXT`."""
    found: dict[str, Any] = {}
    for key, value in given.items():
        inside = _flat(value) if isinstance(value, dict) else None
        found |= {key: value} if inside is None else {f"{key}.{inner}": one for inner, one in inside.items()}
    return found


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[PartChange]:
    for key in dict.fromkeys([*before, *after]):
        was, becomes = before.get(key), after.get(key)
        if was != becomes:
            yield PartChange(part=key, was=_toml(was), becomes=_toml(becomes))


def _toml(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_span)


def _span(value: timedelta) -> str:
    """Return a time as a policy writes it: "5d", "90m"."""
    seconds = round(value.total_seconds())
    unit, size = next(one for one in _UNITS if seconds % one[1] == 0)
    return f"{seconds // size}{unit}"


def _tests(policy: Policy) -> dict[str, str]:
    """Return what each test says, and its name."""
    found = {one.model_dump_json(): _name(one) for one in policy.tests}
    return found | {one.model_dump_json(): one.name or "closing" for one in policy.closing_tests}


def _name(test: PolicyTest) -> str:
    return test.name or f"expects {', '.join(test.expect)}"
