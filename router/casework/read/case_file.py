"""One case's whole file: what was reported, found out, decided, sent and done. Masked, unless a reveal is logged."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from router.casework.case import gate
from router.casework.case.acts import Standing, offered, over_when_said
from router.casework.case.due_times import is_at_risk
from router.casework.case.pages import Links, links_of
from router.casework.case.record import Opened, case_row, is_reported_anew, last_trace, open_case, referral_rows
from router.casework.case.sealed import TYPED, item_secrets
from router.casework.case.seen import Holder, holders, lease_row, looks_first, person, seen_of, sighting, taken
from router.casework.case.typed_reason import check_reason
from router.casework.case.undo import undo_of
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of
from router.casework.decide.proposal import proposals_for
from router.casework.people.exposure import is_grave, revealing
from router.casework.people.mandates import check_may_look
from router.casework.read.audit.why import whys
from router.casework.read.audit_text import in_words, known, parsed
from router.casework.read.linked import linked
from router.casework.read.lists import decisions_of, views_of
from router.casework.read.numbers import NONE, elsewhere, first_reports, reference, shown
from router.casework.read.sites import sites_of
from router.casework.read.turns import turns
from router.casework.read.views import desk_entry, masked, summary
from router.casework.referral.changes import may_have_arrived
from router.casework.referral.row import UNSENT, is_at_work
from router.clock import moment, moment_or_none
from router.errors import Conflict, Damaged
from router.guard.mask import defang, mask, mask_host, scrub
from router.policy.judge import unsaid_in
from router.store.base import Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import audit, decisions, items, probes, reports
from schemas.actor import Actor
from schemas.casefile import CaseFile, ItemView, TimelineEntry
from schemas.decision import Decision, RouteWhy
from schemas.partner import Directory, PartnerKind
from schemas.probe import ProbeView
from schemas.states import CaseState, ReferralState
from schemas.trace import Address, NameRecord, Trace

#: The records of a name whose target is an address.
_ADDRESSES = frozenset({"A", "AAAA"})
#: What is shown of the report of an item.
_OF_REPORT = (reports.c.source, reports.c.dossier, reports.c.received_at, reports.c.reference_bidx.label("report_bidx"))
#: Where a referral stands whose partner has it, or of which nobody can know yet.
_WITH_THEM = frozenset({ReferralState.ACCEPTED, ReferralState.SENDING, ReferralState.RECALL_PENDING})
#: Who decided, where no person did (`schemas.decision.Decision.by`).
POLICY = "policy"
#: The permission that a reveal needs (`guard/access`).
REVEAL = "case:reveal"
#: How often a reveal is counted anew that another one of its person overtook.
_ROUNDS = 32


async def case_file(
    ctx: Context,
    case_id: str,
    *,
    reveal_to: Actor | None = None,
    reason: str | None = None,
    anyway: bool = False,
    reader: Actor | None = None,
) -> CaseFile:
    """Return the file of a case. With `reveal_to`, in full, and logged before it is shown.

    Its acts are those of a `reader` who has seen it or not; without one, of somebody who has.

    Raise NotFound, NotAllowed (no permission to reveal), BadInput (no reason).
    """
    if reveal_to is not None:
        await _log_reveal(ctx, case_id, reveal_to, reason or "", anyway=anyway)
    revealed = reveal_to is not None
    opened = await open_case(ctx, await case_row(ctx, case_id))
    standing = await referral_rows(ctx, case_id)
    found_items = await _items(ctx, opened, revealed=revealed)
    first = (await first_reports(ctx, {case_id: opened.secrets}, {case_id: opened.key})).get(case_id, NONE)
    trace, held_by = await last_trace(ctx, opened), (await gate.held_among(ctx, [opened])).get(case_id)
    held = None if held_by is None else held_by.view()
    hold = None if held_by is None else held_by.police
    proposed = (await proposals_for(ctx, [opened.row])).get(case_id, ()) if held is None else ()
    at = await _standing(ctx, opened.row, standing, reveal_to or reader)
    holder = await _holder(ctx, opened)
    at = replace(at, is_held=holder is not None, mine=holder is not None and _is_mine(holder, reveal_to or reader))
    site = (await sites_of(ctx, [opened.row])).get(case_id)
    directory = await ctx.governance.directory()
    at = replace(at, has_proposal=bool(proposed), held=held is not None, told_nobody=hold is not None)
    return CaseFile(
        summary=summary(opened, [row["partner"] for row in standing], first.numbers, held, site),
        revealed=revealed,
        location=defang(opened.secrets.canonical) if revealed else masked(opened),
        flags=opened.secrets.flags,
        site_type=opened.row["site_type"] if revealed else None,
        commerciality=opened.row["commerciality"] if revealed else None,
        desk=desk_entry(opened, proposed, first, held, site),
        trace=None if trace is None else _with_inner(trace, defang) if revealed else _masked_trace(trace),
        items=found_items,
        linked=await linked(ctx, opened, found_items),
        **await _decided(ctx, opened.row, revealed=revealed),
        **await _happened(ctx, opened, standing, directory, revealed=revealed),
        moved_from=opened.row["moved_from"],
        came_back_from=opened.row["came_back_from"],
        leads_to=opened.secrets.leads_to,
        rests_on=opened.row["rests_on"],
        acts=offered(at),
        seen=at.seen,
        over_when_said=over_when_said(at),
        holder=None if holder is None else holder.view(reveal_to or reader),
        units_to_tell=await units_to_tell(ctx, standing),
        proposals=proposed,
        police_hold=None if hold is None else hold.view(),
        grave=is_grave(ctx, opened.items),
        probes=await _probes(ctx, case_id),
    )


async def _probes(ctx: Context, case_id: str) -> tuple[ProbeView, ...]:
    wanted = select(probes).where(probes.c.case_id == case_id).order_by(probes.c.at, probes.c.id)
    return tuple(
        ProbeView(at=moment(row["at"]), finding=row["finding"], status=row["status"], referrer=row["referrer"])
        for row in await ctx.store.rows(wanted)
    )


async def _standing(ctx: Context, case: Row, standing: Sequence[Row], reader: Actor | None) -> Standing:
    """Return where a case stands for a reader; for no reader, as for one who has seen it."""
    _, policy = await ctx.governance.policy()
    directory = await ctx.governance.directory()
    return Standing(
        case,
        works=any(map(is_at_work, standing)),
        seen=reader is None or bool(await seen_of(ctx, [case["id"]], reader)),
        look_first=looks_first(case, policy),
        undoable=_is_undoable(case, standing),
        reported_anew=await is_reported_anew(ctx, case),
        somebody=any(one.enabled and one.name != ctx.me for one in directory.partners),
        police_to_tell=bool(await units_to_tell(ctx, standing)),
    )


async def units_to_tell(ctx: Context, standing: Sequence[Row]) -> tuple[str, ...]:
    """Return the police units that can be told by hand: they do not have it, and are not being sent it just now.

    Nobody needs a channel of ours to be called by telephone: where no unit is switched on yet, they are those at home.
    """
    busy = {row["partner"] for row in standing if ReferralState(row["state"]) in _WITH_THEM}
    _, policy = await ctx.governance.policy()
    police = [one for one in (await ctx.governance.directory()).partners if one.kind is PartnerKind.POLICE]
    called = [one for one in police if one.enabled] or [one for one in police if policy.home in one.countries]
    return tuple(one.name for one in called if one.name not in busy)


def _is_undoable(case: Row, standing: Sequence[Row]) -> bool:
    last = undo_of(case)
    made = () if last is None else [row for row in standing if row["id"] in last.made]
    return last is not None and all(row["state"] in UNSENT and not may_have_arrived(row) for row in made)


async def _holder(ctx: Context, opened: Opened) -> Holder | None:
    """Return who has a case before them: of a closed one nobody, whose time with it may not be over."""
    return None if opened.row["state"] == CaseState.CLOSED else (await holders(ctx, [opened.id])).get(opened.id)


def _is_mine(holder: Holder, reader: Actor | None) -> bool:
    return reader is not None and holder.by == person(reader)


async def _log_reveal(ctx: Context, case_id: str, actor: Actor, reason: str, *, anyway: bool) -> None:
    """Write a reveal down. What the person does at the same moment elsewhere is counted first: it is asked anew."""
    for left in reversed(range(_ROUNDS)):
        try:
            await ctx.store.commit(await _reveal(ctx, case_id, actor, reason, anyway=anyway))
        except Conflict as error:
            if not left or error.reason not in {Conflict.code, "duplicate"}:
                raise
        else:
            return


async def _reveal(ctx: Context, case_id: str, actor: Actor, reason: str, *, anyway: bool) -> Transition:
    """Return what writes a reveal down. Raise NotAllowed, BadInput."""
    await check_may_look(ctx, actor)
    opened = await open_case(ctx, await case_row(ctx, case_id))
    before = await _holder(ctx, opened)
    row = await lease_row(ctx, case_id) if before is not None and _is_mine(before, actor) else None
    if row is not None and not reason:
        event = Event("case.revealed", actor.id, case_id, None, {"had_it": True})
    else:
        typed = new_id()
        sealed = opened.key.seal(f"{TYPED}:{typed}", check_reason(reason).encode())
        event = Event("case.revealed", actor.id, case_id, None, {"typed": typed}, sealed)
    changes, adds = await sighting(ctx, case_id, actor)
    if row is not None:  # whoever looks goes on working on it
        anew = taken(ctx, case_id, actor, row)
        changes = (*changes, anew) if isinstance(anew, Change) else changes
    counted = await revealing(ctx, actor, at_risk=is_at_risk(opened.row), anyway=anyway)
    return Transition(ctx.now(), changes, (*adds, counted), events=(event,))


async def _items(ctx: Context, opened: Opened, *, revealed: bool) -> tuple[ItemView, ...]:
    joined = items.join(reports, items.c.report_id == reports.c.id)
    rows = await ctx.store.rows(
        select(items, *_OF_REPORT)
        .select_from(joined)
        .where(items.c.case_id == opened.id)
        .order_by(items.c.added_at, items.c.id)
    )
    around = await links_of(ctx, rows)
    return tuple(_item(opened, row, around.get(row["id"], Links()), revealed=revealed) for row in rows)


def _item(opened: Opened, row: Row, links: Links, *, revealed: bool) -> ItemView:
    secrets = item_secrets(opened.key, row["id"], row["sealed"])
    return ItemView(
        id=row["id"],
        report=row["report_id"],
        dossier=row["dossier"],
        reference=secrets.reference if revealed else reference(secrets, opened.secrets),
        told=(secrets.told or ()) if revealed else elsewhere(secrets, opened.secrets),
        source=row["source"],
        received_at=moment(row["received_at"]),
        received_at_known=not secrets.received_unknown,
        added_at=moment(row["added_at"]),
        assessment=row["assessment"],
        assessed_by=secrets.assessed_by,
        assessed_at=secrets.assessed_at,
        location=defang(secrets.location) if revealed else masked(opened),
        item_reference=secrets.item_reference if revealed else shown(secrets.item_reference, secrets, opened.secrets),
        parent=secrets.parent if revealed else shown(secrets.parent, secrets, opened.secrets),
        page=links.page,
        files=links.files,
        labels=secrets.labels if revealed else (),
        severity=secrets.severity if revealed else None,
        last_seen=secrets.last_seen if revealed else None,
        payment_methods=secrets.payment_methods if revealed else (),
        age=secrets.age if revealed else None,
        gender=secrets.gender if revealed else None,
        ways_in=secrets.ways_in if revealed else None,
        account=secrets.account if revealed else None,
        memo=secrets.memo if revealed else None,
        note_to_partner=secrets.note_to_partner if revealed else None,
        unread=secrets.unread if revealed else None,
        through=secrets.through,
    )


def _masked_trace(trace: Trace) -> Trace:
    names = tuple(
        NameRecord(
            name=mask_host(one.name),
            type=one.type,
            # What a name leads to is a name to hide, or one of the addresses, which stay.
            target=one.target if one.target is None or one.type in _ADDRESSES else mask_host(one.target),
            ttl=one.ttl,
            outcome=one.outcome,
        )
        for one in trace.names
    )
    host = None if trace.host is None else mask_host(trace.host)
    domain = None if trace.registrable_domain is None else mask(trace.registrable_domain)
    # Addresses are the evidence and stay as they are, unless one is what was reported.
    bare = (trace.host or "").strip("[]")
    addresses = tuple(_masked_address(one) if one.ip == bare else one for one in trace.addresses)
    shown = {"names": names, "host": host, "registrable_domain": domain, "abuse_contact": None, "addresses": addresses}
    return _with_inner(trace, mask).model_copy(update=shown)


def _with_inner(trace: Trace, shown: Callable[[str], str]) -> Trace:
    """Return the trace with the location that a link carries, if it does, as it may be shown."""
    inner = trace.verdict.leads_to
    if inner is None:
        return trace
    return trace.model_copy(update={"verdict": trace.verdict.model_copy(update={"leads_to": shown(inner)})})


def _masked_address(address: Address) -> Address:
    """Mask an address that is itself the reported host, also where a source repeats it."""
    evidence = tuple(
        one.model_copy(update={"prefix": None, "detail": ""}) if address.ip in f"{one.prefix} {one.detail}" else one
        for one in address.evidence
    )
    return address.model_copy(update={"ip": mask_host(address.ip), "evidence": evidence})


async def _decided(ctx: Context, row: Row, *, revealed: bool) -> dict[str, Any]:
    """Return the decision in force, who made it, and what the policy said last where that was a person."""
    if row["decision_id"] is None:
        return {}
    found = await ctx.store.rows(select(decisions.c.by).where(decisions.c.id == row["decision_id"]))
    by = str(found[0]["by"]) if found else None
    said = None if by in (None, POLICY) else await _by_policy(ctx, row["id"])
    made = (await decisions_of(ctx, [row])).get(row["id"])
    shown = [one if one is None or revealed else unsaid_in(one) for one in (made, said)]
    return {"decision": shown[0], "decision_by": by, "policy_decision": shown[1]}


async def _happened(
    ctx: Context, opened: Opened, standing: Sequence[Row], directory: Directory, *, revealed: bool
) -> dict[str, Any]:
    """Return its referrals, what happened, and who had it for how long."""
    referrals, timeline = tuple(await views_of(ctx, standing)), await _timeline(ctx, opened, revealed=revealed)
    kinds = {one.name: one.kind for one in directory.partners}
    asked = moment_or_none(opened.row["desk_first_since"]) if opened.row["desk_code"] is not None else None
    had = turns(moment(opened.row["opened_at"]), ctx.clock.now(), referrals, timeline, kinds, asked)
    return {"referrals": referrals, "timeline": timeline, "turns": had}


async def _by_policy(ctx: Context, case_id: str) -> Decision | None:
    """Return what the policy said last of a case: a person's decision does not hide its path."""
    kept = select(decisions.c.case_id, decisions.c.decision)
    of_case = kept.where(decisions.c.case_id == case_id, decisions.c.by == POLICY)
    newest = of_case.order_by(decisions.c.decided_at.desc(), decisions.c.id.desc()).limit(1)
    rows = await ctx.store.rows(newest)
    return decision_of(rows[0]) if rows else None


async def _timeline(ctx: Context, opened: Opened, *, revealed: bool) -> tuple[TimelineEntry, ...]:
    of_case = select(audit).where(audit.c.case_id == opened.id)
    rows = await ctx.store.rows(of_case.order_by(audit.c.at, audit.c.epoch, audit.c.seq))
    why = await whys(ctx, opened.id, rows, revealed=revealed)
    return tuple(_entry(opened, row, why.get((row["epoch"], row["seq"]), ()), revealed=revealed) for row in rows)


def _entry(opened: Opened, row: Row, why: tuple[RouteWhy, ...], *, revealed: bool) -> TimelineEntry:
    detail = parsed(row)
    said = known(detail or {})
    try:
        typed = _typed(opened, row, (detail or {}).get("typed"), revealed=revealed)
    except Damaged:
        typed, detail = None, None
    return TimelineEntry(
        at=moment(row["at"]),
        actor=row["actor"],
        act=row["act"],
        text=in_words(said),
        detail=said,
        referral=row["referral_id"],
        why=why,
        typed=typed,
        damaged=detail is None,
    )


def _typed(opened: Opened, row: Row, typed_id: str | None, *, revealed: bool) -> str | None:
    """Return the reason that a person typed, without what names the location unless that is shown. Raise Damaged."""
    if row["sealed"] is None or typed_id is None:
        return None
    typed = opened.key.open(f"{TYPED}:{typed_id}", row["sealed"]).decode()
    return typed if revealed else scrub(typed, _names(opened))


def _names(opened: Opened) -> set[str]:
    """Return what a person may have typed that names this case: its location, its host, its accounts."""
    secrets = opened.secrets
    names = {secrets.canonical, secrets.host, secrets.registrable_domain}
    for item in opened.items:
        names |= {item.location, *([item.account.handle] if item.account else [])}
    return {name for name in names if name}
