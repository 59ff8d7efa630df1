"""One stop halts everything that leaves, one partner, or one route, and says who stopped it and why."""

import pytest

from router.casework.deliver.stops import Halts, halts, lift, ring_for_held, stop, stops, with_at_risk
from router.casework.desk import case_acts
from router.casework.desk.acknowledge import acknowledge
from router.errors import BadInput, Conflict, NotFound
from router.store.base import Change, Transition
from router.store.schema.tables import alarms, audit
from router.store.schema.tables import stops as table
from tests.casebook import ANNA, Casebook


async def test_a_stop_names_who_why_and_since_when(book: Casebook) -> None:
    await stop(book.ctx, "all", ANNA, "  a wrong policy went out ")
    (one,) = await stops(book.ctx)
    assert (one.scope, one.by, one.reason, one.since) == (
        "all", ANNA.id, "a wrong policy went out", book.clock.now(),
    )  # fmt: skip


async def test_the_oldest_stop_comes_first(book: Casebook) -> None:
    await stop(book.ctx, "route:hotline-abroad", ANNA, "why")
    book.later(minutes=1)
    await stop(book.ctx, "partner:hotline-nl", ANNA, "why")
    book.later(minutes=1)
    await stop(book.ctx, "all", ANNA, "why")
    assert [one.scope for one in await stops(book.ctx)] == ["route:hotline-abroad", "partner:hotline-nl", "all"]


@pytest.mark.parametrize(
    "scope", ["", "everything", "partner:nobody", "partner:", "route:no-such-route", "partner", "all:", "hotline-nl"]
)
async def test_only_what_exists_can_be_stopped(book: Casebook, scope: str) -> None:
    with pytest.raises(BadInput) as refused:
        await stop(book.ctx, scope, ANNA, "why")
    assert refused.value.field == "scope"
    assert await stops(book.ctx) == []


@pytest.mark.parametrize("reason", ["", " ", "a" * 301])
async def test_neither_a_stop_nor_its_end_goes_without_a_reason(book: Casebook, reason: str) -> None:
    with pytest.raises(BadInput):
        await stop(book.ctx, "all", ANNA, reason)
    await stop(book.ctx, "all", ANNA, "why")
    with pytest.raises(BadInput):
        await lift(book.ctx, "all", ANNA, reason)
    assert len(await stops(book.ctx)) == 1


async def test_what_is_stopped_is_not_stopped_again(book: Casebook) -> None:
    await stop(book.ctx, "all", ANNA, "first")
    with pytest.raises(Conflict):
        await stop(book.ctx, "all", ANNA, "second")
    assert [one.reason for one in await stops(book.ctx)] == ["first"]


async def test_a_lifted_stop_is_gone_and_both_are_in_the_audit(book: Casebook) -> None:
    await stop(book.ctx, "all", ANNA, "why")
    await lift(book.ctx, "all", ANNA, "it is mended")
    assert await stops(book.ctx) == []
    acts = [(row["act"], row["actor"]) for row in await book.rows(audit) if row["act"].startswith("stop")]
    assert acts == [("stopped", ANNA.id), ("stop_lifted", ANNA.id)]
    with pytest.raises(NotFound):
        await lift(book.ctx, "all", ANNA, "again")


def test_all_halts_every_partner_and_one_only_itself() -> None:
    assert Halts(frozenset({"all"})).partner("hotline-nl")
    assert Halts(frozenset({"partner:hotline-nl"})).partner("hotline-nl")
    assert not Halts(frozenset({"partner:hotline-nl"})).partner("hotline-ca")
    assert not Halts(frozenset({"route:hotline-nl"})).partner("hotline-nl")


async def test_routes_are_given_by_their_names(book: Casebook) -> None:
    for scope in ("route:no-member", "route:hotline-abroad", "partner:hotline-nl"):
        await stop(book.ctx, scope, ANNA, "why")
    assert (await halts(book.ctx)).routes == ["hotline-abroad", "no-member"]


async def test_why_is_kept_sealed_and_shown_without_locations(book: Casebook) -> None:
    await stop(book.ctx, "all", ANNA, "wrong for https://canary.test/x and canary.test")
    (row,) = await book.rows(table)
    assert row["reason"] == ""
    assert b"canary" not in row["sealed"]
    (one,) = await stops(book.ctx)
    assert one.reason == "wrong for [removed] and [removed]"


@pytest.mark.parametrize("sealed", [b"", b"x" * 80])
async def test_a_stop_holds_whatever_became_of_its_reason(book: Casebook, sealed: bytes) -> None:
    await stop(book.ctx, "all", ANNA, "why")
    await book.ctx.store.commit(
        Transition(book.ctx.now(), changes=(Change(table, {"scope": "all"}, {"sealed": sealed}),))
    )
    assert (await halts(book.ctx)).partner("hotline-nl")
    assert "restore it from a backup" in (await stops(book.ctx))[0].reason
    await lift(book.ctx, "all", ANNA, "over")
    assert await stops(book.ctx) == []


async def test_everything_but_police_is_stopped_unless_they_are_named(book: Casebook) -> None:
    await stop(book.ctx, "all", ANNA, "look first")
    now = await halts(book.ctx)
    assert (now.partner("hotline-nl"), now.partner("federal-police")) == (True, False)
    await stop(book.ctx, "partner:federal-police", ANNA, "them too")
    assert (await halts(book.ctx)).partner("federal-police")


async def test_a_stop_says_how_many_at_risk_it_holds_and_rings_for_each_that_comes(book: Casebook) -> None:
    await stop(book.ctx, "partner:federal-police", ANNA, "look first")
    case_id = await book.decided(urgency="live")
    await book.decided("https://example.test/calm", "r-2")
    (one,) = await with_at_risk(book.ctx)
    assert one.at_risk == 1
    await acknowledge(book.ctx, case_id, ANNA)
    await case_acts.send(book.ctx, case_id, ANNA, "go")  # the hotline abroad gets it too; nobody is asked any more
    assert (await book.case(case_id))["state"] == "referred"
    await ring_for_held(book.ctx)
    await ring_for_held(book.ctx)
    case = await book.case(case_id)
    assert (case["desk_code"], case["acknowledged_at"]) == ("stopped", None)
    assert {row["code"] for row in await book.rows(alarms) if row["id"] == case["desk_alarm"]} == {"stopped"}
