"""What goes out can be filled in by a spreadsheet, and nothing is read of what comes back but the known columns."""

import csv
from contextlib import suppress
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.desk.viewing.table import READ, Out, packed, read, to_fill_in
from router.errors import BadInput
from schemas.report import Login, WaysIn
from schemas.viewing import MOST

HEAD = "token,assessment,labels,finding,why"
FORMULAS = ("=1+1", "+1", "-1", "@x", "\tx", "\rx")


def test_no_cell_that_goes_out_is_a_formula() -> None:
    """A referrer, a step or a user name is what some reporter wrote."""
    for text in FORMULAS:
        way = WaysIn.model_construct(
            referrer=text, steps=(text,), login=Login.model_construct(username=text, password=text)
        )
        with ZipFile(BytesIO(packed("S-BCDFGHJ", [Out(1, ("D1",), "T", text, (way,))]))) as made:
            (row,) = csv.DictReader(StringIO(made.read("locations.csv").decode("utf-8-sig"), newline=""))
        assert {one[0] for one in (row["location"], row["referrer"], row["steps"], row["user"], row["password"])} == {
            "'"
        }


def test_a_location_with_several_ways_in_has_a_row_for_each_and_one_line_to_fill_in() -> None:
    ways = (WaysIn(referrer="https://a.test/"), WaysIn(steps=("log in", "scroll")))
    line = Out(7, ("D1", "D2"), "TTTT", "https://s.test/", ways)
    with ZipFile(BytesIO(packed("S-BCDFGHJ", [line]))) as made:
        assert made.namelist() == ["locations.csv", "results.csv", "read-me.txt"]
        places = made.read("locations.csv").decode().splitlines()
        back = made.read("results.csv").decode()
        assert {one.date_time for one in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert len(places) == 3
    (said,) = read(back)
    assert (said.token, said.is_empty, said.row) == ("TTTT", True, 2)
    assert "s.test" not in back


@given(st.tuples(*[st.text("abc,;\"'\n:é", max_size=8)] * 5), st.sampled_from(",;\t"))
def test_what_a_spreadsheet_wrote_is_read_as_it_stood_there(cells: tuple[str, ...], delimiter: str) -> None:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(READ)
    writer.writerow(cells)
    kept = [" ".join(one.split()) for one in cells]
    found = [[one.token, one.assessment, one.labels, one.finding, one.why] for one in read(text.getvalue())]
    assert found == ([kept] if any(kept) else [])


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_is_refused(text: str) -> None:
    with suppress(BadInput):
        assert all(isinstance(one.token, str) for one in read(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("assessment\nbaseline", "`token` is missing"),
        (f"{HEAD},location\n", "`location` is not known"),
        (f"{HEAD},token\n", "stands there twice"),
        (f"{HEAD},\n".replace("why,", "why,,x"), "column 6 is not known"),
        ('token\n"never closed', "no table"),
        (HEAD + "\nx,,,," * (MOST + 1), "at most"),
    ],
)
def test_what_is_no_table_of_ours_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read(text)


def test_a_location_in_the_wrong_place_is_repeated_by_no_error() -> None:
    for head in ("token,https://canary.test/x", "https://canary.test/x", "token,canary.test"):
        with pytest.raises(BadInput) as refused:
            read(f"{head}\n1,2\n")
        assert "canary" not in refused.value.message


def test_a_row_that_slipped_is_told_by_itself() -> None:
    one, other = read(f"{HEAD}\nA,baseline,,,,more\nB,,,gone\n")
    assert (one.wrong is not None, other.wrong, other.finding, other.row) == (True, None, "gone", 3)


def test_the_table_to_fill_in_is_that_of_the_session() -> None:
    assert to_fill_in("S-BCDFGHJ", [Out(1, ("D1",), "TTTT", "x")]).splitlines()[1] == "S-BCDFGHJ,1,D1,TTTT,,,,"
