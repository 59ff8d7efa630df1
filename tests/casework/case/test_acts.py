"""One table of acts: what it offers, to whom, and that every surface, word and document keeps to it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from docs.generate import acts as documented
from router.api import ROUTERS
from router.api.protocol.access import rule_of
from router.casework.case.acts import ACTS, NEXT_STEPS, ActKind, On, Standing, Surface, offered, on, permitted
from router.cli import VERBS
from router.console import acts as console
from router.console.case import router as case_page
from router.console.partners.page import PARTNER_ACTS
from router.console.stops import _ACTS as STOPS
from router.console.words import ACT, ACT_HELP, DONE
from router.guard.access import ROLES, Needs, Permission
from router.store.base import Row
from schemas import acts as words
from schemas.actor import Role
from schemas.casefile import DeskCode
from schemas.states import REFERRAL, CaseState, ReferralState
from schemas.vocabulary import Assessment

CONSOLE = {On.CASE: console.CASE_ACTS, On.REFERRAL: console.REFERRAL_ACTS, On.PARTNER: PARTNER_ACTS, On.HOUSE: STOPS}
ADDRESS = {
    On.CASE: "/v1/cases/{case_id}/",
    On.REFERRAL: "/v1/referrals/{referral_id}/",
    On.PARTNER: "/v1/partners/{name}/",
    On.HOUSE: "/v1/",
}
GROUP = {On.CASE: "cases", On.REFERRAL: "referrals", On.PARTNER: "partners", On.HOUSE: ""}
#: Where an act's address does not end in its name.
OTHERWISE = {"lift": "/v1/stop/lift"}


@cache
def served() -> Mapping[str, Any]:
    """Every POST of the API, by its address."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return {str(one.path): one for one in iter_route_contexts(app.routes) if "POST" in (one.methods or ())}


def address(act: ActKind) -> str:
    return OTHERWISE.get(act.name, ADDRESS[act.on] + act.name)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_the_api_has_each_act_under_its_permission_with_a_reason(act: ActKind) -> None:
    assert Surface.API not in act.absent, "scripts must be able to do what people can"
    found = served().get(address(act))
    assert found is not None, f"POST {address(act)} is missing"
    rule = rule_of(found)
    assert isinstance(rule, Needs)
    assert rule.permission is act.needs
    content = found.openapi_extra["requestBody"]["content"]["application/json"]
    word: Any = getattr(words, content["schema"]["$ref"].rpartition("/")[2])
    reason = word.model_fields.get("reason")
    assert (reason is not None and reason.is_required()) is act.reason


def test_the_api_has_no_act_that_the_table_does_not_know() -> None:
    known = {address(act) for act in ACTS}
    acts_on_something = {path for path in served() if path.startswith((ADDRESS[On.CASE], ADDRESS[On.REFERRAL]))}
    assert acts_on_something <= known


def on_the_console(act: ActKind) -> bool:
    pages = {str(getattr(route, "path", "")) for route in case_page.routes}
    return act.name in CONSOLE[act.on] or f"/cases/{{case_id}}/{act.name}" in pages


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_the_console_has_each_act_with_its_words(act: ActKind) -> None:
    assert on_the_console(act) is (Surface.CONSOLE not in act.absent)
    if act.name in CONSOLE[act.on]:
        assert act.name in ACT
        assert act.name in DONE
        assert act.on in (On.HOUSE, On.PARTNER) or act.name in ACT_HELP


def test_the_console_has_no_act_that_the_table_does_not_know() -> None:
    assert {what: set(forms) for what, forms in CONSOLE.items()} == {
        what: {act.name for act in on(what)} - {"reveal"} for what in On
    }


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_the_command_line_has_each_act_or_says_why_not(act: ActKind) -> None:
    has = any((verb.group, verb.name) == (GROUP[act.on], act.name) for verb in VERBS)
    assert has is (Surface.CLI not in act.absent)
    assert all(reason.strip() for reason in act.absent.values())


def test_the_documents_list_each_act() -> None:
    rows = [line for line in documented().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [act.name for act in ACTS]


def test_the_list_in_the_permissions_says_what_each_allows() -> None:
    text = Path(Permission.__module__.replace(".", "/") + ".py")
    source = (Path(__file__).parents[3] / text).read_text(encoding="utf-8")
    for permission in (Permission.DESK_ACT, Permission.REFERRAL_ACT):
        lines = source.splitlines()
        (at_,) = [number for number, one in enumerate(lines) if f'= "{permission}"' in one]
        said = [lines[at_].partition("#: ")[2]]
        while not said[0] and (above := lines[at_ - len(said)].strip()).startswith("#: "):
            said.append(above.removeprefix("#: "))
        named = {word.strip(" ,") for line in said for word in line.split(",") if word.strip(" ,")}
        assert named == {act.name for act in ACTS if act.needs is permission}


def at(state: CaseState, **more: Any) -> Standing:
    case = {
        "state": state,
        "desk_code": None,
        "verdict": "country",
        "assessment": "baseline",
        "desk_alarm": None,
        "source_kind": "public",
        "given_back_at": None,
        "acknowledged_at": None,
        "desk_text": "",
        "desk_since": 1,
        "desk_due": 2,
    } | more
    return Standing(case, has_proposal=bool(more.get("proposed")))


def test_what_may_be_done_follows_from_where_a_case_stands() -> None:
    assert offered(at(CaseState.CLOSED)) == ("reopen", "reveal")
    assert (
        offered(at(CaseState.RECEIVED))
        == offered(at(CaseState.LOCATED))
        == (
            "not-illegal",
            "assess",
            "close",
            "reveal",
        )
    )
    assert offered(at(CaseState.REFERRED)) == (
        "look",
        "refer",
        "handed-over",
        "not-illegal",
        "assess",
        "ask",
        "retrace",
        "close",
        "reveal",
    )
    assert offered(at(CaseState.DESK)) == (
        "look",
        "refer",
        "handed-over",
        "not-illegal",
        "assess",
        "retrace",
        "close",
        "take",
        "pass-on",
        "reveal",
    )
    assert "refer" not in offered(at(CaseState.DESK, assessment="not_illegal"))
    assert offered(at(CaseState.DESK, desk_alarm="a"))[0] == "acknowledge"


def test_what_the_desk_asks_comes_first() -> None:
    assert offered(at(CaseState.DESK, proposed=True))[:2] == ("look", "send")
    assert "done" in offered(at(CaseState.DESK, desk_code=DeskCode.WITHDRAW))
    assert "done" not in offered(at(CaseState.DESK, desk_code=DeskCode.DOUBTFUL))
    assert "done" in offered(replace(at(CaseState.DESK, desk_code=DeskCode.DOUBTFUL), works=True))
    at_risk = replace(at(CaseState.DESK, desk_code=DeskCode.CHILD_AT_RISK, desk_alarm="a"), works=True)
    assert "done" not in offered(at_risk)
    assert "done" in offered(replace(at_risk, case={**at_risk.case, "acknowledged_at": 1}))
    assert "origin" in offered(at(CaseState.DESK, verdict="edge_only"))
    assert "target" in offered(at(CaseState.DESK, verdict="unresolved"))


@pytest.mark.parametrize("state", list(ReferralState))
@pytest.mark.parametrize("arrived", [0, 1])
def test_an_act_on_a_referral_is_offered_exactly_where_the_table_has_its_event(
    state: ReferralState, arrived: int
) -> None:
    row: Row = {"state": state, "may_have_arrived": arrived, "claims": 1, "payload": None, "by_people": 0}
    row["last_reason"] = None
    names = offered(Standing(at(CaseState.REFERRED).case, row))
    for act in ("hold", "release", "retry"):
        assert (act in names) is (act in REFERRAL[state]), act
    if "override" in names:
        assert {"supersede", "recall", "take_back"} & REFERRAL[state].keys()
    closed = offered(Standing(at(CaseState.CLOSED).case, row))
    assert closed == tuple(act for act in names if act not in ("retry", "override"))


@pytest.mark.parametrize("state", list(ReferralState))
def test_a_units_word_is_typed_only_where_people_bring_it(state: ReferralState) -> None:
    row = {"state": state, "may_have_arrived": 1, "claims": 1, "payload": None, "by_people": 1, "last_reason": None}
    names = offered(Standing(at(CaseState.REFERRED).case, row))
    assert ("receipt" in names) is ("confirm" in REFERRAL[state])
    assert ("answer" in names) is (state is ReferralState.ACCEPTED)
    assert not {"receipt", "answer"} & set(offered(Standing(at(CaseState.REFERRED).case, row | {"by_people": 0})))


@pytest.mark.parametrize("role", Role)
def test_nobody_is_offered_what_their_role_does_not_hold(role: Role) -> None:
    every = [act.name for act in ACTS]
    allowed = set(permitted(every, ROLES[role], Assessment.BASELINE))
    assert allowed == {act.name for act in ACTS if act.needs in ROLES[role]}


def test_who_may_not_assess_cannot_send_what_nobody_assessed() -> None:
    token = {Permission.DESK_ACT}
    every = ("send", "refer", "assess", "close")
    assert permitted(every, token, Assessment.BASELINE) == ("send", "refer", "close")
    assert permitted(every, token, Assessment.UNASSESSED) == ("close",)
    assert permitted(every, token | {Permission.REPORT_ASSESS}, Assessment.UNASSESSED) == every


def test_every_question_of_the_desk_names_its_next_steps() -> None:
    assert NEXT_STEPS.keys() == set(DeskCode)
    assert {act for acts in NEXT_STEPS.values() for act in acts} <= {act.name for act in on(On.CASE)}
