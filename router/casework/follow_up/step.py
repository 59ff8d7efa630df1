"""The check after five days: trace again, ask the partners, and say what is so; a person looks at everything unclear.

A case closes on what the policy's closing rules say of it (`closing`): everybody who accepted it has ended it, or its
own zone said in enough checks that the host is gone. What a filter, a lame server or an old cache says is never "gone",
nor are SERVFAIL and time-outs, and an address of theirs is no move. While people have yet to answer what only they can
(`STICKY_DESK_CODES`: a child at risk, a contradiction), nothing closes by itself.

A case goes to another country on our own look-up only. What a partner says of a move, a third move, and a return to
where it came from are for people, who decide who deals with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select

from router.casework import believed
from router.casework.case.close import NOT_GONE, UNCLEAR, closed, done
from router.casework.case.desk_entry import Question, is_asked, put_on_desk, while_decided_anew
from router.casework.case.due_times import is_at_risk
from router.casework.case.gate import HeldBack, check_case_free, held_now
from router.casework.case.held_by_police import Hold, police_holds
from router.casework.case.next_look import asking_due, check_due, later, look_at, next_look
from router.casework.case.record import open_case, referral_rows
from router.casework.case.traces import recorded, shown, traced
from router.casework.context import Context
from router.casework.decide import step as decide
from router.casework.deliver import sent_back
from router.casework.follow_up.acts_kept import ends_it
from router.casework.follow_up.check import Check, doubted
from router.casework.follow_up.closing import Judged, judged
from router.casework.follow_up.heard import Heard, asked
from router.casework.follow_up.partner_status import Answer
from router.casework.follow_up.police_digest import put_down
from router.casework.follow_up.probe import probed
from router.casework.follow_up.watchdog import watched
from router.casework.locate.origin_deadline import is_over, origin_due
from router.casework.locate.origin_lookup import asked as asked_for_origin
from router.casework.referral.check_dates import check_dates
from router.clock import moment
from router.store.base import Add, Change, Event, Row, Transition, with_beside
from router.store.ids import new_id
from router.store.schema.tables import actions, cases, follow_ups, referrals, tallies
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.closing import RestsOn
from schemas.policy import Policy
from schemas.states import CASE, CaseState, step
from schemas.vocabulary import ActionReason, ActionType, Outcome, action_reason
from schemas.word import Country

#: The day after a unit's day: people ask the unit first.
_A_DAY: Final = timedelta(hours=24)
#: What people know to be held: once it is free it is decided anew.
_WAS_HELD: Final = (DeskCode.EMBARGO, DeskCode.POLICE_HOLD)
_DAY: Final = _A_DAY // timedelta(microseconds=1)
#: What people were asked to look at where it was before.
_OVERTAKEN_BY_A_MOVE: Final = (DeskCode.LOOK, DeskCode.ACCESS)
_LOOK: Final = "Look whether it is gone: {clauses}."
_LAST_LOOK: Final = "It was followed for {days} days, and is not looked at again by itself: say how it ends."
_NEEDS_ACCESS: Final = "{partner} needs access to look ({reason}): send what opens it, or look whether it is gone."
_HOLD_OVER: Final = "{partner} asked on {since} that nobody be told before today: ask whether others may be told now."
_SAYS_IT_MOVED: Final = "{partner} says that it moved to {country}, and our look-up does not: decide who deals with it."


async def run(ctx: Context, row: Row) -> Transition:
    """Do whatever is due for a case that is referred or on the desk.

    Ask a CDN for the origin behind its edge, decide without the origin that nobody named in time, check whether it is
    gone, or ask why it was not delivered. What people knew to be held is decided anew once it is free.

    Raise HeldBack: then nobody is asked or reminded. While the police hold it, what goes to them is still watched.
    """
    if (held := await held_now(ctx, row["id"])) is not None and held.by:
        raise HeldBack(held)
    if held is None and is_asked(row, *_WAS_HELD):
        return _free_again(ctx, row)
    return await _due(ctx, row)


async def _due(ctx: Context, row: Row) -> Transition:
    _, policy = await ctx.governance.policy()
    if await is_over(ctx, row, policy):
        return await decide.run(ctx, row)
    asking = await asked_for_origin(ctx, row, policy)
    if asking.transition is not None:
        return asking.transition
    due, rows = await check_due(ctx, row["id"]), await referral_rows(ctx, row["id"])
    if due is not None and await believed.is_over(ctx, due):
        if (over := await _day_of_police(ctx, row, due)) is not None:
            return _asks_the_police(ctx, row, over)
        await check_case_free(ctx, row["id"])
        return await _conclude(ctx, await _checked(ctx, row, await asked(ctx, rows)))
    if (news := asking_due(ctx, rows)) is not None and news <= ctx.now():
        await check_case_free(ctx, row["id"])
        return await _news(ctx, row, await asked(ctx, rows), due)
    dates = (due, origin_due(row, policy), asking.again)
    return await watched(ctx, row, rows, due, [at for at in dates if at is not None])


async def told(ctx: Context, row: Row, said: Mapping[str, Answer]) -> Transition:
    """Do what follows from what partners said in a round, by referral, of a case that is referred or on the desk."""
    rows, due = await referral_rows(ctx, row["id"]), await check_due(ctx, row["id"])
    return await _news(ctx, row, await asked(ctx, rows, said), due)


async def _day_of_police(ctx: Context, row: Row, due: int) -> Hold | None:
    """Return what the police asked for until the moment for which the check was dated."""
    over = (await police_holds(ctx, [row["id"]], at=due - 1)).get(row["id"])
    return over if over is not None and over.until == due else None


def _asks_the_police(ctx: Context, row: Row, over: Hold) -> Transition:
    """The day has come before which nobody was to be told: people ask the police first, and look the day after."""
    now, text = ctx.now(), _HOLD_OVER.format(partner=over.partner, since=f"{moment(over.since):%Y-%m-%d}")
    tomorrow = now + _DAY
    values = put_on_desk(row, (DeskCode.HOLD_OVER, text), now) | look_at(tomorrow)
    dated = Change(
        follow_ups, {"case_id": row["id"]}, {"due_at": tomorrow}, guard={"done_at": None, "due_at": over.until}
    )
    event = Event("case.hold_over", ROUTER.id, row["id"], None, {"partner": over.partner})
    return Transition(now, (Change(cases, {"id": row["id"]}, values, row["version"]), dated), events=(event,))


def _free_again(ctx: Context, row: Row) -> Transition:
    """Trace and decide anew what was held; that was the desk's question, so it is answered."""
    after = step(CASE, CaseState(row["state"]), "retrace")
    values = {"state": after, **look_at(ctx.now()), **while_decided_anew(row, *_WAS_HELD)}
    event = Event("case.free_again", ROUTER.id, row["id"])
    return Transition(ctx.now(), (Change(cases, {"id": row["id"]}, values, row["version"]),), (), (), (event,))


async def _news(ctx: Context, row: Row, heard: Heard, due: int | None) -> Transition:
    """Keep what partners did since they were last asked. A word that ends it, or sends it back, is checked at once."""
    if (
        heard.returned
        or heard.given_on
        or any(ends_it(add) for add in heard.new_actions if not _given_on_by(heard, add))
    ):
        return await _conclude(ctx, await _checked(ctx, row, heard))
    _, policy = await ctx.governance.policy()
    values = look_at(next_look(ctx, heard.rows, due, origin_due(row, policy)))
    events = (Event("case.heard", ROUTER.id, row["id"], None, {"said": heard.words()}),) if heard.new_actions else ()
    changes = (Change(cases, {"id": row["id"]}, values, row["version"]), *heard.asked)
    return Transition(ctx.now(), changes, heard.new_actions, (), events)


def _given_on_by(heard: Heard, add: Add) -> bool:
    """Tell whether it is a move by whoever gives on what moved: that one goes on telling of it, and nothing is over."""
    followed = {one.partner for one in heard.said if one.hands_on}
    return add.values["action"] == ActionType.MOVED and add.values.get("by") in followed


async def _checked(ctx: Context, row: Row, heard: Heard) -> Check:
    """Trace the case again, and ask its host where that is allowed, beside what everybody who accepted it says."""
    opened = await open_case(ctx, row)
    trace = doubted(await traced(ctx, opened), ctx.lying_resolvers())
    probe = await probed(ctx, opened, trace)
    return Check(heard, opened, trace, recorded(opened, trace), ctx.now(), probe)


async def _conclude(ctx: Context, check: Check) -> Transition:
    if returned := check.heard.returned or check.heard.given_on:
        return await (_sent_back if check.heard.returned else _given_on)(ctx, check, returned)
    found, country = await judged(ctx, check), check.moved_to()
    by_partners = found.ruling.rests_on is RestsOn.PARTNERS
    if by_partners and country is None:
        return await _close(ctx, found, action_reason(found.said()[1].reason))
    if (claimed := check.claimed()) is not None:
        return await _ask(ctx, check, _where_it_is(*claimed))
    if (found.seen or check.trace.gone) and country is None:  # what moved is followed, whoever listens there
        return await _gone(ctx, found)
    if not by_partners and country is not None:
        return await _moved_on(ctx, check, country)
    asks = (DeskCode.DISAGREE, found.disagreement()) if found.ruling.disagreement else _look(check)
    return await _ask(ctx, check, asks)


async def _close(ctx: Context, found: Judged, reason: ActionReason | None) -> Transition:
    """Close it, unless people have yet to answer what must not be lost: then they see what was found, and close it."""
    check, outcome = found.check, found.ruling.outcome
    assert outcome is not None  # the rules close it
    if found.ruling.waits:
        finding = "removed" if outcome is Outcome.REMOVED else "gone"
        values = found.gone() if check.trace.gone else dict(NOT_GONE)
        return await _again(ctx, check, finding, await _in_a_while(ctx, check), values)
    event = _event(check, "case.closed", outcome=outcome, rests_on=found.ruling.rests_on)
    adds = (check.kept, *check.heard.new_actions)
    return await closed(ctx, check.opened.row, outcome, found.rests_on(), ROUTER.id, event, adds, reason=reason)


async def _gone(ctx: Context, found: Judged) -> Transition:
    """The host is gone, as the policy counts it: close it where that is enough, else look again when it may count."""
    check = found.check
    if found.ruling.rests_on is RestsOn.HOST_GONE:
        return await _close(ctx, found, ActionReason.NOT_FOUND_OR_DOWN)
    if not found.counts:
        return await _rests(ctx, check)
    values = found.gone()
    if found.ruling.disagreement:
        asks = (DeskCode.DISAGREE, found.disagreement())
        values |= put_on_desk(check.opened.row, asks, check.now)
    return await _again(ctx, check, "gone", found.next_gone(), values)


async def _rests(ctx: Context, check: Check) -> Transition:
    """By a clock that is not believed no check counts, nor is it done: what partners said is kept."""
    row, rows = check.opened.row, check.heard.rows
    then = next_look(ctx, rows, await check_due(ctx, row["id"])) or later(ctx)
    changes = (Change(cases, {"id": row["id"]}, look_at(then), row["version"]), *check.heard.asked)
    return Transition(check.now, changes, (check.kept, *check.heard.new_actions), (), (_event(check, "case.heard"),))


async def _moved_on(ctx: Context, check: Check, country: Country) -> Transition:
    """Hosted elsewhere now: decide anew and link the new referral to the old one; to and fro, ask people."""
    row = check.opened.row
    for_people = check.to_and_fro(country)
    values = shown(check.trace, check.kept.values["id"]) | {"moved_from": row["hosting_country"], "still_there": 0}
    moved = {"id": new_id(), "case_id": row["id"], "action": ActionType.MOVED, "at": check.now, "by": ROUTER.id}
    adds = (Add(actions, moved | {"moved_to": country}),)
    event = _event(check, "case.moved", was=row["hosting_country"], now=country)
    if for_people is not None:
        values |= put_on_desk(row, (DeskCode.MOVED, for_people), check.now)
    else:
        values |= {"state": CaseState.LOCATED, **while_decided_anew(row, *_OVERTAKEN_BY_A_MOVE)}
    due = await _in_a_while(ctx, check)  # dated here, in case nobody new has to be told
    at = None if for_people else check.now
    return await _again(ctx, check, "moved", due, values, event=event, adds=adds, at=at)


async def _sent_back(ctx: Context, check: Check, returned: Sequence[Answer]) -> Transition:
    """Whoever took it says since that it is not theirs, as if it had refused: decide anew; the second time, ask."""
    row = check.opened.row
    changes = [sent_back.bounced(one.referral, check.now, one.words) for one in returned]
    tell = await sent_back.told(ctx)
    if sent_back.is_for_people(check.heard.rows, [one.referral["id"] for one in returned]):
        names = sent_back.said_so(check.heard.rows, [one.referral for one in returned])
        words = next((f" {one.words}" for one in returned if one.words), "")
        asks = (DeskCode.BOUNCED, sent_back.NOT_THEIRS.format(partner=names) + words)
        return with_beside(await _ask(ctx, check, asks, changes), tell)
    values = shown(check.trace, check.kept.values["id"])
    values |= {"state": CaseState.LOCATED, **while_decided_anew(row)}
    due = await _in_a_while(ctx, check)
    event = _event(check, "case.sent_back", partners=[one.partner for one in returned])
    again = await _again(ctx, check, UNCLEAR, due, values, event=event, changes=changes, at=check.now)
    return with_beside(again, tell)


async def _given_on(ctx: Context, check: Check, answers: Sequence[Answer]) -> Transition:
    """A hub gave it to another country than it was sent to: that one deals with it, and people hear of our error."""
    found_out = {"misrouted_at": check.now}
    changes = [Change(referrals, {"id": one.referral["id"]}, found_out) for one in answers]
    asks = (DeskCode.BOUNCED, sent_back.GIVEN_ON.format(partner=answers[0].partner, country=answers[0].holder))
    return with_beside(await _ask(ctx, check, asks, changes), await sent_back.told(ctx))


def _where_it_is(answer: Answer, country: Country) -> Question:
    return DeskCode.MOVED, _SAYS_IT_MOVED.format(partner=answer.partner, country=country)


def _look(check: Check) -> Question:
    if (lacking := check.heard.lacking()) is None:
        return DeskCode.LOOK, _LOOK.format(clauses=", ".join(check.clauses()))
    answer, reason = lacking
    return DeskCode.ACCESS, _NEEDS_ACCESS.format(partner=answer.partner, reason=reason)


async def _ask(ctx: Context, check: Check, asks: Question, changes: Iterable[Change] = ()) -> Transition:
    """Ask people, and date the next check, unless the policy's time for it is over: then they say how it ends.

    Of what only police have, the unit is asked, by its digest. Where a child is at risk, and of a case that people have
    anyway, people always are.
    """
    row, dates = check.opened.row, await check_dates(ctx)
    due = await dates.next(row, check.heard.rows, check.heard.reasons())
    if due is None and asks[0] is DeskCode.LOOK:
        asks = (DeskCode.LOOK, _LAST_LOOK.format(days=(check.now - int(row["opened_at"])) // _DAY))
    spared = due is not None and asks[0] is DeskCode.LOOK and not is_at_risk(row) and row["desk_code"] is None
    if spared and dates.only_police(check.heard.rows) and (put := put_down(check.heard.rows, check.now)):
        return await _again(ctx, check, UNCLEAR, due, dict(NOT_GONE), changes=(*changes, *put))
    if spared and await _is_too_much(ctx, dates.policy):
        return await _again(ctx, check, "not_checked", due, dict(NOT_GONE), changes=changes)
    values = put_on_desk(row, asks, check.now) | dict(NOT_GONE)
    return await _again(ctx, check, UNCLEAR, due, values, changes=changes)


async def _is_too_much(ctx: Context, policy: Policy) -> bool:
    """Tell whether people have as many looks as they can do: then one more is not asked for, and it is counted so."""
    if policy.most_looks is None:
        return False
    waiting = select(func.sum(tallies.c.n).label("n")).where(
        tallies.c.kind == "case", tallies.c.state == CaseState.DESK, tallies.c.reason == DeskCode.LOOK
    )
    return int((await ctx.store.rows(waiting))[0]["n"] or 0) >= policy.most_looks


async def _in_a_while(ctx: Context, check: Check) -> int:
    return (await check_dates(ctx)).again(check.opened.row, check.heard.rows)


async def _again(
    ctx: Context,
    check: Check,
    finding: str,
    due: int | None,
    values: dict[str, Any],
    *,
    event: Event | None = None,
    changes: Iterable[Change] = (),
    adds: Iterable[Add] = (),
    at: int | None = None,
) -> Transition:
    """Finish this check and date the next one; `at` is when the case is looked at by itself, if before that.

    `due` is in microseconds; None where no check follows, and people have the case.
    """
    row = check.opened.row
    # Another referral of the case may still be on its way.
    then = next_look(ctx, check.heard.rows, due) if at is None else at
    all_changes = [
        Change(cases, {"id": row["id"]}, values | look_at(then), row["version"]),
        *check.heard.asked,
        *changes,
    ]
    all_changes += await done(ctx, row["id"], check.now, finding)
    following = () if due is None else (Add(follow_ups, {"id": new_id(), "case_id": row["id"], "due_at": due}),)
    told = event or _event(check, "case.checked", finding=finding)
    all_adds = (check.kept, *following, *adds, *check.heard.new_actions)
    return Transition(check.now, tuple(all_changes), all_adds, (), (told,))


def _event(check: Check, act: str, **detail: Any) -> Event:
    verdict = check.trace.verdict
    known = {"verdict": verdict.kind, "country": verdict.country, "dns": check.trace.outcome, **detail}
    if words := check.heard.words():
        known["said"] = words
    return Event(act, ROUTER.id, check.opened.id, None, known)
