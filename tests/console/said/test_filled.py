import pytest

from router.console.said.filled import filled

TEMPLATES = ("{who} has {number} of them", "{who} has {choice}", "as `when = {{ it = {word} }}`", "{text}!")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("anna has 3 of them", (TEMPLATES[0], {"who": "anna", "number": "3"})),
        ("anna has 'a' or 'b'", (TEMPLATES[1], {"who": "anna", "choice": "'a' or 'b'"})),
        ("as `when = { it = true }`", (TEMPLATES[2], {"word": "true"})),
        ("two\nlines!", (TEMPLATES[3], {"text": "two\nlines"})),
        ("anna has none", None),
        ("anna has many of them", None),
    ],
)
def test_what_was_filled_in_is_read_back(text: str, found: object) -> None:
    assert filled(text, TEMPLATES) == found
