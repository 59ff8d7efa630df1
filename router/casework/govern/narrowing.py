"""What of a change of a partner narrows where data go, and so needs no second person. Pure; a rule for each field.

A rule takes a field as it is in force and as it is wanted, and returns as much of the wish as sends nothing further
than before. What is left of the wish waits for a second person. A field that says nothing of where data go is free.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias

import orjson

from schemas.partner import Agreement, Directory, Partner
from schemas.proposal import FieldChange

Rule: TypeAlias = Callable[[Any, Any], Any]

#: Lists in a dialect's settings of which one entry less is one who may read, or sign, less.
_LISTS: Final = ("keys", "secrets")
#: Until when such an entry counts.
_END: Final = "not_after"


def _free(_in_force: Any, wanted: Any) -> Any:
    return wanted


def _stays(in_force: Any, _wanted: Any) -> Any:
    return in_force


def _only_off(in_force: bool, wanted: bool) -> bool:  # noqa: FBT001 - a rule takes two values of its field
    return in_force and wanted


def _common(in_force: Sequence[Any], wanted: Sequence[Any]) -> tuple[Any, ...]:
    if all(one in in_force for one in wanted):
        return tuple(wanted)
    return tuple(one for one in in_force if one in wanted)


def _common_or_all(in_force: Sequence[Any], wanted: Sequence[Any]) -> tuple[Any, ...]:
    """As `_common` for what must not be empty: bars are by country, so nobody is without one."""
    return _common(in_force, wanted) or tuple(in_force)


def _sooner(in_force: date | None, wanted: date | None) -> date | None:
    return min((day for day in (in_force, wanted) if day is not None), default=None)


def _agreement(in_force: Agreement, wanted: Agreement) -> Agreement:
    return Agreement(
        until=_sooner(in_force.until, wanted.until),
        transfer_basis=in_force.transfer_basis and wanted.transfer_basis,
        transfer_until=_sooner(in_force.transfer_until, wanted.transfer_until),
    )


def _config(in_force: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(in_force)
    for name in _LISTS:
        ours, theirs = in_force.get(name), wanted.get(name)
        if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
            kept[name] = type(ours)(_common(_ended(ours, theirs), theirs)) or ours
    return kept


def _ended(ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Return the entries in force, each with an earlier end where one is wanted: a key that is revoked."""
    by_id = {one.get("id"): one for one in theirs if isinstance(one, Mapping)}
    return [_sooner_ended(one, by_id.get(one.get("id"))) if isinstance(one, Mapping) else one for one in ours]


def _sooner_ended(in_force: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> Mapping[str, Any]:
    end = None if wanted is None else wanted.get(_END)
    if wanted is None or end is None or {**wanted, _END: None} != {**in_force, _END: None}:
        return in_force
    stands = in_force.get(_END)
    return wanted if stands is None or datetime.fromisoformat(end) <= datetime.fromisoformat(stands) else in_force


#: Every field of a partner has its rule; `fields` has one of its own, since None there means the dialect's list.
RULES: Final[Mapping[str, Rule]] = {
    "name": _stays,
    "title": _free,
    "kind": _stays,
    "countries": _common_or_all,
    "default": _only_off,
    "inhope": _only_off,
    "dialect": _stays,
    "config": _config,
    "networks": _common,
    "enabled": _only_off,
    "disabled_reason": _free,
    "checked_on": _free,
    "agreement": _agreement,
    "accepts": _common,
    "pace": _free,
    "fields": _stays,
    "public_site": _free,
    "severity": _free,  # in whose words it is said; whether it is, `fields` says
    "source": _free,
}


def narrowed(in_force: Partner, wanted: Partner, listed: Sequence[str] = ()) -> Partner:
    """Return the partner with as much of the wanted change as narrows. `listed` are its dialect's own fields.

    Equal to `wanted` when nothing of the change needs a second person.
    """
    kept = {name: rule(getattr(in_force, name), getattr(wanted, name)) for name, rule in RULES.items()}
    kept["fields"] = _fields(in_force.fields, wanted.fields, listed)
    if kept["enabled"]:
        kept["disabled_reason"] = None
    elif wanted.enabled:
        kept["disabled_reason"] = in_force.disabled_reason
    return Partner(**kept)


def _fields(
    in_force: Sequence[str] | None, wanted: Sequence[str] | None, listed: Sequence[str]
) -> tuple[str, ...] | None:
    if in_force == wanted:
        return wanted if wanted is None else tuple(wanted)
    ours = listed if in_force is None else in_force
    theirs = listed if wanted is None else wanted
    if set(theirs) <= set(ours):
        return None if wanted is None else tuple(wanted)
    return None if in_force is None and set(ours) <= set(theirs) else _common(ours, theirs)


def fewer_territories(in_force: Directory, wanted: Directory) -> Directory:
    """Return the directory in force without what the wanted one takes back of who serves which territory."""
    kept = {name: by for name, by in in_force.territories.items() if wanted.territories.get(name) == by}
    known = {**wanted.assumed, **in_force.assumed}
    assumed = {name: wanted.assumed.get(name, why) for name, why in known.items() if name in kept}
    return in_force.model_copy(update={"territories": kept, "assumed": assumed})


def differences(was: Mapping[str, Any] | None, becomes: Mapping[str, Any] | None) -> Iterator[FieldChange]:
    """Yield what differs between two JSON objects, a dotted name each: `config.url`."""
    ours, theirs = dict(_flat(was or {})), dict(_flat(becomes or {}))
    for name in sorted(ours.keys() | theirs.keys()):
        before, after = ours.get(name), theirs.get(name)
        if before != after:
            yield FieldChange(field=name, was=before, becomes=after)


def _flat(given: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{name}.")
        elif value is not None and value not in ([], {}):
            yield before + name, orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
