from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Body, FastAPI
from fastapi.routing import iter_route_contexts

from router.api import make_api
from router.api.inbox import Signed
from router.api.protocol.access import IN_PROCESS, allow, check_routes, open_to_all, rule_of
from router.errors import CannotStart
from router.guard.access import ROLES, SOURCE, Needs, OpenToAll, Permission
from router.guard.credentials import new_token
from schemas.actor import Actor, Role

#: Every endpoint and what it needs: a change here is a change of who may do what.
PERMISSIONS = {
    "GET /livez": None,
    "GET /metrics": "ops:read",
    "GET /openapi.json": None,
    "GET /readyz": None,
    "DELETE /v1/{rest:path}": None,
    "GET /v1/accounts": "account:write",
    "GET /v1/audit": "audit:read",
    "GET /v1/audit/verify": "audit:read",
    "POST /v1/audit/verify": "audit:read",
    "GET /v1/audit/root": "audit:read",
    "GET /v1/cases": "case:read",
    "GET /v1/cases/desk": "case:read",
    "GET /v1/cases/{case_id}": "case:read",
    "POST /v1/notes": "desk:act",
    "GET /v1/trails": "trail:act",
    "POST /v1/trails": "trail:act",
    "POST /v1/trails/{trail_id}/papers": "trail:act",
    "GET /v1/viewings": "case:read",
    "POST /v1/viewings": "case:reveal",
    "POST /v1/viewings/results": "desk:act",
    "GET /v1/viewings/{name}": "case:read",
    "POST /v1/viewings/{name}/close": "desk:act",
    "POST /v1/viewings/{name}/lost": "desk:act",
    "GET /v1/embargoes": "embargo:read",
    "POST /v1/embargoes": "embargo:act",
    "GET /v1/embargoes/{embargo_id}": "embargo:read",
    "POST /v1/embargoes/{embargo_id}/end": "embargo:act",
    "GET /v1/figures": "ops:read",
    "GET /v1/figures/editions": "ops:read",
    "GET /v1/figures/editions/{edition_id}": "ops:read",
    "POST /v1/figures/editions": "figures:publish",
    "GET /v1/partners": "partner:read",
    "GET /v1/partners/sheet": "partner:read",
    "GET /v1/policy": "policy:read",
    "GET /v1/policy/decisions/{case_id}": "case:read",
    "GET /v1/referrals": "referral:read",
    "GET /v1/referrals/{referral_id}": "referral:read",
    "GET /v1/reports/{number:path}": "report:read",
    "GET /v1/several": "case:read",
    "POST /v1/several": "desk:act",
    "GET /v1/sites/{tag}": "case:read",
    "POST /v1/sites/{tag}": "desk:act",
    "GET /v1/sources": "ops:read",
    "GET /v1/desk/counts": "case:read",
    "GET /v1/desk/views": "case:read",
    "POST /v1/desk/views": "case:read",
    "POST /v1/desk/views/forget": "case:read",
    "GET /v1/stats": "ops:read",
    "GET /v1/stats/recount": "ops:read",
    "GET /v1/stop": "referral:read",
    "GET /v1/tokens": "token:write",
    "GET /v1/{rest:path}": None,
    "HEAD /v1/{rest:path}": None,
    "OPTIONS /v1/{rest:path}": None,
    "PATCH /v1/{rest:path}": None,
    "POST /v1/{rest:path}": None,
    "PUT /v1/{rest:path}": None,
    "DELETE /v1/tokens/{token_id}": "token:write",
    "POST /v1/accounts": "account:write",
    "GET /v1/accounts/{name}/sessions": "account:write",
    "POST /v1/accounts/{name}/sign-out": "account:write",
    "POST /v1/accounts/{name}/mandate": "mandate:give",
    "GET /v1/mandates": "people:act",
    "POST /v1/mandates/{mandate_id}/end": "mandate:give",
    "GET /v1/farewells": "people:act",
    "GET /v1/exposure": "exposure:read",
    "GET /v1/exposure/mine": "token:own",
    "GET /v1/links": "people:act",
    "POST /v1/links/{link_id}/agree": "link:agree",
    "POST /v1/farewells/{farewell_id}/done": "people:act",
    "GET /v1/sessions": "token:own",
    "POST /v1/sessions/end": "token:own",
    "POST /v1/signin": None,
    "POST /v1/accounts/{name}/close": "account:write",
    "POST /v1/accounts/{name}/invite": "account:invite",
    "POST /v1/accounts/{name}/role": "account:write",
    "POST /v1/cases/{case_id}/ask": "desk:act",
    "POST /v1/cases/{case_id}/told-police": "alarm:act",
    "POST /v1/cases/next": "desk:act",
    "POST /v1/cases/search": "case:read",
    "POST /v1/cases/{case_id}/take": "desk:act",
    "POST /v1/cases/{case_id}/pass-on": "desk:act",
    "POST /v1/cases/{case_id}/assess": "desk:act",
    "POST /v1/cases/{case_id}/close": "desk:act",
    "POST /v1/cases/{case_id}/look": "desk:act",
    "POST /v1/cases/{case_id}/origin": "desk:act",
    "POST /v1/cases/{case_id}/refer": "desk:act",
    "POST /v1/cases/{case_id}/not-illegal": "desk:act",
    "POST /v1/cases/{case_id}/reopen": "desk:act",
    "POST /v1/cases/{case_id}/undo": "desk:act",
    "POST /v1/cases/{case_id}/done": "desk:act",
    "POST /v1/cases/{case_id}/retrace": "desk:act",
    "GET /v1/alarm": "ops:read",
    "POST /v1/alarm": "partner:write",
    "POST /v1/alarm/test": "partner:write",
    "POST /v1/cases/{case_id}/acknowledge": "alarm:act",
    "POST /v1/cases/{case_id}/reveal": "case:reveal",
    "POST /v1/cases/{case_id}/send": "desk:act",
    "POST /v1/cases/{case_id}/target": "desk:act",
    "POST /v1/inbox/referrals": "inbox",
    "POST /v1/inbox/status": "inbox",
    "POST /v1/inbox/test": "inbox",
    "POST /v1/locate": "locate",
    "POST /v1/partners": "partner:write",
    "GET /v1/partners/waiting": "partner:read",
    "GET /v1/partners/clocks": "partner:read",
    "POST /v1/partners/clocks/confirm": "retention:act",
    "GET /v1/proposals": "partner:read",
    "POST /v1/proposals/{subject}/break-glass": "partner:write",
    "POST /v1/proposals/{subject}/confirm": "partner:write",
    "POST /v1/proposals/{subject}/withdraw": "partner:write",
    "GET /v1/purge": "ops:read",
    "POST /v1/purge": "retention:act",
    "GET /v1/requests": "request:read",
    "POST /v1/requests": "request:act",
    "GET /v1/requests/{request_id}": "request:act",
    "POST /v1/requests/{request_id}/agree": "request:act",
    "POST /v1/requests/{request_id}/search": "request:search",
    "POST /v1/requests/{request_id}/extend": "request:act",
    "POST /v1/requests/{request_id}/close": "request:act",
    "GET /v1/holds": "retention:act",
    "POST /v1/holds": "retention:act",
    "POST /v1/holds/{case_id}/end": "retention:act",
    "GET /v1/release": "ops:read",
    "POST /v1/release": "partner:write",
    "POST /v1/partners/check": "partner:write",
    "POST /v1/partners/{name}/disable": "partner:write",
    "POST /v1/partners/{name}/enable": "partner:write",
    "PUT /v1/partners/{name}": "partner:write",
    "POST /v1/partners/{name}/pause": "stop:act",
    "GET /v1/partners/{name}/waiting-cases": "case:read",
    "POST /v1/partners/{name}/decide-waiting": "desk:act",
    "POST /v1/partners/{name}/resume": "stop:act",
    "POST /v1/policy": "policy:write",
    "GET /v1/policy/versions": "policy:read",
    "GET /v1/policy/versions/{version}": "policy:read",
    "GET /v1/policy/versions/{version}/compare": "policy:read",
    "POST /v1/policy/versions/{version}/roll-back": "policy:write",
    "POST /v1/policy/draft": "policy:propose",
    "GET /v1/policy/unknown-hosts": "policy:read",
    "POST /v1/policy/try": "policy:propose",
    "POST /v1/policy/drafts": "policy:propose",
    "POST /v1/policy/drafts/{case_id}/withdraw": "policy:propose",
    "POST /v1/policy/replay": "policy:write",
    "POST /v1/referrals/{referral_id}/hold": "referral:act",
    "POST /v1/referrals/{referral_id}/override": "referral:act",
    "POST /v1/referrals/{referral_id}/recall": "referral:act",
    "GET /v1/letters": "referral:act",
    "GET /v1/reminders": "referral:act",
    "POST /v1/reminders/{partner}": "referral:act",
    "POST /v1/letters/{letter_id}/read": "referral:act",
    "GET /v1/referrals/{referral_id}/bundle": "referral:read",
    "POST /v1/referrals/{referral_id}/taken-back": "referral:act",
    "POST /v1/referrals/{referral_id}/receipt": "referral:act",
    "POST /v1/referrals/{referral_id}/answer": "referral:act",
    "POST /v1/referrals/{referral_id}/release": "referral:act",
    "POST /v1/cases/{case_id}/not-ours": "desk:act",
    "POST /v1/cases/{case_id}/handed-over": "desk:act",
    "POST /v1/referrals/{referral_id}/retry": "referral:act",
    "POST /v1/reports": "report:submit",
    "POST /v1/reports/batch": "report:submit",
    "POST /v1/reports/{report_id}/assessment": "report:assess",
    "POST /v1/sources": "token:write",
    "POST /v1/sources/{name}": "token:write",
    "POST /v1/sources/{name}/status": "token:write",
    "POST /v1/stop": "stop:act",
    "POST /v1/stop/lift": "stop:act",
    "POST /v1/tokens": "token:write",
    "POST /v1/tokens/mine": "token:own",
}
#: What some role holds; sign-in links are for the machine itself (test_accounts).
HELD = frozenset[Permission]().union(*ROLES.values())
BY_TOKEN = {route: needed for route, needed in PERMISSIONS.items() if needed not in {None, "inbox"}}


def rules(app: FastAPI) -> dict[str, Needs | OpenToAll | None]:
    return {
        f"{method} {context.path}": rule_of(context)
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
    }


def asked(route: str, unknown: str) -> tuple[str, str]:
    method, path = route.split()
    for name in ("case_id", "referral_id", "report_id", "token_id"):
        path = path.replace(f"{{{name}}}", unknown)
    return method, path


class Unread:
    """A body that notices when somebody reads it."""

    def __init__(self) -> None:
        self.read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.read = True
        yield b"{}"


def test_the_table_of_permissions(served: Any) -> None:
    found = {
        route: str(rule.permission) if isinstance(rule, Needs) else None for route, rule in rules(served.app).items()
    }
    assert found == PERMISSIONS


def test_what_is_open_says_why_and_peers_sign(served: Any) -> None:
    found = rules(served.app)
    assert all(rule.reason for rule in found.values() if isinstance(rule, OpenToAll))
    assert {route for route, rule in found.items() if isinstance(rule, Signed)} == {
        "POST /v1/inbox/referrals",
        "POST /v1/inbox/status",
        "POST /v1/inbox/test",
    }


@pytest.mark.parametrize("route", sorted(PERMISSIONS))
async def test_a_stranger_is_refused_before_the_body_is_read(served: Any, unknown: str, route: str) -> None:
    method, path = asked(route, unknown)
    body = Unread()
    async with served.client() as stranger:
        answer = await stranger.request(method, path, content=body)
    expected = {None: {200, 404, 503}, "inbox": {403}}.get(PERMISSIONS[route], {401})
    if route == "POST /v1/signin":
        expected = {401}  # it is open to who is not known yet, and asks who they are
    assert answer.status_code in expected
    assert not body.read


@pytest.mark.parametrize("route", sorted(BY_TOKEN))
async def test_who_lacks_the_permission_is_refused_before_the_body_is_read(
    served: Any, unknown: str, is_problem: Any, route: str
) -> None:
    method, path = asked(route, unknown)
    needed = Permission(BY_TOKEN[route])
    without = next((role for role in Role if needed not in ROLES[role]), None)
    body = Unread()
    async with await (served.as_role(without) if without else served.as_source()) as client:
        is_problem(await client.request(method, path, content=body), 403, str(needed))
    assert not body.read


@pytest.mark.parametrize("route", sorted(route for route, needed in BY_TOKEN.items() if needed in HELD))
async def test_who_holds_the_permission_comes_through(served: Any, unknown: str, route: str) -> None:
    method, path = asked(route, unknown)
    needed = Permission(BY_TOKEN[route])
    role = next(role for role in Role if needed in ROLES[role])
    async with await served.as_role(role) as client:
        answer = await client.request(method, path, json={})
    assert answer.status_code not in {401, 403, 405, 500}


@pytest.mark.parametrize("route", sorted(route for route, needed in BY_TOKEN.items() if needed not in SOURCE))
async def test_a_source_gets_nowhere_else(served: Any, unknown: str, source: httpx2.AsyncClient, route: str) -> None:
    method, path = asked(route, unknown)
    assert (await source.request(method, path, json={})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer rr_live_x"},
        {"authorization": f"Bearer {new_token()}"},
        {"authorization": f"Token {new_token()}"},
        {"cookie": "session=x"},
    ],
)
async def test_who_shows_no_valid_token_is_told_how(served: Any, is_problem: Any, headers: dict[str, str]) -> None:
    async with served.client() as client:
        answer = await client.get("/v1/cases", headers=headers)
    is_problem(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_in_the_query_is_not_looked_at(served: Any) -> None:
    async with await served.as_role(Role.ANALYST) as known, served.client() as client:
        token = known.headers["authorization"].split()[1]
        assert (await client.get("/v1/cases", params={"token": token, "access_token": token})).status_code == 401


async def test_a_caller_in_our_own_process_names_its_actor(served: Any) -> None:
    actor = Actor(id="local:anna", permissions=frozenset({"case:read"}))

    async def named(scope: Any, receive: Any, send: Any) -> None:
        await served.app({**scope, IN_PROCESS: actor}, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(named), base_url="http://router.test") as client:
        assert (await client.get("/v1/cases")).status_code == 200
        assert (await client.get("/v1/tokens")).status_code == 403


async def test_nothing_a_stranger_sends_names_an_actor(served: Any) -> None:
    async with served.client() as client:
        for headers in ({IN_PROCESS: "local:anna"}, {"x-actor": "local:anna"}, {"x-forwarded-user": "anna"}):
            assert (await client.get("/v1/cases", headers=headers)).status_code == 401


def page(*, dependencies: list[Any]) -> APIRouter:
    router = APIRouter()

    @router.get("/page", dependencies=dependencies)
    async def show() -> str:
        return "x"

    return router


def test_a_page_of_the_console_needs_a_rule_too(served: Any) -> None:
    make_api(served.ctx, page(dependencies=[allow("case:read")]))
    make_api(served.ctx, page(dependencies=[open_to_all("the sign-in page")]))
    with pytest.raises(CannotStart, match="/page names 0 permissions"):
        make_api(served.ctx, page(dependencies=[]))


def test_a_route_that_reads_its_body_first_does_not_start(served: Any) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/form", dependencies=[allow("case:read")])
    async def take(given: Annotated[dict[str, str], Body()]) -> None: ...

    with pytest.raises(CannotStart, match="/form would read the body"):
        check_routes(app)


def test_an_unknown_permission_is_a_mistake_at_import() -> None:
    with pytest.raises(ValueError, match="case:write"):
        allow("case:write")
