"""Two policies compared as a supervisor reads them: each route that differs, and who gets more or less by it."""

import pytest

from router.policy.compare import compared, lines
from router.policy.load import load
from schemas.policy_version import Reach, RouteChange, RouteKind

HEAD = 'version = 1\nhome = "BE"\n'
TESTS = '\n[[tests]]\nname = "people"\ngiven = { assessment = "unassessed" }\nexpect = ["desk"]\n'


def route(name: str, to: str = '"hotline:NL"', **parts: str) -> str:
    more = "".join(f"{key} = {value}\n" for key, value in parts.items())
    return f'\n[[route]]\nname = "{name}"\nto = [{to}]\n{more}'


ABROAD = route("abroad", when="{ has_hotline = true }")
MOVED = route("moved", '"hotline:FR"', when="{ moved = true }")
REST = route("rest", '"desk"', proposal="false")
BASE = HEAD + ABROAD + MOVED + REST + TESTS


def changes(text: str, before: str = BASE) -> dict[str, RouteChange]:
    return {one.route: one for one in compared(1, 2, load(before), load(text)).routes}


def test_the_same_policy_differs_in_nothing() -> None:
    found = compared(1, 2, load(BASE), load("# a remark\n" + BASE))
    assert (found.routes, found.settings, found.tests_added, found.tests_removed, found.widens) == ((), (), (), (), ())
    assert lines(BASE, BASE) == ()


def test_a_new_route_and_one_that_is_gone_are_the_mirror_of_each_other() -> None:
    more = HEAD + route("first", '"hotline:CA", "desk"', when="{ moved = true }", copy="true") + BASE[len(HEAD) :]
    (added,) = changes(more).values()
    (removed,) = changes(BASE, more).values()
    assert (added.kind, added.more, added.less) == (RouteKind.ADDED, ("desk", "hotline:CA"), ())
    assert (removed.kind, removed.more, removed.less) == (RouteKind.REMOVED, (), ("desk", "hotline:CA"))
    assert not added.decides_for_others, "a copy leaves the routes below it as they were"
    assert {one.part: (one.was, one.becomes) for one in added.parts} == {
        "when.moved": (None, "true"),
        "to": (None, '["hotline:CA", "desk"]'),
        "copy": (None, "true"),
        "before": (None, '"abroad"'),
    }
    assert [(one.part, one.becomes, one.was) for one in added.parts] == [
        (one.part, one.was, one.becomes) for one in removed.parts
    ]


@pytest.mark.parametrize(
    ("wanted", "reach", "more", "less"),
    [
        (route("abroad", when="{ has_hotline = true }"), Reach.MORE, ("hotline:NL",), ()),
        (route("abroad", when="{ has_hotline = true, iccam = true, inhope = true }"), Reach.FEWER, (), ("hotline:NL",)),
        (route("abroad", when="{ inhope = true }"), Reach.OTHER, ("hotline:NL",), ("hotline:NL",)),
        (
            route("abroad", '"hotline:CA"', when="{ has_hotline = true, iccam = true }"),
            Reach.SAME,
            ("hotline:CA",),
            ("hotline:NL",),
        ),
        (
            route("abroad", when="{ has_hotline = true, iccam = true }", mode='"propose"'),
            Reach.SAME,
            (),
            ("hotline:NL",),
        ),
        (route("abroad", when="{ has_hotline = true, iccam = true }", reason='"because"'), Reach.SAME, (), ()),
    ],
)
def test_who_gets_more_and_who_less_by_a_route_that_is_written_otherwise(
    wanted: str, reach: Reach, more: tuple[str, ...], less: tuple[str, ...]
) -> None:
    text = HEAD + MOVED + wanted + REST + TESTS
    before = HEAD + MOVED + route("abroad", when="{ has_hotline = true, iccam = true }") + REST + TESTS
    (found,) = changes(text, before).values()
    assert (found.route, found.kind, found.reach) == ("abroad", RouteKind.CHANGED, reach)
    assert (found.more, found.less) == (more, less)
    (back,) = changes(before, text).values()
    assert (back.more, back.less) == (less, more)


def test_a_route_that_stands_elsewhere_says_before_which() -> None:
    (found,) = changes(HEAD + MOVED + ABROAD + REST + TESTS).values()
    assert (found.kind, found.more, found.less, found.decides_for_others) == (RouteKind.MOVED, (), (), True)
    ((part, was, becomes),) = [(one.part, one.was, one.becomes) for one in found.parts]
    assert (found.route, part, was, becomes) == ("moved", "before", '"rest"', '"abroad"')


def test_settings_bars_and_tests_are_told_one_by_one() -> None:
    text = BASE.replace(HEAD, HEAD + 'follow_up = "36h"\n\n[barred]\nRU = "no basis"\n').replace("people", "staff")
    found = compared(1, 2, load(BASE), load(text))
    assert {one.part: (one.was, one.becomes) for one in found.settings} == {
        "follow_up": ('"5d"', '"36h"'),
        "barred.RU": (None, '"no basis"'),
    }
    assert (found.tests_added, found.tests_removed) == (("staff",), ("people",))
    assert found.widens == ()
    assert "the bar on RU is lifted" in compared(2, 1, load(text), load(BASE)).widens
    assert '+follow_up = "36h"' in lines(BASE, text)
