"""A referral whose partner is not called says why: a stop, a pause, a closed address, a partner that is gone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from router.casework.deliver import stops
from router.casework.deliver.partner_state import standing, tried
from router.casework.deliver.source_cap import start_of_day
from router.casework.desk import referral_acts
from router.casework.govern import pause
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.casework.read.waits import waits
from router.cli.cases import waiting_lines
from router.cli.client.governance import _wait
from router.cli.doctor import _waiting
from router.clock import micros
from router.delivery.partner_state import PartnerState
from router.errors import Conflict
from router.partners.base import Deferred, Outcome, Reason
from router.store.base import Add, Change, Transition
from router.store.schema.tables import partner_state, referrals, sources, unit_answers
from router.worker.sending import Sending
from schemas.casefile import WaitCode, WaitView
from schemas.partner import Agreement, Directory, Pace, Window
from tests.casebook import ANNA, Casebook, partner
from tests.embargoes import embargo
from tests.office import START


async def shown(book: Casebook, case_id: str) -> WaitCode | None:
    found = await lists.referral(book.ctx, (await book.referral(case_id))["id"])
    return None if found.waits is None else found.waits.code


async def test_a_stop_a_pause_and_a_partner_that_is_gone_are_said_on_the_referral(book: Casebook) -> None:
    case_id = await book.decided()
    assert await shown(book, case_id) is None
    await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "they asked")
    assert await shown(book, case_id) is WaitCode.STOPPED
    await stops.lift(book.ctx, "partner:hotline-nl", ANNA, "go on")
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    assert await shown(book, case_id) is WaitCode.PAUSED
    await pause.resume(book.ctx, "hotline-nl", ANNA, "they moved")
    assert await shown(book, case_id) is None
    book.rules.directory_ = Directory(version=3)
    assert await shown(book, case_id) is WaitCode.NOT_LISTED


async def test_what_the_partner_has_waits_for_nothing(book: Casebook) -> None:
    case_id = await book.accepted()
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    assert await shown(book, case_id) is None
    assert await waits(book.ctx, ()) == {}


async def test_since_when_is_said(book: Casebook) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    book.later(hours=5)
    (one,) = (await waits(book.ctx, {"hotline-nl", "hotline-ca"})).values()
    assert one.since is not None
    assert (book.clock.now() - one.since).total_seconds() == 5 * 3600


#: Every kind of block: how it comes about, its code, and what its sentence names as its end.
@dataclass(frozen=True)
class Block:
    code: WaitCode
    sets: Callable[[Casebook, str], Awaitable[object]]
    ends: str  #: a part of the sentence, or "" where the date says it
    since: bool = True  #: whether it is known since when
    until: bool = False  #: whether it ends by itself, and when is known
    of_partner: bool = True  #: whether the partner's own line says it too


async def _all(book: Casebook, case_id: str) -> None:
    await stops.stop(book.ctx, "all", ANNA, "they asked")


async def _partner(book: Casebook, case_id: str) -> None:
    await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "they asked")


async def _route(book: Casebook, case_id: str) -> None:
    await stops.stop(book.ctx, f"route:{(await book.referral(case_id))['route']}", ANNA, "they asked")


async def _paused(book: Casebook, case_id: str) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")


def _after(outcome: Outcome, times: int = 1) -> Callable[[Casebook, str], Awaitable[object]]:
    async def tell(book: Casebook, case_id: str) -> None:
        await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [[outcome]] * times)

    return tell


def _ours(reason: Reason) -> Callable[[Casebook, str], Awaitable[object]]:
    return _after(Deferred(reason, "", 900, counted=False))


async def _held(book: Casebook, case_id: str) -> None:
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "wait for police")


async def _embargo(book: Casebook, case_id: str) -> None:
    await embargo(book.ctx, "host", "example.test")


async def _source_cap(book: Casebook, case_id: str) -> None:
    cap = Change(sources, {"name": "analysts"}, {"daily_cap": 1})
    await book.ctx.store.commit(Transition(1, [cap]))
    await book.decided("https://example.test/other", "r-2")
    sending = Sending(book.ctx)
    while await sending.turn():
        pass


async def _daily_cap(book: Casebook, case_id: str) -> None:
    state = PartnerState(day=start_of_day(book.ctx.now()), sent_today=1)
    row = {"partner": "hotline-nl", "version": 1, **state.values()}
    await book.ctx.store.commit(Transition(1, adds=(Add(partner_state, row),)))
    book.partners(partner("hotline-nl", "NL", pace=Pace(daily_cap=1)))


async def _failed(book: Casebook, case_id: str) -> None:
    book.partner.script = [Deferred(Reason.BUSY, "Later.", 600)]
    await book.send()


async def _police(book: Casebook, case_id: str) -> None:
    """The police have another case, and ask that nobody be told of this one before tomorrow."""
    other = await book.decided("https://example.test/other", "r-2")
    theirs = await referral_acts.override(
        book.ctx, (await book.referral(other))["id"], ANNA, "theirs", partner="federal-police"
    )
    await book.send("federal-police")
    said = {"id": "u", "referral_id": theirs.id, "case_id": case_id, "answer": "hold_until", "by": "anna"}
    day = micros(book.clock.now() + timedelta(days=1))
    add = Add(unit_answers, said | {"at": book.ctx.now(), "until": day})
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=(add,)))
    await book.send()


def _entry(**changed: Any) -> Callable[[Casebook, str], Awaitable[object]]:
    async def put(book: Casebook, case_id: str) -> None:
        book.partners(partner("hotline-nl", "NL", **changed))

    return put


async def _gone(book: Casebook, case_id: str) -> None:
    book.rules.directory_ = Directory(version=3)


async def _barred(book: Casebook, case_id: str) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"barred": {"NL": "no basis"}})


OVER = Agreement(until=(START - timedelta(days=1)).date())
CLOSED = Pace(closed=(Window(start=START.time(), end=(START + timedelta(hours=2)).time()),))
UNREACHABLE = Deferred(Reason.UNREACHABLE, "no")
BLOCKS = {
    "stop all": Block(WaitCode.STOPPED, _all, "lift the stop"),
    "stop the partner": Block(WaitCode.STOPPED, _partner, "lift the stop"),
    "stop the route": Block(WaitCode.ROUTE_STOPPED, _route, "lift the stop", of_partner=False),
    "pause": Block(WaitCode.PAUSED, _paused, "partners resume hotline-nl"),
    "410": Block(WaitCode.PAUSED, _after(Deferred(Reason.GONE, "")), "partners resume hotline-nl"),
    "breaker": Block(WaitCode.DOWN, _after(UNREACHABLE, 9), "tries it again by itself", until=True),
    "clock": Block(WaitCode.DOWN, _ours(Reason.CLOCK), "time server", until=True),
    "signature": Block(WaitCode.DOWN, _ours(Reason.BAD_SIGNATURE), "public_url", until=True),
    "recipient": Block(WaitCode.DOWN, _ours(Reason.WRONG_RECIPIENT), "name", until=True),
    "unknown key": Block(WaitCode.DOWN, _ours(Reason.UNKNOWN_KEY), "identity", until=True),
    "token": Block(WaitCode.DOWN, _ours(Reason.NOT_AUTHENTICATED), "check the keys", until=True),
    "missing key": Block(WaitCode.DOWN, _ours(Reason.MISCONFIGURED), "partners check hotline-nl", until=True),
    "guard": Block(WaitCode.DOWN, _ours(Reason.GUARD_REFUSED), "correct the address", until=True),
    "embargo": Block(WaitCode.EMBARGO, _embargo, "ask anna", until=True, of_partner=False),
    "hold": Block(WaitCode.HELD, _held, "referrals release", of_partner=False),
    "source's cap": Block(
        WaitCode.SOURCE_CAP, _source_cap, "referrals retry", since=False, until=True, of_partner=False
    ),
    "partner's cap": Block(WaitCode.DAILY_CAP, _daily_cap, "after midnight", since=False, until=True),
    "next try": Block(WaitCode.TRIED_AGAIN, _failed, "referrals retry", until=True, of_partner=False),
    "police ask to wait": Block(WaitCode.POLICE_HOLD, _police, "nobody be told before", until=True, of_partner=False),
    "closed hours": Block(WaitCode.CLOSED_HOURS, _entry(pace=CLOSED), "", since=False, until=True),
    "switched off": Block(WaitCode.DISABLED, _entry(enabled=False), "enable it", since=False),
    "agreement": Block(WaitCode.AGREEMENT_ENDED, _entry(agreement=OVER), "renew it", since=False),
    "not listed": Block(WaitCode.NOT_LISTED, _gone, "add it", since=False),
    "barred": Block(WaitCode.BARRED, _barred, "", since=False),
}


def test_every_code_has_its_block() -> None:
    assert {one.code for one in BLOCKS.values()} == set(WaitCode)


async def _on_the_case(book: Casebook, referral_id: str, case_id: str) -> WaitView | None:
    found = await case_file(book.ctx, case_id)
    return next(one.waits for one in found.referrals if one.id == referral_id)


async def _on_the_list(book: Casebook, referral_id: str, case_id: str) -> WaitView | None:
    views = (await lists.list_referrals(book.ctx)).items
    return next(one.waits for one in views if one.id == referral_id)


async def _of_the_referral(book: Casebook, referral_id: str, case_id: str) -> WaitView | None:
    return (await lists.referral(book.ctx, referral_id)).waits


@pytest.mark.parametrize("surface", [_on_the_case, _on_the_list, _of_the_referral])
@pytest.mark.parametrize("name", BLOCKS)
async def test_every_block_is_said_on_every_surface(
    book: Casebook, name: str, surface: Callable[[Casebook, str, str], Awaitable[WaitView | None]]
) -> None:
    """Each kind of block x each place where a referral is read; what its text says the CLI and `doctor` print as is."""
    block, case_id, referral_id = BLOCKS[name], *await _waiting_for(book, BLOCKS[name])
    found = await surface(book, referral_id, case_id)
    assert found is not None, f"nobody is told that {name} holds it"
    assert found.code is block.code
    assert block.ends in found.text
    assert (found.since is not None, found.until is not None) == (block.since, block.until)
    printed = waiting_lines({"waits": found.model_dump(mode="json")})
    assert len(printed) == 1
    assert found.text in printed[0]
    assert ("since" in printed[0]) is block.since


@pytest.mark.parametrize("name", [name for name, one in BLOCKS.items() if one.of_partner])
async def test_what_holds_a_whole_partner_stands_in_the_list_of_partners_and_in_doctor(
    book: Casebook, name: str
) -> None:
    block = BLOCKS[name]
    await _waiting_for(book, block)
    found = (await waits(book.ctx, {"hotline-nl"}))["hotline-nl"]
    assert (found.code, block.ends in found.text) == (block.code, True)
    shown = {"partner": "hotline-nl", "waits": found.model_dump(mode="json")}
    assert found.text in _waiting([shown])["text"]
    assert found.text in _wait(shown["waits"])  # `partners list`


@pytest.mark.parametrize("name", BLOCKS)
async def test_a_retry_says_what_still_holds_it(book: Casebook, name: str) -> None:
    """It sends now what has a date or a cap; of what it cannot end it gives the reason, or refuses and names it."""
    block = BLOCKS[name]
    _, referral_id = await _waiting_for(book, block)
    if block.code is WaitCode.HELD:
        with pytest.raises(Conflict, match="is held"):
            await referral_acts.retry(book.ctx, referral_id, ANNA, "now please")
        return
    if block.code is WaitCode.EMBARGO:
        with pytest.raises(Conflict, match=block.ends):
            await referral_acts.retry(book.ctx, referral_id, ANNA, "now please")
        return
    after = await referral_acts.retry(book.ctx, referral_id, ANNA, "now please")
    if block.code in (WaitCode.SOURCE_CAP, WaitCode.TRIED_AGAIN):
        assert after.waits is None
    else:
        assert after.waits is not None
        assert after.waits.code is block.code


async def _waiting_for(book: Casebook, block: Block) -> tuple[str, str]:
    """Return a case and its referral that waits for this block."""
    case_id = await book.decided()
    await block.sets(book, case_id)
    rows = [row for row in await book.rows(referrals) if row["state"] in ("waiting", "held")]
    assert len(rows) == 1
    return rows[0]["case_id"], rows[0]["id"]


async def test_what_is_urgent_does_not_wait_for_the_partners_cap(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    for row in await book.referrals(case_id):
        await _daily_cap(book, case_id)
        assert (await lists.referral(book.ctx, row["id"])).waits is None
        break
