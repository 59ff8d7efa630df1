import json
import time
import tomllib
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.bounds import MOST_BRACKETS, MOST_DEPTH, MOST_PARTS, check_json, check_toml, read_toml
from router.data.directory import SHIPPED
from router.errors import BadInput

#: Seconds of CPU for 100,000 characters: tomllib takes 0.1 for an ordinary text. By the square it would take hundreds.
LINEAR = 2.0
SIZE = 100_000

#: What can be repeated, nested and put in each other's place to make one reader's work grow faster than its text.
PIECES = [*"[]{}1,#\n\\ \"'", "a.", "'a'.", '"b".', "a=", '"""', "'''", "[[a."]


def spent(text: str) -> float:
    """The CPU that one reading takes, refused or not."""
    started = time.process_time()
    with suppress(ValueError):
        read_toml(text, len(text))
    return time.process_time() - started


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    st.lists(st.sampled_from(PIECES), max_size=4),
)
def test_no_structure_costs_more_than_its_length(head: list[str], repeated: list[str], tail: list[str]) -> None:
    unit = "".join(repeated)
    assert spent("".join(head) + unit * (SIZE // len(unit)) + "".join(tail)) < LINEAR


@pytest.mark.parametrize("count", [1_000, 40_000])
@pytest.mark.parametrize("key", ["a{}=1", "[a{}]", "[[a{}]]", "x = {{a{}=1}}"])
def test_a_key_of_many_parts_is_refused_before_it_is_read(key: str, count: int) -> None:
    text = key.format(".a" * count)
    with pytest.raises(ValueError, match="nested so deep"):
        read_toml(text, len(text))
    assert spent(text) < LINEAR


@given(st.text(alphabet="abc.\"'#[]{}=,\n\\ 1", max_size=60))
def test_what_is_shallow_is_read_as_tomllib_reads_it(text: str) -> None:
    try:
        known = tomllib.loads(text)
    except (ValueError, RecursionError):
        with pytest.raises(ValueError):
            read_toml(text, 1000)
        return
    if text.count(".") < MOST_PARTS and text.count("[") + text.count("{") <= MOST_DEPTH:
        assert read_toml(text, 1000) == known


def test_dots_and_brackets_inside_strings_and_comments_are_text() -> None:
    deep, dotted = "[" * 50, "." * 50
    for quoted in (f'"{deep}{dotted}"', f"'{deep}{dotted}'", f'"""\n{deep}{dotted}""x\n"""', f"'''{deep}\n{dotted}'''"):
        check_toml(f"a = {quoted}  # {deep}{dotted}\nb = 1.5")
    check_toml(SHIPPED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["a = " + "[" * 17 + "]" * 17, "a = " + "{b = " * 17 + "1" + "}" * 17])
def test_brackets_in_brackets_end_at_a_depth(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested so deep \(at line 1\)"):
        check_toml(text)


def test_what_tomllib_says_is_not_as_long_as_the_text() -> None:
    key = "a" * 10_000
    with pytest.raises(ValueError) as caught:
        read_toml(f"[{key}]\n[{key}]", 100_000)
    assert len(str(caught.value)) <= 200


def test_too_long() -> None:
    with pytest.raises(ValueError, match="too long"):
        read_toml("#" * 11, 10)
    assert read_toml("#" * 10, 10) == {}


@given(
    st.recursive(
        st.integers() | st.text(max_size=9), lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside)
    )
)
def test_a_body_with_few_values_passes_whatever_its_strings_hold(given_: object) -> None:
    check_json(json.dumps([given_, ',{["' * 100]).encode(), most=600)


@pytest.mark.parametrize("unit", ["{},", "[],", "1,", '"a":1,', "[[", "{"])
def test_a_body_of_many_values_is_refused(unit: str) -> None:
    with pytest.raises(BadInput, match="more than 10 values"):
        check_json((unit * 12).encode(), most=10)


def test_few_values_may_be_short_and_many_may_not() -> None:
    check_json(b"[" + b"1," * 900 + b"1]")
    check_json(b"[" + b'"eight",' * 50_000 + b"1]")
    with pytest.raises(BadInput):
        check_json(b"[" + b"1," * 2_000 + b"1]")


@given(st.lists(st.sampled_from([b'"', b"\\", b'\\"', b"{", b",", b"a", b'":']), min_size=1, max_size=6))
def test_counting_takes_one_pass(repeated: list[bytes]) -> None:
    unit = b"".join(repeated)
    started = time.process_time()
    with suppress(BadInput):
        check_json(unit * (1_000_000 // len(unit)), most=10)
    assert time.process_time() - started < LINEAR


@pytest.mark.parametrize("unit", [b'"x",', b'"a":1,', b'"",', b'"" ,'])
def test_counting_keeps_nothing_of_the_body(unit: bytes) -> None:
    """Cutting the strings out held 760 MB for a body of 16 MiB that was then refused."""
    body = unit * (2**22 // len(unit))
    tracemalloc.start()
    try:
        with pytest.raises(BadInput):
            check_json(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**16


@pytest.mark.parametrize("unit", ["[[route]]\n", "a = [[1]]\n", "a = {b = 1}\n"])
def test_a_text_of_very_many_tables_is_refused_before_it_is_read(unit: str) -> None:
    """A megabyte of empty routes took five seconds to be refused one by one."""
    with pytest.raises(ValueError, match="tables and lists"):
        read_toml(unit * 10_001, 10**6)
    assert SHIPPED.read_text(encoding="utf-8").count("[") < MOST_BRACKETS / 10
