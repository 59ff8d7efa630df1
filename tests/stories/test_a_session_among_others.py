"""A viewing session comes back while others do what they do: whatever the order, each line is answered, and done once.

The same table is brought twice at the same moment, or another one, or by somebody who did not take it; meanwhile its
cases are closed, opened by others, taken over and erased, the session is given back, and its file is said to be lost.
Every question to the store and every commit of each is a turn, and whose it is is drawn (`tests/at_turns.py`).
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from router.casework.case.record import case_rows
from router.casework.context import Context
from router.casework.desk import case_acts, taking
from router.casework.desk.viewing import ended
from router.casework.desk.viewing.results import bring
from router.casework.desk.viewing.taken import take
from router.casework.retention.erase import erased
from router.errors import RouterError
from router.store.schema.tables import audit, leases, viewing_lines, viewings
from schemas.actor import Actor, Role
from schemas.retention import Kept
from schemas.viewing import LineAnswers, ViewingAsked, ViewingMade
from schemas.vocabulary import Assessment, Outcome
from tests import postgres_server
from tests.at_turns import Act, at_turns
from tests.casebook import FORM, Casebook, casebook
from tests.casework.desk.viewing.rooms import OpenRoom, filled
from tests.office import person

#: What a table says of each of its lines, and by which entries of the audit that is done.
SAID: Final = (
    ({"assessment": "baseline", "finding": "there"}, ("case.still_there", "case.assessed")),
    ({"assessment": "not_illegal"}, ("case.closed",)),
    ({"finding": "gone"}, ("case.closed",)),
    ({"finding": "cannot_see", "why": "login"}, ("case.not_seen",)),
    ({"assessment": "national", "labels": "ucs:A1"}, ("case.assessed",)),
)
#: Another table of the same lines, which says something else of each.
ELSE: Final = ({"assessment": "not_illegal"}, {"finding": "gone"}, {"assessment": "baseline"}, {"finding": "there"}, {})
_ELSE_DONE: Final = (("case.closed",), ("case.closed",), ("case.assessed",), ("case.still_there",), ())
#: What whoever took a session may do after it has ended: say that it is lost, take another one, and be refused.
_MAY_FOLLOW: Final = {"case.viewing_lost", "viewing.lost", "viewing.brought", "viewing.exported", "case.revealed"}
NUMBERS: Final = count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator["House"]:
    """An office with a room, on each engine."""
    async with AsyncExitStack() as opened:
        url = None
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server_dsn")
            url = await opened.enter_async_context(postgres_server.fresh_database(server))
        book = await opened.enter_async_context(casebook(tmp_path, url=url))
        book.ctx = replace(book.ctx, room=OpenRoom())
        yield House(book)


class House:
    """What all examples share; nothing of it is shown by one that fails."""

    def __init__(self, book: Casebook) -> None:
        self.book = book


@dataclass
class Session:
    """A session that is out, and those around it."""

    book: Casebook
    ids: list[str]
    made: ViewingMade
    owner: Actor
    chief: Actor
    other: Actor

    @property
    def name(self) -> str:
        return self.made.session.name

    def acts(self) -> dict[str, Act]:
        """What may happen at the same moment."""
        same, otherwise = filled(self.made, *(said for said, _ in SAID)), filled(self.made, *ELSE)
        return {
            "bring": lambda ctx: bring(ctx, same, self.owner),
            "bring again": lambda ctx: bring(ctx, same, self.owner),
            "bring another": lambda ctx: bring(ctx, otherwise, self.owner),
            "bring as the chief": lambda ctx: bring(ctx, same, self.chief),
            "take one more": lambda ctx: take(ctx, ViewingAsked(cases=tuple(self.ids)), self.owner),
            "take as another": lambda ctx: take(ctx, ViewingAsked(cases=tuple(self.ids)), self.other),
            "close": lambda ctx: self.closes(ctx, self.ids[0]),
            "assess": lambda ctx: self.assesses(ctx, self.ids[1]),
            "take over": lambda ctx: taking.take(ctx, self.ids[2], self.chief, over=True),
            "erase": lambda ctx: self.erases(ctx, self.ids[4]),
            "give back": lambda ctx: ended.close(ctx, self.name, self.owner),
            "lose": lambda ctx: ended.lost(ctx, self.name, self.chief, "left on a train"),
            "lose twice": lambda ctx: ended.lost(ctx, self.name, self.owner, "not wiped"),
        }

    async def closes(self, ctx: Context, case_id: str) -> None:
        await case_acts.close(ctx, case_id, self.chief, "gone", outcome=Outcome.UNAVAILABLE)

    async def assesses(self, ctx: Context, case_id: str) -> None:
        await case_acts.assess(ctx, case_id, self.chief, "seen", assessment=Assessment.NATIONAL)

    async def erases(self, ctx: Context, case_id: str) -> None:
        await self.closes(ctx, case_id)
        rows = list((await case_rows(ctx, [case_id])).values())
        for one in await erased(ctx, Kept.URLS, rows, self.chief.id):
            await ctx.store.commit(one)


async def out(book: Casebook) -> Session:
    """Take five cases to the room; persons and places are new ones each time."""
    n = next(NUMBERS)
    owner, other = person(f"bert-{n}", Role.ANALYST), person(f"carl-{n}", Role.ANALYST)
    chief = person(f"anna-{n}", Role.SUPERVISOR)
    ids = [await book.decided(f"https://s{n}-{at}.test/", f"v-{n}-{at}", actor=FORM) for at in range(len(SAID))]
    await book.saw(ids[1], chief)
    made = await take(book.ctx, ViewingAsked(cases=tuple(ids)), owner)
    return Session(book, ids, made, owner, chief, other)


NAMES: Final = (
    "assess", "bring", "bring again", "bring another", "bring as the chief", "close", "erase", "give back", "lose",
    "lose twice", "take as another", "take one more", "take over",
)  # fmt: skip


@pytest.mark.timeout(600)
@settings(suppress_health_check=list(HealthCheck), max_examples=12, deadline=None, phases=set(Phase) - {Phase.explain})
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(lambda some: ["bring", *some]),
    order=st.lists(st.integers(0, 4), max_size=250),
)
async def test_whatever_the_order_each_line_is_answered_and_done_once(
    house: House, names: list[str], order: list[int]
) -> None:
    names = list(dict.fromkeys(names))
    book = house.book
    session = await out(book)
    acts = session.acts()
    came = dict(zip(names, await at_turns(book.ctx, [acts[one] for one in names], order), strict=True))
    for name, one in came.items():
        assert not isinstance(one, Exception) or isinstance(one, RouterError), (name, one)
        if name.startswith("bring"):
            assert isinstance(one, LineAnswers), (name, one)
    await check(session, {name: one for name, one in came.items() if isinstance(one, LineAnswers)}, came)


async def check(session: Session, brought: dict[str, LineAnswers], came: dict[str, object]) -> None:
    book, mine = session.book, session.owner.id
    entries = [row for row in await book.rows(audit) if row["case_id"] in session.ids or _names(row, session.name)]
    (row,) = await book.rows(viewings, viewings.c.name == session.name)
    lines = {one["case_id"]: one for one in await book.rows(viewing_lines, viewing_lines.c.viewing == session.name)}
    for answers in brought.values():
        assert len(answers.items) == len(SAID)
        assert all(one.done or one.text or one.code == "empty" for one in answers.items)
    for at, case_id in enumerate(session.ids):
        of_case = [one for one in entries if one["case_id"] == case_id and one["act"] != "case.revealed"]
        owners = [one["act"] for one in of_case if one["actor"] == mine and one["act"] != "case.viewing_lost"]
        done = [
            name for name, answers in brought.items() if (said := answers.items[at]).done and said.code != "already"
        ]
        assert len(done) <= 1, "two bringings say that they did it"
        whole = (*SAID[at][1],), (*_ELSE_DONE[at],)
        if done:
            assert tuple(owners) in whole or tuple(owners) == ("case.still_there", *_ELSE_DONE[at]), owners
        else:
            assert owners in ([], ["case.still_there"]), "nobody was told that it was done"
        kept = lines.get(case_id)
        if kept is not None:
            assert (kept["done_at"] is not None) is bool(done)
        _is_refused_for_a_reason(brought, at, of_case, entries, session)
        _nothing_after_its_end(of_case, mine)
    _nothing_after_the_sessions_end(entries, session)
    endings = [one["act"] for one in entries if one["act"] in ("viewing.closed", "viewing.lost")]
    assert Counter(endings) <= Counter(("viewing.closed", "viewing.lost"))
    assert row["ended_as"] == {"viewing.closed": "closed", "viewing.lost": "lost", "": None}[(["", *endings])[-1]]
    if lines and all(one["done_at"] is not None for one in lines.values()):
        assert row["ended_as"] is not None, "it is over with its last line"
    if row["ended_as"] is not None:
        held = await book.rows(leases, leases.c.viewing == session.name)
        assert [one for one in held if one["until"] > book.ctx.now()] == []
    said = [one["actor"] for one in entries if one["act"] == "viewing.brought"]
    assert Counter(said) == Counter(session.chief.id if name == "bring as the chief" else mine for name in brought), (
        "the audit tells of each bringing"
    )
    if "lose" in came or "lose twice" in came:
        assert row["ended_as"] == "lost", "what is lost is so at once, whatever else happens"


def _names(row: dict[str, Any], name: str) -> bool:
    return f'"{name}"' in str(row["detail"])


def _is_refused_for_a_reason(
    brought: dict[str, LineAnswers], at: int, of_case: list[Any], entries: list[Any], session: Session
) -> None:
    """A row of whoever took it is refused only for what somebody else did, or said of it first."""
    others = [one for one in of_case if one["actor"] != session.owner.id]
    ended_by_hand = [one for one in entries if one["act"] in ("viewing.closed", "viewing.lost")]
    for name, answers in brought.items():
        code = answers.items[at].code
        if name == "bring as the chief":
            assert code in ("other_person", "lost", "no_such_line"), code
        elif code in ("conflict", "not_now", "not_found", "no_such_line"):
            assert others, (name, at, code, answers.items[at].text)
        elif code == "has_it":
            assert any(one["act"] in ("case.taken_over", "case.revealed") for one in entries), code
        elif code in ("closed", "lost"):
            assert ended_by_hand
        else:
            assert code in (None, "already", "empty", "given_before"), (code, answers.items[at].text)


def _nothing_after_its_end(of_case: list[Any], mine: str) -> None:
    """Nothing of a case that somebody closed, or has before them by now, is changed by a session."""
    for at, one in enumerate(of_case):
        if one["act"] in ("case.closed", "case.taken_over", "case.assessed"):
            after = [each["act"] for each in of_case[at + 1 :] if each["actor"] == mine]
            assert [act for act in after if act != "case.viewing_lost"] == [], (one["act"], after)


def _nothing_after_the_sessions_end(entries: list[Any], session: Session) -> None:
    ends = [at for at, one in enumerate(entries) if one["act"] in ("viewing.closed", "viewing.lost")]
    for one in entries[ends[0] + 1 :] if ends else ():
        assert one["actor"] != session.owner.id or one["act"] in _MAY_FOLLOW, one["act"]
