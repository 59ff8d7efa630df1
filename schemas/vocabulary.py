"""The field's own vocabularies: ICCAM's enumerations (v3 ids beside each value), and what a hotline says of a report.

Names are ours in snake case; the number is ICCAM's v3 id, which a dialect puts on the wire.
"""

import re
from enum import StrEnum
from typing import Final


class Assessment(StrEnum):
    """What an analyst found. Only a person, or a source that assesses, may say more than `unassessed`."""

    UNASSESSED = "unassessed"
    BASELINE = "baseline"  #: ICCAM classification 1; illegal everywhere by INHOPE's baseline
    NATIONAL = "national"  #: ICCAM classification 2; illegal by the assessing country's law
    NOT_ILLEGAL = "not_illegal"  #: ICCAM classification 4 (Ignore)


class Urgency(StrEnum):
    """Whether a child may be in danger now."""

    NONE = "none"
    LIVE = "live"  #: abuse is being streamed
    IMMINENT_RISK = "imminent_risk"


class SourceKind(StrEnum):
    """Who sends reports to us."""

    PUBLIC = "public"  #: citizens, through a form or a phone line
    ANALYST = "analyst"
    POLICE = "police"
    PROVIDER = "provider"
    CRAWLER = "crawler"
    PEER = "peer"  #: another hotline's router


class Lane(StrEnum):
    """Which queue work waits in. A crawler's million must not delay one citizen."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class UnitAnswer(StrEnum):
    """What a police unit says of what it was handed."""

    RECEIVED = "received"
    TAKEN_UP = "taken_up"
    SENT_ELSEWHERE = "sent_elsewhere"  #: it is another unit's, or another country's
    HOLD_UNTIL = "hold_until"  #: nobody is to be told before that day
    RELEASE = "release"  #: please ask the host yourselves: the one word that opens the way to a provider
    CLOSED = "closed"  #: they have ended it, and say how


class SiteType(StrEnum):
    """ICCAM sourceUrlSiteType."""

    WEBSITE = "website"  #: 2
    FILE_HOST = "file_host"  #: 3
    IMAGE_STORE = "image_store"  #: 4
    IMAGE_BOARD = "image_board"  #: 5
    FORUM = "forum"  #: 6
    BANNER_SITE = "banner_site"  #: 7
    LINK_SITE = "link_site"  #: 8
    SOCIAL_NETWORKING = "social_networking"  #: 9
    REDIRECTOR = "redirector"  #: 10
    WEB_ARCHIVE = "web_archive"  #: 11
    SEARCH_PROVIDER = "search_provider"  #: 18
    IMAGE_HOST = "image_host"  #: 20
    BLOG = "blog"  #: 22
    NOT_APPLICABLE = "not_applicable"  #: 24


class Commerciality(StrEnum):
    """ICCAM sourceUrlCommerciality."""

    NOT_DETERMINED = "not_determined"  #: 1
    COMMERCIAL = "commercial"  #: 2
    NON_COMMERCIAL = "non_commercial"  #: 3


class PaymentMethod(StrEnum):
    """ICCAM sourceUrlPaymentMethods."""

    NOT_DETERMINED = "not_determined"  #: 1
    AMEX = "amex"  #: 2
    DINERS = "diners"  #: 3
    MASTERCARD = "mastercard"  #: 4
    PAYPAL = "paypal"  #: 5
    VISA = "visa"  #: 6
    WESTERN_UNION = "western_union"  #: 7
    OTHER = "other"  #: 8
    NONE = "none"  #: 9
    SMS = "sms"  #: 10
    EMAIL = "email"  #: 11
    LIBERTY_RESERVE = "liberty_reserve"  #: 12
    BITCOIN = "bitcoin"  #: 13


class AgeCategory(StrEnum):
    """ICCAM ageCategorization."""

    NOT_CATEGORISED = "not_categorised"  #: 1
    INFANT = "infant"  #: 2
    PRE_PUBESCENT = "pre_pubescent"  #: 3
    PUBESCENT = "pubescent"  #: 4


class GenderCategory(StrEnum):
    """ICCAM genderCategorization."""

    NOT_DETERMINED = "not_determined"  #: 1
    FEMALE = "female"  #: 2
    MALE = "male"  #: 3
    BOTH = "both"  #: 4


class AccountRole(StrEnum):
    """What the account that shared the material is thought to be."""

    SUSPECT = "suspect"
    VICTIM = "victim"
    UNKNOWN = "unknown"


class ActionType(StrEnum):
    """What a partner did, in ICCAM's words (v3 action ids; Moved is two PUTs there)."""

    REPORTED_TO_LEA = "ReportedToLEA"  #: 1
    REPORTED_TO_ISP = "ReportedToISP"  #: 2
    REMOVED = "Removed"  #: 3
    UNAVAILABLE = "Unavailable"  #: 4
    NOT_ILLEGAL = "NotIllegal"  #: 6
    MOVED = "Moved"  #: 0
    OTHER = "Other"  #: an act that we have no word for; its reason says it in the partner's words


#: After one of these a partner is done with what it was given.
FINAL_ACTIONS: Final = frozenset({ActionType.REMOVED, ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL, ActionType.MOVED})


class ActionReason(StrEnum):
    """Why a partner calls it Unavailable or NotIllegal: ICCAM actionReason, in ICCAM's words as actions are.

    In the order of ICCAM's ids, from 1.
    """

    OTHER = "Other"
    CONTENT_NOT_FOUND = "ContentNotFound"
    REFERRER_NOT_KNOWN = "ReferrerNotKnownOrIncorrect"
    UNABLE_TO_ACCESS = "UnableToAccess"
    PASSWORD_PROTECTED = "PasswordProtected"  # noqa: S105 - a word of the vocabulary
    ACCOUNT_DISABLED = "AccountDisabled"
    LEGALLY_UNABLE_TO_ACCESS = "LegallyUnableToAccess"
    LINK_EXPIRED = "LinkExpired"
    NOT_FOUND_OR_DOWN = "Error404NotFoundOrSiteDown"
    TEMPORARILY_UNAVAILABLE = "Error503OrContentTemporarilyUnavailable"
    PREMIUM_ACCOUNT_NECESSARY = "PremiumAccountNecessary"
    MISSING_PARTS = "MissingPartsToOpenFile"
    REMOVED_BEFORE_ASSESSMENT = "ContentRemovedBeforeAssessment"
    ADULT_PORNOGRAPHY = "AdultPornography"
    NUDISM = "NudismOrNotSexualized"
    BELOW_THRESHOLD = "DoesNotMeetThresholdForIllegality"
    IMAGES_TOO_SMALL = "ImagesTooSmall"
    VIRTUAL = "VirtualMaterial"
    LINKING = "LinkingOrLinklistsNotIllegal"
    AGE_UNCLEAR = "AgeUnclearOrNotAssessable"
    AGE_OVER_THRESHOLD = "AgeOverNationalThreshold"


#: Of Unavailable: whoever says so looked, and it was gone.
SEEN_GONE: Final = frozenset(
    {
        ActionReason.CONTENT_NOT_FOUND,
        ActionReason.LINK_EXPIRED,
        ActionReason.NOT_FOUND_OR_DOWN,
        ActionReason.REMOVED_BEFORE_ASSESSMENT,
    }
)
#: By ICCAM's v3 id.
ACTION_REASONS: Final = dict(enumerate(ActionReason, start=1))
_PLAIN_REASONS: Final = {one.value.lower(): one for one in ActionReason} | {
    str(number): one for number, one in ACTION_REASONS.items()
}


def action_reason(given: str | None) -> ActionReason | None:
    """Return the reason that a partner gave, however it writes the word (any case, blanks, ICCAM's id).

    None for no reason and for a word of its own: that is shown as it was written, and proves nothing.
    """
    return None if given is None else _PLAIN_REASONS.get(re.sub(r"[^a-z0-9]", "", given.lower()))


class Outcome(StrEnum):
    """How a closed case ended."""

    REMOVED = "removed"
    UNAVAILABLE = "unavailable"
    NOT_ILLEGAL = "not_illegal"
    MOVED = "moved"
    UNRESOLVED = "unresolved"
    SPAM = "spam"  #: no report of anything: nobody has to look at it
