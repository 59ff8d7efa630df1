"""With any questions at once, for any role: what a text names can be done there, and what is offered is accepted.

`test_every_offer_is_accepted.py` takes every offer of every situation, one question at a time, to its end. Here each of
those situations is asked several things more, drawn by its name, and read by each role.
Whatever is offered then is prepared up to its commit, which is left out, so that one case serves all of them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from router.casework.case.desk_entry import ABOUT_A_REFERRAL, entry, put_on_desk
from router.casework.context import Context
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by
from router.console.case import advised, beside
from router.console.report_words import ADVICE, ADVICE_NAMES
from router.guard.access import ROLES, Permission
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases
from schemas.actor import Actor, Role
from schemas.casefile import CaseFile, DeskCode
from schemas.states import CaseState
from tests.casebook import Casebook
from tests.stories.offers import FILL, on_referral
from tests.stories.test_every_offer_is_accepted import SITUATIONS, WAYS, opened

#: Sets of questions that each situation is asked, and at most how many at once.
SETS, MOST = 2, 4
#: What a second person is asked takes the place of all else, and nothing else is asked beside it (`not_illegal`).
ALONE = {DeskCode.SECOND_LOOK}
#: Asked of a case only as it is in the situation that asks it: an embargo, an edge, a link.
OF_ITS_SITUATION = {DeskCode.EMBARGO, DeskCode.POLICE_HOLD, DeskCode.EDGE_ONLY, DeskCode.SHORTENED, DeskCode.WRAPPED}
READERS = (
    (Role.VIEWER, False),
    (Role.ANALYST, False),
    (Role.SUPERVISOR, True),
)


class Prepared(BaseException):
    """An act has come to its commit: the server would take it."""


class NothingIsWritten:
    """A store that an act may read, and whose first commit ends the act."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, *_: Any) -> None:
        raise Prepared


async def prepared(ctx: Context, act: Callable[[Context], Awaitable[object]]) -> bool:
    """Whether the act came to its commit, or found by itself that its form cannot be filled in."""
    try:
        return not await act(replace(ctx, store=NothingIsWritten(ctx.store)))
    except Prepared:
        return True


async def asked(book: Casebook, case: Row, codes: list[DeskCode]) -> None:
    """Ask people these things of the case as well, about its last referral where they are about one."""
    referrals = await book.referrals(case["id"])
    row = dict(case)
    for code in codes:
        about = referrals[-1]["id"] if code in ABOUT_A_REFERRAL and referrals else None
        asks = (code, "")
        row |= put_on_desk(row, asks, book.ctx.now(), about) if row["state"] != "desk" else entry(row, asks, 1, about)
    before = await book.case(case["id"])
    columns = {name: row[name] for name in row if name.startswith("desk_")} | {"state": row["state"]}
    if columns["desk_alarm"] == before["desk_alarm"]:
        del columns["desk_alarm"]  # one that rings already is not begun again
    change = Change(cases, {"id": case["id"]}, columns, before["version"])
    await book.ctx.store.commit(Transition(0, (change,)))


def drawn(random: Random) -> list[DeskCode]:
    codes = [one for one in DeskCode if one not in ALONE | OF_ITS_SITUATION]
    return random.sample(codes, random.randint(1, MOST))


def texts_stand_beside(file: CaseFile) -> None:
    """Each text of the page that names an act has the act there; each act that is offered stands somewhere."""
    assert file.desk is not None
    offered = {*file.acts, *(act for one in file.referrals for act in one.acts)}
    shown = zip(file.desk.questions, advised(file), beside(file), strict=True)
    for question, is_read, forms in shown:
        assert set(forms) <= set(file.acts)
        if is_read:
            assert all(offered & set(group) for group in ADVICE_NAMES[question.code]), question.code


@pytest.mark.parametrize("name", sorted(set(SITUATIONS) - {"received", "located", "traced_anew", "closed"}))
async def test_with_several_questions_at_once_all_that_is_offered_is_accepted(tmp_path: Path, name: str) -> None:
    random = Random(name)  # noqa: S311 - other sets in each situation, the same in each run
    async with opened(tmp_path) as book:
        case = await book.case(await SITUATIONS[name](book))
        assert case["state"] in (CaseState.DESK, CaseState.REFERRED)
        for _ in range(SETS):
            codes = drawn(random)
            await asked(book, case, codes)
            for role, sees in READERS:
                actor = Actor(id=f"person:{role}", role=role, permissions=ROLES[role])
                if sees:
                    await book.saw(case["id"], actor)
                await read_by(book, case["id"], actor, random.randrange(24), codes)


async def read_by(book: Casebook, case_id: str, actor: Actor, pick: int, codes: list[DeskCode]) -> None:
    file = file_seen_by(await case_file(book.ctx, case_id, reader=actor), actor.permissions)
    if Permission.DESK_ACT in actor.permissions:
        texts_stand_beside(file)
    for act in file.acts:
        for way in range(min(WAYS.get(act, 1), 2)):
            said = await prepared(book.ctx, lambda ctx, act=act, way=way: FILL[act](ctx, file, actor, pick + way))  # type: ignore[misc] # bound now
            assert said, (act, codes)
    for one in file.referrals:
        for act in one.acts:
            said = await prepared(
                book.ctx,
                lambda ctx, one=one, act=act: on_referral(ctx, file, one, act, (actor, pick)),  # type: ignore[misc] # bound now
            )
            assert said, (act, codes)


def test_every_advice_says_which_acts_it_names() -> None:
    assert set(ADVICE_NAMES) == set(ADVICE) == set(DeskCode)
