"""An embargo and the police hold a case by one gate: whatever way out there is, either of them stops it.

The ways are those that `test_an_embargo_stops_every_way_out` finds in the code. The police themselves may be told.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from router.casework.case.desk_entry import is_asked, put_on_desk
from router.casework.case.embargo import in_force
from router.casework.context import Context
from router.casework.deliver.held import go_on
from router.casework.desk import case_acts, handed_over, referral_acts
from router.hosting.origin import OriginAnswer, OriginOutcome
from router.partners.base import Accepted
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from router.worker.sending import Sending
from router.world.iccam.rules import STRICT
from router.world.story import HOME, NETHERLANDS
from schemas.actor import Role
from schemas.acts import HandedOver
from schemas.casefile import DeskCode
from schemas.partner import PartnerKind
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome, UnitAnswer
from tests.casebook import ANNA, EDGE, casebook, partner
from tests.casework.follow_up.checks import due
from tests.casework.follow_up.test_report_back import PAGE as HUB_PAGE
from tests.casework.follow_up.test_report_back import at_home, given, told, types
from tests.embargoes import embargo, ended
from tests.hub_desk import hub_desk
from tests.neighbours import neighbourhood, peer, pin
from tests.police_holds import police_hold, released, they_say
from tests.probing import asking
from tests.stories.test_an_embargo_stops_every_way_out import WAYS, asked_about, reported
from tests.stories.test_nobody_alone import somebody, way_in

#: What no case has can be under embargo, and not of what the police hold.
NO_CASE_OF_THEIRS: Final = {("cli/locate/workers.py", "self._tracer.trace")}
#: The house's own room on its own network: its people see there what the police hold, as they do at the desk.
SEEN_BY_OURS: Final = {("casework/desk/viewing/taken.py", "ctx.room.sealed")}
#: Each way, while the police hold a case: the test that shows it.
WHILE_POLICE_HOLD: Final[Mapping[tuple[str, str], str]] = {
    ("casework/case/traces.py", "ctx.tracer.trace"): "test_peers_and_name_servers_while_police_hold",
    ("casework/locate/origin_lookup.py", "cdn.origin"): "test_a_cdn_that_is_to_be_asked_already",
    ("casework/deliver/send.py", "attempt"): "test_a_hub",
    ("casework/deliver/status_news.py", "attempt"): "tests/casework/deliver/test_status_news.py",
    ("casework/deliver/send.py", "ask.withdraw"): "test_peers_and_name_servers_while_police_hold",
    ("casework/follow_up/partner_status.py", "ask.status"): "test_a_partner_asked_by_itself",
    ("casework/follow_up/rounds.py", "ask.status"): "test_peers_and_name_servers_while_police_hold",
    ("casework/follow_up/probe.py", "prober.head"): "test_the_reported_host_itself_while_they_hold_it",
    ("casework/follow_up/remind.py", "ask.remind"): "tests/casework/follow_up/test_remind.py",
    ("casework/follow_up/report_back.py", "inbox.tell"): "test_a_hub_that_gave_it_to_us",
    ("api/locate.py", "tracer.trace"): "test_peers_and_name_servers_while_police_hold",
    ("worker/moving.py", "self.tracer.trace"): "test_peers_and_name_servers_while_police_hold",
    ("casework/desk/handed_over.py", "ask.find"): "test_what_was_handed_over_by_hand",
    ("casework/follow_up/after_restore.py", "ask.status"): "tests/casework/follow_up/test_after_restore.py",
    ("casework/follow_up/after_restore.py", "ask.find"): "tests/casework/follow_up/test_after_restore.py",
}


def test_every_way_out_is_held_by_the_police_too() -> None:
    held = {way for way, how in WAYS.items() if how.startswith("test")}
    assert set(WHILE_POLICE_HOLD) == held - NO_CASE_OF_THEIRS - SEEN_BY_OURS, (
        "say how it is held while the police hold the case"
    )
    shown = {how for how in WHILE_POLICE_HOLD.values() if how.startswith("test_")}
    assert shown <= {name for name in globals() if name.startswith("test_")}


@dataclass(frozen=True)
class Holder:
    """One of the two who may hold a case, and how that ends."""

    begin: Callable[[Context, str, str, str], Awaitable[object]]  #: of a case; a kind of embargo, and what it names
    end: Callable[[Context, str], Awaitable[object]]


async def _embargo_ends(ctx: Context, _case: str) -> None:
    for one in await in_force(ctx):
        await ended(ctx, one.id)
    await go_on(ctx)


EMBARGO: Final = Holder(lambda ctx, _case, kind, what: embargo(ctx, kind, what), _embargo_ends)
POLICE: Final = Holder(lambda ctx, case, _kind, _what: police_hold(ctx, case), released)
by_both = pytest.mark.parametrize("by", [EMBARGO, POLICE], ids=["embargo", "police"])


async def test_peers_and_name_servers_while_police_hold(tmp_path: Path) -> None:
    """A peer that has it is asked nothing, nor told to drop it; what joins it is not looked up, and rings at risk."""
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        way_in(town) as egress,
    ):
        ctx = home.router.ctx
        await pin(home.router, [peer(dutch, inhope=True)])
        await pin(dutch.router, [peer(home)])
        kept, dropped = await reported(home, "zero", "A-0"), await reported(home, "one", "A-1")
        await home.turn(4)
        dutch.mood.reached.clear()
        town.clock.advance(timedelta(hours=1))
        await home.turn(2)
        assert dutch.mood.reached.is_set(), "before it, they were asked each hour"
        for case_id in (kept, dropped):
            await police_hold(ctx, case_id)
        assert town.names is not None
        town.names.asked.clear()
        dutch.mood.reached.clear()

        theirs = {row["case_id"]: row["id"] for row in await home.referrals() if row["partner"] == NETHERLANDS}
        await referral_acts.recall(ctx, theirs[dropped], ANNA, "not theirs")
        assert await reported(home, "zero", "A-2", urgency="live") == kept
        for _ in range(6):
            town.clock.advance(timedelta(days=1))
            await home.turn(2)
        asking = await somebody(egress, home, "dora", Role.ANALYST)
        there = await asking.must("POST", "/v1/locate", 200, inputs=["http://pages.tulip.test/zero"])
        assert there["items"][0]["error"]["code"] == "police_hold"
        assert asked_about(town) == []
        assert not dutch.mood.reached.is_set()
        case = next(row for row in await home.cases() if row["id"] == kept)
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.POLICE_HOLD)
        assert case["desk_alarm"] is not None
        assert "call them" in case["desk_text"]

        for case_id in (kept, dropped):
            await they_say(ctx, case_id, UnitAnswer.RELEASE, officer="Inspector Janssens")
        await home.turn(4)
        assert asked_about(town), "what was said meanwhile is judged"
        assert dutch.mood.reached.is_set()
        states = {row["id"]: row["state"] for row in await home.referrals()}
        assert states[theirs[dropped]] == ReferralState.RECALLED
        case = next(row for row in await home.cases() if row["id"] == kept)
        assert not is_asked(case, DeskCode.POLICE_HOLD)
        assert is_asked(case, DeskCode.CHILD_AT_RISK)


async def test_a_partner_asked_by_itself(tmp_path: Path) -> None:
    """One that has it is asked nothing while the police hold the case, however often a step is due; then it is."""
    async with casebook(tmp_path) as book:
        book.partner.says = {}
        case_id = await book.accepted()
        await police_hold(book.ctx, case_id, days=40)
        for _ in range(6):
            book.later(days=6)
            await book.step(case_id)
        assert book.partner.asked == []
        await released(book.ctx, case_id)
        book.later(days=6)
        await book.step(case_id)
        assert book.partner.asked != []


@by_both
async def test_a_hub(tmp_path: Path, by: Holder) -> None:
    """Set between two steps of a session with a hub that crawls: what was begun waits, and nothing more is called."""
    async with hub_desk(tmp_path) as desk:
        book = desk.book
        book.partners(partner("federal-police", "BE", kind=PartnerKind.POLICE))
        case_id = await book.decided()
        sending = Sending(book.ctx)
        for _ in range(20):
            await sending.turn()
            row = await desk.row(case_id)
            if row["progress_step"] is not None:
                break
            desk.near.clock.advance(timedelta(seconds=5))
        assert row["state"] == ReferralState.WAITING
        await by.begin(book.ctx, case_id, "host", "example.test")
        before = list(desk.near.paths)
        for _ in range(10):
            desk.near.clock.advance(timedelta(minutes=10))
            await sending.turn()
        assert desk.near.paths == before
        assert (await desk.row(case_id))["progress_step"] == row["progress_step"]
        await by.end(book.ctx, case_id)
        assert (await desk.send(case_id))["state"] == ReferralState.ACCEPTED
        posts = [path for path in desk.near.paths if path.upper().startswith("POST") and "reports" in path.lower()]
        assert len(posts) == 1, "what was half done is finished, and never begun again"


@by_both
async def test_a_hub_that_gave_it_to_us(tmp_path: Path, by: Holder) -> None:
    """What we did goes back to the hub; not of what an embargo holds."""
    async with hub_desk(tmp_path, STRICT, intake=True, acknowledge=True) as desk:
        at_home(desk)
        page, case_id = await given(desk)
        await by.begin(desk.book.ctx, case_id, "url", HUB_PAGE)
        await desk.book.send("federal-police")
        assert desk.book.partner.calls == []
        await case_acts.close(desk.book.ctx, case_id, ANNA, "by hand", outcome=Outcome.REMOVED)
        await told(desk, 3)
        assert types(page) == []
        desk.near.clock.advance(timedelta(days=20))
        await told(desk, 2)
        assert types(page)[-1] == 3


@by_both
async def test_a_cdn_that_is_to_be_asked_already(tmp_path: Path, by: Holder) -> None:
    """The case is on the desk for its origin; the embargo comes before the CDN is asked."""
    async with casebook(tmp_path) as book:
        asked: list[str] = []

        class Cdn:
            name = "a-cdn"

            def serves(self, _trace: Any) -> bool:
                return True

            async def origin(self, host: str, _case: str) -> Any:
                asked.append(host)
                return OriginAnswer(OriginOutcome.UNKNOWN)

        book.ctx = replace(book.ctx, origins=(Cdn(),))  # type: ignore[arg-type] # of the protocol no more is used
        book.world.verdict = EDGE
        case_id = await book.decided()
        await by.begin(book.ctx, case_id, "host", "example.test")
        case = await book.case(case_id)
        asks = put_on_desk(case, (DeskCode.EDGE_ONLY, "ask the CDN"), book.ctx.now())  # who hands it over has answered
        await book.ctx.store.commit(
            Transition(book.ctx.now(), (Change(cases, {"id": case_id}, asks, case["version"]),))
        )
        await book.step(case_id)
        assert asked == []
        await by.end(book.ctx, case_id)
        await book.step(case_id)
        assert asked == ["example.test"]


@by_both
async def test_the_reported_host_itself_while_they_hold_it(tmp_path: Path, by: Holder) -> None:
    """Nor while the police have anything of it, which outlasts their hold: then somebody looks."""
    (tmp_path / "net").mkdir()
    async with casebook(tmp_path) as book, asking(book, tmp_path / "net") as host:
        case_id = await due(book)
        await by.begin(book.ctx, case_id, "host", "example.test")
        await book.step(case_id, 2)
        assert host.heard == []
        await by.end(book.ctx, case_id)
        book.later(days=8)
        await book.step(case_id)
        assert len(host.heard) == (1 if by is EMBARGO else 0)


@by_both
async def test_what_was_handed_over_by_hand(tmp_path: Path, by: Holder) -> None:
    """It is written down, and nobody is asked whether it is there."""
    async with casebook(tmp_path) as book:
        book.partner.found = Accepted("theirs")
        case_id = await book.decided()
        await by.begin(book.ctx, case_id, "host", "example.test")
        asked: list[str] = []

        async def find(_partner: Any, reference: str) -> Any:
            asked.append(reference)
            return Accepted("theirs")

        book.partner.find = find  # type: ignore[method-assign] # one partner of this test
        said = HandedOver(partner="hotline-nl", reference="BR-1", reason="told by telephone")
        view = await handed_over.handed_over(book.ctx, case_id, ANNA, said)
        assert (view.state, view.receipt) == (ReferralState.ACCEPTED, "BR-1")
        assert asked == []
