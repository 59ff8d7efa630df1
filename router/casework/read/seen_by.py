"""What a case's file or a referral offers to one reader: only the acts that this person or token may do."""

from collections.abc import Collection, Sequence

from router.casework.case.acts import permitted
from schemas.casefile import CaseFile, ReferralView
from schemas.vocabulary import Assessment


def file_seen_by(file: CaseFile, permissions: Collection[str]) -> CaseFile:
    """Return the file with the acts that somebody with these permissions may do."""
    acts = permitted(file.acts, permissions, file.summary.assessment)
    return file.model_copy(update={"acts": acts, "referrals": referrals_seen_by(file.referrals, permissions)})


def referrals_seen_by(views: Sequence[ReferralView], permissions: Collection[str]) -> tuple[ReferralView, ...]:
    """Return the referrals with the acts that somebody with these permissions may do."""
    return tuple(referral_seen_by(view, permissions) for view in views)


def referral_seen_by(view: ReferralView, permissions: Collection[str]) -> ReferralView:
    """Return one referral likewise; its acts say nothing of what its case is."""
    return view.model_copy(update={"acts": permitted(view.acts, permissions, Assessment.UNASSESSED)})
