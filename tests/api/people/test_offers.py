"""Whatever an answer offers its reader may do: by their role, their mandate, their token, and from where they ask."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from router.casework.case.acts import ACTS
from router.casework.people import mandates, tokens
from router.guard.access import ROLES, Permission
from schemas.actor import ROUTER, Actor, Role, person
from schemas.acts import TokenGiven
from schemas.people import MandateGiven
from tests.casebook import FORM, Casebook, casebook
from tests.office import door

BOSS: Final = person("boss", Role.SUPERVISOR, frozenset(ROLES[Role.SUPERVISOR]))
MACHINE: Final = Actor(id="local:root")
INSIDE, OUTSIDE = "127.0.0.1", "192.0.2.7"
NEEDS: Final = {act.name: act.needs for act in ACTS}
#: What a form of each act holds besides its reason: enough that it is not refused for what it lacks.
FILLED: Final[dict[str, dict[str, Any]]] = {
    "told-police": {"reference": "N-1"},
    "look": {"finding": "still_there"},
    "refer": {"partner": "hotline-nl"},
    "handed-over": {"partner": "federal-police", "reference": "N-2"},
    "assess": {"assessment": "baseline"},
    "close": {"outcome": "unavailable"},
    "origin": {"ip": "93.184.216.34"},
    "target": {"location": "https://elsewhere.test/"},
    "override": {"partner": "hotline-ca"},
    "taken-back": {"reference": "N-3"},
    "answer": {"answer": "taken_over"},
}
#: No reason is asked, and no body is known but an empty one.
BARE: Final = {"take", "pass-on"}
#: These say what it is as well, where nobody has said it.
SAYS: Final = {"send", "refer"}
NAMES: Final = count()


async def no_mandate_is_asked(book: Casebook, name: str) -> None:
    pass


async def in_force(book: Casebook, name: str) -> None:
    until = MandateGiven(until=book.clock.now().date() + timedelta(days=3))
    await mandates.give(book.ctx, name, until, BOSS)


async def ended(book: Casebook, name: str) -> None:
    await in_force(book, name)
    (one,) = await mandates.all_mandates(book.ctx, name)
    await mandates.end(book.ctx, one.id, BOSS)


MANDATES: Final = (no_mandate_is_asked, in_force, ended)


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield replace_door(opened, reveal_from=("127.0.0.0/8",))


def replace_door(book: Casebook, **settings: Any) -> Casebook:
    book.ctx.door.passwords.close()
    book.ctx = replace(book.ctx, door=door(**settings))
    return book


def found_acts(answer: Any) -> Iterator[str]:
    """All acts that an answer offers, wherever it does."""
    if isinstance(answer, dict):
        yield from answer.get("acts", ())
        for one in answer.values():
            yield from found_acts(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from found_acts(one)


async def offers(client: httpx2.AsyncClient, case_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Where each offered act of a case and its referrals is done, its name, and its form as a page would have it."""
    answer = await client.get(f"/v1/cases/{case_id}")
    if answer.status_code == 403:
        return []
    file = answer.json()
    places = [(f"/v1/cases/{case_id}", file), *((f"/v1/referrals/{one['id']}", one) for one in file["referrals"])]
    said = {"assessment": "baseline"} if file["summary"]["assessment"] == "unassessed" else {}

    def form(act: str) -> dict[str, Any]:
        return {} if act in BARE else {"reason": "to see", **FILLED.get(act, {}), **(said if act in SAYS else {})}

    return [(f"{path}/{act}", act, form(act)) for path, one in places for act in one["acts"]]


async def account(book: Casebook, role: Role) -> Actor:
    return (await tokens.add_account(book.ctx, f"{role}-{next(NAMES)}", role, ROUTER)).actor


async def client(
    book: Casebook, served: Any, who: Actor, *scopes: str, by: Actor | None = None, at: str = INSIDE
) -> tuple[httpx2.AsyncClient, set[str]]:
    """A client of somebody who asks with a token, and what that token may hold."""
    given = TokenGiven(name="t", account=who.account, scopes=scopes)
    made = await tokens.create_token(book.ctx, given, by or who)
    transport = httpx2.ASGITransport(served.app, client=(at, 1234))
    headers = {"authorization": f"Bearer {made.token}"}
    return httpx2.AsyncClient(transport=transport, base_url="http://router.test", headers=headers), set(
        made.view.scopes
    )


async def judge(book: Casebook, asks: httpx2.AsyncClient, may: set[str]) -> None:
    """Do all that is offered, on cases of their own; nothing is offered, then or in an answer, that they may not."""
    n = next(NAMES)
    risk = await book.decided(f"https://a{n}.test/", f"a-{n}", FORM, urgency="imminent_risk")
    for case_id in (risk, await book.decided(f"https://b{n}.test/", f"b-{n}")):
        offered = await offers(asks, case_id)
        assert {act for _, act, _ in offered if NEEDS[act] not in may} == set()
        assert ("reveal" in {act for _, act, _ in offered}) is ({"case:read", "case:reveal"} <= may)
        for path, act, body in offered:
            answer = await asks.post(path, json=body)
            assert answer.status_code not in {401, 403}, (act, answer.text)
            if answer.status_code == 422:  # an act before it took that partner, not that a form lacks something
                assert {one["field"] for one in answer.json()["errors"]} <= {"/partner"}, (act, answer.text)
            if answer.content and answer.status_code < 400:
                assert {one for one in found_acts(answer.json()) if NEEDS[one] not in may} == set(), act


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("given", MANDATES)
async def test_of_every_role_whatever_its_mandate_by_each_way_in(
    book: Casebook, serve_by_one: Any, role: Role, given: Callable[[Casebook, str], Any]
) -> None:
    if given is not no_mandate_is_asked and "case:reveal" not in ROLES[role]:
        return  # it is given none
    served = serve_by_one(book.ctx)
    looks = {Permission.CASE_REVEAL} if given is ended else set()
    for by, at in ((None, INSIDE), (None, OUTSIDE), (MACHINE, INSIDE)):
        who = await account(book, role)
        await given(book, who.account or "")
        asks, held = await client(book, served, who, by=by, at=at)
        async with asks:
            await judge(book, asks, held - looks - ({Permission.CASE_REVEAL} if at == OUTSIDE else set()))


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUPERVISOR])
async def test_in_a_house_that_asks_it_of_everybody_nobody_without_one_is_offered_it(
    book: Casebook, serve_by_one: Any, role: Role
) -> None:
    served = serve_by_one(replace_door(book, mandates=True).ctx)
    asks, held = await client(book, served, await account(book, role))
    async with asks:
        await judge(book, asks, held - {Permission.CASE_REVEAL})


@pytest.mark.parametrize("scope", sorted(ROLES[Role.SUPERVISOR]))
async def test_of_a_token_that_may_read_and_one_thing_more(book: Casebook, serve_by_one: Any, scope: str) -> None:
    asks, held = await client(
        book, serve_by_one(book.ctx), await account(book, Role.SUPERVISOR), *{"case:read", "referral:read", scope}
    )
    async with asks:
        await judge(book, asks, held)
