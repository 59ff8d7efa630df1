"""The verb `locate`, over the shipped data, offline; and over a name server on loopback."""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from router.cli.locate.checkpoint import Progress
from router.cli.locate.verb import run
from router.errors import CannotStart

STORY = ["http://3.120.0.1/", "http://51.140.1.1/", "https://104.16.1.1/", "http://0x7f.1/", "http://example.onion/"]


def answers(captured: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.splitlines()]


def test_the_story_of_five_locations(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(STORY, offline=True, as_json=True) == 0
    lines = answers(capsysbinary.readouterr().out)
    verdicts = [(line["verdict"]["kind"], line["verdict"]["country"]) for line in lines]
    assert verdicts == [("country", "DE"), ("country", "GB"), ("edge_only", None), ("no_host", None), ("no_host", None)]
    assert [line["verdict"]["reasons"][0]["code"] for line in lines[3:]] == ["private_address", "onion"]
    assert [line["input"] for line in lines] == STORY
    assert all(line["addresses"][0]["evidence"] for line in lines[:4])


def test_the_fields_of_a_line_are_the_contract(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    run(["http://3.120.0.1/"], offline=True, as_json=True)
    (line,) = answers(capsysbinary.readouterr().out)
    assert list(line) == ["input", "host", "verdict", "names", "addresses", "error"]
    assert {"kind", "country", "countries", "confidence", "reasons"} <= set(line["verdict"])
    assert set(line["verdict"]["reasons"][0]) == {"code", "text"}
    (address,) = line["addresses"]
    assert {"ip", "asn", "as_name", "operator", "country", "confidence", "evidence"} <= set(address)
    assert {"source", "claim", "as_of", "detail"} <= set(address["evidence"][0])
    assert set(address["evidence"][0]["claim"]) == {"basis", "country"}


def test_what_cannot_be_read_is_an_answer_too(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["http://a..b/", "data:image/png;base64,iVBORw0KGgo"], offline=True, as_json=True) == 0
    captured = capsysbinary.readouterr()
    bad, content = answers(captured.out)
    assert (bad["verdict"], bad["error"]["code"]) == (None, "bad_host")
    assert (content["error"]["code"], content["input"]) == ("embedded_content", "(embedded content, left out)")
    assert b"iVBOR" not in captured.out + captured.err


def test_a_person_sees_the_evidence_and_no_link(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["http://3.120.0.1/secret"], offline=True) == 0
    shown = capsysbinary.readouterr().out.decode()
    assert "3[.]120[.]0[.]1: DE" in shown
    assert "delegation" in shown
    assert "http://" not in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        ([], {}),
        (["a.test"], {"input": "x"}),
        (["a.test"], {"jobs": -1}),
        ([], {"input": "-", "resume": True}),
        ([], {"input": "no/such/file"}),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(
    capsys: pytest.CaptureFixture[str], inputs: list[str], options: dict[str, Any]
) -> None:
    assert run(inputs, offline=True, **options) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_bulk_keeps_the_order_in_any_number_of_processes(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], jobs: int
) -> None:
    file = tmp_path / "in.txt"
    file.write_text("".join(f"http://3.120.{number // 250}.{number % 250}/\n\n" for number in range(1_200)))
    assert run([], input=str(file), offline=True, as_json=True, jobs=jobs) == 0
    captured = capsysbinary.readouterr()
    hosts = [line["host"] for line in answers(captured.out)]
    assert hosts == [f"3.120.{number // 250}.{number % 250}" for number in range(1_200)]
    assert "1,200 locations" in captured.err.decode()
    assert not file.with_name("in.txt.progress").exists()


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"http://51.140.1.1/\n\xff\xfe\nhttp://x.onion/")))
    assert run([], input="-", offline=True, as_json=True) == 0
    assert [line["host"] for line in answers(capsysbinary.readouterr().out)] == ["51.140.1.1", None, "x.onion"]


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Path]:
    """A pipe with a name, as the shell's `<(command)` is one; somebody writes two lines into it."""
    made = tmp_path / "fifo"
    os.mkfifo(made)

    def write() -> None:
        with suppress(BrokenPipeError):  # who does not want to read has closed it
            made.write_bytes(b"http://51.140.1.1/\nhttp://3.120.0.1/\n")

    writer = threading.Thread(target=write)
    writer.start()
    yield made
    writer.join()


def test_a_pipe_with_a_name_is_read_from_its_beginning(fifo: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run([], input=str(fifo), offline=True, as_json=True) == 0
    captured = capsysbinary.readouterr()
    assert [line["host"] for line in answers(captured.out)] == ["51.140.1.1", "3.120.0.1"]
    assert "2 locations" in captured.err.decode()
    assert [path.name for path in fifo.parent.iterdir()] == ["fifo"], "nothing is noted of a pipe"


def test_a_pipe_with_a_name_cannot_be_resumed(fifo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([], input=str(fifo), offline=True, resume=True) == 2
    assert "cannot be read again" in capsys.readouterr().err


def test_closed_standard_input_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run([], input="-", offline=True) == 2
    assert "Standard input is closed" in capsys.readouterr().err


def test_the_summary_after_resuming_is_of_the_whole_input(tmp_path: Path, capsysbinary: Any) -> None:
    file = tmp_path / "in.txt"
    file.write_text("http://51.140.1.1/\nhttp://3.120.0.1/\n")
    with file.open("rb") as source:
        Progress(file, source, io.BytesIO()).reached(19, {"GB": 1}, 3600.0)
    assert run([], input=str(file), offline=True, as_json=True, resume=True) == 0
    captured = capsysbinary.readouterr()
    assert [line["host"] for line in answers(captured.out)] == ["3.120.0.1"]
    said = captured.err.decode()
    assert "2 locations in 3,60" in said
    assert [word for word in ("DE", "GB") if word in said] == ["DE", "GB"]


def test_a_list_for_people_has_a_row_for_each(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "in.txt"
    file.write_text("http://3.120.0.1/\nhttp://x.onion/\nhttp://a..b/\n")
    assert run([], input=str(file), offline=True) == 0
    rows = capsysbinary.readouterr().out.decode().splitlines()
    assert [row.split()[0] for row in rows] == ["DE", "no_host", "-"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_keeps_it_from_starting_is_said_with_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: int
) -> None:
    (tmp_path / "router.toml").write_text("home = [")
    file = tmp_path / "in.txt"
    file.write_text("http://3.120.0.1/\n")
    assert run([], input=str(file), offline=True, jobs=jobs, data_dir=tmp_path) == CannotStart.exit_code
    assert "router.toml" in capsys.readouterr().err


def test_online_names_are_looked_up(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], name_server: int
) -> None:
    (tmp_path / "router.toml").write_text(f'resolvers = ["127.0.0.1:{name_server}"]\n')
    locations = ["http://web.test/", "http://gone.test/", "http://a..b/"]
    assert run(locations, as_json=True, data_dir=tmp_path) == 0
    found, gone, bad = answers(capsysbinary.readouterr().out)
    assert (found["verdict"]["country"], found["names"][0]["target"]) == ("DE", "3.120.0.1")
    assert gone["verdict"]["reasons"][0]["code"] == "nxdomain"
    assert bad["error"]["code"] == "bad_host"
