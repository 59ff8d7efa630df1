"""Lines in chunks, and a run that is taken up where it stopped."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from router.cli.lines import CHUNK, Progress, read_chunks
from router.errors import BadInput


def texts(data: bytes) -> list[str]:
    return [text for chunk in read_chunks(io.BytesIO(data)) for text in chunk.texts]


def test_empty_lines_are_left_out_and_ends_may_differ() -> None:
    assert texts(b"a\n\n  b \r\n\t\nc") == ["a", "b", "c"]


def test_bytes_that_are_no_text_do_not_stop_the_run() -> None:
    assert len(texts(b"a\n\xff\xfe\nb\n")) == 3


def test_chunks_end_where_the_next_lines_start() -> None:
    data = b"".join(b"%d\n" % number for number in range(CHUNK + 10))
    chunks = list(read_chunks(io.BytesIO(data)))
    assert [len(chunk.texts) for chunk in chunks] == [CHUNK, 10]
    assert chunks[-1].end == len(data)
    rest = io.BytesIO(data)
    rest.seek(chunks[0].end)
    assert [chunk.texts for chunk in read_chunks(rest, chunks[0].end)] == [chunks[1].texts]


def test_a_line_without_end_takes_no_memory_and_counts_as_one() -> None:
    endless = b"x" * 1_000_000
    lines = texts(b"a\n" + endless + b"\nb\n" + endless)
    assert [len(line) for line in lines] == [1, 40_000, 1, 40_000]
    *_, last = read_chunks(io.BytesIO(b"a\n" + endless + b"\nb\n"))
    assert last.end == len(endless) + 5


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.txt"
    file.write_bytes(b"a\nb\nc\n")
    return file


@pytest.fixture
def output(tmp_path: Path) -> Iterator[BinaryIO]:
    with (tmp_path / "out.ndjson").open("ab") as opened:
        yield opened


def write(output: BinaryIO, data: bytes) -> None:
    output.write(data)
    output.flush()


def test_a_run_that_never_began_starts_at_the_beginning(source: Path, output: BinaryIO) -> None:
    assert Progress(source, output).resume() == 0


def test_what_was_written_after_the_last_note_is_cut_off(source: Path, output: BinaryIO, tmp_path: Path) -> None:
    first = Progress(source, output)
    write(output, b"A\n")
    first.reached(2)
    write(output, b"B, half wri")  # the process was killed here
    assert Progress(source, output).resume() == 2
    write(output, b"B\nC\n")
    assert (tmp_path / "out.ndjson").read_bytes() == b"A\nB\nC\n"


def test_a_complete_run_leaves_no_note(source: Path, output: BinaryIO) -> None:
    progress = Progress(source, output)
    progress.reached(6)
    progress.done()
    assert [path.name for path in source.parent.glob("*.progress*")] == []
    assert Progress(source, output).resume() == 0


def test_another_input_is_not_taken_for_the_one_begun(source: Path, output: BinaryIO) -> None:
    Progress(source, output).reached(2)
    source.write_bytes(b"x\ny\n")
    with pytest.raises(BadInput, match="has changed"):
        Progress(source, output).resume()


def test_answers_that_are_missing_are_noticed(source: Path, output: BinaryIO, tmp_path: Path) -> None:
    write(output, b"A\n")
    Progress(source, output).reached(2)
    with (tmp_path / "other.ndjson").open("wb") as other, pytest.raises(BadInput, match="append"):
        Progress(source, other).resume()


@pytest.mark.parametrize("note", ["", "[]", "{}", json.dumps({"input": "x", "output": 1, "fingerprint": ""})])
def test_a_broken_note_is_said(source: Path, output: BinaryIO, note: str) -> None:
    source.with_name("in.txt.progress").write_text(note)
    with pytest.raises(BadInput, match="start again"):
        Progress(source, output).resume()


def test_a_pipe_is_not_noted(output: BinaryIO) -> None:
    progress = Progress(None, output)
    progress.reached(2)
    assert (progress.resume(), progress.size) == (0, None)
    progress.done()


def test_output_to_a_pipe_resumes_at_the_chunk(source: Path) -> None:
    pipe = io.BytesIO()  # has no descriptor, like a terminal it cannot be cut
    Progress(source, pipe).reached(4)
    assert Progress(source, pipe).resume() == 4
