"""What a case's file or a referral shows and offers to one reader: only the acts that this person or token may do."""

from collections.abc import Collection, Sequence

from router.casework.case.acts import permitted
from router.guard.access import Permission
from router.guard.mask import mask_name
from schemas.casefile import CaseFile, ItemView, ReferralView
from schemas.vocabulary import Assessment, Outcome


def file_seen_by(file: CaseFile, permissions: Collection[str]) -> CaseFile:
    """Return the file with the acts that somebody with these permissions may do."""
    acts = permitted(file.acts, permissions, file.summary.assessment)
    shown = {"acts": acts, "referrals": referrals_seen_by(file.referrals, permissions)}
    if Permission.CASE_REVEAL not in permissions:
        shown["items"] = tuple(_without_authors(one) for one in file.items)
    return file.model_copy(update=shown)


def endings(file: CaseFile, permissions: Collection[str]) -> tuple[Outcome, ...]:
    """Return the outcomes with which somebody with these permissions may close the case that this file shows them.

    Spam is a supervisor's word, and nobody calls not illegal what they have not seen.
    """
    barred = set() if Permission.CASE_SPAM in permissions else {Outcome.SPAM}
    if "not-illegal" not in permitted(file.acts, permissions, file.summary.assessment):
        barred |= {Outcome.NOT_ILLEGAL}
    return tuple(one for one in Outcome if one not in barred)


def _without_authors(item: ItemView) -> ItemView:
    """Return an item without the names of those who assessed it: whoever may not see the location needs none."""
    by = None if item.assessed_by is None else mask_name(item.assessed_by)
    return item.model_copy(update={"assessed_by": by})


def referrals_seen_by(views: Sequence[ReferralView], permissions: Collection[str]) -> tuple[ReferralView, ...]:
    """Return the referrals with the acts that somebody with these permissions may do."""
    return tuple(referral_seen_by(view, permissions) for view in views)


def referral_seen_by(view: ReferralView, permissions: Collection[str]) -> ReferralView:
    """Return one referral likewise; its acts say nothing of what its case is."""
    return view.model_copy(update={"acts": permitted(view.acts, permissions, Assessment.UNASSESSED)})
