"""One act on several cases: each is done, or refused, by itself, and answered by itself.

They are of a site, or chosen from the desk. A tag says which host is meant only once: whatever is asked for must be of
that host's index. A case that moved on since it was listed is refused as it would be alone, and the others are done.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.desk.not_illegal import not_illegal
from router.casework.read.sites import host_called
from router.errors import BadInput, NotFound, RouterError
from router.guard.access import Permission, require
from router.store.base import Row
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.group import GroupAct, GroupAnswer, GroupAnswers, Grouped
from schemas.vocabulary import Assessment

MISCOUNTED: Final = "You say {said}, and {meant} are meant. Nothing was done: look at the list again, and count."
#: What each act wants to know beside its reason; of two for one thing, either.
_ASKED: Final[Mapping[Grouped, tuple[str, ...]]] = {
    Grouped.CLOSE: ("outcome",),
    Grouped.LOOK: ("finding",),
    Grouped.REFER: ("partner", "country"),
}


async def act_on_each(ctx: Context, tag: str, actor: Actor, said: GroupAct) -> GroupAnswers:
    """Do one act to several cases of a site. Raise NotFound, NotAllowed, BadInput; what one case refuses is answered.

    Every case has its own entry in the audit chain, as if it had been done alone.
    """
    _check(actor, said)
    host = await host_called(ctx, tag)
    return await _each(ctx, actor, said, NotFound("This case is not of that site.", reason="other_site"), host or b"")


async def act_on_chosen(ctx: Context, actor: Actor, said: GroupAct) -> GroupAnswers:
    """Do one act to several cases of any site, likewise."""
    _check(actor, said)
    return await _each(ctx, actor, said, NotFound())


async def _each(
    ctx: Context, actor: Actor, said: GroupAct, not_theirs: NotFound, host: bytes | None = None
) -> GroupAnswers:
    wanted = select(cases.c.id, cases.c.assessment).where(cases.c.id.in_([one.case for one in said.rows]))
    rows = await ctx.store.rows(wanted if host is None else wanted.where(cases.c.host_bidx == host))
    theirs = {row["id"]: row for row in rows}
    answers = [
        await _answer(one.case, partial(_run(said), ctx, one.case, actor, one.version), theirs, not_theirs)
        for one in said.rows
    ]
    done = sum(one.done for one in answers)
    return GroupAnswers(items=tuple(answers), done=done, refused=len(answers) - done)


def _check(actor: Actor, said: GroupAct) -> None:
    """Raise BadInput or NotAllowed for what is wrong with all of it."""
    if said.count != len({one.case for one in said.rows}):
        text = MISCOUNTED.format(said=said.count, meant=len({one.case for one in said.rows}))
        raise BadInput(text, field="count", reason="miscounted")
    if said.reason is None and said.act is not Grouped.NOT_ILLEGAL:
        raise BadInput("Say why.", field="reason", reason="missing")
    asked = _ASKED.get(said.act, ())
    if asked and all(getattr(said, name) is None for name in asked):
        raise BadInput("Say this as well.", field=asked[0], reason="missing")
    if said.act is Grouped.NOT_ILLEGAL or said.assessment is not None:
        require(actor, Permission.REPORT_ASSESS)


async def _answer(
    case_id: str, run: Callable[[Row], Awaitable[Any]], theirs: Mapping[str, Row], not_theirs: NotFound
) -> GroupAnswer:
    try:
        if case_id not in theirs:
            raise not_theirs
        await run(theirs[case_id])
    except RouterError as refused:
        return GroupAnswer(case=case_id, done=False, code=refused.reason, text=refused.message)
    return GroupAnswer(case=case_id, done=True)


def _run(said: GroupAct) -> Callable[[Context, str, Actor, int, Row], Awaitable[Any]]:
    """Return the act on one case, which is given its version and its row."""
    why = said.reason or ""

    async def run(ctx: Context, case_id: str, actor: Actor, version: int, row: Row) -> None:
        by: tuple[Context, str, Actor] = (ctx, case_id, actor)
        assessed = said.assessment if row["assessment"] == Assessment.UNASSESSED else None
        match said.act:
            case Grouped.NOT_ILLEGAL:
                await not_illegal(*by, reason=said.reason, version=version)
            case Grouped.CLOSE:
                assert said.outcome is not None  # `_check`
                await case_acts.close(*by, why, outcome=said.outcome, version=version)
            case Grouped.LOOK:
                assert said.finding is not None  # `_check`
                await looks.look(*by, why, finding=said.finding, version=version)
            case Grouped.SEND:
                await case_acts.send(*by, why, assessment=assessed, version=version)
            case Grouped.REFER:
                to = partial(case_acts.refer, partner=said.partner, country=said.country)
                await to(*by, why, assessment=assessed, version=version)
            case Grouped.RETRACE:
                await case_acts.retrace(*by, why, version=version)

    return run
