"""An edition is frozen with its digest in the audit chain; another one says why, and shows nothing that was hidden."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from router.casework.govern import editions
from router.clock import micros
from router.errors import BadInput, Conflict, NotFound
from router.store.base import Add, Transition
from router.store.schema.tables import audit, figure_cases, figure_editions, figure_items, figure_reports
from schemas.published import Audience, EditionGiven, Figures, Hidden
from tests.casebook import ANNA, Casebook
from tests.office import START

MONTH = {"audience": Audience.PUBLIC, "first": date(2026, 10, 1), "last": date(2026, 10, 31)}
AT = 1_792_800_000_000_000  # 2026-10-24


def given(**more: Any) -> EditionGiven:
    return EditionGiven(**{**MONTH, **more})


async def received(book: Casebook, country: str, many: int, named: str = "a", at: int = AT) -> None:
    adds = []
    for n in range(many):
        name = f"{named}{country}{n}"
        adds += [
            Add(figure_reports, {"id": name, "source": "form", "received_at": at, "taken_at": at}),
            Add(figure_items, {"id": name, "report_id": name, "case_id": name, "position": 0, "added_at": at}),
            Add(figure_cases, {
                "id": name, "received_at": at, "opened_at": at, "source": "form", "source_kind": "public",
                "kind": "url",
                "came_back": 0, "assessment": "baseline", "verdict": "country", "country": country,
            }),
        ]  # fmt: skip
    await book.ctx.store.commit(Transition(0, adds=adds))


async def test_an_edition_is_what_was_counted_and_its_digest_is_in_the_chain(book: Casebook) -> None:
    await received(book, "NL", 7)
    made = await editions.publish(book.ctx, given(), ANNA)
    await received(book, "NL", 9, "later")
    assert await editions.edition(book.ctx, made.id) == made
    assert made.digest == sha256(made.body.encode()).hexdigest()
    said = Figures.model_validate_json(made.body)
    assert {one.value for one in said.figures if one.measure == "cases" and one.dimension == "total"} == {7}
    (entry,) = await book.rows(audit, audit.c.act == "figures.published")
    detail = orjson.loads(entry["detail"])
    assert detail == {"scope": "public 2026-10-01/2026-10-31", "version": 1, "sha256": made.digest}
    assert entry["actor"] == ANNA.id


async def test_only_another_edition_corrects_one_and_says_why(book: Casebook) -> None:
    first = await editions.publish(book.ctx, given(), ANNA)
    with pytest.raises(BadInput, match="why"):
        await editions.publish(book.ctx, given(), ANNA)
    second = await editions.publish(book.ctx, given(reason="a source was counted twice"), ANNA)
    assert (first.number, second.number, second.reason) == (1, 2, "a source was counted twice")
    assert [one.id for one in (await editions.editions(book.ctx)).items] == [second.id, first.id]
    other = await editions.publish(book.ctx, given(audience=Audience.DSA), ANNA)
    assert other.number == 1
    row = (await book.ctx.store.rows(select(figure_editions)))[0]
    with pytest.raises(Conflict):  # two at one moment: one of them is the next
        await book.ctx.store.commit(Transition(0, adds=[Add(figure_editions, row | {"id": "x"})]))
    with pytest.raises(NotFound):
        await editions.edition(book.ctx, "x")


async def test_what_one_edition_hid_the_next_does_not_show(book: Casebook) -> None:
    for country, many in (("BE", 2), ("NL", 6), ("US", 20)):
        await received(book, country, many)
    first = Figures.model_validate_json((await editions.publish(book.ctx, given(), ANNA)).body)
    await received(book, "BE", 9, "more")
    second = Figures.model_validate_json((await editions.publish(book.ctx, given(reason="late ones"), ANNA)).body)
    hosted = [{one.key: one.hidden for one in said.figures if one.dimension == "hosted"} for said in (first, second)]
    assert hosted[0] == {"home": Hidden.FEW, "eea": Hidden.BESIDE, "elsewhere": None}
    assert hosted[1] == {"home": Hidden.BESIDE, "eea": Hidden.BESIDE, "elsewhere": None}


async def test_a_period_that_is_not_over_is_not_published(book: Casebook) -> None:
    for last in (START.date(), date(2027, 1, 1)):
        with pytest.raises(BadInput, match="not over"):
            await editions.publish(book.ctx, given(last=last), ANNA)


async def test_ten_months_and_the_year_around_them_do_not_tell_the_rest(book: Casebook) -> None:
    """Each shows no few; what came in between, two of thirty, would be had by taking one from the other."""
    for country, many in (("NL", 10), ("US", 20)):
        await received(book, country, many)
    await editions.publish(book.ctx, given(first=date(2026, 1, 1)), ANNA)
    book.later(days=40)
    late = micros(datetime(2026, 11, 12, tzinfo=UTC))
    await received(book, "NL", 2, "late", at=late)
    await received(book, "US", 9, "late", at=late)
    year = await editions.publish(book.ctx, given(first=date(2026, 1, 1), last=date(2026, 12, 31)), ANNA)
    hosted = {one.key: one for one in Figures.model_validate_json(year.body).figures if one.dimension == "hosted"}
    assert hosted["eea"].hidden is Hidden.BESIDE
    assert hosted["elsewhere"].hidden is Hidden.BESIDE, "else the total would tell it"
