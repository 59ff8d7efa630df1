"""From rows to what people and programs read. Pure; nothing here opens a seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from router.casework.case.acts import Standing, offered
from router.casework.case.desk_entry import Open, open_questions
from router.casework.case.record import Opened
from router.casework.case.tell_by_hand import is_unconfirmed
from router.casework.read.numbers import NONE, FirstReports
from router.clock import moment, moment_or_none
from router.guard.mask import HIDDEN, mask, mask_account
from router.guard.seal import CaseKey
from router.store.base import Row
from schemas.casefile import (
    AnswerView,
    AttemptView,
    CaseSecrets,
    CaseSummary,
    DeskCode,
    DeskEntry,
    DeskQuestion,
    PartnerAct,
    ProgressView,
    Proposal,
    ReferralView,
    ReportNumber,
    WaitView,
)
from schemas.embargo import HeldView
from schemas.locator import LocationKind
from schemas.reply_code import code_of
from schemas.site import SiteView
from schemas.states import ReferralState
from schemas.vocabulary import UnitAnswer

#: What stands for the secrets of a case that are not what was written.
DAMAGED: Final = CaseSecrets(canonical="")


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as a list shows it: one row that is damaged is shown as that, and the others as they are."""

    row: Row
    secrets: CaseSecrets
    key: CaseKey | None = None

    @property
    def id(self) -> str:
        """Return the case's id."""
        return str(self.row["id"])


def masked(opened: Opened | Listed) -> str:
    """Return the case's location as everybody may see it.

    Only a URL is masked part by part: in a handle, what stands before a colon is no scheme but half of the name.
    """
    if opened.secrets is DAMAGED:
        return HIDDEN
    canonical, kind = opened.secrets.canonical, LocationKind(opened.row["kind"])
    if kind in (LocationKind.URL, LocationKind.ONION) or canonical.startswith(("http://", "https://")):
        return mask(canonical)
    return mask_account(str(kind), canonical)


def summary(
    opened: Opened | Listed,
    partners: Sequence[str],
    numbers: tuple[ReportNumber, ...] = (),
    held: HeldView | None = None,
    site: SiteView | None = None,
) -> CaseSummary:
    """Return a case in one row."""
    row = opened.row
    on_desk = () if row["desk_code"] is None else open_questions(row)
    clocks = [row["next_at"], *(one.due for one in on_desk)]
    return CaseSummary(
        id=row["id"],
        numbers=numbers,
        state=row["state"],
        version=row["version"],
        kind=row["kind"],
        masked=masked(opened),
        site=site,
        verdict=row["verdict"],
        hosting_country=row["hosting_country"],
        assigned_country=row["assigned_country"],
        confidence=row["confidence"],
        assessment=row["assessment"],
        urgency=row["urgency"],
        partners=tuple(partners),
        outcome=row["outcome"],
        opened_at=moment(row["opened_at"]),
        next_at=moment_or_none(min((at for at in clocks if at is not None), default=None)),
        looks_at=moment_or_none(row["next_at"]),
        desk=row["desk_code"],
        reasons=tuple(one.code for one in on_desk),
        held=held,
        damaged=opened.secrets is DAMAGED,
    )


def desk_entry(
    opened: Opened | Listed,
    proposals: tuple[Proposal, ...],
    first: FirstReports = NONE,
    held: HeldView | None = None,
    site: SiteView | None = None,
) -> DeskEntry | None:
    """Return a case's place on the desk, or None when it has none. Nothing is proposed of what an embargo holds."""
    proposals = () if held is not None else proposals
    row = opened.row
    if row["desk_code"] is None:
        return None
    return DeskEntry(
        case=row["id"],
        version=row["version"],
        code=DeskCode(row["desk_code"]),
        text=row["desk_text"] or "",
        policy_version=row["policy_version"],
        since=moment(row["desk_since"]),
        first_since=moment(row["desk_first_since"]),
        alarm=None if row["desk_alarm"] is None else "ringing" if row["acknowledged_at"] is None else "acknowledged",
        due=moment_or_none(row["desk_due"]),
        questions=tuple(_question(one) for one in open_questions(row)),
        urgency=row["urgency"],
        lane=row["lane"],
        masked=masked(opened),
        site=site,
        verdict=row["verdict"],
        country=row["hosting_country"],
        confidence=row["confidence"],
        assessment=row["assessment"],
        proposal=tuple(dict.fromkeys(name for one in proposals for name in one.partners)),
        proposals=proposals,
        reports=first.reports,
        numbers=first.numbers,
        grave=first.grave,
        held=held,
        damaged=opened.secrets is DAMAGED,
    )


def _question(one: Open) -> DeskQuestion:
    return DeskQuestion(code=one.code, text=one.text, since=moment(one.since), due=moment(one.due), referral=one.about)


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


def answer_view(row: Row) -> AnswerView:
    """Return what a unit said, as it was typed."""
    return AnswerView(
        answer=UnitAnswer(row["answer"]),
        at=moment(row["at"]),
        by=row["by"],
        number=row["number"],
        until=moment_or_none(row["until"]),
        outcome=row["outcome"],
    )


def progress_view(row: Row) -> ProgressView | None:
    """Return how far a referral of several steps is; None before the first one, and once it was accepted."""
    if row["progress_step"] is None or row["state"] == ReferralState.ACCEPTED:
        return None
    return ProgressView(step=row["progress_step"], text=row["progress_text"], since=moment(row["progress_at"]))


def partner_act(row: Row) -> PartnerAct:
    """Return what a partner did, with the whole or with a part."""
    return PartnerAct(
        action=row["action"],
        at=moment(row["at"]),
        reason=row["reason"],
        moved_to=row["moved_to"],
        part=row.get("part"),
    )


@dataclass(frozen=True, slots=True)
class OfReferral:
    """What is kept beside a referral's row."""

    tries: Sequence[Row] = ()
    said: Sequence[Row] = ()  #: what its partner did, oldest first
    numbers: tuple[ReportNumber, ...] = ()  #: of the first reports of its case
    answers: Sequence[Row] = ()  #: what a unit said, as people typed it, oldest first
    telephone: str | None = None
    held: HeldView | None = None  #: an embargo holds its case
    policy_version: int | None = None  #: whose route holds it


def referral_view(row: Row, title: str, kept: OfReferral, case: Row, waits: WaitView | None = None) -> ReferralView:
    """Return a referral with its attempts and what may be done to it; `case` holds at least its case's state."""
    unconfirmed = is_unconfirmed(row)
    return ReferralView(
        id=row["id"],
        case=row["case_id"],
        numbers=kept.numbers,
        partner=row["partner"],
        partner_title=title,
        route=row["route"],
        is_copy=bool(row["is_copy"]),
        state=ReferralState.WITHDRAWING if unconfirmed else row["state"],
        version=row["version"],
        next_at=moment_or_none(row["next_at"]),
        hold_until=moment_or_none(row["hold_until"]),
        hold_reason=row["hold_reason"],
        policy_version=kept.policy_version,
        attempts=tuple(attempt_view(one) for one in kept.tries),
        receipt=row["receipt"] or None,
        accepted_at=moment_or_none(row["accepted_at"]),
        last_text=row["last_text"],
        said=tuple(partner_act(one) for one in kept.said),
        progress=progress_view(row),
        supersedes=row["supersedes"],
        superseded_by=row["superseded_by"],
        unconfirmed=unconfirmed,
        waits=waits,
        reply_code=code_of(row["id"]) if row["by_people"] else None,
        bundle=row["bundle"],
        telephone=kept.telephone if row["by_people"] else None,
        answers=tuple(answer_view(one) for one in kept.answers),
        acts=offered(Standing(case, row, held=kept.held is not None)),
    )
