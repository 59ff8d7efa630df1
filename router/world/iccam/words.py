"""ICCAM's enumerations with their v3 ids, as the hub serves them. A test may add to them: real ones grow."""

from collections.abc import Mapping
from typing import Final, TypeAlias

#: The last part of a path under `rest/` -> {id: name}.
Words: TypeAlias = dict[str, dict[int, str]]

#: The ids that the public client's own tables carry (its release of May 2024).
_V3: Final[Mapping[str, Mapping[int, str]]] = {
    "classifications": {1: "Baseline CSAM", 2: "National CSAM", 4: "Ignore"},
    "age-categories": {1: "Not categorised", 2: "Infant", 3: "Pre-pubescent", 4: "Pubescent"},
    "gender-categories": {1: "Not Determined", 2: "Female", 3: "Male", 4: "Both"},
    "action-types": {1: "ReportedToLEA", 2: "ReportedToISP", 3: "Removed", 4: "Unavailable", 6: "NotIllegal"},
    "commercialities": {1: "Not Determined", 2: "Commercial", 3: "Non-Commercial"},
    "site-types": {
        2: "Website",
        3: "File host",
        4: "Image store",
        5: "Image board",
        6: "Forum",
        7: "Banner site",
        8: "Link site",
        9: "Social Networking",
        10: "Redirector",
        11: "Web archive",
        18: "Search provider",
        20: "Image host",
        22: "Blog",
        24: "Not Applicable",
    },
    "payment-methods": {
        1: "Not Determined",
        2: "AMEX",
        3: "Diners",
        4: "Mastercard",
        5: "Paypal",
        6: "Visa",
        7: "Western Union",
        8: "Other",
        9: "None",
        10: "SMS",
        11: "EMAIL",
        12: "Liberty Reserve",
        13: "Bitcoin",
    },
}

#: Country -> the hub's id and its name. The ids are invented: the client never asks for them.
COUNTRIES: Final[Mapping[str, tuple[int, str]]] = {
    "NL": (1, "Netherlands"),
    "BE": (2, "Belgium"),
    "DE": (3, "Germany"),
    "FR": (4, "France"),
    "MD": (5, "Moldova"),
    "GB": (6, "United Kingdom"),
}

REPORTED_TO_LEA: Final = 1
REPORTED_TO_ISP: Final = 2
REMOVED: Final = 3
UNAVAILABLE: Final = 4
NOT_ILLEGAL: Final = 6

BASELINE: Final = 1
NATIONAL: Final = 2
IGNORE: Final = 4

#: After one of these a content leaves its hotline's list of work.
FINAL: Final = frozenset({REMOVED, UNAVAILABLE, NOT_ILLEGAL})

#: The actions that carry a reason, one of `REASONS`; the API serves no list of those.
REASONED: Final = frozenset({UNAVAILABLE, NOT_ILLEGAL})

REASONS: Final[Mapping[int, str]] = {
    1: "Other",
    2: "ContentNotFound",
    3: "ReferrerNotKnownOrIncorrect",
    4: "UnableToAccess",
    5: "PasswordProtected",
    6: "AccountDisabled",
    7: "LegallyUnableToAccess",
    8: "LinkExpired",
    9: "Error404NotFoundOrSiteDown",
    10: "Error503OrContentTemporarilyUnavailable",
    11: "PremiumAccountNecessary",
    12: "MissingPartsToOpenFile",
    13: "ContentRemovedBeforeAssessment",
    14: "AdultPornography",
    15: "NudismOrNotSexualized",
    16: "DoesNotMeetThresholdForIllegality",
    17: "ImagesTooSmall",
    18: "VirtualMaterial",
    19: "LinkingOrLinklistsNotIllegal",
    20: "AgeUnclearOrNotAssessable",
    21: "AgeOverNationalThreshold",
}


def known_words() -> Words:
    """Return a hub's own copy of the enumerations."""
    return {name: dict(words) for name, words in _V3.items()} | {"analysts": {}}
