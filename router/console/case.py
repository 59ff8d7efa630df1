"""A case's page: why it is here, the evidence, the policy's path, the referrals, the reports, and what happened."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.case.acts import NEXT_STEPS
from router.casework.decide.proposal import TO_BE_SENT
from router.casework.deliver.will_leave import Thought, with_what_leaves
from router.casework.desk import case_acts
from router.casework.desk.bundled import bundle_of
from router.casework.desk.unit_acts import ENDINGS
from router.casework.read import case_file
from router.casework.read.letters import letters_about
from router.casework.read.seen_by import endings, file_seen_by
from router.console import choices, forms
from router.console.access import allow
from router.console.report_words import ADVICE_NAMES
from router.console.visit import Visit
from router.errors import RouterError
from router.guard.access import Permission
from schemas.acts import Finding, Reveal, ThoughtGiven
from schemas.casefile import CaseFile, DeskCode, ReferralView, TimelineEntry
from schemas.vocabulary import Assessment, UnitAnswer

router = APIRouter()


@router.get("/cases/{case_id}")
async def case(visit: Annotated[Visit, allow("case:read")], case_id: UUID, done: str = "") -> Response:
    """Return a case, masked. `done` says which act has led here."""
    return await shown(visit, await case_file.case_file(visit.ctx, str(case_id), reader=visit.actor), done=done)


@router.post("/cases/{case_id}/reveal")
async def reveal(visit: Annotated[Visit, allow("case:reveal")], case_id: UUID) -> Response:
    """Return a case with its location in full, once: the reason is in the audit chain before anything is shown."""
    fields = await visit.fields()
    try:
        visit.confirm_fresh()
        given = forms.parse(fields, Reveal)
        thought = await _thought(visit, str(case_id), fields)
        file = await case_file.case_file(
            visit.ctx, str(case_id), reveal_to=visit.actor, reason=given.reason, anyway=given.anyway
        )
    except RouterError as problem:
        return await refused(visit, str(case_id), problem, _attempted(fields))
    return await shown(visit, file, attempted=_attempted(fields) if thought else None, thought=thought)


async def _thought(visit: Visit, case_id: str, fields: Mapping[str, str]) -> Thought | None:
    """Return what somebody wants to see before they send it, by the form that they would send it with."""
    if LOOK not in fields:
        return None
    return await case_acts.thought_of(visit.ctx, case_id, visit.actor, forms.parse(fields, ThoughtGiven))


def _attempted(fields: Mapping[str, str]) -> "Attempted":
    """Return which form it was: that of a reveal, or of an act that somebody looks at first."""
    if LOOK not in fields:
        return Attempted("reveal", fields)
    referral = fields.get("instead_of")
    return Attempted("refer" if referral is None else "override", fields, referral)


#: Entries of a timeline that a refusal repeats, and digits of how many a form may say that it knew.
_MEANWHILE, _DIGITS = 8, 6
#: The button of a form that asks what would be sent, instead of sending it.
LOOK: Final = "look"
#: Forms that stand open beside the question that they answer: what most people do next.
_OPEN = frozenset({"acknowledge", "send", "look", "origin", "target"})


def beside(file: CaseFile) -> tuple[tuple[str, ...], ...]:
    """Return for each question of the desk, in order, which acts of those offered stand beside it."""
    questions = () if file.desk is None else file.desk.questions
    return tuple(tuple(act for act in NEXT_STEPS[one.code] if _answers(file, act, one.code)) for one in questions)


def advised(file: CaseFile) -> tuple[bool, ...]:
    """Return for each question whether what its advice names can be done now, so that it may be read as it is."""
    offered = {*file.acts, *(act for one in file.referrals for act in one.acts)}
    questions = () if file.desk is None else file.desk.questions
    return tuple(all(offered.intersection(group) for group in ADVICE_NAMES[one.code]) for one in questions)


def _answers(file: CaseFile, act: str, code: DeskCode) -> bool:
    return act in file.acts and (act != "done" or code in file.over_when_said)


class Attempted:
    """An act that was refused: which, of what, and what the person had typed, so that nothing is typed twice."""

    def __init__(self, act: str, fields: Mapping[str, str], referral: str | None = None) -> None:
        """Keep the act, the fields of its form, and the referral it was about."""
        self.act = act
        self.fields = fields
        self.referral = referral

    def typed(self, act: str, field: str, referral: str | None = None) -> str:
        """Return what was typed into a field of a form, when it is the one that was refused."""
        return self.fields.get(field, "") if (act, referral) == (self.act, self.referral) else ""


async def refused(visit: Visit, case_id: str, problem: RouterError, attempted: Attempted) -> Response:
    """Return the case as it is now, with why the act was refused and what had been typed."""
    file = await case_file.case_file(visit.ctx, case_id, reader=visit.actor)
    return await shown(visit, file, status=problem.status, problem=problem, attempted=attempted)


def _meanwhile(file: CaseFile, attempted: Attempted) -> tuple[TimelineEntry, ...]:
    """Return what came since the page on which somebody acted, as its form said how much it knew; at most so much."""
    known = attempted.fields.get("known", "")
    since = file.timeline[int(known) :] if known.isdecimal() and len(known) < _DIGITS else ()
    return (since or file.timeline[-1:])[-_MEANWHILE:]


def _versions(file: CaseFile) -> set[int | None]:
    """Return the versions of the policy that gave the reasons which stand in a case's file."""
    by = (file.desk, file.decision, *file.referrals)
    decided = (one.detail.get("policy") for one in file.timeline if one.why)
    return {*(one.policy_version for one in by if one is not None), *(one for one in decided if isinstance(one, int))}


def _by_people(visit: Visit, file: CaseFile) -> list[str]:
    """Return the referrals of which a unit may have written, for who may type what it says."""
    may = visit.may(Permission.REFERRAL_ACT)
    return [one.id for one in file.referrals if may and one.reply_code is not None]


async def _bundled(visit: Visit, file: CaseFile) -> dict[str, dict[str, list[ReferralView]]]:
    """Return, by a referral's id and the act, everything in its bundle that a unit's word may be about."""
    found: dict[str, dict[str, list[ReferralView]]] = {}
    for one in file.referrals:
        acts = [act for act in ("receipt", "answer") if act in one.acts]
        held = await bundle_of(visit.ctx, one.id) if acts else ()
        found[one.id] = {act: [each for each in held if act in each.acts] for act in acts}
    return found


async def shown(
    visit: Visit,
    file: CaseFile,
    *,
    status: int = 200,
    done: str = "",
    problem: RouterError | None = None,
    attempted: Attempted | None = None,
    thought: Thought | None = None,
) -> Response:
    """Return the page of a case's file."""
    file = file_seen_by(await with_what_leaves(visit.ctx, file, thought), visit.actor.permissions)
    return await visit.page(
        "case.html",
        status,
        versions=_versions(file),
        file=file,
        done=done,
        problem=problem,
        meanwhile=() if attempted is None else _meanwhile(file, attempted),
        attempted=attempted or Attempted("", {}),
        titles=await choices.partner_titles(visit.ctx),
        choices=await choices.choices(visit.ctx),
        acts=file.acts,
        beside=beside(file),
        advised=advised(file),
        open_acts=_OPEN
        if Permission.DESK_ACT in visit.actor.permissions
        else frozenset(file.acts),  # few, and at night
        assessed=[one.assessment for one in file.proposals],
        sendable=list(TO_BE_SENT),
        assessments=list(Assessment),
        findings=list(Finding),
        outcomes=endings(file, visit.actor.permissions),
        unit_answers=list(UnitAnswer),
        unit_endings=ENDINGS,
        bundled=await _bundled(visit, file),
        letters=await letters_about(visit.ctx, _by_people(visit, file)),
    )
