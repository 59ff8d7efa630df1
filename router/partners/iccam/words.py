"""The hub's enumerations: its ids beside our words, as the hub itself serves them.

An id is looked up by its word in the hub's own list, so that a list that is numbered anew (as NotIllegal was between v2
and v3) sends nothing wrong. A word that the hub no longer has is not replaced by another; an id without a word of ours
is kept and shown with the hub's name for it.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from router.errors import BadInput
from router.partners.base import Reason
from schemas.vocabulary import (
    ACTION_REASONS,
    ActionType,
    AgeCategory,
    Assessment,
    Commerciality,
    GenderCategory,
    PaymentMethod,
    SiteType,
)
from schemas.word import Line

#: The hub's names that differ from ours by more than blanks, hyphens and capitals.
_NAMED_OTHERWISE: Final[Mapping[StrEnum, str]] = {
    Assessment.BASELINE: "Baseline CSAM",
    Assessment.NATIONAL: "National CSAM",
    Assessment.NOT_ILLEGAL: "Ignore",
}


class List(StrEnum):
    """The lists that are read, by the last part of their path."""

    CLASSIFICATIONS = "classifications"
    AGES = "age-categories"
    GENDERS = "gender-categories"
    SITE_TYPES = "site-types"
    COMMERCIALITIES = "commercialities"
    PAYMENT_METHODS = "payment-methods"
    ACTIONS = "action-types"


#: Whose words stand in which list.
LIST_OF: Final[Mapping[type[StrEnum], List]] = {
    Assessment: List.CLASSIFICATIONS,
    AgeCategory: List.AGES,
    GenderCategory: List.GENDERS,
    SiteType: List.SITE_TYPES,
    Commerciality: List.COMMERCIALITIES,
    PaymentMethod: List.PAYMENT_METHODS,
    ActionType: List.ACTIONS,
}

#: Why content is unavailable or not illegal (v3). The hub serves no list of these.
REASONS: Final[Mapping[int, str]] = {number: reason.value for number, reason in ACTION_REASONS.items()}

WordT = TypeVar("WordT", bound=StrEnum)


class _Row(BaseModel):
    """One row of a list: actions have a `type` where the others have an `id`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Line
    id: int | None = None
    type: int | None = None

    @property
    def number(self) -> int | None:
        """The id, by whichever name it comes."""
        return self.id if self.type is None else self.type


_ROWS: Final = TypeAdapter(list[object])


@dataclass(slots=True)
class Words:
    """What a hub's lists said when they were last read."""

    lists: dict[List, dict[int, str]] = field(default_factory=dict)

    def learn(self, name: List, body: bytes) -> bool:
        """Take a list as the hub served it; False when it is none, and what was known stays."""
        found: dict[int, str] = {}
        try:
            rows = _ROWS.validate_json(body)
        except ValidationError:
            return False
        for one in rows:
            with suppress(ValidationError):  # a row that we cannot read takes the others nothing away
                row = _Row.model_validate(one)
                if row.number is not None:
                    found[row.number] = row.name
        if found:
            self.lists[name] = found
        return bool(found)

    def id_of(self, word: StrEnum) -> int:
        """Return the hub's id of a word of ours. Raise BadInput when the hub has no such word."""
        name = LIST_OF[type(word)]
        wanted = _plain(_NAMED_OTHERWISE.get(word, word.value))
        for number, known in self.lists.get(name, {}).items():
            if _plain(known) == wanted:
                return number
        raise BadInput(
            f"The hub's list '{name}' has no word for '{word.value}' any more; ask the hub's office what stands for it",
            reason=Reason.MISCONFIGURED,
        )

    def word_of(self, kind: type[WordT], number: int) -> WordT | None:
        """Return our word for an id of the hub's, None when we have none."""
        named = _plain(self.lists.get(LIST_OF[kind], {}).get(number, ""))
        return next((word for word in kind if _plain(_NAMED_OTHERWISE.get(word, word.value)) == named), None)

    def shown(self, name: List, number: int) -> str:
        """Return an id as people read it: with the hub's name, or as the bare number that it is."""
        known = self.lists.get(name, {}).get(number)
        return f"{name} {number}" if known is None else f"{known} ({number})"


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
