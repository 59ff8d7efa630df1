"""Labels, age and gender are counted by code; nothing that somebody typed stands outside the seal."""

import json

from router.casework.intake import assessment
from router.casework.intake.marks import code
from router.store.schema.tables import figure_marks, reports
from schemas.report import AssessmentLater
from tests.casebook import ANALYSTS, Casebook
from tests.office import START

SAID = {"scheme": "ucs", "by": "anna", "at": START.isoformat()}


async def marks(book: Casebook) -> list[tuple[str, str]]:
    return sorted((row["what"], row["value"]) for row in await book.rows(figure_marks))


async def test_what_an_item_says_is_counted_by_code_and_names_nobody(book: Casebook) -> None:
    labels = [{**SAID, "value": value} for value in ("self-generated", "jan.peeters on some platform", "A1", "A1")]
    await book.take(item={"labels": labels, "age": "infant", "gender": "female"})
    assert await marks(book) == [
        ("age", "infant"), ("gender", "female"), ("label", "ucs:A1"), ("label", "ucs:other"),
        ("label", "ucs:self-generated"),
    ]  # fmt: skip


async def test_labels_of_a_later_assessment_stand_in_the_place_of_those_before(book: Casebook) -> None:
    await book.take(item={"labels": [{**SAID, "value": "A1"}], "age": "infant"})
    later = {
        "value": "national",
        "assessed_by": "ben",
        "assessed_at": START.isoformat(),
        "labels": [{**SAID, "value": "B2"}],
    }
    (row,) = await book.rows(reports)
    given = AssessmentLater.model_validate_json(json.dumps(later))
    await assessment.assess(book.ctx, row["id"], given, ANALYSTS)
    assert await marks(book) == [("age", "infant"), ("label", "ucs:B2")]


def test_a_sentence_is_no_code() -> None:
    assert code("AI-generated") == "AI-generated"
    assert {code("two words"), code("x" * 33), code("a@b.example"), code("")} == {"other"}
