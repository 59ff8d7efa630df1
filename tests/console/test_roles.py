"""Every page and form of the console for every role: the table of what each needs, and that no page leads its reader to
what they may not do.
"""

import re
from typing import Any, Final
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Match

from router.casework.desk import case_acts
from router.console import access
from router.console.people.house import ACTS as HOUSE_ACTS
from router.guard.access import ROLES, OpenToAll
from schemas.actor import Role
from tests.office import person

#: A change here is a change of who may do what.
NEEDS: Final = {
    "GET /": "token:own",
    "GET /audit": "audit:read",
    "GET /audit/reveals": "audit:read",
    "GET /cases": "case:read",
    "GET /cases/{case_id}": "case:read",
    "GET /changes": "partner:read",
    "GET /desk/news": "case:read",
    "GET /embargoes": "embargo:read",
    "GET /exposure": "exposure:read",
    "GET /figures": "ops:read",
    "GET /keys": "token:own",
    "GET /letters": "referral:act",
    "GET /me": "token:own",
    "GET /me/access": "token:own",
    "GET /me/exposure": "token:own",
    "GET /me/reveals": "token:own",
    "GET /new-partner": "partner:write",
    "GET /partners": "partner:read",
    "GET /partners/{name}": "partner:read",
    "GET /partners/{name}/edit": "partner:write",
    "GET /partners/{name}/waiting": "case:read",
    "GET /people": "people:act",
    "GET /referrals": "referral:read",
    "GET /requests": "request:read",
    "GET /rules": "policy:read",
    "GET /rules/try": "policy:propose",
    "GET /rules/versions/{version}": "policy:read",
    "GET /rules/{case_id}": "policy:propose",
    "GET /sheet": "partner:read",
    "GET /sheet/files": "partner:read",
    "GET /signin": None,
    "GET /signin/provider/back": None,
    "GET /signin/{code}": None,
    "GET /signout": None,
    "GET /sites/{tag}": "case:read",
    "GET /static/{name}": None,
    "GET /stops": "referral:read",
    "GET /trails": "trail:act",
    "GET /viewings": "case:read",
    "GET /viewings/{name}": "case:read",
    "POST /audit": "audit:read",
    "POST /audit/root": "audit:read",
    "POST /cases": "case:read",
    "POST /cases/{case_id}/acknowledge": "alarm:act",
    "POST /cases/{case_id}/reveal": "case:reveal",
    "POST /cases/{case_id}/told-police": "alarm:act",
    "POST /cases/{case_id}/{act}": "desk:act",
    "POST /changes/{subject}/{act}": "partner:write",
    "POST /embargoes": "embargo:act",
    "POST /embargoes/{embargo_id}/end": "embargo:act",
    "POST /embargoes/{embargo_id}/read": "embargo:read",
    "POST /figures": "figures:publish",
    "POST /keys": "token:own",
    "POST /language": None,
    "POST /letters/{letter_id}/read": "referral:act",
    "POST /me": "token:own",
    "POST /me/access/app": "token:own",
    "POST /me/access/app/confirm": "token:own",
    "POST /me/access/codes": "token:own",
    "POST /me/access/disconnect": "token:own",
    "POST /me/access/end": "token:own",
    "POST /me/access/end-token": "token:own",
    "POST /me/access/known": "token:own",
    "POST /me/access/password": "token:own",
    "POST /me/access/provider/{act}": "token:own",
    "POST /new-partner": "partner:write",
    "POST /next": "desk:act",
    "POST /notes/{case_id}": "desk:act",
    "POST /partners/{name}/decide-waiting": "desk:act",
    "POST /partners/{name}/edit": "partner:write",
    "POST /partners/{name}/{act}": "stop:act",
    "POST /partners/{name}/{act}-it": "partner:write",
    "POST /people/{act}": "people:act",
    "POST /referrals/{referral_id}/{act}": "referral:act",
    "POST /reminders/{partner}": "referral:act",
    "POST /requests": "request:act",
    "POST /requests/{request_id}/read": "request:act",
    "POST /requests/{request_id}/search": "request:search",
    "POST /requests/{request_id}/{act}": "request:act",
    "POST /rules/try": "policy:propose",
    "POST /rules/versions/{version}/roll-back": "policy:write",
    "POST /rules/{case_id}/hand-in": "policy:propose",
    "POST /rules/{case_id}/publish": "policy:write",
    "POST /rules/{case_id}/withdraw": "policy:propose",
    "POST /several": "desk:act",
    "POST /several/act": "desk:act",
    "POST /signin": None,
    "POST /signin/password": None,
    "POST /signin/provider": None,
    "POST /signin/{code}": None,
    "POST /signout": None,
    "POST /sites/{tag}": "desk:act",
    "POST /stops/{act}": "stop:act",
    "POST /trails": "trail:act",
    "POST /trails/{trail_id}/confirm": "trail:act",
    "POST /trails/{trail_id}/take": "trail:act",
    "POST /viewings": "case:reveal",
    "POST /viewings/chosen": "case:reveal",
    "POST /viewings/chosen/begin": "case:reveal",
    "POST /viewings/results": "desk:act",
    "POST /viewings/{name}/give-back": "desk:act",
    "POST /viewings/{name}/lost": "desk:act",
    "POST /viewings/{name}/rows": "desk:act",
    "POST /views": "case:read",
    "POST /views/forget": "case:read",
}
#: What ends the session that is looked at.
ENDS: Final = {"POST /signout", "POST /me/access/end"}
#: What goes on until its reader leaves.
STREAMS: Final = {"GET /desk/news"}


def rules(app: Any) -> dict[str, access.Allowed | OpenToAll]:
    found = {}
    for one in iter_route_contexts(app.routes):
        (rule,) = (r for r in access._called(one.dependant.dependencies) if isinstance(r, access.Allowed | OpenToAll))
        found |= {f"{method} {one.path}": rule for method in one.methods or ()}
    return found


def needed(app: Any, method: str, path: str) -> str | None:
    """The permission of the first route that takes an address."""
    for route in app.routes:
        match, _ = route.matches({"type": "http", "method": method, "path": path, "root_path": "", "headers": []})
        if match is Match.FULL:
            if route.path == "/people/{act}":
                return str(HOUSE_ACTS[path.rpartition("/")[2]].needs)
            return NEEDS[f"{method} {route.path}"]
    raise AssertionError(f"{method} {path} leads nowhere")


async def world(console: Any) -> dict[str, str]:
    """A house in which there is something to see, and the names that addresses take."""
    case = await console.case(urgency="live")
    other = await console.case("r-2", "https://elsewhere.test/")
    who = person("anna-supervisor", Role.SUPERVISOR)
    await case_acts.refer(console.ctx, other, who, "there", partner="hotline-ca", assessment="baseline")
    return {"case_id": case, "name": "hotline-ca", "version": "1", "other": other}


def filled(path: str, names: dict[str, str]) -> str:
    return re.sub(r"{(\w+)(?::\w+)?}", lambda one: names.get(one[1], str(UUID(int=7))), path)


def test_the_table_of_pages_and_forms(console: Any) -> None:
    found = {
        one: str(rule.permission) if isinstance(rule, access.Allowed) else None
        for one, rule in rules(console.app).items()
    }
    assert found == NEEDS


@pytest.mark.parametrize("role", list(Role))
async def test_each_page_and_form_asks_for_its_permission(console: Any, role: Role) -> None:
    names, browser, wrong = await world(console), await console.person(role), []
    for one, permission in sorted(NEEDS.items()):
        if permission is None or one in ENDS | STREAMS:
            continue
        method, path = one.split()
        address = filled(path, names)
        answer = await (browser.get(address) if method == "GET" else browser.send(address))
        if permission not in ROLES[role] and answer.status_code != 403:
            wrong.append((one, answer.status_code))
        if permission in ROLES[role] and (
            answer.status_code in (401, 500) or (method == "GET" and answer.status_code == 403)
        ):
            wrong.append((one, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
async def test_no_page_leads_its_reader_to_what_they_may_not_do(console: Any, read: Any, role: Role) -> None:
    names, browser = await world(console), await console.person(role)
    todo, seen, wrong = ["/", "/me", "/nowhere"], set[str](), []
    todo += [f"/cases/{names['case_id']}", f"/cases/{names['other']}"] if "case:read" in ROLES[role] else []
    while todo:
        address = todo.pop()
        path = address.partition("#")[0].partition("?")[0]
        if path in seen or not path.startswith("/") or path.startswith("/static/"):
            continue
        seen.add(path)
        answer = await browser.get(address)
        if answer.status_code in (401, 403, 500):
            wrong.append((address, answer.status_code))
        page = read(answer.text)
        links = [str(one["href"]) for one in page.all("a") if one.get("href")]
        forms = [
            (str(one.get("method", "get")).upper(), str(one["action"])) for one in page.all("form") if one.get("action")
        ]
        forms += [("POST", str(one["formaction"])) for one in page.all("button") if one.get("formaction")]
        for method, action in [*forms, *(("GET", one.partition("#")[0].partition("?")[0]) for one in links)]:
            if action.startswith("/"):
                permission = needed(console.app, method, action.partition("?")[0])
                if permission is not None and permission not in ROLES[role]:
                    wrong.append((path, f"{method} {action}"))
        todo += [one for one in links if one.startswith("/")]
    assert wrong == []
    assert len(seen) > (5 if role is Role.WELLBEING else 8)
