from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.api.protocol.ndjson_stream import Line, Splitter


def split(*chunks: bytes, longest: int = 1000) -> list[Line]:
    splitter = Splitter(longest)
    found = [line for chunk in chunks for line in splitter.feed(chunk)]
    return [*found, *splitter.finish()]


@pytest.mark.parametrize(
    ("chunks", "found"),
    [
        ((), []),
        ((b"",), []),
        ((b"a",), [Line(1, b"a")]),
        ((b"a\n",), [Line(1, b"a")]),
        ((b"a\nb",), [Line(1, b"a"), Line(2, b"b")]),
        ((b"a", b"b\nc", b"", b"\n"), [Line(1, b"ab"), Line(2, b"c")]),
        ((b"\n\n \na\n",), [Line(4, b"a")]),
        ((b"a\r\nb\r\n",), [Line(1, b"a\r"), Line(2, b"b\r")]),
    ],
)
def test_lines_and_their_numbers(chunks: tuple[bytes, ...], found: list[Line]) -> None:
    assert split(*chunks) == found


def test_a_line_that_is_too_long_keeps_its_number_and_no_text() -> None:
    assert split(b"a\n", b"x" * 9, b"x" * 9, b"\nb", longest=10) == [Line(1, b"a"), Line(2, None), Line(3, b"b")]


def test_the_last_line_may_be_too_long_too() -> None:
    assert split(b"x" * 11, longest=10) == [Line(1, None)]
    assert split(b"x" * 10, longest=10) == [Line(1, b"x" * 10)]


def test_memory_is_bounded_by_the_longest_line() -> None:
    splitter = Splitter(100)
    for _ in range(1000):
        assert list(splitter.feed(b"x" * 50)) == []
        assert sum(map(len, splitter._parts)) <= 100


def test_the_next_number() -> None:
    splitter = Splitter()
    assert splitter.next_number == 1
    list(splitter.feed(b"a\nb"))
    assert splitter.next_number == 2


@given(text=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_where_the_chunks_are_cut_does_not_matter(text: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[start:end] for start, end in pairwise(edges)]
    assert split(*chunks) == split(text)
    expected = [Line(n, part) for n, part in enumerate(text.split(b"\n"), 1) if part.strip()]
    assert split(text) == expected
