import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.cli.submit.csv_reports import from_csv
from router.errors import BadInput

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


def refused(text: str) -> list[tuple[int, str]]:
    """The lines that are no report, with the beginning of why."""
    return [(one.number, one.problem.message[:20]) for one in from_csv(text) if one.problem is not None]


@pytest.mark.parametrize(
    ("rows_", "wrong", "kept"),
    [
        ([f'{ROW},"a', f"{ROW},b", f"{ROW},c"], [(2, "A quote opens here a")], [3, 4]),
        ([f'{ROW},"a', f'{ROW},b,"see, this"'], [(2, "A quote opens here a")], [3]),
        ([f'{ROW},"a', f'{ROW},b,"""q"""', f'{ROW},c,""'], [(2, "A quote opens here a")], [3, 4]),
        ([f'{ROW},"a"b', f"{ROW},b"], [(2, "A quote opens here a")], [3]),
        ([f'{ROW},"a', f'{ROW},b"', f"{ROW},c"], [(2, "A cell of this row h")], [4]),  # it closes, but elsewhere
        ([f'{ROW},a,"one', "two", f"{ROW},b"], [(2, "A quote opens here a")], [3, 4]),
        ([f"{ROW},a,{'x' * 131_073}", f"{ROW},b"], [(2, "A cell that begins h")], [3]),
        ([f'{ROW},a,"one', f'{ROW},b,two",c', f"{ROW},d"], [(2, "This row has 6 cells")], [4]),
        ([f"{ROW},a,b,c", f"{ROW},a,b,,,"], [(2, "This row has 6 cells")], [3]),
    ],
)
def test_what_cannot_be_read_is_refused_alone(rows_: list[str], wrong: list[tuple[int, str]], kept: list[int]) -> None:
    text = "\n".join([f"{HEADER},memo", *rows_])
    assert refused(text) == wrong
    assert [one.number for one in from_csv(text) if one.problem is None] == kept


def test_lines_of_one_cell_are_never_read_as_reports() -> None:
    """The public writes memos: a line of one may look like a row, with a source and a location of its own."""
    text = f'{HEADER},memo\n{ROW},a,"see\n{ROW},http://planted.test/,x",too many\n{ROW},b,\n'
    (first, last) = from_csv(text)
    assert first.problem is not None
    assert first.problem.message.endswith("It takes lines 2 to 3; none of them was taken.")
    assert (last.number, b"planted" in last.text) == (4, False)


def test_a_column_without_a_name_stays_empty() -> None:
    """Spreadsheets write the columns in which something once stood."""
    text = f"{HEADER},,\n{ROW},a,,\n{ROW},b,x,\n"
    assert refused(text) == [(3, "A cell of this row s")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_separated_as_the_header_does_it(separator: str) -> None:
    text = f"{HEADER},kind\n{ROW},x,onion\n".replace(",", separator)
    ((_, report),) = rows(text)
    assert report["items"] == [{"location": "x", "kind": "onion"}]


def test_names_of_columns_are_read_in_any_case() -> None:
    ((_, report),) = rows(f"Source,REFERENCE,Received_At, Location ,Ways_In.Referrer\n{ROW},x,y\n")
    assert report["items"] == [{"location": "x", "ways_in": {"referrer": "y"}}]
    assert set(report) == {"source", "reference", "received_at", "items"}


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;;"])
def test_a_first_line_may_say_the_separator(first: str) -> None:
    header, row = HEADER.replace(",", ";"), ROW.replace(",", ";")
    ((number, report),) = rows(f"{first}\r\n{header}\r\n{row};https://a.test/\r\n")
    assert (number, report["items"]) == (3, [{"location": "https://a.test/"}])


@pytest.mark.parametrize("cell", ['"c38"', ' "c38"', '   "c38"', '\u00a0"c38"', "c38 ", " c38"])
def test_quotes_around_a_cell_are_no_part_of_it(cell: str) -> None:
    ((_, report),) = rows(f"source,reference,received_at,location\nform,{cell},2026-11-22T08:00:00Z, https://a.test/\n")
    assert (report["reference"], report["items"]) == ("c38", [{"location": "https://a.test/"}])


@pytest.mark.parametrize("columns", ["ways_in,ways_in.steps", "ways_in.login.username,ways_in.login", "memo,Memo"])
def test_columns_that_cannot_stand_beside_each_other(columns: str) -> None:
    with pytest.raises(BadInput, match="column") as caught:
        list(from_csv(f"{HEADER},{columns}\n{ROW},x,y,z\n"))
    assert caught.value.field == "header"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "source,reference\nform,r-1\n",
        f"{HEADER},memo,memo\n",
        "https://a.test/\n",
        '"location\nx\n',
        "a|location",
    ],
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
    assert all(one.problem or json.loads(one.text)["items"] for one in found)
