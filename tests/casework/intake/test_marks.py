"""Labels, age and gender are counted by known words; nothing that somebody typed stands outside the seal."""

import json
from random import Random
from typing import Any

import pytest

from router.casework.intake import assessment
from router.casework.intake.marks import counted
from router.store.schema.metadata import metadata
from router.store.schema.tables import figure_marks, reports
from schemas.report import AssessmentLater, Label
from schemas.severity import SeverityRules
from tests.casebook import ANALYSTS, Casebook
from tests.office import START

SAID = {"scheme": "ucs", "by": "anna", "at": START.isoformat()}
LISTED = {"ucs": ("A1", "B2", "self-generated"), "house": ("AI generated",)}


@pytest.fixture
def book(book: Casebook) -> Casebook:
    """A casebook whose policy lists labels, and a scheme of severity."""
    more = {"labels": LISTED, "severity": SeverityRules(schemes={"be": ("low", "high")})}
    book.rules.policy_ = book.rules.policy_.model_copy(update=more)
    return book


async def marks(book: Casebook) -> list[tuple[str, str]]:
    return sorted((row["what"], row["value"]) for row in await book.rows(figure_marks))


async def test_what_an_item_says_is_counted_by_listed_words_and_names_nobody(book: Casebook) -> None:
    labels = [{**SAID, "value": value} for value in ("self-generated", "janpeeters94", "A1", "A1")]
    await book.take(item={"labels": labels, "age": "infant", "gender": "female"})
    assert await marks(book) == [
        ("age", "infant"), ("gender", "female"), ("label", "other"), ("label", "ucs:A1"),
        ("label", "ucs:self-generated"),
    ]  # fmt: skip


async def test_labels_of_a_later_assessment_stand_in_the_place_of_those_before(book: Casebook) -> None:
    await book.take(item={"labels": [{**SAID, "value": "A1"}], "age": "infant"})
    await assess(book, {"labels": [{**SAID, "value": "B2"}]})
    assert await marks(book) == [("age", "infant"), ("label", "ucs:B2")]


def test_only_what_is_listed_word_for_word_is_named() -> None:
    said = [("ucs", "A1"), ("house", "AI generated"), ("ucs", "a1"), ("house", "A1"), ("jan", "A1"), ("other", "other")]
    labels = [Label(scheme=scheme, value=value, by="anna", at=START) for scheme, value in said]
    assert [counted(one, LISTED) for one in labels] == ["ucs:A1", "house:AI generated", *["other"] * 4]
    assert {counted(one, {}) for one in labels} == {"other"}


@pytest.mark.parametrize("seed", range(6))
async def test_a_name_in_whatever_field_of_a_judgement_stands_under_seal_only(book: Casebook, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - words, no secrets
    name = "".join(random.choices("bcdfghjkmnp", k=random.randrange(9, 20)))  # as a handle: one word, looks like a code
    await book.take(item=judged(random, name))
    await assess(book, {"assessed_by": name, "labels": [label(random, name) for _ in range(5)]})
    told = [
        (table.name, column, value)
        for table in metadata.sorted_tables
        for row in await book.rows(table)
        for column, value in row.items()
        if name.encode() in (value if isinstance(value, bytes) else str(value).encode()).lower()
    ]
    assert told == []
    assert ("label", "other") in await marks(book)


def judged(random: Random, name: str) -> dict[str, Any]:
    """All that an analyst's system may say of an item, with a name wherever a word is free."""
    by = {"by": name, "at": START.isoformat()}
    return {
        "reference": name, "labels": [label(random, name) for _ in range(8)], "last_seen": by,
        "severity": {"scheme": "be", "value": "high", **by}, "age": "infant", "gender": "both",
        "assessment": {"value": "national", "assessed_by": name, "assessed_at": START.isoformat()},
    }  # fmt: skip


def label(random: Random, name: str) -> dict[str, str]:
    """A label with a name in one field or several, as it is or between what makes a code."""
    typed = random.choice((name, name.upper(), f"{name}.1", f"A1-{name}", f"two {name}"))
    listed, known = random.choice(("ucs", "house")), random.choice(("A1", "AI generated"))
    scheme, value = random.choice(((listed, typed), (name, typed), (name, known)))
    return {"scheme": scheme, "version": typed, "value": value, "by": name, "at": START.isoformat()}


async def assess(book: Casebook, more: dict[str, Any]) -> None:
    (row,) = await book.rows(reports)
    later = {"value": "national", "assessed_by": "ben", "assessed_at": START.isoformat(), **more}
    await assessment.assess(book.ctx, row["id"], AssessmentLater.model_validate_json(json.dumps(later)), ANALYSTS)
