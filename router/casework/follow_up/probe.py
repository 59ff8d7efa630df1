"""May a reported host be asked whether it is there, and what came of it: one HEAD, where the operator allows it.

Whoever is asked learns that somebody looks, from which address, and at which page. So it is for an ordinary page of the
web only; for none whose text could name a reporter, a visitor or a member (session, invitation, token, login, e-mail);
for no shortener or wrapper; never while a child is at risk, the police have anything of the host, or an embargo or a
unit holds the case; and once a day at most for a host, whichever of its cases asks.

The claim of the host's day is committed before the request leaves, so a process that is killed between them costs that
day's answer and never asks twice. What comes back proves at most that nobody listens there: see `policy/closing`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, exists, not_, select

from router.casework.believed import doubt
from router.casework.case.due_times import is_at_risk
from router.casework.case.gate import check_free
from router.casework.case.pages import pages_of
from router.casework.case.record import Opened
from router.casework.context import Context, Prober
from router.casework.referral.row import LIVE
from router.errors import BadInput, Conflict
from router.hosting.location.url import read
from router.hosting.location.url_flags import names_somebody
from router.store.base import Add, Change, Event, LookUp, Transition
from router.store.ids import new_id
from router.store.schema.tables import actions, cases, probed_hosts, probes, referrals, unit_answers
from schemas.actor import ROUTER
from schemas.locator import LocationKind
from schemas.partner import PartnerKind
from schemas.probe import Probed, ProbeFinding, Referrer
from schemas.trace import DnsOutcome, Trace, VerdictKind
from schemas.vocabulary import FINAL_ACTIONS, UnitAnswer

#: A host is asked once in this time, in microseconds.
DAY: Final = timedelta(days=1) // timedelta(microseconds=1)
#: Within which some host has answered, where that another one refuses us is worth something, in microseconds.
_OF_LATE: Final = 7 * DAY
#: Seconds that a check waits until fewer probes are under way; then it does without.
_PATIENCE: Final = 20.0
#: What is known of where it is: elsewhere there is nobody to ask, or whoever answers is not the host.
_HOSTED: Final = frozenset({VerdictKind.COUNTRY, VerdictKind.SPLIT, VerdictKind.CONFLICT, VerdictKind.EDGE_ONLY})
_SENDS_ON: Final = frozenset({"shortener", "link_wrapper"})
_WEB: Final = ("https://", "http://")
_OF_CASE: Final = LookUp(select(probes).order_by(probes.c.at, probes.c.id), probes.c.case_id)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe found, and whether it showed where the location was reached from."""

    finding: ProbeFinding
    status: int | None
    referrer: Referrer


@dataclass(frozen=True, slots=True)
class _Question:
    url: str
    referrer: str | None
    shown: Referrer
    marks: Sequence[bytes]  #: of the host, under every key that is held, newest first


async def probed(ctx: Context, opened: Opened, trace: Trace) -> Seen | None:
    """Ask the host of a case that was traced a moment ago; None where it was not to be asked, or not now.

    Raise HeldBack when an embargo or the police hold the case by now.
    """
    prober = ctx.prober
    if prober is None or not await _may_be_asked(ctx, opened, trace):
        return None
    try:
        async with asyncio.timeout(_PATIENCE):
            await prober.turns.acquire()
    except TimeoutError:
        return None
    try:
        return await _asked(ctx, prober, opened, await _question(ctx, opened))
    finally:
        prober.turns.release()


async def refused_in_a_row(ctx: Context, opened: Opened) -> tuple[int, ...]:
    """Return when the last probes of a case were, in microseconds, at which every address refused the connection.

    What anybody saw there since, and any other finding, begins the row anew; what was cut found nothing out.
    """
    found: list[int] = []
    for row in (await ctx.store.look_up(_OF_CASE, [opened.id])).get(opened.id, []):
        if row["finding"] == ProbeFinding.REFUSED:
            found.append(int(row["at"]))
        elif row["finding"] is not None:
            found.clear()
    since = int(opened.row["last_seen_at"] or 0)
    return tuple(at for at in found if at > since)


async def others_answer(ctx: Context) -> bool:
    """Tell whether any host answered us of late: where none does, it may be our own network that lets nothing out."""
    late = and_(probes.c.finding == ProbeFinding.ANSWERED, probes.c.at > ctx.now() - _OF_LATE)
    return bool(await ctx.store.rows(select(probes.c.id).where(late).limit(1)))


async def _asked(ctx: Context, prober: Prober, opened: Opened, asks: _Question) -> Seen | None:
    probe_id = await _claimed(ctx, opened.id, asks)
    if probe_id is None:
        return None
    await check_free(ctx, opened)
    found = await prober.head(asks.url, asks.referrer)
    await _keep(ctx, opened.id, probe_id, found)
    return Seen(found.finding, found.status, asks.shown)


async def _may_be_asked(ctx: Context, opened: Opened, trace: Trace) -> bool:
    locator, verdict = opened.locator, trace.verdict
    is_page = locator.kind is LocationKind.URL and locator.host is not None and locator.no_host is None
    is_there = verdict.kind in _HOSTED and trace.outcome in (None, DnsOutcome.OK)
    sends_on = not _SENDS_ON.isdisjoint(reason.code for reason in verdict.reasons)
    if not is_page or not is_there or sends_on or not locator.canonical.startswith(_WEB):
        return False
    if names_somebody(locator.canonical) or locator.flags or is_at_risk(opened.row):
        return False
    await check_free(ctx, opened)
    return await doubt(ctx) is None and not await _police_have_any(ctx, opened)


async def _police_have_any(ctx: Context, opened: Opened) -> bool:
    """Tell whether police have, or are to get, anything of the host: whoever keeps it would be warned.

    As `retention/held` has it: until they say that they have closed it, or how they ended it, whatever became of it
    with us.
    """
    police = {one.name for one in (await ctx.governance.directory()).partners if one.kind is PartnerKind.POLICE}
    closed = and_(unit_answers.c.referral_id == referrals.c.id, unit_answers.c.answer == UnitAnswer.CLOSED)
    ended = and_(actions.c.referral_id == referrals.c.id, actions.c.action.in_(sorted(FINAL_ACTIONS)))
    theirs = and_(referrals.c.partner.in_(sorted(police)), referrals.c.state.in_(sorted(LIVE)))
    wanted = select(referrals.c.id).join(cases, cases.c.id == referrals.c.case_id)
    wanted = wanted.where(cases.c.host_bidx.in_(_marks(ctx, opened)), theirs)
    return bool(await ctx.store.rows(wanted.where(not_(exists().where(closed)), not_(exists().where(ended))).limit(1)))


async def _question(ctx: Context, opened: Opened) -> _Question:
    known = [one.ways_in.referrer for one in opened.items if one.ways_in is not None and one.ways_in.referrer]
    known += [page.location for page in await pages_of(ctx, opened)]
    shown = Referrer.NONE if not known else Referrer.WITHHELD
    referrer = next((good for one in known if (good := _to_show(one)) is not None), None)
    if referrer is not None:
        shown = Referrer.SENT
    return _Question(opened.locator.canonical, referrer, shown, _marks(ctx, opened))


def _to_show(referrer: str) -> str | None:
    """Return a referrer as a browser would show it; None for one that may name somebody, or is no page of the web."""
    with suppress(BadInput):
        found = read(referrer)
        is_page = found.host is not None and found.no_host is None and found.canonical.startswith(_WEB)
        if is_page and not found.flags and not names_somebody(found.canonical):
            return found.canonical.partition("#")[0]
    return None


def _marks(ctx: Context, opened: Opened) -> list[bytes]:
    assert opened.locator.host is not None  # who has none is not asked
    host = opened.locator.host.rstrip(".")  # with the root's dot it is the same machine
    return [mark for one in (host, f"{host}.") for mark in ctx.keyring.blinds("host", one)]


async def _claimed(ctx: Context, case_id: str, asks: _Question) -> str | None:
    """Take the host's day, and return the id of the probe's row; None where somebody asked it since yesterday."""
    now, probe_id = ctx.now(), new_id()
    rows = await ctx.store.rows(select(probed_hosts).where(probed_hosts.c.host_bidx.in_(asks.marks)))
    if any(int(row["at"]) > now - DAY for row in rows):
        return None
    adds = [Add(probes, {"id": probe_id, "case_id": case_id, "at": now, "referrer": asks.shown})]
    changes = [
        Change(probed_hosts, {"host_bidx": row["host_bidx"]}, {"at": now}, guard={"at": row["at"]}) for row in rows
    ]
    if not rows:
        adds.append(Add(probed_hosts, {"host_bidx": asks.marks[0], "at": now}))
    event = Event("case.probed", ROUTER.id, case_id, None, {"referrer": asks.shown})
    try:
        await ctx.store.commit(Transition(now, tuple(changes), tuple(adds), (), (event,)))
    except Conflict:  # another case of the host, or another process, was faster
        return None
    return probe_id


async def _keep(ctx: Context, case_id: str, probe_id: str, found: Probed) -> None:
    """Write down what was found at once: the check may be overtaken, and this was asked all the same."""
    now = ctx.now()
    values = {"ended_at": now, "finding": found.finding, "status": found.status}
    event = Event("case.probe_ended", ROUTER.id, case_id, None, {"probe": found.finding, "status": found.status})
    with suppress(Conflict):  # the case was erased meanwhile
        await ctx.store.commit(Transition(now, (Change(probes, {"id": probe_id}, values),), (), (), (event,)))
