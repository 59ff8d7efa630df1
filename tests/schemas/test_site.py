"""A tag tells its host from every other that is kept, whatever their indexes are, and finds it again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.site import SHORTEST, SiteTag, bounds, tag, written

#: Indexes that share beginnings of any length, as no honest draw would make them.
INDEXES = st.sets(
    st.tuples(st.integers(0, 2**16 - 1), st.integers(0, 15)).map(
        lambda one: (one[0] << (8 * one[1]) & 2**128 - 1).to_bytes(16)
    )
    | st.binary(min_size=16, max_size=16),
    min_size=1,
    max_size=30,
)


@given(INDEXES)
def test_each_host_that_is_kept_has_a_tag_of_its_own(indexes: set[bytes]) -> None:
    there = sorted(indexes)
    tags = {}
    for at, one in enumerate(there):
        near = (there[at - 1] if at else None, there[at + 1] if at + 1 < len(there) else None)
        tags[one] = tag(one, *near)
    for one, said in tags.items():
        assert len(said) >= SHORTEST
        assert [other for other in there if written(other).startswith(said)] == [one]
        first, last = bounds(said.lower())
        assert [other for other in there if first <= other <= last] == [one]
        assert TypeAdapter(SiteTag).validate_python(said) == said


def test_a_tag_is_no_longer_than_it_must_be() -> None:
    one, other = b"\x00" * 16, b"\x00" * 4 + b"\xff" * 12  # they share 32 bits, six characters
    assert tag(one) == tag(one, other) == "AAAAAAA"
    assert tag(one, b"\x00" * 5 + b"\xff" * 11) == "AAAAAAAAA"


@pytest.mark.parametrize("text", ["7F3AK2", "7F3AK2Q1", "7F3AK2Q=", "7F3AK2Q\n", "A" * 27, "7F3-K2Q"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SiteTag).validate_python(text)
