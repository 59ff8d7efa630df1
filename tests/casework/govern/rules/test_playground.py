"""A text of one's own, tried: its faults by line, its tests, its effect. Nothing is kept, no location repeated."""

import pytest

from router.casework.govern.rules.playground import moved, shown_again, try_out
from router.policy.diff import Changed
from router.store.schema.tables import audit, policies, proposals
from schemas.playground import TryGiven
from tests.casebook import Casebook
from tests.casework.govern.rules.test_draft import TEXT, ruled

__all__ = ["ruled"]
HOST = "bad-pictures.example.com"
TO_CANADA = TEXT.replace('to = ["hotline:hosting_country"]', 'to = ["hotline-ca"]')


def tried(text: str, limit: int = 10) -> TryGiven:
    return TryGiven(text=text, limit=limit)


async def test_its_tests_and_what_it_would_have_changed_are_told_and_nothing_is_kept(ruled: Casebook) -> None:
    await ruled.decided()
    kept = [len(await ruled.rows(table)) for table in (policies, proposals, audit)]
    found = await try_out(ruled.ctx, tried(TO_CANADA))
    assert (found.ok, found.over, found.tests) == (False, 1, 1)
    (failed,) = found.failed
    assert (failed.wanted, failed.got, failed.path[-1].route) == ("hotline-nl", "hotline-ca", "abroad")
    assert [one.place for one in found.problems] == ["retention"]
    assert (found.kinds, found.more, found.less) == ({"elsewhere": 1}, {"hotline-ca": 1}, {"hotline-nl": 1})
    assert found.widens == ("route abroad sends to hotline-ca as well",)
    assert [len(await ruled.rows(table)) for table in (policies, proposals, audit)] == kept


async def test_what_cannot_be_read_is_told_with_its_line(ruled: Casebook) -> None:
    found = await try_out(ruled.ctx, tried(TEXT.replace("when = { has_hotline", "when = { has_hotlines")))
    assert (found.ok, found.tests, found.changed) == (False, 0, ())
    ((line, text),) = [(one.line, one.text) for one in found.problems]
    assert line is not None
    assert "has_hotlines" in TEXT.replace("has_hotline =", "has_hotlines =").splitlines()[line - 1]
    assert "did you mean has_hotline?" in text


@pytest.mark.parametrize(
    "line",
    [
        f"# as {HOST} is",
        f'reason = "{HOST}"',
        f'when = {{ platform = ["{HOST}"] }}',
        f'when = {{ host_index = ["{HOST}"] }}',
        f'to = ["{HOST}"]',
        f'reason = """\nsee {HOST}\n"""',
        f'"{HOST}" = 1',
    ],
)
async def test_no_answer_repeats_a_location_that_was_typed(ruled: Casebook, line: str) -> None:
    text = TEXT.replace('name = "rest"', f'name = "rest"\n{line}').replace('to = ["desk"]\nproposal', "proposal")
    found = await try_out(ruled.ctx, tried(text))
    assert found.problems
    assert HOST not in found.model_dump_json()
    assert HOST not in await shown_again(ruled.ctx, text)


async def test_a_text_without_a_location_is_shown_again_as_it_was_typed(ruled: Casebook) -> None:
    assert await shown_again(ruled.ctx, TEXT) == TEXT.rstrip("\n")
    named = TEXT.replace('to = ["hotline:hosting_country"]', 'to = ["hotline-nl"]')
    assert await shown_again(ruled.ctx, named) == named.rstrip("\n")


def test_more_and_less_count_decisions_by_whom_they_reach() -> None:
    one = Changed("a", ("desk:doubt", "x (proposed)"), ("x", "y (copy, held)"), "r", "r")
    two = Changed("b", ("y",), ("desk:doubt",), "r", "r")
    assert moved([one, two]) == ({"y": 1, "desk": 1}, {"desk": 1, "y": 1})
