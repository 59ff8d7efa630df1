import json
from pathlib import Path

import pytest

from schemas import generate


def test_the_committed_schemas_are_current() -> None:
    assert generate.differences(generate.FOLDER) == []


def test_what_is_written_is_current(tmp_path: Path) -> None:
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(generate.BORDER)


def test_each_difference_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate.write(tmp_path)
    (tmp_path / "report.json").write_text("{}")
    (tmp_path / "decision.json").unlink()
    (tmp_path / "verdict.json").write_text("{}")
    assert generate.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "report.json: outdated" in said
    assert "decision.json: missing" in said
    assert "verdict.json: describes no word" in said


def test_checking_writes_nothing(tmp_path: Path) -> None:
    generate.main(["--check"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_writing_removes_what_is_no_longer_a_word(tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text("{}")
    generate.write(tmp_path)
    assert not (tmp_path / "verdict.json").exists()


def test_words_from_outside_are_closed_to_unknown_fields() -> None:
    report = json.loads(generate.documents()["report.json"])
    assert report["additionalProperties"] is False
    assert report["$schema"].endswith("2020-12/schema")


def test_what_the_api_answers_is_a_word_of_the_border() -> None:
    documents = generate.documents()
    problem = json.loads(documents["problem.json"])
    assert {"type", "title", "status", "detail", "reason"} <= set(problem["required"])
    assert problem["properties"]["errors"]["items"] == {"$ref": "#/$defs/FieldProblem"}
    case = json.loads(documents["case-file.json"])
    assert case["properties"]["revealed"]["default"] is False
    assert {"CaseSummary", "ItemView", "ReferralView", "TimelineEntry"} <= set(case["$defs"])
