"""Which call means what: method and path to what the hub does, and how its answers look."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError

from router.world.iccam.bodies import COUNTRY, Action, Assessment, Credentials, NewReport, TokenPair
from router.world.iccam.hub import Hub
from router.world.iccam.lists import LISTS, listed
from router.world.iccam.records import Hotline, Refusal
from router.world.iccam.tokens import Tokens

_NUMBERS: Final = TypeAdapter(list[int])


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as it came."""

    method: str
    path: str  #: below the hub's root, without a slash at its beginning; outside of the root with one
    query: str
    headers: Mapping[str, str]
    body: bytes
    client: str  #: the common name in the client's certificate
    at: float  #: seconds of the machine's clock, for judging a client's pace

    @property
    def parameters(self) -> dict[str, str]:
        """The query, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def token(self) -> str:
        """The bearer token, empty when there is none."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme == "Bearer" else ""


#: Numbers and names found in the path, the call, who calls -> the JSON to answer; None is an empty body.
Act: TypeAlias = Callable[[Hub, Hotline, Call, tuple[str, ...]], Any]


def answer(hub: Hub, tokens: Tokens, call: Call) -> tuple[int, Any]:
    """Return status and JSON (None for an empty body). Raise Refusal."""
    path = call.path.lower()
    if path.startswith("/"):
        raise Refusal(404)
    if call.method == "POST" and path in _LOGINS:
        return 200, _LOGINS[path](tokens, call)
    hotline = tokens.hotline(call.token)
    for method, pattern, act in _ROUTES:
        found = pattern.fullmatch(path)
        if found and method == call.method:
            said = act(hub, hotline, call, found.groups())
            return (200 if method == "GET" else _success(hub, said)), said
    raise Refusal(404)


def _success(hub: Hub, said: Any) -> int:
    status = hub.rules.success
    return 200 if status == 204 and said is not None else status


def _log_out(tokens: Tokens, call: Call) -> None:
    tokens.logout(call.token)


_LOGINS: Final[Mapping[str, Callable[[Tokens, Call], Any]]] = {
    "authentication": lambda tokens, call: tokens.login(Credentials.read(call.body)),
    "authentication/refresh": lambda tokens, call: tokens.refresh(TokenPair.read(call.body)),
    "authentication/logout": _log_out,
}


def _countries(hub: Hub, _hotline: Hotline, _call: Call, found: tuple[str, ...]) -> Any:
    rows = [{"id": number, "name": name, "code": code} for code, (number, name) in hub.countries.items()]
    return [row for row in rows if found[0] in {None, str(row["id"]), str(row["code"]).lower()}]


def _hotlines(hub: Hub, _hotline: Hotline, _call: Call, found: tuple[str, ...]) -> Any:
    rows = [{"id": one.id, "name": one.name, "countryCode": one.country} for one in hub.hotlines.values()]
    return [row for row in rows if found[0] in {None, str(row["id"])}]


def _words(hub: Hub, _hotline: Hotline, _call: Call, found: tuple[str, ...]) -> Any:
    name, wanted = found
    key = "type" if name == "action-types" else "id"
    return [{key: number, "name": word} for number, word in hub.words[name].items() if wanted in {None, str(number)}]


def _new_report(hub: Hub, hotline: Hotline, call: Call, _found: tuple[str, ...]) -> Any:
    number = hub.report(hotline, NewReport.read(call.body)).id
    return str(number) if hub.rules.quoted_id else number


def _report(hub: Hub, _hotline: Hotline, _call: Call, found: tuple[str, ...]) -> Any:
    report = hub.find_report(int(found[0]))
    return report.shown(hub.contents_of(report))


def _complete(hub: Hub, _hotline: Hotline, call: Call, found: tuple[str, ...]) -> None:
    number, name = found
    parameter = {"site-type": "siteType", "commerciality": "commerciality"}.get(name)
    try:
        if parameter is None:
            # The client sends an empty body for an empty list.
            hub.complete(int(number), name, _NUMBERS.validate_json(call.body or b"[]"))
        else:
            hub.complete(int(number), name, int(call.parameters.get(parameter, "")))
    except (ValueError, ValidationError):
        raise Refusal(400, **{parameter or "paymentMethods": "cannot be read"}) from None


def _list(hub: Hub, hotline: Hotline, call: Call, found: tuple[str, ...]) -> Any:
    return listed(hub, hotline, found[0], call.parameters)


def _content(hub: Hub, hotline: Hotline, _call: Call, found: tuple[str, ...]) -> Any:
    return hub.find_content(int(found[0])).shown(hotline, hub.rules)


def _act(hub: Hub, hotline: Hotline, call: Call, found: tuple[str, ...]) -> None:
    hub.act(hotline, int(found[0]), Action.read(call.body))


def _assess(hub: Hub, hotline: Hotline, call: Call, found: tuple[str, ...]) -> None:
    hub.assess(hotline, int(found[0]), Assessment.read(call.body))


def _refer(hub: Hub, hotline: Hotline, call: Call, found: tuple[str, ...]) -> None:
    reference = call.parameters.get("reference", "")
    if not reference:
        raise Refusal(400, reference="is needed")
    hub.refer(hotline, int(found[0]), reference)


def _rehost(hub: Hub, hotline: Hotline, call: Call, found: tuple[str, ...]) -> None:
    hub.rehost(hotline, int(found[0]), _country(call), call.parameters.get("newIpAddress", ""))


def _assign(hub: Hub, hotline: Hotline, call: Call, found: tuple[str, ...]) -> None:
    hub.assign(hotline, int(found[0]), _country(call))


def _country(call: Call) -> str:
    try:
        return COUNTRY.validate_python(call.parameters.get("newCountryCode"))
    except ValidationError:
        raise Refusal(400, newCountryCode="is no country") from None


_NUMBER: Final = r"(\d{1,18})"
_WORDS: Final = (
    "age-categories|gender-categories|action-types|payment-methods|site-types|commercialities|classifications"
)

#: Paths in lower case: the client writes both `reports` and `Reports`.
_ROUTES: Final[tuple[tuple[str, re.Pattern[str], Act], ...]] = tuple(
    (method, re.compile(pattern), act)
    for method, pattern, act in (
        ("GET", r"rest/countries(?:/(\w+))?", _countries),
        ("GET", r"rest/hotlines(?:/(\w+))?", _hotlines),
        ("GET", rf"rest/({_WORDS}|analysts)(?:/(\w+))?", _words),
        ("POST", "rest/reports", _new_report),
        ("GET", f"rest/reports/{_NUMBER}", _report),
        ("PUT", f"rest/reports/{_NUMBER}/source-url/(site-type|commerciality|payment-methods)", _complete),
        ("GET", f"rest/content/({'|'.join(LISTS)})", _list),
        ("GET", f"rest/content/{_NUMBER}", _content),
        ("POST", f"rest/content/{_NUMBER}/actions", _act),
        ("PUT", f"rest/content/{_NUMBER}/assessment", _assess),
        ("PUT", f"rest/content/{_NUMBER}/hotline-reference", _refer),
        ("PUT", f"rest/content/{_NUMBER}/url/hosting", _rehost),
        ("PUT", f"rest/content/{_NUMBER}/assigned-country", _assign),
    )
)
