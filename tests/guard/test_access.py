from dataclasses import dataclass, field

import pytest

from router.errors import CannotStart, NotAllowed
from router.guard.access import LOCAL_OPERATOR, ROLES, SOURCE, Needs, OpenToAll, Permission, check, require
from schemas.actor import ROUTER, Actor, Role


@dataclass
class Route:
    path: str = "/v1/things"
    rules: list[object] = field(default_factory=list)
    reads_body_first: bool = False


def test_every_role_has_its_row() -> None:
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.VIEWER])
def test_who_runs_or_audits_the_router_sees_no_urls(role: Role) -> None:
    assert Permission.CASE_REVEAL not in ROLES[role]


def test_administrators_do_not_even_list_cases() -> None:
    assert Permission.CASE_READ not in ROLES[Role.ADMINISTRATOR]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_give_out_tokens_and_roles(role: Role) -> None:
    assert not ROLES[role] & {Permission.TOKEN_WRITE, Permission.ACCOUNT_WRITE}


@pytest.mark.parametrize("role", list(Role))
def test_sign_in_links_are_made_on_the_machine(role: Role) -> None:
    """Whoever makes one could use it: an administrator would see URLs as an analyst."""
    assert Permission.ACCOUNT_INVITE not in ROLES[role]
    assert Permission.ACCOUNT_INVITE in LOCAL_OPERATOR


@pytest.mark.parametrize("role", list(Role))
def test_no_person_speaks_for_a_peer(role: Role) -> None:
    assert Permission.INBOX not in ROLES[role]


def test_each_step_of_seniority_adds() -> None:
    assert ROLES[Role.VIEWER] < ROLES[Role.ANALYST] < ROLES[Role.SUPERVISOR]


def test_a_source_reads_nothing_but_its_own_reports() -> None:
    assert {str(one) for one in SOURCE} == {"report:submit", "report:read", "report:assess", "locate"}


def test_the_local_operator_reveals_nothing() -> None:
    assert Permission.CASE_REVEAL not in LOCAL_OPERATOR
    assert Permission.TOKEN_WRITE in LOCAL_OPERATOR


def test_every_permission_is_held_by_somebody() -> None:
    held = frozenset[Permission]().union(*ROLES.values(), SOURCE, LOCAL_OPERATOR) | {Permission.INBOX}
    assert held == frozenset(Permission)


def test_require_names_what_is_missing() -> None:
    actor = Actor(id="person:anna", permissions=frozenset({"case:read"}))
    require(actor, Permission.CASE_READ)
    with pytest.raises(NotAllowed, match="`case:reveal`") as caught:
        require(actor, Permission.CASE_REVEAL)
    assert caught.value.reason == "case:reveal"


def test_the_router_itself_holds_no_permission_by_accident() -> None:
    with pytest.raises(NotAllowed):
        require(ROUTER, Permission.CASE_READ)


def test_check_takes_a_route_with_one_rule() -> None:
    check([Route(rules=[Needs(Permission.CASE_READ), object()]), Route(rules=[OpenToAll("probes have no token")])])


@pytest.mark.parametrize(
    ("route", "complaint"),
    [
        (Route(), "names 0 permissions"),
        (Route(rules=[Needs(Permission.LOCATE), OpenToAll("x")]), "names 2 permissions"),
        (Route(rules=[OpenToAll("")]), "without saying why"),
        (Route(rules=[Needs(Permission.LOCATE)], reads_body_first=True), "before it knows who is asking"),
    ],
)
def test_check_refuses_to_start_and_names_the_route(route: Route, complaint: str) -> None:
    with pytest.raises(CannotStart, match=rf"/v1/things.*{complaint}"):
        check([route])


async def test_open_to_all_asks_nothing() -> None:
    await OpenToAll("probes have no token")()
