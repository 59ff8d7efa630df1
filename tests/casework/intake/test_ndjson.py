"""A thousand lines with three broken ones: 997 are kept, three are answered by their numbers."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from router.casework.intake.ndjson import LONGEST_LINE, parse, take_batch
from router.errors import BadInput, TooLarge
from router.store.schema.tables import reports
from schemas.actor import Actor
from tests.office import line, office

FORM = Actor(id="source:form", source="form")


async def test_the_good_lines_are_kept_and_the_bad_ones_are_numbered(tmp_path: Path) -> None:
    lines = [line(f"r-{n}", f"https://example.test/{n}") for n in range(1000)]
    lines[9] = b'{"source": "form"'
    lines[499] = line("r-499", "data:text/html;base64,AAAA")
    lines[999] = line("r-999", surprise=1)
    async with office(tmp_path) as ctx:
        answers = await take_batch(ctx, lines, FORM)
        (counted,) = await ctx.store.rows(select(func.count().label("n")).select_from(reports))
    refused = {one.line: one.problem for one in answers if one.status != 202}
    assert sorted(refused) == [10, 500, 1000]
    assert [one.line for one in answers] == list(range(1, 1001))
    assert counted["n"] == 997
    assert refused[500] is not None
    assert refused[500].field == "items.0.location"
    assert refused[1000] is not None
    assert refused[1000].field == "/surprise"


async def test_line_numbers_go_on_in_the_next_group(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        (answer,) = await take_batch(ctx, [line()], FORM, first=1001)
    assert (answer.line, answer.status) == (1001, 202)
    assert answer.id is not None


@pytest.mark.parametrize("bad", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"source": 1}', b" " * (LONGEST_LINE + 1)])
def test_a_broken_line_is_refused_in_words_that_do_not_repeat_it(bad: bytes) -> None:
    with pytest.raises((BadInput, TooLarge)) as refused:
        parse(bad)
    assert refused.value.message
    assert not bad.strip() or bad.decode("latin1") not in refused.value.message
