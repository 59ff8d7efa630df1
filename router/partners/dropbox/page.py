"""The readable page of a bundle: plain text, nothing active, every location made unclickable."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from router.guard.mask import defang
from router.partners.dropbox.page_words import place_within, within, word
from schemas.exchange import NOT_STATED

_WIDTH: Final = 78
_INDENT: Final = "    "
#: In this order; what else an item holds follows, and what says nothing to a person is left to bundle.json.
_FIRST: Final = (
    "reply_code", "location_shown", "kind", "urgency", "assessment", "severity", "labels", "received_at", "last_seen",
    "hosting", "dossier", "origin_reference",
)  # fmt: skip
_LEFT_OUT: Final = frozenset({"location", "referral_id"})
#: What a mail program might make a link of.
_LOCATIONS: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\S+@\S+\.\S+", re.IGNORECASE)


def page(bundle: Mapping[str, Any], opened_with: tuple[str, ...], language: str, zone: tzinfo) -> str:
    """Return the page of a bundle as its JSON says it."""

    def say(code: str) -> str:
        return word(code, language)

    lines = [say("title"), "=" * _WIDTH]
    lines += [say(one) for one in ("test", "told") if bundle.get(one)]
    lines += _wrapped(say("metadata"), "")
    for code in ("from", "to", "bundle", "prepared_at", "law", "encrypted_to", "signed_by"):
        if bundle.get(code):
            lines += _wrapped(f"{say(code)}: {_text(bundle[code], zone, language)}", "")
    lines += [f"{say('opened_with')}:", *(_INDENT + line for line in opened_with)]
    lines += ["", *_wrapped(f"{say('asked')}: {say(bundle['asked'])}", "")]
    lines += ["", *(line for one in ("answer", "answers", "no_secret") for line in _wrapped(say(one), ""))]
    items = bundle["items"]
    for number, item in enumerate(items, start=1):
        lines += ["", "-" * _WIDTH, f"{say('item')} {number} {say('of')} {len(items)}"]
        lines += _item(item, language, zone)
    return "\n".join(lines) + "\n"


def _item(item: Mapping[str, Any], language: str, zone: tzinfo) -> Iterator[str]:
    known = {**item, "severity": item.get("severity") or word("not_stated", language)}
    rest = sorted(known.keys() - {*_FIRST, *_LEFT_OUT})
    assessment = item.get("assessment")
    if isinstance(assessment, Mapping) and assessment.get("not_assessed_by_us"):
        yield from _wrapped(word("not_assessed_by_us", language), "")
    for code in (*_FIRST, *rest):
        if code in known:
            yield from _wrapped(f"{word(code, language)}: {_text(known[code], zone, language)}", "")
    if isinstance(item.get("hosting"), Mapping) and item["hosting"].get("edge"):
        yield from _wrapped(word("edge", language), "")


def _text(value: Any, zone: tzinfo, language: str) -> str:
    match value:
        case bool():
            return word("yes" if value else "no", language)
        case Mapping():
            told = [(key, one) for key, one in value.items() if one not in (None, "", [])]
            told.sort(key=lambda each: place_within(each[0]))
            return "; ".join(f"{within(key, language)} {_text(one, zone, language)}" for key, one in told)
        case list() | tuple():
            between = " / " if any(isinstance(one, Mapping) for one in value) else ", "
            return between.join(_text(one, zone, language) for one in value)
        case str():
            return within(value, language) if value == NOT_STATED else _shown(value, zone)
    return str(value)


def _shown(text: str, zone: tzinfo) -> str:
    """Return a text on one line; a moment in UTC and in the unit's own time, a location made unclickable."""
    if len(text) >= 20 and text[4:5] == "-" and "T" in text:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            local = "" if at.tzinfo is None else f" ({at.astimezone(zone):%Y-%m-%d %H:%M:%S %z})"
            return f"{text}{local}"
    return _LOCATIONS.sub(lambda found: defang(found.group()), " / ".join(text.splitlines()))


def _wrapped(text: str, indent: str) -> list[str]:
    """Return a text in lines that every program shows whole; long locations are cut at any character."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + _INDENT,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    ) or [""]
