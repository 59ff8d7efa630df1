import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.cli.submit import from_csv, read
from router.errors import BadInput
from tests.office import line

HEADER = "source,reference,received_at,location"
ROW = "form,r-1,2026-11-22T08:00:00Z"


def rows(text: str) -> list[tuple[int, Any]]:
    return [(one.number, json.loads(one.text)) for one in from_csv(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{HEADER}\n", []),
        (f"{HEADER}\n{ROW},https://a.test/\n", [(2, {"location": "https://a.test/"})]),
        (f"{HEADER}\r\n{ROW},https://a.test/\r\n", [(2, {"location": "https://a.test/"})]),
        (f"\ufeff{HEADER}\n{ROW},https://a.test/", []),  # a byte order mark left in the text is part of a name
        (f'{HEADER}\n{ROW},"https://a.test/?a,b"\n', [(2, {"location": "https://a.test/?a,b"})]),
        (f'{HEADER}\n{ROW},"https://a.test/""x"""\n', [(2, {"location": 'https://a.test/"x"'})]),
        (f"{HEADER}\n\n , , , \n{ROW},x\n", [(4, {"location": "x"})]),
        (f"{HEADER},kind\n{ROW},x,onion\n", [(2, {"location": "x", "kind": "onion"})]),
        (f"{HEADER},ways_in.referrer,ways_in.login.username\n{ROW},x,y,z\n",
         [(2, {"location": "x", "ways_in": {"referrer": "y", "login": {"username": "z"}}})]),
        (f"{HEADER},payment_methods\n{ROW},x,visa bitcoin\n",
         [(2, {"location": "x", "payment_methods": ["visa", "bitcoin"]})]),
        (f"{HEADER},ways_in.steps\n{ROW},x,open it | say yes\n",
         [(2, {"location": "x", "ways_in": {"steps": ["open it", "say yes"]}})]),
        (f"{HEADER},account.platform,account.handle\n{ROW},x,,\n", [(2, {"location": "x"})]),
    ],
)  # fmt: skip
def test_a_row_is_a_report_with_one_item(text: str, found: list[tuple[int, Any]]) -> None:
    if text.startswith("\ufeff"):
        text = text.encode().decode("utf-8-sig")
        found = [(2, {"location": "https://a.test/"})]
    assert [(number, report["items"][0]) for number, report in rows(text)] == found


def test_columns_of_the_report_stay_with_the_report() -> None:
    text = f"{HEADER},urgency,memo,assessment.value\n{ROW},x,live,ring back,unassessed\n"
    ((_, report),) = rows(text)
    assert report == {
        "source": "form",
        "reference": "r-1",
        "received_at": "2026-11-22T08:00:00Z",
        "urgency": "live",
        "memo": "ring back",
        "assessment": {"value": "unassessed"},
        "items": [{"location": "x"}],
    }


def test_a_cell_may_hold_lines_and_the_numbers_still_fit() -> None:
    text = f'{HEADER},memo\n{ROW},x,"one\ntwo"\n{ROW},y,\n'
    assert [number for number, _ in rows(text)] == [2, 4]


def test_a_row_with_too_many_cells_is_refused_by_name_and_not_cut() -> None:
    ((_, report),) = rows(f"{HEADER}\n{ROW},x,y\n")
    assert report["more_cells_than_columns"] == 5


@pytest.mark.parametrize(
    "text", ["", "\n", "source,reference\nform,r-1\n", f"{HEADER},memo,memo\n", "https://a.test/\n"]
)
def test_a_header_is_needed(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        list(from_csv(text))
    assert caught.value.field == "header"


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = list(from_csv(f"{HEADER}\n{text}"))
    except BadInput:
        return
    assert all(json.loads(one.text)["items"] for one in found)


def test_ndjson_keeps_the_numbers_of_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "r.ndjson"
    file.write_bytes(b"\n{}\n\n{broken\n")
    assert [(one.number, one.text) for one in read(str(file), as_csv=False)] == [(2, b"{}"), (4, b"{broken")]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(str(tmp_path / "none"), as_csv=False)


def test_a_csv_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(HEADER.encode() + b"\n\xff\xfe")
    with pytest.raises(BadInput, match="UTF-8"):
        read(str(tmp_path / "r.csv"), as_csv=True)


def test_good_lines_are_taken_and_refused_ones_named(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    file = tmp_path / "r.ndjson"
    file.write_bytes(line("r-1") + b"{broken\n" + line("r-3", colour="red") + line("r-4"))
    done = run("submit", str(file), "--data", data)
    assert done.code == 1
    assert done.out == "2 taken, 2 refused.\n"
    assert done.err.splitlines()[0].startswith("line 2: ")
    assert done.err.splitlines()[1].startswith("line 3: /colour: ")


def test_json_names_the_refused_lines_too(run: Callable[..., Any], data: str) -> None:
    done = run("submit", "-", "--data", data, "--json", stdin=line("r-1") + b"{broken\n")
    first, last = [json.loads(one) for one in done.out.splitlines()]
    assert (first["line"], first["problem"]["reason"]) == (2, "not_json")
    assert last == {"taken": 1, "refused": 1}
    assert done.err == ""


def test_a_csv_file_by_its_name_and_again(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    file = tmp_path / "Reports.CSV"
    file.write_text(f"{HEADER}\n{ROW},https://a.test/\n")
    for _ in range(2):
        assert run("submit", str(file), "--data", data).code == 0
    assert run("cases", "list", "--json", "--data", data).json["items"][0]["masked"] == "hxxps://a•••[.]test/"


def test_more_than_one_group(run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.cli.submit._GROUP", 3)
    lines = [line(f"r-{n}") for n in range(1, 9)]
    lines[6] = b"{broken\n"
    done = run("submit", "-", "--data", data, stdin=b"".join(lines))
    assert done.out == "7 taken, 1 refused.\n"
    assert done.err.startswith("line 7: ")


def test_without_a_router_there_is_nothing_to_submit_to(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("submit", "-", "--data", str(tmp_path / "none"), stdin=b"")
    assert done.code == 3
    assert "run `init` first" in done.err
