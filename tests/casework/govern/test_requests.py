"""The register: opened by one, agreed to by another, on the law's clock; who asked and about what is in no log."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from router.casework.govern import requests
from router.casework.people import tokens
from router.casework.read.stats import stats
from router.errors import BadInput, Conflict, NotAllowed, NotFound
from router.guard.access import IN_PERSON, LOCAL_OPERATOR, ROLES, Permission
from router.store.schema.tables import audit
from router.store.schema.tables import requests as table
from schemas.actor import Actor, Role
from schemas.requests import RequestCloses, RequestExtends, RequestOutcome, RequestState, RequestView
from tests.asked import DORA, LETTER, agreed, asks, officers
from tests.casebook import ANNA, PAGE, Casebook, casebook
from tests.embargoes import BOB
from tests.office import person

MORE = RequestExtends(reason="forty accounts, and police have some")
ENDED = RequestCloses(outcome=RequestOutcome.PARTLY, reason="answered by letter of today")


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        await officers(opened.ctx)
        yield opened


async def test_its_clock_runs_from_the_day_it_was_received(book: Casebook) -> None:
    made = await requests.add(book.ctx, asks(("url", PAGE)), DORA)
    assert (made.received_on, made.due_on) == (date(2026, 11, 20), date(2026, 12, 21)), "the 20th is a Sunday"
    assert (made.state, made.due, made.overdue) == (RequestState.OPEN, False, False)
    assert ((await stats(book.ctx)).requests_due, (await stats(book.ctx)).requests_overdue) == (0, 0)
    book.later(days=22)
    (seen,) = (await requests.listed(book.ctx)).items
    assert (seen.due, seen.overdue, (await stats(book.ctx)).requests_due) == (True, False, 1)
    book.later(days=8)
    (seen,) = (await requests.listed(book.ctx)).items
    assert (seen.overdue, (await stats(book.ctx)).requests_overdue) == (True, 1)


async def test_it_is_extended_once_and_in_time_only(book: Casebook) -> None:
    made = await requests.add(book.ctx, asks(("url", PAGE)), DORA)
    longer = await requests.extend(book.ctx, made.id, MORE, DORA)
    assert (longer.due_on, longer.extended) == (date(2027, 2, 22), True), "three months from receipt; the 20th rests"
    with pytest.raises(Conflict, match="no second time"):
        await requests.extend(book.ctx, made.id, MORE, DORA)
    late = await requests.add(book.ctx, asks(("url", PAGE)), DORA)
    book.later(days=30)
    with pytest.raises(Conflict, match="first month is over"):
        await requests.extend(book.ctx, late.id, MORE, DORA)


async def test_the_register_is_read_to_its_end_by_pages(book: Casebook) -> None:
    days = [date(2026, 11, 20 - n % 4) for n in range(11)]
    made = [(await requests.add(book.ctx, asks(("url", PAGE), received_on=one), DORA)).id for one in days]
    for one in made[:4]:
        await requests.close(book.ctx, one, ENDED, DORA)
    for closed, wanted in ((False, made[4:]), (True, made)):
        for limit in (1, 2, 3, 5, 11, 50):
            read, cursor = list[RequestView](), None
            while page := await requests.listed(book.ctx, closed=closed, cursor=cursor, limit=limit):
                read += page.items
                assert (page.total, len(page.items) <= limit) == (len(wanted), True)
                if (cursor := page.next) is None:
                    break
            assert sorted(one.id for one in read) == sorted(wanted)
            assert read == sorted(read, key=lambda one: (one.state is RequestState.CLOSED, one.due_on, one.id))


async def test_one_that_is_closed_while_pages_are_turned_takes_no_other_with_it(book: Casebook) -> None:
    for _ in range(5):
        await requests.add(book.ctx, asks(("url", PAGE)), DORA)
    whole = [one.id for one in (await requests.listed(book.ctx)).items]
    first = await requests.listed(book.ctx, limit=2)
    await requests.close(book.ctx, first.items[-1].id, ENDED, DORA)
    for closed in (False, True):
        rest = await requests.listed(book.ctx, closed=closed, cursor=first.next)
        assert [one.id for one in rest.items][:3] == whole[2:]


async def test_two_people_by_their_own_hands(book: Casebook) -> None:
    made = await requests.add(book.ctx, asks(("url", PAGE)), DORA)
    lent = BOB.model_copy(update={"issuer": "local:root", "id": "person:bob/local:root"})
    machine = Actor(id="local:root", permissions=frozenset(str(one) for one in Permission))
    await tokens.add_account(book.ctx, "made", Role.SUPERVISOR, DORA)
    for nobody in (DORA, lent, machine, person("made", Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            await requests.agree(book.ctx, made.id, nobody)
    for nobody in (lent, machine):
        with pytest.raises(NotAllowed):
            await requests.add(book.ctx, asks(("url", PAGE)), nobody)
    done = await requests.agree(book.ctx, made.id, BOB)
    assert (done.state, done.by, done.agreed_by) == (RequestState.AGREED, "person:dora", "person:bob")
    with pytest.raises(Conflict, match="agreed to this search already"):
        await requests.agree(book.ctx, made.id, ANNA)


async def test_who_asked_and_about_what_is_sealed_and_to_read_it_is_logged(book: Casebook) -> None:
    made = await agreed(book.ctx, ("url", PAGE), ("account", "@canary-handle", "Chat"), ("reference", "canary-number"))
    await requests.extend(book.ctx, made.id, MORE, DORA)
    await requests.close(book.ctx, made.id, ENDED, DORA)
    read = await requests.read(book.ctx, made.id, DORA)
    assert [one.what for one in read.terms] == ["hxxps://example[.]test/page", "@canary-handle", "canary-number"]
    assert (read.asked_by, read.extended_because, read.closed_because) == (LETTER, MORE.reason, ENDED.reason)
    (row,) = await book.rows(table)
    rest = json.dumps({name: str(value) for name, value in row.items()})
    rest += "".join(one.model_dump_json() for one in (await requests.listed(book.ctx, closed=True)).items)
    entries = await book.rows(audit)
    rest += json.dumps([entry["detail"] for entry in entries])
    assert not any(word in rest for word in ("example", "canary", "folder", MORE.reason, ENDED.reason))
    acts = [entry["act"] for entry in entries if entry["act"].startswith("request.")]
    assert acts == [f"request.{one}" for one in ("opened", "agreed", "extended", "closed", "read")]


async def test_what_is_closed_stays_closed(book: Casebook) -> None:
    made = await agreed(book.ctx, ("url", PAGE))
    closed = await requests.close(book.ctx, made.id, ENDED, ANNA)
    assert (closed.state, closed.outcome, closed.closed_by) == (RequestState.CLOSED, "partly", "person:anna")
    assert ((await requests.listed(book.ctx)).total, (await requests.listed(book.ctx, closed=True)).total) == (0, 1)
    for again in (
        requests.close(book.ctx, made.id, ENDED, DORA),
        requests.extend(book.ctx, made.id, MORE, DORA),
        requests.agree(book.ctx, made.id, ANNA),
    ):
        with pytest.raises(Conflict, match="is closed"):
            await again
    with pytest.raises(NotFound):
        await requests.read(book.ctx, "0" * 36, DORA)


@pytest.mark.parametrize("term", [("host", "not a host"), ("url", "https://"), ("account", "", "Chat")])
async def test_terms_that_name_nothing_are_refused(book: Casebook, term: tuple[str, str]) -> None:
    with pytest.raises((BadInput, ValueError)):
        await requests.add(book.ctx, asks(term), DORA)


async def test_nothing_is_received_tomorrow(book: Casebook) -> None:
    with pytest.raises(BadInput):
        await requests.add(book.ctx, asks(("url", PAGE), received_on=date(2026, 11, 23)), DORA)


def test_who_gives_out_access_cannot_use_it() -> None:
    """And the machine's own user is nobody: what is searched is searched by a person, by name."""
    of_requests = {Permission.REQUEST_READ, Permission.REQUEST_ACT, Permission.REQUEST_SEARCH}
    searching = {role for role, held in ROLES.items() if Permission.REQUEST_SEARCH in held}
    assert searching == {Role.OFFICER}
    granting = {role for role, held in ROLES.items() if held & {Permission.ACCOUNT_WRITE, Permission.ACCOUNT_INVITE}}
    assert not any(ROLES[role] & of_requests for role in granting)
    assert of_requests <= IN_PERSON
    assert not of_requests & LOCAL_OPERATOR
    assert Permission.CASE_REVEAL not in ROLES[Role.OFFICER]
