"""Tags of sites stand where people of the house work, and in nothing that leaves it or is kept outside.

Two routers, or two exports of one, could tell by a tag that they speak of one host; so could whoever finds one in
a log or a figure. What is a word of the API for staff alone is named here: a tag in any other word fails.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

import schemas
from router.api.metrics import Metrics
from router.casework.read import audit_log, lists
from router.casework.read.followed import followed
from router.casework.read.stats import stats
from router.casework.read.told import told_of
from router.clock import moment
from router.store.schema.tables import reports
from schemas.casefile import CaseSummary, DeskEntry
from schemas.group import Group
from schemas.pages import CasesWanted, DeskWanted
from schemas.site import SHORTEST, SiteView, written
from tests.casebook import ANALYSTS, Casebook, casebook
from tests.police_desk import PoliceDesk, police_desk

#: Words of lists and of a case's file, which staff alone read, and of what lists are narrowed by.
OF_STAFF = {CaseSummary, DeskEntry, CasesWanted, DeskWanted, Group}


def words() -> Iterator[type[BaseModel]]:
    for found in pkgutil.iter_modules(schemas.__path__):
        module = importlib.import_module(f"schemas.{found.name}")
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ == module.__name__:
                yield one


def test_no_other_word_holds_a_tag() -> None:
    holding = {word for word in words() if "site" in word.model_fields or SiteView in _types(word)}
    assert holding == OF_STAFF


def _types(word: type[BaseModel]) -> set[Any]:
    return {part for field in word.model_fields.values() for part in (field.annotation, *_args(field.annotation))}


def _args(annotation: Any) -> tuple[Any, ...]:
    return tuple(getattr(annotation, "__args__", ()))


async def test_nothing_that_leaves_says_it(tmp_path: Path) -> None:
    async with police_desk(tmp_path) as desk:
        (case,) = await desk.case("https://forum.test/page", urgency="none")
        book = desk.book
        index = bytes((await book.case(case))["host_bidx"])[4:]
        tag = written(index)[:SHORTEST]
        staff = (await lists.list_cases(book.ctx)).items[0].model_dump_json()
        assert tag in staff  # so it is the tag that is looked for
        left = await _left(desk, book)
        assert min(map(len, left.values())) > 20
        assert [what for what, text in left.items() if tag.casefold() in text.casefold()] == []


async def test_nor_does_what_a_peer_gets(tmp_path: Path) -> None:
    async with casebook(tmp_path) as book:
        case = await book.accepted()
        whole = written(bytes((await book.case(case))["host_bidx"])[4:])
        (envelope,) = [one for call in book.partner.calls for one in call]
    assert whole[:SHORTEST].casefold() not in str(envelope).casefold()


async def _left(desk: PoliceDesk, book: Casebook) -> dict[str, str]:
    """Everything that goes out of the house, or that is kept outside, by what it is."""
    ctx = book.ctx
    bundle = desk.bundle()
    (report,) = await ctx.store.rows(select(reports))
    figures = await stats(ctx)
    entries, _ = await audit_log.trail(ctx, limit=100)
    referrals = await lists.list_referrals(ctx)
    return {
        "bundle": bundle.page + str(bundle.said) + str(bundle.files),
        "source": (await told_of(ctx, report, of_house=True)).model_dump_json(),
        "followed": (await followed(ctx, report["id"], ANALYSTS)).model_dump_json(),
        "referrals": "".join(one.model_dump_json() for one in referrals.items),
        "audit": str(entries),
        "stats": str(figures),
        "metrics": Metrics().page(figures, moment(ctx.now())).decode(),
    }
