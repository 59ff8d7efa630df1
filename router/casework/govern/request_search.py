"""What is kept of whoever asked: looked up by blind index, after two people agreed, for the data protection officer.

Each hit says what an answer has to heed: police, an embargo, a legal hold, whose account it is. What a search found is
written nowhere, in no count either; that somebody searched is an entry of the audit chain before anything is looked up.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Select, func, or_, select, union

from router.casework.case.gate import Held, held_rows
from router.casework.case.marks import account_text
from router.casework.case.record import Opened, case_rows, open_rows
from router.casework.context import Context
from router.casework.govern.requests import of_id, opened
from router.casework.intake.domains import domain_marks
from router.casework.read.numbers import cases_called
from router.clock import moment, moment_or_none
from router.errors import Conflict, Damaged
from router.guard.access import Permission, require
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.base import Event, LookUp, Row, Transition
from router.store.schema.tables import cases, items, legal_holds, referrals
from schemas.actor import Actor
from schemas.locator import LocationKind
from schemas.partner import PartnerKind
from schemas.requests import MOST_HITS, Found, Hit, Mark, RequestState, Term, TermKind
from schemas.states import CaseState
from schemas.vocabulary import AccountRole

_HOLDS: Final = LookUp(select(legal_holds.c.case_id, legal_holds.c.ended_at), legal_holds.c.case_id)
_PARTNERS: Final = LookUp(select(referrals.c.case_id, referrals.c.partner), referrals.c.case_id)
_OF_ROLE: Final = {AccountRole.VICTIM: Mark.VICTIM, AccountRole.SUSPECT: Mark.SUSPECT}


async def search(ctx: Context, request_id: str, actor: Actor) -> Found:
    """Return the cases that a request's terms find. Raise NotFound, NotAllowed, Conflict (nobody agreed, or closed)."""
    require(actor, Permission.REQUEST_SEARCH)
    row = await of_id(ctx, request_id)
    if row["state"] != RequestState.AGREED:
        text = "It is searched while it is open, once a second person agreed: `requests agree`."
        raise Conflict(text, reason="not_agreed" if row["state"] == RequestState.OPEN else "not_now")
    terms = opened(ctx, row).terms
    event = Event("request.searched", actor.id, detail={"request": row["id"]})
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
    by_case: dict[str, list[int]] = {}
    for number, term in enumerate(terms, start=1):
        for found in await ctx.store.rows(_cases_of(ctx, term).limit(MOST_HITS + 1)):
            by_case.setdefault(found["id"], []).append(number)
    named = dict(sorted(by_case.items())[:MOST_HITS])
    hits, more = tuple(await _hits(ctx, named)), len(by_case) > len(named)
    return Found(request=row["id"], hits=hits, more=more, unindexed=await _unindexed(ctx))


async def _unindexed(ctx: Context) -> int:
    """Return how many cases have no index of their domain and accounts yet (`intake/domains`)."""
    counted = select(func.count().label("n")).select_from(cases).where(cases.c.domain_bidx.is_(None))
    return int((await ctx.store.rows(counted))[0]["n"])


def _cases_of(ctx: Context, term: Term) -> Select[Any]:
    """Return a SELECT of the ids of the cases that a term finds, each once."""
    if term.kind is TermKind.REFERENCE:
        called = cases_called(ctx, term.what).subquery()
        return select(called.c[0].label("id")).distinct()
    index, what = ctx.keyring.blinds, term.what
    if term.kind is TermKind.HOST:
        host = read(what).host or ""
        plain = host.rstrip(".")
        hosts = cases.c.host_bidx.in_([*index("host", host), *index("host", plain)])
        return _by(or_(hosts, cases.c.domain_bidx.in_(domain_marks(ctx.keyring, plain))))
    if term.kind is TermKind.URL:
        return _by(cases.c.url_bidx.in_(index("url", identity(read(what)))))
    of_items = items.c.account_bidx.in_(index("account", account_text(term.platform or "", what)))
    reported = cases.c.url_bidx.in_(index("url", identity(read(what, LocationKind.ACCOUNT))))
    both = union(select(items.c.case_id.label("id")).where(of_items), select(cases.c.id).where(reported)).subquery()
    return select(both.c.id)


def _by(where: Any) -> Select[Any]:
    return select(cases.c.id).where(where)


async def _hits(ctx: Context, by_case: Mapping[str, Iterable[int]]) -> list[Hit]:
    rows = list((await case_rows(ctx, by_case)).values())
    held, read_ones = await held_rows(ctx, rows), await _opened(ctx, rows)
    holds, sent = await ctx.store.look_up(_HOLDS, by_case), await ctx.store.look_up(_PARTNERS, by_case)
    police = {one.name for one in (await ctx.governance.directory()).partners if one.kind is PartnerKind.POLICE}
    found = []
    for row in sorted(rows, key=lambda one: str(one["id"])):
        marks = set(_of_items(read_ones.get(row["id"]))) | set(_of_gate(held.get(row["id"])))
        if any(one["partner"] in police for one in sent.get(row["id"], ())):
            marks.add(Mark.POLICE)
        if any(one["ended_at"] is None for one in holds.get(row["id"], ())):
            marks.add(Mark.LEGAL_HOLD)
        found.append(
            Hit(
                case=row["id"],
                terms=tuple(by_case[row["id"]]),
                state=CaseState(row["state"]),
                received_at=moment(row["received_at"]),
                closed_at=moment_or_none(row["closed_at"]),
                erased=row["erased"],
                marks=tuple(one for one in Mark if one in marks),
                unread=row["id"] not in read_ones,
            )
        )
    return found


async def _opened(ctx: Context, rows: Iterable[Row]) -> dict[str, Opened]:
    """Return what can be opened of cases, by id: what is damaged fails alone."""
    found: dict[str, Opened] = {}
    for row in rows:
        try:
            found |= await open_rows(ctx, [row])
        except Damaged:
            continue
    return found


def _of_items(case: Opened | None) -> Iterable[Mark]:
    accounts = () if case is None else (one.account for one in case.items)
    return (_OF_ROLE[one.role] for one in accounts if one is not None and one.role in _OF_ROLE)


def _of_gate(held: Held | None) -> Iterable[Mark]:
    if held is None:
        return ()
    return (*((Mark.EMBARGO,) if held.by else ()), *((Mark.POLICE,) if held.police is not None else ()))
