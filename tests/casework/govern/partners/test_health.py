"""How a partner stands is said as it is: who paused it and why, what waits and since when, what ends, who answered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from router.casework.deliver.partner_state import standing, tried
from router.casework.govern import pause
from router.casework.govern.partners.health import SOON, all_partners, one_partner
from router.casework.govern.proposals import Proposed, adding
from router.errors import BadInput, NotFound
from router.partners.base import Accepted, Deferred, Reason, Tools
from router.partners.router import RouterDialect
from router.worker.sending import Sending
from schemas.casefile import WaitCode
from schemas.partner import Agreement, Directory, Pace
from schemas.partner_health import Ends, PartnerHealth
from tests.casebook import ANNA, PAGE, Casebook, partner


async def dutch(book: Casebook) -> PartnerHealth:
    return await one_partner(book.ctx, "hotline-nl")


async def test_one_that_nothing_holds(book: Casebook) -> None:
    found = await dutch(book)
    assert (found.waits, found.paused, found.wrong, found.ends, found.answered_at) == (None, None, None, (), None)
    assert (found.waiting, found.under_way, found.held, found.oldest, found.at_risk) == (0, 0, 0, None, 0)


async def test_what_waits_is_counted_with_the_oldest_and_who_is_at_risk(book: Casebook) -> None:
    first = book.clock.now()
    await book.decided(PAGE, "r-1")
    book.later(hours=2)
    await book.decided(f"{PAGE}/2", "r-2")
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move their servers")
    found = await dutch(book)
    assert (found.waiting, found.oldest) == (2, first)
    assert found.waits is not None
    assert found.waits.code is WaitCode.PAUSED
    assert found.paused is not None
    assert (found.paused.by, found.paused.at, found.paused.reason) == (
        ANNA.id, book.clock.now(), "they move their servers",
    )  # fmt: skip
    await pause.resume(book.ctx, "hotline-nl", ANNA, "they moved")
    assert (await dutch(book)).paused is None


async def test_who_paused_it_is_not_said_of_one_that_closed_its_address(book: Casebook) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    gone = Deferred(Reason.GONE, "HTTP 410", 900.0, counted=False)
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [[gone]])
    found = (await dutch(book)).paused
    assert found is not None
    assert (found.by, found.reason) == (None, None)
    await pause.resume(book.ctx, "hotline-nl", ANNA, "they gave us another")
    await pause.pause(book.ctx, "hotline-nl", ANNA, "once more")  # nothing of the first pause is left


async def test_a_reason_shows_no_location(book: Casebook) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "see https://canary7f3a.test/x")
    found = (await dutch(book)).paused
    assert found is not None
    assert "canary7f3a" not in str(found.reason)


async def test_when_it_last_answered_is_kept_by_the_minute(book: Casebook) -> None:
    book.rules.directory_ = Directory(partners=(partner("hotline-nl", "NL", pace=Pace(daily_cap=5)),))
    await book.decided()
    await Sending(book.ctx).turn()
    found = await dutch(book)
    assert (found.answered_at, found.sent_today, found.waiting) == (book.clock.now(), 1, 0)
    at = found.answered_at
    for seconds, seen in ((30, at), (29, at), (1, at + timedelta(seconds=60)) if at else ()):
        book.later(seconds=seconds)
        await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [[Accepted("r")]])
        assert (await dutch(book)).answered_at == seen
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [[Deferred(Reason.UNREACHABLE, "")]])
    assert (await dutch(book)).answered_at == book.clock.now()
    book.later(days=1)
    assert (await dutch(book)).sent_today == 0


async def test_what_ends_is_said_from_sixty_days_before(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    now = book.clock.now()
    far, near = now.date() + timedelta(days=90), now.date() + timedelta(days=3)
    agreement = Agreement(until=far, transfer_until=near)
    book.rules.directory_ = Directory(partners=(partner("hotline-nl", "NL", agreement=agreement),))
    until = now + SOON + timedelta(seconds=1)
    monkeypatch.setattr(book.partner, "good_until", lambda _: until, raising=False)
    found = {one.what: (one.at, one.soon) for one in (await dutch(book)).ends}
    assert found == {
        Ends.CREDENTIALS: (until, False),
        Ends.AGREEMENT: (_over(far), False),
        Ends.TRANSFER: (_over(near), True),
    }
    book.later(seconds=1)
    assert [one.soon for one in (await dutch(book)).ends if one.what is Ends.CREDENTIALS] == [True]


def _over(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


async def test_an_entry_that_cannot_be_used_says_why(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(_: Any) -> None:
        raise BadInput("There is no secret named 'hub-password'; add it, or correct the name")

    monkeypatch.setattr(book.partner, "good_until", unusable, raising=False)
    assert "hub-password" in str((await dutch(book)).wrong)


async def test_those_that_may_receive_come_first_and_what_is_proposed_is_said(book: Casebook) -> None:
    off = partner("hotline-aa", enabled=False, disabled_reason="no agreement yet")
    book.rules.directory_ = Directory(partners=(off, partner("hotline-nl", "NL"), partner("federal-police", "BE")))
    proposal = Proposed("partner:hotline-nl", None, "{}")
    await book.ctx.store.commit(await adding(book.ctx, [proposal], ANNA))
    found = await all_partners(book.ctx)
    assert [one.partner.enabled for one in found] == [True, True, False]
    assert [one.partner.name for one in found if one.proposed] == ["hotline-nl"]
    assert found[-1].waits is not None
    with pytest.raises(NotFound):
        await one_partner(book.ctx, "hotline-zz")


def test_a_peer_is_good_until_the_last_of_its_keys_ends() -> None:
    nothing: Any = None
    dialect = RouterDialect(Tools(egress=nothing, clock=nothing, me="hotline-be"))
    public = "A" * 43 + "="
    keys = [{"id": f"nl-{year}", "public": public, "not_after": f"{year}-06-01T00:00:00Z"} for year in (2026, 2027)]
    peer = {"url": "https://nl.hotline.test", "peer": "hotline-nl"}
    until = dialect.good_until(partner("hotline-nl", "NL", config={**peer, "keys": keys}))
    assert until == datetime(2027, 6, 1, tzinfo=UTC)
    open_ended = [*keys, {"id": "nl-x", "public": public}]
    assert dialect.good_until(partner("hotline-nl", "NL", config={**peer, "keys": open_ended})) is None
