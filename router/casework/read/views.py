"""From rows to what people and programs read. Pure; nothing here opens a seal."""

from collections.abc import Sequence

from router.casework.case.record import Opened
from router.clock import moment, moment_or_none
from router.guard.mask import mask, mask_account
from router.store.base import Row
from schemas.casefile import AttemptView, CaseSummary, DeskCode, DeskEntry, ReferralView
from schemas.decision import Decision
from schemas.locator import LocationKind
from schemas.states import REFERRAL, CaseState, ReferralState

#: What staff can do to a referral, and the event of the state table that it needs.
_REFERRAL_ACTS = (
    ("hold", "hold"),
    ("release", "release"),
    ("override", "supersede"),
    ("retry", "retry"),
    ("recall", "recall"),
)
#: Acts by which something leaves; nothing of a closed case does (casework/desk/referral_acts.py).
_SENDS = frozenset({"override", "retry"})


def masked(opened: Opened) -> str:
    """Return the case's location as everybody may see it.

    Only a URL is masked part by part: in a handle, what stands before a colon is no scheme but half of the name.
    """
    canonical, kind = opened.secrets.canonical, LocationKind(opened.row["kind"])
    if kind in (LocationKind.URL, LocationKind.ONION) or canonical.startswith(("http://", "https://")):
        return mask(canonical)
    return mask_account(str(kind), canonical)


def summary(opened: Opened, partners: Sequence[str]) -> CaseSummary:
    """Return a case in one row."""
    row = opened.row
    return CaseSummary(
        id=row["id"],
        state=row["state"],
        version=row["version"],
        kind=row["kind"],
        masked=masked(opened),
        verdict=row["verdict"],
        hosting_country=row["hosting_country"],
        assigned_country=row["assigned_country"],
        confidence=row["confidence"],
        assessment=row["assessment"],
        urgency=row["urgency"],
        partners=tuple(partners),
        outcome=row["outcome"],
        opened_at=moment(row["opened_at"]),
        next_at=moment_or_none(row["next_at"]),
        desk=row["desk_code"],
    )


def desk_entry(opened: Opened, decision: Decision | None, reports: int) -> DeskEntry | None:
    """Return a case's place on the desk, or None when it has none."""
    row = opened.row
    if row["desk_code"] is None:
        return None
    return DeskEntry(
        case=row["id"],
        version=row["version"],
        code=DeskCode(row["desk_code"]),
        text=row["desk_text"] or "",
        since=moment(row["desk_since"]),
        due=moment_or_none(row["desk_due"]),
        urgency=row["urgency"],
        lane=row["lane"],
        masked=masked(opened),
        verdict=row["verdict"],
        country=row["hosting_country"],
        confidence=row["confidence"],
        proposal=tuple(r.partner for r in decision.recipients if r.mode == "propose") if decision else (),
        reports=reports,
    )


def attempt_view(row: Row) -> AttemptView:
    """Return one try to deliver."""
    return AttemptView(
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        outcome=row["outcome"],
        reason=row["reason"],
        text=row["text"],
        receipt=row["receipt"],
    )


def referral_view(row: Row, title: str, tries: Sequence[Row], case: CaseState) -> ReferralView:
    """Return a referral with its attempts and what may be done to it; `case` is where its case stands."""
    return ReferralView(
        id=row["id"],
        case=row["case_id"],
        partner=row["partner"],
        partner_title=title,
        route=row["route"],
        is_copy=bool(row["is_copy"]),
        state=row["state"],
        version=row["version"],
        next_at=moment_or_none(row["next_at"]),
        hold_until=moment_or_none(row["hold_until"]),
        hold_reason=row["hold_reason"],
        attempts=tuple(attempt_view(one) for one in tries),
        receipt=row["receipt"],
        accepted_at=moment_or_none(row["accepted_at"]),
        last_text=row["last_text"],
        supersedes=row["supersedes"],
        superseded_by=row["superseded_by"],
        acts=referral_acts(ReferralState(row["state"]), case),
    )


def referral_acts(state: ReferralState, case: CaseState) -> tuple[str, ...]:
    """Return what staff may do to a referral in this state, by the table of states; its case may be closed."""
    events = REFERRAL[state]
    can_override = "supersede" in events or "recall" in events
    acts = tuple(act for act, event in _REFERRAL_ACTS if (can_override if act == "override" else event in events))
    return tuple(act for act in acts if act not in _SENDS) if case is CaseState.CLOSED else acts


def case_acts(row: Row, decision: Decision | None) -> tuple[str, ...]:
    """Return what staff may do to a case now."""
    state = CaseState(row["state"])
    if state is CaseState.CLOSED:
        return ()
    if state in (CaseState.RECEIVED, CaseState.LOCATED):
        return ("assess", "close")
    acts = ["refer", "assess", "retrace", "close"]
    if state is CaseState.REFERRED:
        acts.insert(2, "ask")
    if decision is not None and any(r.mode == "propose" for r in decision.recipients):
        acts.insert(0, "send")
    if row["desk_code"] == DeskCode.LOOK:
        acts.insert(0, "look")
    if row["verdict"] == "edge_only":
        acts.append("origin")
    if row["verdict"] == "unresolved":
        acts.append("target")
    return tuple(acts)
