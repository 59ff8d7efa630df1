"""Lines in chunks, and a run that is taken up where it stopped."""

import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.cli.locate.checkpoint import CHUNK, Begun, Progress, is_file, read_chunks
from router.errors import BadInput

Begin = Callable[[BinaryIO], Progress]


def texts(data: bytes) -> list[str]:
    return [text for chunk in read_chunks(io.BytesIO(data)) for text in chunk.texts]


@given(st.lists(st.sampled_from([b"a", b"\n", b" ", b"\r", b"\xe2", b"\x82", b"\xac", b"\xff", b"\xc2\x85", b"\x1c"])))
def test_a_chunk_is_read_as_each_of_its_lines_is(octets: list[bytes]) -> None:
    """What is no UTF-8 at the end of a line takes nothing of the next one along."""
    data = b"".join(octets)
    alone = [line.decode("utf-8", "replace").strip() for line in data.split(b"\n")]
    assert texts(data) == [text for text in alone if text]


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


def test_the_mark_before_utf_8_is_no_part_of_the_first_line() -> None:
    assert texts(b"\xef\xbb\xbfhttp://a.test/\r\nb\n") == ["http://a.test/", "b"]
    assert texts(b"\xef\xbb\xbf\n\xef\xbb\xbfb") == ["\ufeffb"], "elsewhere it is what was written"
    (chunk,) = read_chunks(io.BytesIO(b"\xef\xbb\xbfa\n"))
    assert chunk.end == 5, "octets of the file, the mark's too"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_said_and_not_answered_line_by_line(encoding: str) -> None:
    with pytest.raises(BadInput, match="UTF-16; save it as UTF-8"):
        texts("\ufeffhttp://a.test/\n".encode(encoding))


def test_what_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with (tmp_path / "a").open("rb") as file:
        assert is_file(tmp_path / "a", file)
        assert not is_file(Path("/dev/stdin"), file)
        assert not is_file(Path("/proc/self/fd/0"), file)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb"):
        assert not is_file(tmp_path / "fifo", pipe)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.txt"
    file.write_bytes(b"a\nb\nc\n")
    return file


@pytest.fixture
def begin(source: Path) -> Iterator[Begin]:
    """Runs over one input, one after the other."""
    with ExitStack() as opened:
        yield lambda output: Progress(source, opened.enter_context(source.open("rb")), output)


@pytest.fixture
def output(tmp_path: Path) -> Iterator[BinaryIO]:
    with (tmp_path / "out.ndjson").open("ab") as opened:
        yield opened


def write(output: BinaryIO, data: bytes) -> None:
    output.write(data)
    output.flush()


def test_a_run_that_never_began_starts_at_the_beginning(begin: Begin, output: BinaryIO) -> None:
    assert begin(output).resume() == Begun()


def test_what_was_written_after_the_last_note_is_cut_off(begin: Begin, output: BinaryIO, tmp_path: Path) -> None:
    first = begin(output)
    write(output, b"A\n")
    first.reached(2, {}, 0.0)
    write(output, b"B, half wri")  # the process was killed here
    assert begin(output).resume().start == 2
    write(output, b"B\nC\n")
    assert (tmp_path / "out.ndjson").read_bytes() == b"A\nB\nC\n"


def test_a_complete_run_leaves_no_note(source: Path, begin: Begin, output: BinaryIO) -> None:
    progress = begin(output)
    progress.reached(6, {}, 0.0)
    progress.done()
    assert [path.name for path in source.parent.glob("*.progress*")] == []
    assert begin(output).resume() == Begun()


def test_another_input_is_not_taken_for_the_one_begun(source: Path, begin: Begin, output: BinaryIO) -> None:
    begin(output).reached(2, {}, 0.0)
    source.write_bytes(b"x\ny\n")
    with pytest.raises(BadInput, match="has changed"):
        begin(output).resume()


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the input longer than what it is known again by."""
    monkeypatch.setattr("router.cli.locate.checkpoint._FINGERPRINT", 1)


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(
    "now",
    [b"a", b"a\n", b"a\nb\n", b"a\nxy\nc\n"],
    ids=["below the note", "to the note", "a line less", "moved"],
)
def test_an_input_that_changed_beyond_its_beginning_is_not_gone_on_with(
    source: Path, begin: Begin, output: BinaryIO, now: bytes
) -> None:
    begin(output).reached(4, {}, 0.0)
    source.write_bytes(now)
    with pytest.raises(BadInput, match="has changed"):
        begin(output).resume()
    assert source.with_name("in.txt.progress").exists()


@pytest.mark.usefixtures("long")
def test_an_input_that_grew_is_gone_on_with(source: Path, begin: Begin, output: BinaryIO) -> None:
    begin(output).reached(4, {}, 0.0)
    source.write_bytes(b"a\nb\nc\nd\n")
    assert begin(output).resume().start == 4


@pytest.mark.usefixtures("long")
def test_a_last_line_without_end_is_done_and_not_half_of_another(source: Path, begin: Begin, output: BinaryIO) -> None:
    source.write_bytes(b"a\nb")
    begin(output).reached(3, {}, 0.0)
    assert begin(output).resume().start == 3
    source.write_bytes(b"a\nb.test\n")
    with pytest.raises(BadInput, match="has changed"):
        begin(output).resume()


def test_answers_that_are_missing_are_noticed(begin: Begin, output: BinaryIO, tmp_path: Path) -> None:
    write(output, b"A\n")
    begin(output).reached(2, {}, 0.0)
    with (tmp_path / "out.ndjson").open("wb") as emptied, pytest.raises(BadInput, match="append"):
        begin(emptied).resume()


@pytest.mark.parametrize("kept", [b"x" * 900, b"X\n"], ids=["larger", "as large"])
def test_another_file_is_not_cut_and_not_written_to(
    begin: Begin, output: BinaryIO, tmp_path: Path, kept: bytes
) -> None:
    write(output, b"A\n")
    begin(output).reached(2, {}, 0.0)
    (tmp_path / "other.ndjson").write_bytes(kept)
    with (tmp_path / "other.ndjson").open("ab") as other, pytest.raises(BadInput, match="append to the same file"):
        begin(other).resume()
    assert (tmp_path / "other.ndjson").read_bytes() == kept


def test_a_note_that_names_no_file_cuts_none(source: Path, begin: Begin, output: BinaryIO, tmp_path: Path) -> None:
    write(output, b"A\n")
    begin(output).reached(2, {}, 0.0)
    file = source.with_name("in.txt.progress")
    file.write_text(json.dumps({key: value for key, value in json.loads(file.read_text()).items() if key != "place"}))
    assert begin(output).resume().start == 2, "nothing to be cut"
    write(output, b"B\n")
    with pytest.raises(BadInput, match="append to the same file"):
        begin(output).resume()
    assert (tmp_path / "out.ndjson").read_bytes() == b"A\nB\n"


def test_what_was_answered_before_is_known_again(begin: Begin, output: BinaryIO) -> None:
    begin(output).reached(2, Counter(DE=3, no_host=1), 4.5)
    assert begin(output).resume() == Begun(2, {"DE": 3, "no_host": 1}, 4.5)


def test_a_note_of_a_router_that_did_not_count_is_good_for_the_rest(
    source: Path, begin: Begin, output: BinaryIO
) -> None:
    begin(output).reached(2, {"DE": 1}, 4.5)
    file = source.with_name("in.txt.progress")
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({key: kept[key] for key in ("input", "output", "fingerprint")}))
    assert begin(output).resume() == Begun(2)


GOOD = {"input": 2, "output": 0, "fingerprint": ""}


@pytest.mark.parametrize(
    "note",
    [
        "",
        "[]",
        "{}",
        *(
            json.dumps({**GOOD, **wrong})
            for wrong in (
                {"input": "x"},
                {"input": -1},
                {"output": "x"},
                {"output": -1},
                {"size": "x"},
                {"counts": []},
                {"seconds": {}},
            )
        ),
    ],
)
def test_a_broken_note_is_said(source: Path, begin: Begin, output: BinaryIO, note: str) -> None:
    source.with_name("in.txt.progress").write_text(note)
    with pytest.raises(BadInput, match="start again"):
        begin(output).resume()


def test_a_pipe_is_not_noted(output: BinaryIO) -> None:
    progress = Progress(None, io.BytesIO(), output)
    progress.reached(2, {}, 0.0)
    assert (progress.resume(), progress.size) == (Begun(), None)
    progress.done()


def test_output_to_a_pipe_resumes_at_the_chunk(begin: Begin) -> None:
    pipe = io.BytesIO()  # has no descriptor, like a terminal it cannot be cut
    begin(pipe).reached(4, {}, 0.0)
    assert begin(pipe).resume().start == 4
