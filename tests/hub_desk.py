"""A hotline whose Dutch partner is reached through a hub on loopback: a real store, the real dialect, the fake hub."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from router.clock import moment
from router.partners.base import Dialect
from router.partners.iccam.dialect import IccamDialect
from router.store.base import Row
from router.store.schema.tables import hub_inboxes, hub_items
from router.worker.pulling import Pulling
from router.worker.sending import Sending
from router.world.iccam.bodies import NewReport
from router.world.iccam.records import Content
from router.world.iccam.rules import Rules
from schemas.partner import Directory
from schemas.states import CaseState, ReferralState
from tests.casebook import Casebook, casebook, partner
from tests.office import START
from tests.partners.iccam.stage import NL, Near, WalkingClock, near, settings


@dataclass
class Desk:
    """Our side and the hub."""

    book: Casebook
    near: Near

    def speak(self, **dialects: Dialect) -> None:
        """Have partners beside the hub, each by its own dialect."""
        self.book.ctx = replace(self.book.ctx, dialects={**self.book.ctx.dialects, **dialects})

    async def row(self, case_id: str) -> Row:
        """The referral of a case to the hub."""
        (row,) = [one for one in await self.book.referrals(case_id) if one["partner"] != "federal-police"]
        return row

    async def send(self, case_id: str, between: Callable[[], object] = list) -> Row:
        """Let the router send what is due, and time pass until something is; `between` happens after each turn."""
        sending = Sending(self.book.ctx)
        for _ in range(60):
            row = await self.row(case_id)
            if row["state"] not in {ReferralState.WAITING, ReferralState.SENDING}:
                return row
            self.near.clock.advance(max(moment(row["next_at"]) - self.near.clock.now(), timedelta()))
            await sending.turn()
            between()
        raise AssertionError("it goes on for ever")

    def given(self, url: str, *files: str, country: str | None = "BE", classification: int | None = 1) -> list[Content]:
        """A report of the Dutch hotline's, which the hub gives to a country; return its contents."""
        hub = self.near.hub
        hub.crawls[url] = files
        body: dict[str, Any] = {
            "reportingAnalystName": "anna",
            "hotlineReceivedDate": "2026-11-20T09:15:00Z",
            "hotlineReference": f"nl-{len(hub.reports)}",
            "memo": "seen in a forum",
            "urls": [
                {
                    "urlString": url,
                    "hotlineReference": f"nl-{len(hub.reports)}",
                    "hostingCountryCode": "BE",
                    "isSourceUrl": True,
                    "contentType": 2,
                    "actions": [],
                }
            ],
            "sourceUrlReferrer": "https://forum.test/t/3",
            "sourceUrlSiteType": 6,
            "sourceUrlCommerciality": 1,
            "sourceUrlPaymentMethods": [1],
        }
        if classification is not None:
            body["urls"][0]["assessment"] = {
                "assessingAnalystName": "anna",
                "classification": classification,
                "ageCategorization": 3,
                "genderCategorization": 2,
            }
        report = hub.report(NL, NewReport.model_validate(body))
        for one in report.contents:
            hub.reassign(one.id, country)
        return report.contents

    async def pull(self, turns: int = 40) -> int:
        """Let the router read the inbox until nothing is left for now; return how many turns that took."""
        pulling = Pulling(self.book.ctx)
        for turn in range(turns):
            await pulling.turn()
            (row,) = await self.book.rows(hub_inboxes)
            if row["due_at"] - self.book.ctx.now() >= 60_000_000:
                return turn + 1
            self.near.clock.advance(max(moment(row["due_at"]) - self.near.clock.now(), timedelta()))
        raise AssertionError("it is read for ever")

    async def items(self) -> dict[str, str]:
        """What became of each content that was listed."""
        return {row["number"]: row["state"] for row in await self.book.rows(hub_items)}

    async def pass_by(self, case_id: str, span: timedelta) -> Row:
        """Let time pass, and the router look at the case whenever its own date comes; return the case."""
        until = self.near.clock.now() + span
        for _ in range(200):
            case = await self.book.case(case_id)
            if case["state"] == CaseState.CLOSED or case["next_at"] is None or moment(case["next_at"]) > until:
                self.near.clock.advance(max(until - self.near.clock.now(), timedelta()))
                return case
            self.near.clock.advance(max(moment(case["next_at"]) - self.near.clock.now(), timedelta()))
            await self.book.step(case_id)
        raise AssertionError("it is looked at for ever")


@asynccontextmanager
async def hub_desk(
    folder: Path, rules: Rules | None = None, countries: Sequence[str] = ("NL",), **changes: object
) -> AsyncIterator[Desk]:
    """Open the office and the hub."""
    clock = WalkingClock(START)
    (folder / "hub").mkdir()
    async with near(folder / "hub", rules, clock) as at, casebook(folder / "office") as book:
        hub = partner("iccam", *countries, dialect="iccam", config=settings(**changes))
        book.rules.directory_ = Directory(version=1, partners=(hub,))
        book.ctx = replace(book.ctx, clock=clock, dialects={"iccam": IccamDialect(at.tools)})
        yield Desk(book, at)
