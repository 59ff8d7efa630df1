"""Making pages: the templates of each language, their filters, and the headers that every page carries.

Templates escape everything; none of them decides. One environment for each language, because Jinja binds the
translations to the environment: so what a template says is written into it in that language when it is compiled, once
a process, and not looked up for each row of each page.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context as Rendering
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from pydantic import BaseModel, JsonValue
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.casework.case.acts import SENDING
from router.clock import Clock
from router.console import assets, language
from router.console.details import told
from router.console.findings import retold
from router.console.language import FALLBACK, LANGUAGES, Tongue
from router.console.partner_words import ACTION_REASON
from router.console.people.called import called, stopped
from router.console.queue.key_table import COOKIE as KEYS_COOKIE
from router.console.queue.key_table import OFF
from router.console.rules import because, faults
from router.console.rules.reasons import NO_REASONS
from router.console.rules.ruled_out import ruled_out
from router.console.sentences import says_more, sentence
from router.console.words import word
from router.figures.draw import curve
from router.guard.mask import defang

#: A moment in a sentence of the rooms below, which write it in UTC for whoever reads it.
_IN_UTC: Final = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\b")
#: The person's own choice of language. Holds no identity, so it outlives the session.
LANGUAGE_COOKIE: Final = "__Host-language"

#: OWASP Secure Headers, for pages: nothing from elsewhere, nothing inline, no frame, no cache, no referrer.
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


#: Where something is filled into a text.
_HOLE: Final = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Pages:
    """Everything that pages are made of: templates in each language, and the clock that "3 hours ago" is told from."""

    environments: Mapping[str, Environment]
    clock: Clock
    me: str

    def render(self, tongue: str, template: str, **values: Any) -> str:
        """Return a template of a language, filled in."""
        return self.environments[tongue].get_template(template).render(now=self.clock.now(), me=self.me, **values)


def make_pages(clock: Clock, me: str, zone: tzinfo) -> Pages:
    """Return the pages of a console: `clock` gives the time, `zone` is the house's, `me` is our name among peers."""
    return Pages(_environments(zone), clock, me)


def show(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page in the language of whoever asked for it."""
    pages: Pages = request.app.state.pages
    session = values.get("session")
    account = session.account.locale if session is not None else None
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    tongue = language.choose(chosen, account, request.headers.get("accept-language", ""))
    around: dict[str, Any] = {
        "session": None,
        "provider": request.app.state.ctx.door.provider,
        "news": (),
        "actor": None,
        "stats": None,
        "navigation": (),
        "stops_in_force": 0,
        "drafts_waiting": 0,
        "restored_of": None,
    }
    around |= {"keys_off": request.cookies.get(KEYS_COOKIE) == OFF}
    return HTMLResponse(pages.render(tongue, template, **{**around, "path": request.url.path, **values}), status)


class Headers:
    """Gives every answer of the console its headers, unless it says otherwise itself (style sheets may be kept)."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                named = {name.lower() for name, _ in given}
                more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in named]
                message = {**message, "headers": [*given, *more]}
            await send(message)

        await self._app(scope, receive, guarded)


@cache
def _environments(zone: tzinfo) -> Mapping[str, Environment]:
    """Return the templates by language: the same for all routers of a process, since to compile them takes a second."""
    return {code: _environment(tongue, zone) for code, tongue in language.load().items()}


def _environment(tongue: Tongue, zone: tzinfo) -> Environment:
    made = Environment(
        loader=PackageLoader("router.console"),
        autoescape=True,
        auto_reload=False,  # a process serves the templates that it was started with
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.code_generator_class = _Translating
    made.install_gettext_callables(tongue.gettext, tongue.ngettext, newstyle=True)  # type: ignore[attr-defined] # i18n's
    made.globals |= {"tongue": tongue, "languages": LANGUAGES, "asset": assets.address, "sending": SENDING}
    made.filters |= {
        "word": lambda code, table: tongue.gettext(word(table, code)),
        "country": tongue.country,
        "partner_reason": lambda reason: tongue.gettext(ACTION_REASON.get(reason) or str(reason)),
        "share": tongue.share,
        "number": tongue.number,
        "listed": tongue.listed,
        "moment": _moment(tongue, zone),
        "ago": _ago(tongue, zone),
        "waiting": _waiting(tongue),
        "lasting": tongue.waiting,
        "value": wire_value,
        "titled": lambda name, titles: titles.get(name, name),
        "query": query,
        "by_name": lambda codes: sorted(codes, key=tongue.country),
        "sentence": sentence,
        "says_more": says_more,
        "english": _english(tongue, zone),
        "stated": lambda detail: retold(tongue, detail) or tongue.gettext(detail),
        "defanged": lambda text: defang(text) if "://" in text else text,
        "breakable": breakable,
        "why": _why(tongue),
        "who": lambda actor: called(tongue, actor),
        "stopped": lambda scope: stopped(tongue, scope),
        "told": lambda detail, titles: told(tongue, detail, titles),
        "fault": _fault(tongue, faults.fault),
        "entry_fault": _fault(tongue, faults.of_entry),
        "fault_head": lambda message: faults.head(tongue, message),
        "fault_place": lambda place: faults.place(tongue, place),
        "test_name": lambda name: faults.test_name(tongue, name),
        "test_end": lambda end: faults.ending(tongue, end),
        "effects": lambda words, titles: ", ".join(faults.effect(tongue, one, titles) for one in words),
        "drawn": lambda one, title, days: Markup(curve(one.steps, title, days)),  # noqa: S704 - it escapes these
    }
    return made


class _Translating(CodeGenerator):
    """Compiles a template with its texts in the language of its environment."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        """Translate, then compile."""
        tongue: Any = self.environment.globals["tongue"]
        super().visit_Template(_Texts(tongue).visit(node), frame)


class _Texts(NodeTransformer):
    """Puts translations in place of a template's texts; those with forms for numbers are chosen as they are shown."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        """Return a text in this language, with what is filled in: escaped there, as all else that is shown."""
        self.generic_visit(node)
        match node:
            case nodes.Call(node=nodes.Name(name="_" | "gettext"), args=[nodes.Const(value=str(text))]):
                filled: dict[str, nodes.Expr] = {one.key: one.value for one in node.kwargs}
                said = _HOLE.split(self._tongue.gettext(text))
                parts = [filled[one] if at % 2 else _as_is(one) for at, one in enumerate(said)]
                return parts[0] if len(parts) == 1 else nodes.Concat(parts)
        return node


def _as_is(text: str) -> nodes.Const:
    return nodes.Const(Markup(text.replace("%%", "%")))  # noqa: S704 - a text of ours or of the catalogue


def query(asked: BaseModel, **other: str) -> str:
    """Return what is wanted of a list as the query of an address, some of it otherwise."""
    fields = asked.model_dump(mode="json", exclude_defaults=True, exclude_none=True) | other
    return urlencode({name: str(value).lower() if value is True else value for name, value in fields.items() if value})


def wire_value(value: JsonValue) -> str:
    """Return what stands in a field that leaves, as it stands there."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def breakable(text: str) -> Markup:
    """Return a long masked location with places where a line may break, so that it never widens the page."""
    marked = str(escape(text))
    for mark in ("[.]", "/", "&amp;", "?", "="):
        marked = marked.replace(mark, f"{mark}<wbr>")
    return Markup(marked)  # noqa: S704 - escaped above


def _english(tongue: Tongue, zone: tzinfo) -> Any:
    """Say what a policy or the router says: as that policy has it in this language, else as the catalogue does.

    What neither has is marked as the language that it is in (WCAG 3.1.2: language of parts). A moment in a sentence of
    the router's is said by the clock of the house, as those beside it are.
    """

    def at_home(found: re.Match[str]) -> str:
        try:
            return tongue.moment(datetime.fromisoformat(f"{found[1]}+00:00"), zone)
        except (ValueError, OverflowError):  # a partner's own words, and no moment
            return found[0]

    @pass_context
    def english(rendering: Rendering, text: str, version: int | None = None) -> str:
        reasons = rendering.get("reasons", NO_REASONS)

        def reason(text: str) -> str | None:
            """Return a reason of the house, marked where it has none in this language."""
            found, language = reasons.said(text, tongue.code, version), reasons.language(text, version)
            return found if found is not None or language == FALLBACK else _marked(text, language)

        if (own := reasons.said(text, tongue.code, version)) is not None:
            return sentence(own)
        if (found := retold(tongue, text)) is not None:
            return _IN_UTC.sub(at_home, found)
        if (found := ruled_out(tongue, text, reason)) is not None:
            return sentence(found)
        language = reasons.language(text, version)
        known = language == FALLBACK if tongue.code == FALLBACK else tongue.speaks(text)
        return tongue.gettext(text) if known else _marked(text, language)

    return english


def _marked(text: str, language: str) -> Markup:
    return Markup('<span lang="{}">{}</span>').format(language, text)


def _why(tongue: Tongue) -> Callable[[str], str]:
    """Say why a route matched or not; what the policy says in another form stays English."""

    def why(text: str) -> str:
        found = because.why(tongue, text)
        return Markup('<span lang="en">{}</span>').format(text) if found is None else found

    return why


def _fault(tongue: Tongue, fault_of: Callable[[Tongue, str], str | None]) -> Callable[[str], str]:
    """Say what is wrong with a text that governs; what no catalogue has stays English."""

    def fault(text: str) -> str:
        found = None if tongue.code == FALLBACK else fault_of(tongue, text)
        whole = sentence(text)
        found = found or retold(tongue, text) or retold(tongue, whole)
        if found is not None:
            return found
        known = next((one for one in (text, whole) if tongue.speaks(one)), None)
        return _marked(text, FALLBACK) if known is None else tongue.gettext(known)

    return fault


def _moment(tongue: Tongue, zone: tzinfo) -> Any:
    def moment(at: datetime) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), tongue.moment(at, zone))

    return moment


def _ago(tongue: Tongue, zone: tzinfo) -> Any:
    @pass_context
    def ago(rendering: Rendering, at: datetime) -> Markup:
        exact = at.isoformat(timespec="seconds")
        said = tongue.distance(at, rendering["now"])
        return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, tongue.moment(at, zone), said)

    return ago


def _waiting(tongue: Tongue) -> Any:
    @pass_context
    def waiting(rendering: Rendering, since: datetime) -> str:
        return tongue.waiting(since, rendering["now"])

    return waiting


def templates() -> list[str]:
    """Return the names of all templates, for the tests that go through them."""
    return sorted(entry.name for entry in (files("router.console") / "templates").iterdir())
