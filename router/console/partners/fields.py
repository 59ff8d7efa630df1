"""A partner's entry as fields of a form, and back. The entry says what there is; nothing here judges a value.

A value that is not of its kind (a word where a number belongs) goes on as it was typed, and is refused beside its field
by whoever judges every entry. Fields that name a secret are never filled in: left empty, they stay as they are.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from router.partners.base import Dialect
from router.partners.secret_name import names_secret
from schemas.mistake import Mistake
from schemas.partner import Partner, PartnerKind
from schemas.vocabulary import Assessment


class Kind(StrEnum):
    """How a field is typed."""

    LINE = "line"
    LIST = "list"  #: words, with blanks or commas between them
    FLAG = "flag"
    CHOICE = "choice"
    TICKS = "ticks"  #: several of a few
    DATE = "date"
    NUMBER = "number"
    HOURS = "hours"  #: daily spans: 02:00-03:30, 12:00-13:00
    JSON = "json"
    TEXT = "text"  #: several lines, such as a certificate
    SECRET = "secret"  # noqa: S105 - a kind of field; it takes the name of a secret
    SECRETS = "secrets"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its dotted place in the entry, and how it is typed."""

    path: str
    kind: Kind
    choices: tuple[str, ...] = ()
    needed: bool = False
    on: bool = False  #: of a flag: that it is on where nothing is said


#: What every entry has, in the order of the form. What the router writes itself (`checked_on`) is none of it.
ENTRY: Final = (
    Field("title", Kind.LINE, needed=True),
    Field("kind", Kind.CHOICE, tuple(PartnerKind), needed=True),
    Field("countries", Kind.LIST),
    Field("default", Kind.FLAG),
    Field("inhope", Kind.FLAG),
    Field("enabled", Kind.FLAG),
    Field("disabled_reason", Kind.LINE),
    Field("accepts", Kind.TICKS, tuple(Assessment)),
    Field("agreement.until", Kind.DATE),
    Field("agreement.transfer_basis", Kind.LINE),
    Field("agreement.transfer_until", Kind.DATE),
    Field("pace.per_second", Kind.NUMBER),
    Field("pace.burst", Kind.NUMBER),
    Field("pace.in_flight", Kind.NUMBER),
    Field("pace.daily_cap", Kind.NUMBER),
    Field("pace.closed", Kind.HOURS),
    Field("fields", Kind.LIST),
    Field("networks", Kind.LIST),
    Field("severity", Kind.LINE),
    Field("public_site", Kind.LINE),
    Field("source", Kind.LINE),
)
NAME: Final = Field("name", Kind.LINE, needed=True)
#: The field that may stand several times in a form.
TICKS: Final = "accepts"
_SPLIT: Final = str.maketrans({",": " ", ";": " ", "\n": " ", "\r": " ", "\t": " "})


def of_dialect(dialect: Dialect) -> tuple[Field, ...]:
    """Return what a partner that speaks a dialect has besides: its settings, in their order."""
    return tuple(_setting(name, field) for name, field in dialect.Config.model_fields.items())


def _setting(name: str, field: FieldInfo) -> Field:
    path, needed, plain = f"config.{name}", field.is_required(), _plain(field.annotation)
    if names_secret(field):
        return Field(path, Kind.SECRETS if get_origin(plain) is tuple else Kind.SECRET, needed=needed)
    choices = _choices(plain)
    if choices:
        return Field(path, Kind.CHOICE, choices, needed)
    if plain is bool:
        return Field(path, Kind.FLAG, on=field.default is True)
    kind = {int: Kind.NUMBER, float: Kind.NUMBER}.get(plain)
    if kind is None and (get_origin(plain) is not None or (isinstance(plain, type) and issubclass(plain, BaseModel))):
        kind = Kind.JSON
    longest = max((getattr(one, "max_length", None) or 0 for one in field.metadata), default=0)
    return Field(path, kind or (Kind.TEXT if longest > _LONG else Kind.LINE), needed=needed)


def _choices(plain: Any) -> tuple[str, ...]:
    if get_origin(plain) is Literal:
        return tuple(str(one) for one in get_args(plain))
    return tuple(str(one.value) for one in plain) if isinstance(plain, type) and issubclass(plain, Enum) else ()


#: Characters from which on a text has lines of its own.
_LONG: Final = 2_000


def _plain(annotation: Any) -> Any:
    """Return the type itself, without what may be left out and what is said about it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation):
            annotation = next(one for one in get_args(annotation) if one is not type(None))
        else:
            return annotation


def shown(partner: Partner, fields: Sequence[Field]) -> dict[str, str]:
    """Return what stands in each field, as it would be typed; a name of a secret stands in none."""
    entry = partner.model_dump(mode="json")
    return {one.path: text for one in fields if (text := _text(one, _at(entry, one.path)))}


def _at(entry: Mapping[str, Any], path: str) -> Any:
    found: Any = entry
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(field: Field, value: Any) -> str:
    match field.kind:
        case Kind.SECRET | Kind.SECRETS:
            return ""
        case Kind.FLAG:
            return "true" if value is True or (value is None and field.on) else ""
        case Kind.HOURS:
            return ", ".join(f"{one['start'][:5]}-{one['end'][:5]}" for one in value or ())
        case Kind.LIST | Kind.TICKS:
            return " ".join(value or ())
        case Kind.JSON:
            return "" if value is None else json.dumps(value, ensure_ascii=False, indent=1)
    return "" if value is None else str(value)


def filled(before: Mapping[str, Any], typed: Mapping[str, str], fields: Sequence[Field]) -> dict[str, Any]:
    """Return an entry as a form says it, over what it was before; what was emptied is left to its default."""
    entry = deepcopy(dict(before))
    for one in fields:
        text = typed.get(one.path, "")
        if not text and one.kind in (Kind.SECRET, Kind.SECRETS):
            continue
        *way, last = one.path.split(".")
        place = entry
        for part in way:
            place = place.setdefault(part, {})
        if text or one.kind is Kind.TICKS or (one.kind is Kind.FLAG and (last in place or one.on)):
            place[last] = _value(one, text)
        else:
            place.pop(last, None)
    return entry


def _value(field: Field, text: str) -> Any:
    made = _MADE.get(field.kind)
    return text if made is None else made(text)


def _words(text: str) -> list[str]:
    return text.translate(_SPLIT).split()


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _span(text: str) -> dict[str, str]:
    start, _, end = text.replace("–", "-").partition("-")  # noqa: RUF001 - as pages write a span
    return {"start": start, "end": end} if end else {"start": start}


_MADE: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.FLAG: lambda text: text == "true",
    Kind.LIST: _words,
    Kind.TICKS: _words,
    Kind.SECRETS: _words,
    Kind.NUMBER: _number,
    Kind.HOURS: lambda text: [_span(one) for one in _words(text)],
    Kind.JSON: json.loads,
    Kind.TEXT: lambda text: text.replace("\r\n", "\n"),
}


def unreadable(about: str, typed: Mapping[str, str], fields: Sequence[Field]) -> Iterator[Mistake]:
    """Yield which fields hold what cannot even be made a value: JSON that is none. Values are not repeated."""
    for one in fields:
        if one.kind is Kind.JSON and one.path in typed:
            try:
                json.loads(typed[one.path])
            except (ValueError, RecursionError):
                yield Mistake(about, one.path, "this is not JSON", "json_invalid")


def beside(mistakes: Sequence[Mistake], about: str, fields: Sequence[Field]) -> dict[str, list[Mistake]]:
    """Return by field what is wrong in it; what is about no field of this form stands under the empty name."""
    paths = [one.path for one in fields]
    found: dict[str, list[Mistake]] = {}
    for one in mistakes:
        ours = [path for path in paths if one.about == about and f"{one.field}.".startswith(f"{path}.")]
        found.setdefault(max(ours, key=len, default=""), []).append(one)
    return found
