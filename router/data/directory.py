"""The partner directory as a file: strictly read, every mistake named, and the one that ships with the router."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from router.bounds import read_toml
from router.errors import BadInput
from schemas.mistake import Mistake
from schemas.partner import Directory, Partner, PartnerKind
from schemas.problem import reworded

#: Whom a fresh router knows; all disabled, because endpoints and agreements are between two hotlines.
SHIPPED: Final = Path(__file__).parent / "partners" / "directory.toml"

#: Characters of a directory: twenty times the shipped one.
MAX_CHARACTERS: Final = 1_500_000
#: So many mistakes are named, and so many partners in one of them: more help nobody.
MOST_MISTAKES: Final = 50
_MOST_NAMED: Final = 5
#: Characters of a name, a key or a sentence that is repeated: each may be as long as the text.
_LONGEST: Final = 300

#: What TOML says in its own way.
_SENTENCES: Final = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "tuple_type": "write a list in [ ]",
    "dict_type": "write a table",
}


class DirectoryInvalid(BadInput):
    """The partner directory cannot be used; the one in force stays. Correct the named fields."""

    def __init__(self, message: str, mistakes: Sequence[Mistake], *, field: str | None = None) -> None:
        """As `BadInput`; `mistakes` are all that were found, each a line after the message."""
        listed = "".join(f"\n  {one}" for one in mistakes)
        super().__init__(f"{message}:{listed}", field=field, reason="directory_invalid")
        self.mistakes = tuple(mistakes)


@cache
def shipped_directory() -> Directory:
    """Return the directory that ships with the router. Frozen, so a process reads it once however often it starts."""
    return read_directory(SHIPPED.read_text(encoding="utf-8"))


def read_directory(text: str) -> Directory:
    """Return the directory written as TOML, or as JSON when the text begins with a brace.

    Raise DirectoryInvalid that names every mistake by its partner and key.
    """
    data = _parse(text)
    try:
        # Through JSON, because strict validation of Python values would want tuples and enum members.
        directory = Directory.model_validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[:MOST_MISTAKES]
        raise _bad([_said(one["loc"], one["type"], one["msg"], data) for one in wrong]) from None
    if found := mistakes(directory):
        raise _bad(found)
    return directory


def mistakes(directory: Directory) -> list[Mistake]:
    """Return what is wrong with a directory that reads well, in words; at most fifty things."""
    return list(islice(_mistakes(directory), MOST_MISTAKES))


def _mistakes(directory: Directory) -> Iterator[Mistake]:
    for name, count in Counter(partner.name for partner in directory.partners).items():
        if count > 1:
            yield _of(name, "name", f"{count} partners have this name; give each its own", "name_taken")
    yield from _mistakes_of_partners(directory)
    yield from _mistakes_of_peers(directory)
    yield from _double_defaults(directory)
    for territory, country in directory.territories.items():
        if country in directory.territories:
            text = f"{country} is itself a territory; name the country that serves both"
            yield Mistake(f"territories.{territory}", "", text)
    for territory in directory.assumed.keys() - directory.territories.keys():
        yield Mistake(f"assumed.{territory}", "", "there is no line for it under territories")


def _mistakes_of_partners(directory: Directory) -> Iterator[Mistake]:
    for partner in directory.partners:
        if not partner.countries and partner.kind is not PartnerKind.HUB:
            # Bars are by country, so nobody may be without one; of a hub the country counts that it is to give to.
            yield _of(partner.name, "countries", "name at least one country", "no_country")
        if partner.enabled and partner.disabled_reason:
            text = "it is enabled and has a disabled_reason; remove one of them"
            yield _of(partner.name, "disabled_reason", text, "enabled_and_not")
        if partner.default and not _is_hotline(partner):
            yield _of(partner.name, "default", "only a hotline or a hub can be a country's default", "no_default")


def _mistakes_of_peers(directory: Directory) -> Iterator[Mistake]:
    """A peer's signature names it by its own name and its key's id, so both must be unmistakable here."""
    peers = [partner for partner in directory.partners if partner.dialect == "router" and partner.enabled]
    keys: Counter[str] = Counter()
    for partner in peers:
        if partner.config.get("peer", partner.name) != partner.name:
            text = "this must be the partner's name, under which it signs"
            yield _of(partner.name, "config.peer", text, "peer_name")
        given = partner.config.get("keys")
        pinned = given if isinstance(given, list | tuple) else []
        keys.update(str(key.get("id")) for key in pinned if isinstance(key, dict))
    for key in (key for key, count in keys.items() if count > 1):
        yield Mistake(f"key {key}", "", "two pinned keys have this id; give each its own", "key_taken")


def _double_defaults(directory: Directory) -> Iterator[Mistake]:
    named: defaultdict[str, list[str]] = defaultdict(list)
    for partner in directory.partners:
        if partner.default and _is_hotline(partner):
            for country in partner.countries:
                named[country].append(partner.name)
    for country, names in named.items():
        if len(names) > 1:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            text = f"{', '.join(names[:_MOST_NAMED])}{more} are all its default; keep one"
            yield Mistake(country, "", text, "two_defaults")


def _of(partner: str, field: str, text: str, code: str) -> Mistake:
    return Mistake(f"partner {partner}", field, text, code)


def _is_hotline(partner: Partner) -> bool:
    return partner.kind in {PartnerKind.HOTLINE, PartnerKind.HUB}


def _parse(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip().startswith("{") else read_toml(text, MAX_CHARACTERS)
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits, and brackets without end
        raise _bad([Mistake("it is neither valid TOML nor valid JSON", "", str(error))]) from None


def _said(way: tuple[int | str, ...], kind: str, words: str, data: Any) -> Mistake:
    loc = [str(part)[:_LONGEST] if isinstance(part, str) else part for part in way if part != "[key]"]
    words = (_SENTENCES.get(kind) or reworded(kind, words))[:_LONGEST]
    if len(loc) > 1 and loc[0] == "partners":
        return Mistake(f"partner {_named(data, loc[1])}", ".".join(str(part) for part in loc[2:]), words, kind)
    return Mistake(".".join(str(part) for part in loc) or "the directory", "", words, kind)


def _named(data: Any, position: Any) -> str:
    row = data["partners"][position]
    name = row.get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) and len(name) <= _LONGEST else f"no. {position + 1}"


def _bad(found: list[Mistake]) -> DirectoryInvalid:
    count = "an error" if len(found) == 1 else f"{len(found)} errors"
    return DirectoryInvalid(f"The directory has {count}", mistakes=found, field=str(found[0]).split(":", 1)[0])
