import pytest

from router.policy.places import Loc, line_of, place_of

TEXT = """# a comment
version = 1
"home" = "BE"
follow_up = "5d"

[barred]
XX = "no transfer basis"   # RU = "not this one"
RU = "another"

[[route]]
name = "first"
when = { urgency = ["live"] }
to = ["desk"]

[[route]]
name = "second"
to = ["desk"]
[route.when]
urgency = ["live"]
moved = true

[[ tests ]]
given = { moved = true }
expect = ["desk"]
"""


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (("version",), 2),
        (("home",), 3),
        (("follow_up",), 4),
        (("barred", "XX"), 7),
        (("barred", "RU"), 8),
        (("barred", "QQ"), 6),
        (("route", 0), 10),
        (("route", 0, "name"), 11),
        (("route", 0, "when", "urgency", 0), 12),
        (("route", 0, "when", "nowhere"), 12),
        (("route", 0, "alarm"), 10),
        (("route", 1, "name"), 16),
        (("route", 1, "when"), 18),
        (("route", 1, "when", "moved"), 20),
        (("route", 2, "name"), None),
        (("tests", 0, "expect", 0), 24),
        (("nothing",), None),
        ((), None),
    ],
)
def test_a_place_has_its_line(loc: Loc, line: int | None) -> None:
    assert line_of(TEXT, loc) == line


def test_tables_written_as_arrays_have_the_array_s_line() -> None:
    assert line_of('version = 1\nroute = [{name = "x"}]', ("route", 0, "name")) == 2


def test_an_empty_text_has_no_lines() -> None:
    assert line_of("", ("version",)) is None


@pytest.mark.parametrize(
    ("loc", "place"),
    [
        ((), "the policy"),
        (("home",), "home"),
        (("barred", "XX"), "barred.XX"),
        (("route", 0), "route first"),
        (("route", 0, "when", "urgency", 0), "route first: when.urgency"),
        (("route", 1, "to"), "route no. 2: to"),
        (("route", 9, "to"), "route no. 10: to"),
        (("tests", 0, "given"), "test a name: given"),
    ],
)
def test_a_place_is_said_in_words(loc: Loc, place: str) -> None:
    data = {"route": [{"name": "first"}, {"name": 7}], "tests": [{"name": "a name"}]}
    assert place_of(data, loc) == place


def test_a_place_in_what_is_no_table_is_numbered() -> None:
    assert place_of({"route": ["text"]}, ("route", 0)) == "route no. 1"
