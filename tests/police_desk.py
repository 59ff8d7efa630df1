"""A desk whose cases are hosted at home: they go to a police unit by its folder, and people bring its word."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from router.partners.dropbox.dialect import DropboxDialect
from router.store.base import Row
from router.store.schema.tables import items
from router.worker.sending import Sending
from router.world.police_unit import OpenedBundle, PoliceUnit
from schemas.trace import Verdict, VerdictKind
from schemas.vocabulary import Assessment
from tests.casebook import CHECKED, Casebook, casebook
from tests.partners.dropbox.unit_stage import a_partner, a_unit, rehearsed, settings, tools

BELGIAN = Verdict(kind=VerdictKind.COUNTRY, country="BE", countries=("BE",), confidence=0.99)


@dataclass
class PoliceDesk:
    """The casebook, and the unit on the other side."""

    book: Casebook
    unit: PoliceUnit

    async def turn(self) -> None:
        """Let the sending loop work once."""
        await Sending(self.book.ctx).turn()

    async def handed_over(self, *case_ids: str) -> None:
        """Wait until the bundles of these cases are in the folder."""
        for _ in range(6):
            rows = [await self.row(one) for one in case_ids]
            if all(row["progress_step"] == "in_folder" for row in rows):
                return
            await self.turn()
            self.book.later(minutes=1)
        raise AssertionError([row["last_text"] for row in rows])

    async def row(self, case_id: str) -> Row:
        (row,) = [one for one in await self.book.referrals(case_id) if one["partner"] == "federal-police"]
        return row

    async def case(self, *locations: str, **more: Any) -> list[str]:
        """Take one report of some locations, have it decided, and hand it over."""
        ids = await self.taken(*locations, **more)
        await self.handed_over(*ids)
        return ids

    async def taken(self, *locations: str, reference: str = "r-1", **more: Any) -> list[str]:
        given = [{"location": one} for one in locations or ("https://forum.test/page",)]
        first = await self.book.take(reference=reference, items=given, **more)
        rows = await self.book.rows(items)
        report = next(row["report_id"] for row in rows if row["case_id"] == first)
        ids = list(dict.fromkeys(row["case_id"] for row in rows if row["report_id"] == report))
        for one in ids:
            await self.book.step(one, 2)
        return ids

    def bundle(self) -> OpenedBundle:
        """The one bundle that lies in the folder, opened with `openssl`."""
        (found,) = self.unit.bundles()
        return found

    def change(self, **config: Any) -> None:
        """Give the unit's entry other settings."""
        partner = self.book.rules.directory_.named("federal-police")
        assert partner is not None
        self.book.partners(partner.model_copy(update={"config": {**partner.config, **config}}))


@asynccontextmanager
async def police_desk(folder: Path, **config: Any) -> AsyncIterator[PoliceDesk]:
    """Open a house with its unit."""
    async with casebook(folder / "house") as book:
        unit = a_unit(folder / "unit", book.clock.now())
        with_ = tools(None, book.clock)  # type: ignore[arg-type] # any clock will do
        entry = rehearsed(a_partner(settings(unit, **config)), with_)
        entry = entry.model_copy(update={"checked_on": CHECKED, "accepts": (Assessment.BASELINE, Assessment.NATIONAL)})
        book.partners(entry)
        dialects = {**book.ctx.dialects, "dropbox": DropboxDialect(with_)}
        book.ctx = replace(book.ctx, dialects=dialects)
        book.world.verdict = BELGIAN
        yield PoliceDesk(book, unit)
