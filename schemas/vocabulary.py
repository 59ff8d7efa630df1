"""The field's own vocabularies: ICCAM's enumerations (v3 ids beside each value), and what a hotline says of a report.

Names are ours in snake case; the number is ICCAM's v3 id, which a dialect puts on the wire.
"""

from enum import StrEnum


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


class Outcome(StrEnum):
    """How a closed case ended."""

    REMOVED = "removed"
    UNAVAILABLE = "unavailable"
    NOT_ILLEGAL = "not_illegal"
    MOVED = "moved"
    UNRESOLVED = "unresolved"
