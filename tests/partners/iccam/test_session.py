"""One login for all, made again when the hub forgets it, within the deadline and at the pace that is allowed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from router.errors import BadInput, NoAnswer, NotSent, StoreUnavailable
from router.guard.egress import HttpAnswer
from router.partners.answers import MENDING
from router.partners.base import Deferred, Reason
from router.partners.budget import LocalBudget
from router.partners.iccam.session import Call, Session
from router.partners.iccam.settings import IccamConfig
from router.partners.iccam.turns import Turns
from router.world.ca import Authority
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from tests.partners.iccam.stage import START, Near, files_of, settings, turns_of

#: Blanks, a colon, and what would end a parameter.
ODD = Call("PUT", "rest/Content/1/hotline-reference", {"reference": "a b:c&d#e+f=g/h?é"})
READ = Call("GET", "rest/Content/no-reference", {"maxResults": 30, "countryAssignmentStartDate": "2026-11-29 10:00:00"})


async def ask(at: Near, call: Call = READ, seconds: float = 20) -> HttpAnswer | Deferred:
    return await Session(at.tools, at.config).ask(call, turns_of(at, 50), until=at.until(seconds))


async def test_a_call_logs_in_first_and_carries_the_token(at: Near) -> None:
    found = await ask(at)
    assert isinstance(found, HttpAnswer)
    assert (found.status, found.body) == (200, b"[]")
    login, call = at.server.calls
    assert orjson.loads(login.body) == {"username": "api.user@hotline-c.test", "password": "0012345"}
    assert "Authorization" not in login.headers
    assert call.parameters == {"maxResults": "30", "countryAssignmentStartDate": "2026-11-29 10:00:00"}
    assert {one.client for one in at.server.calls} == {"hotline-c.test"}


async def test_a_parameter_arrives_as_it_was_meant(at: Near) -> None:
    await ask(at, ODD)
    assert at.server.calls[-1].parameters == ODD.query


async def test_a_password_of_digits_stays_a_text(at: Near) -> None:
    """The public client makes a number of it, and cannot log in with one that begins with a zero."""
    assert isinstance(await ask(at), HttpAnswer)
    assert b'"0012345"' in at.server.calls[0].body


async def test_one_login_serves_all_calls_at_once(at: Near) -> None:
    session, turns = Session(at.tools, at.config), turns_of(at, 50)
    found = await asyncio.gather(*(session.ask(READ, turns, until=at.until()) for _ in range(8)))
    assert {answer.status for answer in found if isinstance(answer, HttpAnswer)} == {200}
    assert at.paths.count("POST Authentication") == 1


async def test_a_fresh_token_is_given_time(at: Near) -> None:
    at.hub.rules = Rules(token_settle=2)
    assert isinstance(await ask(at), HttpAnswer)
    assert at.paths == ["POST Authentication", "GET rest/Content/no-reference"]
    assert sum(at.clock.slept) == pytest.approx(2, abs=0.1)


async def test_a_login_that_the_hub_forgot_is_made_again_and_the_call_too(at: Near) -> None:
    session, turns = Session(at.tools, at.config), turns_of(at, 50)
    await session.ask(READ, turns, until=at.until())
    at.server.troubles.order(Trouble(Kind.LOGGED_OUT, "rest/"))
    again = await asyncio.gather(*(session.ask(READ, turns, until=at.until()) for _ in range(3)))
    assert [one.status for one in again if isinstance(one, HttpAnswer)] == [200] * 3
    assert at.paths.count("POST Authentication") == 2


async def test_a_login_that_is_never_good_is_our_fault_and_ends(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.LOGGED_OUT, "rest/", times=99))
    found = await ask(at)
    assert isinstance(found, Deferred)
    assert (found.reason, found.counted) == (Reason.NOT_AUTHENTICATED, False)
    assert at.paths.count("POST Authentication") == 2


@pytest.mark.parametrize(
    ("life", "later", "logins"), [(600, 500, 1), (600, 545, 2), (1800, 1700, 1), (10, 4, 1), (10, 6, 2)]
)
async def test_a_token_is_left_before_it_ends(at: Near, life: int, later: int, logins: int) -> None:
    at.hub.rules = Rules(token_seconds=life)
    session, turns = Session(at.tools, at.config.model_copy(update={"token_settle": 0})), turns_of(at, 50)
    await session.ask(READ, turns, until=at.until())
    at.clock.advance(timedelta(seconds=later))
    assert isinstance(await session.ask(READ, turns, until=at.until()), HttpAnswer)
    assert at.paths.count("POST Authentication") == logins


async def test_a_wrong_password_is_not_tried_twice_and_a_mended_one_at_once(at: Near) -> None:
    at.files["iccam.password"] = b"wrong"
    session, turns = Session(at.tools, at.config), turns_of(at, 50)
    for _ in range(3):
        found = await session.ask(READ, turns, until=at.until())
        assert isinstance(found, Deferred)
        assert (found.reason, found.counted, found.retry_after) == (Reason.NOT_AUTHENTICATED, False, MENDING)
    assert at.paths == ["POST Authentication"]
    at.clock.advance(timedelta(seconds=MENDING))
    await session.ask(READ, turns, until=at.until())
    assert at.paths == ["POST Authentication"] * 2
    at.files["iccam.password"] = b"0012345"
    assert isinstance(await session.ask(READ, turns, until=at.until()), HttpAnswer)


@pytest.mark.parametrize(
    ("status", "reason", "counted"),
    [
        (400, Reason.NOT_AUTHENTICATED, False),
        (404, Reason.NOT_AUTHENTICATED, False),
        (410, Reason.GONE, False),
        (302, Reason.REDIRECTED, True),
        (500, Reason.PARTNER_FAILS, True),
        (503, Reason.BUSY, True),
        (600, Reason.NOT_UNDERSTOOD, True),
    ],
)
async def test_a_login_that_fails_never_says_that_a_referral_was_refused(
    at: Near, status: int, reason: Reason, counted: bool
) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "authentication", status=status))
    found = await ask(at)
    assert isinstance(found, Deferred)
    assert (found.reason, found.counted) == (reason, counted)
    assert at.paths == ["POST Authentication"]


async def test_an_answer_to_a_login_that_holds_no_token_is_said_so(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.GARBAGE, "authentication"))
    found = await ask(at)
    assert isinstance(found, Deferred)
    assert found.reason is Reason.NOT_UNDERSTOOD


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.CUT])
async def test_a_lost_answer_to_a_login_proves_that_nothing_of_the_case_left(at: Near, kind: Kind) -> None:
    at.server.troubles.order(Trouble(kind, "authentication"))
    with pytest.raises(NotSent) as failed:
        await ask(at)
    assert failed.value.__context__ is None


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.CUT])
async def test_a_lost_answer_to_the_call_leaves_open_whether_it_arrived(at: Near, kind: Kind) -> None:
    at.server.troubles.order(Trouble(kind, "rest/reports"))
    with pytest.raises(NoAnswer):
        await ask(at, Call("POST", "rest/reports", body={}))
    assert at.paths.count("POST rest/reports") == 1  # it is not made again by itself


@pytest.mark.parametrize("path", ["authentication", "rest/"])
async def test_a_hub_that_hangs_holds_nobody_beyond_the_deadline(at: Near, path: str) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, path, delay=30))
    begun = asyncio.get_running_loop().time()
    (found,) = await asyncio.gather(ask(at, seconds=0.3), return_exceptions=True)
    assert isinstance(found, NoAnswer if path == "rest/" else NotSent | Deferred)
    assert asyncio.get_running_loop().time() - begun < 5


@pytest.mark.parametrize("status", [429, 503])
async def test_nobody_asks_again_before_the_time_that_the_hub_named(at: Near, status: int) -> None:
    session, turns = Session(at.tools, at.config), turns_of(at, 50)
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/", status=status, retry_after="120"))
    first = await session.ask(READ, turns, until=at.until())
    assert isinstance(first, HttpAnswer)
    for _ in range(3):
        told = await session.ask(READ, turns, until=at.until())
        assert isinstance(told, Deferred)
        assert (told.reason, told.counted) == (Reason.BUSY, False)
        assert told.retry_after == pytest.approx(120, abs=1)
    assert at.paths.count("GET rest/Content/no-reference") == 1
    at.clock.advance(timedelta(seconds=120))
    assert isinstance(await session.ask(READ, turns, until=at.until()), HttpAnswer)


async def test_a_busy_hub_that_names_no_time_is_asked_when_the_schedule_says(at: Near) -> None:
    session, turns = Session(at.tools, at.config), turns_of(at, 50)
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/", status=503))
    statuses = []
    for _ in range(2):
        answer = await session.ask(READ, turns, until=at.until())
        assert isinstance(answer, HttpAnswer)
        statuses.append(answer.status)
    assert statuses == [503, 200]


async def test_calls_keep_their_pace(at: Near) -> None:
    session, turns = Session(at.tools, at.config.model_copy(update={"token_settle": 0})), turns_of(at, 1)
    for _ in range(4):
        await session.ask(READ, turns, until=at.until())
    assert (at.clock.now() - START).total_seconds() == pytest.approx(4, abs=0.1)  # a login and four calls


async def test_who_cannot_have_a_turn_in_time_is_told_when(at: Near) -> None:
    class Far(LocalBudget):
        async def reserve(self, name: str, gap: float) -> float:
            await asyncio.sleep(30)
            return await super().reserve(name, gap)

    turns = Turns("iccam:push", 0.1, at.clock, Far(at.clock))
    found = await Session(at.tools, at.config).ask(READ, turns, until=at.until(0.2))
    assert isinstance(found, Deferred)
    assert (found.reason, found.counted, at.server.calls) == (Reason.OWN_PACE, False, [])
    assert found.retry_after == pytest.approx(10, abs=1)


async def test_a_store_that_is_away_lets_nothing_leave(at: Near) -> None:
    class Away(LocalBudget):
        async def reserve(self, name: str, gap: float) -> float:
            raise StoreUnavailable

    turns = Turns("iccam:push", 1, at.clock, Away(at.clock))
    with pytest.raises(NotSent) as failed:
        await Session(at.tools, at.config).ask(READ, turns, until=at.until())
    assert (failed.value.__context__, at.server.calls) == (None, [])


async def test_a_certificate_that_has_ended_is_not_shown(at: Near, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    at.files |= files_of(Authority(folder).issue_client("hotline-c.test", "of the bundle", START))
    with pytest.raises(BadInput, match="ended"):
        await ask(at)
    assert at.server.calls == []


async def test_a_certificate_that_was_replaced_is_shown_from_the_next_call_on(at: Near, tmp_path: Path) -> None:
    """An unknown one first: the hub breaks off, and of the case nothing left."""
    good = dict(at.files)
    folder = tmp_path / "other"
    folder.mkdir()
    at.files |= files_of(Authority(folder).issue_client("hotline-c.test", "of the bundle"))
    session, turns = Session(at.tools, at.config), turns_of(at, 50)
    with pytest.raises(NotSent):
        await session.ask(READ, turns, until=at.until())
    at.files |= good
    assert isinstance(await session.ask(READ, turns, until=at.until()), HttpAnswer)


async def test_a_hub_that_is_elsewhere_got_nothing(at: Near) -> None:
    away = IccamConfig.model_validate(settings(url="https://nobody.test/"))
    with pytest.raises(NotSent):
        await Session(at.tools, away).ask(READ, turns_of(at, 50), until=at.until())


async def test_nothing_secret_shows(at: Near) -> None:
    session = Session(at.tools, at.config)
    await session.ask(READ, turns_of(at, 50), until=at.until())
    token = at.server.calls[1].token
    assert token
    said = f"{session!r} {session._token!r} {session._denied!r}"
    assert token not in said
    assert "0012345" not in said
