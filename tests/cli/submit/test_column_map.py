"""Other people's columns, by a map; SCART's file for bulk upload as it is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.cli.submit.column_map import load
from router.cli.submit.verb import read_mapped
from router.errors import BadInput

HEAD = "URL;REFERER;WORKUSER-EMAIL;REFERENCE;SOURCE;TYPE"
PAGE, ONE, TWO = "https://page.test/a", "https://img.test/1.jpg", "https://img.test/2.mp4"
COLLEAGUE = "colleague@hotline.test"
AT = "2026-11-22T08:00:00Z"


def scart(*rows: str) -> str:
    return "\n".join((HEAD, *rows)) + "\n"


WHOLE = scart(
    f"{ONE};{PAGE};{COLLEAGUE};S-1;webform;imageurl",
    f"{PAGE};;{COLLEAGUE};S-1;webform;mainurl",
    f"{TWO};{PAGE};;S-2;police;videourl",
    f"https://img.test/shot.png;{PAGE};;S-3;;screenshot",
    "https://plain.test/;;;S-4;;",
)


def reports(
    folder: Path, text: str, map_: str = "scart", at: str | None = AT
) -> tuple[list[dict[str, Any]], list[Any]]:
    """The reports of a file, and what is wrong with its other rows by their number."""
    file = folder / "scart.csv"
    file.write_text(text)
    lines = list(read_mapped(str(file), map_, at))
    wrong = [(one.number, one.problem.field, one.problem.reason) for one in lines if one.problem is not None]
    return [json.loads(one.text) for one in lines if one.problem is None], wrong


def test_the_type_tells_page_from_file_and_the_referer_the_page(tmp_path: Path) -> None:
    found, wrong = reports(tmp_path, WHOLE)
    assert [one["reference"] for one in found] == ["S-1", "S-2", "S-4"]
    file, page = found[0]["items"]
    (other,) = found[1]["items"]
    assert (file["location"], page["location"], other["location"]) == (ONE, PAGE, TWO)
    assert file["parent"] == other["parent"] == page["reference"]
    assert "page.test" not in page["reference"]
    assert file["ways_in"] == {"referrer": PAGE}
    assert wrong == [(5, "TYPE", "refused_type")]


def test_a_colleague_s_address_is_dropped(tmp_path: Path) -> None:
    assert COLLEAGUE not in json.dumps(reports(tmp_path, WHOLE)[0])


def test_a_file_without_dates_asks_once_and_marks_that_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = reports(tmp_path, WHOLE)
    assert {(one["received_at"], one["received_at_known"]) for one in found} == {(AT, False)}
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []
    monkeypatch.setattr("typer.prompt", lambda text: asked.append(text) or AT)
    assert {one["received_at"] for one in reports(tmp_path, WHOLE, at=None)[0]} == {AT}
    assert len(asked) == 1
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(BadInput, match="about when"):
        reports(tmp_path, WHOLE, at=None)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (f"{ONE};{PAGE};;S-1;;movie", "TYPE"),
        (f"{ONE};{PAGE};;S-1;;imageurl;more", None),
    ],
)
def test_a_row_that_the_map_does_not_know_is_refused_alone(tmp_path: Path, row: str, field: str | None) -> None:
    found, wrong = reports(tmp_path, scart(row, f"{PAGE};;;S-2;;mainurl"))
    assert [one["reference"] for one in found] == ["S-2"]
    assert [(number, place) for number, place, _ in wrong] == [(2, field)]


def test_a_column_that_the_map_does_not_name_is_refused(tmp_path: Path) -> None:
    found, wrong = reports(tmp_path, f"{HEAD};NOTE\n{PAGE};;;S-1;;mainurl;said\n{PAGE};;;S-2;;mainurl;\n")
    assert [one["reference"] for one in found] == ["S-2"]
    assert [place for _, place, _ in wrong] == ["note"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml [", "is none"),
        ('[columns]\nreference = "R"', "location"),
        ('[columns]\nlocation = "U"\n[colour]\nx = 1', "is none"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "my.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInput, match=said):
        load(str(path))


def test_values_of_theirs_become_words_of_ours(tmp_path: Path) -> None:
    mine = tmp_path / "my.toml"
    mine.write_text(
        '[columns]\nlocation = "U"\nreference = "R"\nreceived_at = "D"\nurgency = "X"\n[fixed]\nsource = "form"\n'
        '[values.urgency]\nJA = "imminent_risk"\n"" = "none"\n'
    )
    found, wrong = reports(tmp_path, f"U,R,D,X\n{PAGE},1,{AT},JA\n{ONE},2,{AT},\n", str(mine), None)
    assert wrong == []
    assert [one["urgency"] for one in found] == ["imminent_risk", "none"]
    assert "received_at_known" not in found[0]


def test_it_is_taken_with_its_pages_linked_and_its_date_marked(
    run: Callable[..., Any], data: str, tmp_path: Path
) -> None:
    file, mine = tmp_path / "scart.csv", tmp_path / "mine.toml"
    file.write_text(WHOLE)
    shipped = Path(load.__code__.co_filename).resolve().parents[2] / "data" / "maps" / "scart.toml"
    mine.write_text(shipped.read_text().replace('source = "analysts"', 'source = "form"'))
    done = run("submit", str(file), "--map", str(mine), "--received-at", AT, "--data", data)
    assert done.out == "3 taken, 1 refused.\n"
    assert (done.code, "TYPE" in done.err) == (1, True)
    cases = run("cases", "list", "--number", "S-1", "--json", "--data", data).json["items"]
    files = [run("cases", "show", one["id"], "--json", "--data", data).json for one in cases]
    linked = [one["items"][0] for one in files]
    assert {len(one["files"]) for one in linked} == {0, 2}
    assert {one["received_at_known"] for one in linked} == {False}
    assert run("submit", str(file), "--map", str(mine), "--received-at", AT, "--data", data).out.startswith("3 taken")
