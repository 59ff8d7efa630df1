"""Every form of the console either asks a session that is stale for a code, or has a reason here why it need not.

A form that is new is in neither table, and fails here: what reveals, what leaves and what lets others do more asks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from router.casework.case.acts import SENDING
from router.casework.desk import case_acts
from router.casework.people import tokens
from router.console import access
from router.console.acts import CASE_ACTS, REFERRAL_ACTS
from router.console.partners.page import PARTNER_ACTS
from router.console.people.house import ACTS as HOUSE_ACTS
from router.console.requests.page import _ACTS as REQUEST_ACTS
from router.console.stops import _ACTS as STOP_ACTS
from router.console.stops import CHANGE_ACTS
from router.console.visit import Visit
from router.errors import NotAllowed
from router.guard.access import ROLES
from router.store.schema.tables import referrals
from schemas.actor import ROUTER, Role
from tests.casebook import Scripted
from tests.console.conftest import Browser
from tests.office import person

#: The acts of the routes that take one in their address.
BY_ACT: Final[Mapping[str, tuple[str, ...]]] = {
    "/cases/{case_id}/{act}": tuple(CASE_ACTS),
    "/referrals/{referral_id}/{act}": tuple(REFERRAL_ACTS),
    "/stops/{act}": tuple(STOP_ACTS),
    "/partners/{name}/{act}": tuple(PARTNER_ACTS),
    "/partners/{name}/{act}-it": ("reach", "test"),
    "/changes/{subject}/{act}": CHANGE_ACTS,
    "/people/{act}": tuple(HOUSE_ACTS),
    "/requests/{request_id}/{act}": tuple(REQUEST_ACTS),
    "/me/access/provider/{act}": ("connect", "fresh"),
}
#: What reveals, leads to sending beside the acts of `SENDING`, or lets somebody do more.
ASKS: Final = frozenset(
    {
        "/cases/{case_id}/reveal",
        "/embargoes/{embargo_id}/read",
        "/requests/{request_id}/read",
        "/requests/{request_id}/search",
        "/requests/{request_id}/agree",
        "/trails/{trail_id}/take",
        "/trails/{trail_id}/confirm",
        "/changes/{subject}/confirm",
        "/changes/{subject}/break-glass",
        "/rules/{case_id}/publish",
        "/rules/versions/{version}/roll-back",
        "/new-partner",
        "/partners/{name}/reach-it",  # whoever answers is paused no longer
        "/partners/{name}/test-it",
        "/me",
        "/me/access/password",
        "/me/access/app",
        "/me/access/codes",
        "/me/access/provider/connect",
        *(f"/people/{name}" for name, act in HOUSE_ACTS.items() if act.fresh),
    }
)
#: What asks for nothing more, by why not.
NEED_NOT: Final[Mapping[str, frozenset[str]]] = {
    "nobody is signed in yet, or any more": frozenset(
        {"/signin", "/signin/{code}", "/signin/password", "/signin/provider", "/signout"}
    ),
    "it asks by what it is for: a code of the new app, or the provider itself": frozenset(
        {"/me/access/app/confirm", "/me/access/provider/fresh"}
    ),
    "it is about the person's own screen and nothing else": frozenset(
        {"/language", "/keys", "/views", "/views/forget", "/me/access/known", "/cases", "/next", "/notes/{case_id}"}
    ),
    "it narrows, or takes back what was to widen": frozenset(
        {
            "/me/access/end",
            "/me/access/end-token",
            "/viewings/{name}/give-back",
            "/viewings/{name}/lost",
            "/me/access/disconnect",
            "/stops/stop",
            "/partners/{name}/pause",
            "/changes/{subject}/withdraw",
            "/rules/{case_id}/withdraw",
            "/embargoes",
            "/embargoes/{embargo_id}/end",  # an earlier end waits for a second person, who is asked
            *(f"/people/{name}" for name, act in HOUSE_ACTS.items() if not act.fresh),
        }
    ),
    "it names no location, and nothing leaves": frozenset(
        {
            "/audit",
            "/audit/root",
            "/figures",
            "/letters/{letter_id}/read",
            "/reminders/{partner}",
            "/trails",  # waits for a second person, who is asked
            "/rules/{case_id}/hand-in",  # likewise: a supervisor publishes it, or does not
            "/requests",
            "/requests/{request_id}/extend",
            "/requests/{request_id}/close",
            "/several",  # lists, and does nothing
            "/viewings/chosen",  # likewise
            "/rules/try",  # likewise
        }
    ),
    "it asks, after it was read what for: tested beside it": frozenset(
        {
            "/sites/{tag}",
            "/several/act",
            "/partners/{name}/edit",
            "/viewings",
            "/viewings/chosen/begin",
            "/viewings/results",
            "/viewings/{name}/rows",
        }
    ),
}
#: Acts on a case or a referral by which nothing leaves but what tells those who have it that it is over.
ACTS_IN: Final = frozenset({*CASE_ACTS, *REFERRAL_ACTS}) - SENDING


def forms_of(app: Any) -> Iterator[tuple[str, Any]]:
    """Yield each address that takes a form, an act at a time, and its first rule."""
    rules = {found.path: found.rules for found in access._routes(app)}
    for found in iter_route_contexts(app.routes):
        if "POST" in (found.methods or ()):
            for act in BY_ACT.get(found.path, ("",)):
                yield found.path.replace("{act}", act), rules[found.path]


def expected(path: str) -> bool:
    """Whether an address asks, as the tables say."""
    of_case = path.startswith(("/cases/{case_id}/", "/referrals/"))
    act = path.rpartition("/")[2]
    if path in ASKS or (act in SENDING and (of_case or path.startswith(("/partners/", "/stops/")))):
        return True
    why = [reason for reason, paths in NEED_NOT.items() if path in paths]
    assert why or (of_case and act in ACTS_IN), f"{path}: say in this file whether a stale session is asked for a code"
    return False


async def stale(console: Any, role: Role) -> Browser:
    """The screen of somebody of that role, left open for an hour and a bit."""
    account = await tokens.add_account(console.ctx, f"left-{role}", role, ROUTER, locale="en")
    return await console.left_open(account)


def may(role: Role, path: str, rules: Any) -> bool:
    needs = {rule.permission for rule in rules if isinstance(rule, access.Allowed)}
    if path.startswith("/people/"):
        needs.add(HOUSE_ACTS[path.rpartition("/")[2]].needs)
    return needs <= ROLES[role]


SEEN_BY: Final = person("anna-supervisor", Role.SUPERVISOR)
#: Filled into every form: what of it a form does not know, it does not read.
TYPED: Final = {
    "reason": "x",
    "scope": "all",
    "name": "mine",
    "dialect": "scripted",
    "id": str(UUID(int=7)),
    "password": "seven grey herons",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses whose form stopped since its person had to show again who they are."""
    found: list[str] = []
    confirm = Visit.confirm_fresh

    def confirm_fresh(self: Visit) -> None:
        try:
            confirm(self)
        except NotAllowed:
            found.append(self.request.url.path)
            raise

    monkeypatch.setattr(Visit, "confirm_fresh", confirm_fresh)
    return found


@pytest.mark.parametrize("role", list(Role))
async def test_every_form_asks_a_stale_session_or_says_why_it_need_not(
    console: Any, role: Role, asked: list[str]
) -> None:
    case = await console.case()
    await case_acts.refer(console.ctx, case, SEEN_BY, "there", partner="hotline-ca", assessment="baseline")
    (referral,) = await console.ctx.store.rows(select(referrals.c.id))
    named = {
        "{case_id}": case,
        "{referral_id}": referral["id"],
        "{name}": "hotline-ca",
        "{subject}": "alarm",
        "{version}": "1",
    }
    found = [(path, expected(path)) for path, rules in forms_of(console.app) if may(role, path, rules) and rules]
    browser = await stale(console, role)
    console.app.state.ctx = replace(console.ctx, dialects={"scripted": Scripted(), "webhook": Scripted()})
    # What asks comes first: it does nothing, so the case stays as it is.
    for path, asks in sorted(found, key=lambda one: not one[1]):
        address = re.sub(r"{\w+}", lambda one: named.get(one[0], str(UUID(int=7))), path)
        if path.startswith(("/signin", "/signout", "/me/access/end", "/people/")) and not asks:
            continue  # these end the session that is looked at
        answer = await browser.send(address, **TYPED)
        assert (asked == [address]) is asks, (path, answer.status_code)
        asked.clear()


def test_each_form_that_asks_is_one_that_some_role_may_send(console: Any) -> None:
    """So that none of the above is asked of nobody."""
    known = dict(forms_of(console.app))
    for path, rules in known.items():
        assert not expected(path) or any(may(role, path, rules) for role in Role), path
    assert set(known) >= ASKS
    assert set(known) >= frozenset().union(*NEED_NOT.values())
