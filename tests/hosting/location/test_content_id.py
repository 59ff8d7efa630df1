"""Content ids in each of their spellings; the examples are the CID specification's and the docs' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.location.content_id import looks_like_one, normal

V0, V1 = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34"


@pytest.mark.parametrize(
    "text",
    [
        V0,
        V1,
        V1.upper().replace("B", "B", 1),
        "f01701220" + "9d6c2be50f706953479ab9df2ce3edca90b68053c00b3004b7f0accbe1e8eedf",
    ],
)
def test_every_spelling_has_one_normal_form(text: str) -> None:
    assert normal(text) == V1


def test_a_peer_s_key_is_one_name_in_each_spelling() -> None:
    key = "k51qzi5uqu5dh5kbbff1ucw3ksphpy3vxx4en4dbtfh90pvw4mzd8nfm5r5fnl"
    assert (normal(key, peer=True) or "").startswith("bafzaa")


@pytest.mark.parametrize("text", ["", "Qm", "Q" * 46, "b" * 59, V1[:-1], V0 + "a", "kitten" * 8, "zebra" * 10])
def test_what_is_none_has_none(text: str) -> None:
    assert normal(text) is None


@given(st.text("Qmbkzf0123456789abcdefghijkmnopqrstuvwxyzABC", max_size=120))
def test_any_text_is_read_or_none(text: str) -> None:
    found = normal(text)
    if found is not None:
        assert looks_like_one(text)
        assert normal(found) == found
