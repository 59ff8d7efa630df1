from hypothesis import given

from router.hosting.sources.registry.loose_json import dicts, texts, words
from tests.hosting.mutations import JSON


def test_one_is_a_list_of_one() -> None:
    assert list(dicts({"a": 1})) == list(dicts([{"a": 1}, None, "a"])) == [{"a": 1}]
    assert list(texts("a b")) == list(texts(["a b", 7, None, ["c"]])) == ["a b"]
    assert words("Geo  alternate") == words(["alternate", "GEO"]) == {"geo", "alternate"}


@given(JSON)
def test_nothing_raises(value: object) -> None:
    assert all(isinstance(one, dict) for one in dicts(value))
    assert all(isinstance(one, str) for one in texts(value))
    assert all(word == word.lower() for word in words(value))
