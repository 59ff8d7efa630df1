import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.cli.submit import verb as submit
from router.cli.submit.verb import read
from router.errors import BadInput
from tests.office import line

HEADER = "source,reference,received_at,location"
ROW = "form,r-1,2026-11-22T08:00:00Z"


def test_ndjson_keeps_the_numbers_of_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "r.ndjson"
    file.write_bytes(b"\n{}\n\n{broken\n")
    assert [(one.number, one.text) for one in read(str(file), as_csv=False)] == [(2, b"{}"), (4, b"{broken")]


def test_a_mark_at_the_beginning_of_a_file_is_none_of_its_first_line(tmp_path: Path) -> None:
    """Programs of one maker put a byte order mark before every text, JSON too."""
    for name, text, as_csv in (("r.ndjson", "{}\n", False), ("r.csv", f"{HEADER}\n{ROW},x\n", True)):
        file = tmp_path / name
        file.write_bytes(text.encode("utf-8-sig"))
        (only,) = read(str(file), as_csv=as_csv)
        assert isinstance(json.loads(only.text), dict)


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


def test_every_wrong_field_of_a_line_is_named(run: Callable[..., Any], data: str) -> None:
    done = run("submit", "-", "--data", data, stdin=line("r-1", colour="red", urgency="very"))
    assert done.err.startswith("line 1: /urgency: this must be 'none', ")
    assert "; /colour: this field is not known here; leave it out or check its spelling\n" in done.err


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


def test_one_quote_takes_no_report_along(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    rows = [ROW.replace("r-1", f"r-{n}") for n in range(1, 5)]
    file.write_text(f'{HEADER}\n{rows[0]},"https://a.test/\n{rows[1]},https://b.test/\n{rows[2]},\n{rows[3]},x.test\n')
    done = run("submit", str(file), "--data", data)
    assert (done.code, done.out) == (1, "2 taken, 2 refused.\n")
    first, second = done.err.splitlines()
    assert first.startswith("line 2: A quote opens here")
    assert second.startswith("line 4: /items/0/location: ")
    found = [json.loads(one) for one in run("submit", str(file), "--json", "--data", data).out.splitlines()]
    assert [(one["line"], one["problem"]["reason"]) for one in found[:-1]] == [(2, "not_csv"), (4, "invalid_field")]


def test_more_than_one_group(run: Callable[..., Any], data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit, "_GROUP", 3)
    lines = [line(f"r-{n}") for n in range(1, 9)]
    lines[6] = b"{broken\n"
    done = run("submit", "-", "--data", data, stdin=b"".join(lines))
    assert done.out == "7 taken, 1 refused.\n"
    assert done.err.startswith("line 7: ")


def test_without_a_router_there_is_nothing_to_submit_to(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("submit", "-", "--data", str(tmp_path / "none"), stdin=b"")
    assert done.code == 3
    assert "make one with `init`" in done.err


def test_a_wrong_file_ends_after_a_thousand_refused_lines(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    file = tmp_path / "r.ndjson"
    file.write_bytes(line("r-1") + b"x\n" * 1500 + line("r-2"))
    done = run("submit", str(file), "--data", data)
    assert (done.code, done.out) == (1, "1 taken, 1000 refused; the lines from 1002 on were not read.\n")
    assert done.err.splitlines()[-1].startswith("line 1002: The batch ends here: 1000 of its lines were refused.")
    *_, last, total = run("submit", str(file), "--data", data, "--json").out.splitlines()
    assert json.loads(total) == {"taken": 1, "refused": 1000, "unread_from": 1002}
    assert (json.loads(last)["status"], json.loads(last)["problem"]["code"]) == (413, "too_many_bad_lines")


def test_refused_lines_are_counted_over_the_whole_file(
    run: Callable[..., Any], data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit, "_GROUP", 600)
    file = tmp_path / "r.ndjson"
    file.write_bytes((b"x\n" * 500 + line("r-1")) * 4)
    done = run("submit", str(file), "--data", data)
    assert (done.code, done.out) == (1, "2 taken, 1198 refused; the lines from 1201 on were not read.\n")


def test_a_csv_of_wrong_rows_ends_too(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(f"{HEADER}\n" + f"{ROW},\n" * 6_000)
    done = run("submit", str(file), "--data", data)
    assert done.code == 1
    assert done.out.endswith("; the lines from 1002 on were not read.\n")


def test_long_lines_are_sent_in_requests_that_are_taken_whole(
    run: Callable[..., Any], data: str, tmp_path: Path
) -> None:
    file = tmp_path / "r.ndjson"
    long = {"location": "https://a.test/" + "x" * 8000}
    file.write_bytes(b"".join(line(f"r-{n}", items=[long] * 100) for n in range(90)))
    assert run("submit", str(file), "--data", data).out == "90 taken, 0 refused.\n"
