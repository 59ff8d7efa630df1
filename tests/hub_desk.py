"""A hotline whose Dutch partner is reached through a hub on loopback: a real store, the real dialect, the fake hub."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from router.clock import moment
from router.partners.iccam.dialect import IccamDialect
from router.store.base import Row
from router.worker.sending import Sending
from router.world.iccam.rules import Rules
from schemas.partner import Directory
from schemas.states import CaseState, ReferralState
from tests.casebook import Casebook, casebook, partner
from tests.office import START
from tests.partners.iccam.stage import Near, WalkingClock, near, settings


@dataclass
class Desk:
    """Our side and the hub."""

    book: Casebook
    near: Near

    async def send(self, case_id: str) -> Row:
        """Let the router send what is due, and time pass until something is."""
        sending = Sending(self.book.ctx)
        for _ in range(60):
            row = await self.book.referral(case_id)
            if row["state"] not in {ReferralState.WAITING, ReferralState.SENDING}:
                return row
            self.near.clock.advance(max(moment(row["next_at"]) - self.near.clock.now(), timedelta()))
            await sending.turn()
        raise AssertionError("it goes on for ever")

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
async def hub_desk(folder: Path, rules: Rules | None = None) -> AsyncIterator[Desk]:
    """Open the office and the hub."""
    clock = WalkingClock(START)
    (folder / "hub").mkdir()
    async with near(folder / "hub", rules, clock) as at, casebook(folder / "office") as book:
        hub = partner("iccam", "NL", dialect="iccam", config=settings())
        book.rules.directory_ = Directory(version=1, partners=(hub,))
        book.ctx = replace(book.ctx, clock=clock, dialects={"iccam": IccamDialect(at.tools)})
        yield Desk(book, at)
