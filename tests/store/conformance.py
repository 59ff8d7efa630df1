"""What every engine promises. Both engines' tests inherit this class; `url` names a real, empty database."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from router.errors import BadInput, Conflict, StoreUnavailable
from router.store.base import Add, Change, Claim, Event, Quota, Remove, Transition
from router.store.checkpoint import verify_audit
from router.store.ids import new_ids
from router.store.schema.tables import audit, case_keys, cases, nonces, partner_state, referrals, source_sent
from router.store.writer import Writer
from tests.store.claim_beside import BesideClaims
from tests.store.conftest import Opened, Run
from tests.store.notices import Notices
from tests.store.samples import KEYRING, NOW, case, counter, due, failures, nonce, partner, referral


async def count(store: Writer, table: Any) -> int:
    return int((await store.rows(select(func.count().label("n")).select_from(table)))[0]["n"])


async def state(store: Writer, name: str = "nl") -> dict[str, Any]:
    return (await store.rows(select(partner_state).where(partner_state.c.partner == name)))[0]


async def outcomes(store: Writer, *transitions: Transition) -> list[str | None]:
    """Hand them over at once, so that they are committed as one group."""
    found = await asyncio.gather(*(store.commit(one) for one in transitions), return_exceptions=True)
    return [getattr(one, "reason", type(one).__name__) if one else None for one in found]


#: What no text and no whole number of a database can be.
#: Rows of one group that take an engine more than one statement.
MANY = 150
UNUSABLE = ["nul \0 inside", "half a \ud800 pair", 2**63, -(2**63) - 1, 10**30]


class Fences:
    @pytest.mark.parametrize("value", UNUSABLE, ids=repr)
    async def test_a_value_that_nothing_can_have_is_bad_input_and_harms_nobody(self, store: Writer, value: Any) -> None:
        column = nonces.c.nonce if isinstance(value, str) else nonces.c.until
        for asked in (column == value, column < value):
            with suppress(BadInput):  # or no row has it
                await store.rows(select(nonces).where(asked))
        row = {"peer": "nl", "nonce": "b", "until": NOW, column.name: value}
        group = [nonce("a"), Transition(NOW, adds=[Add(nonces, row)]), nonce("c")]
        first, odd, last = await outcomes(store, *group)
        assert (first, last) == (None, None)
        assert odd in {None, "unusable_value"}, odd
        assert await count(store, nonces) == 2 + (odd is None)

    async def test_what_is_committed_can_be_read(self, store: Writer) -> None:
        await store.commit(nonce("a"))
        assert await store.rows(select(nonces)) == [{"peer": "nl", "nonce": "a", "until": NOW}]

    async def test_a_change_raises_the_version(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner()]))
        await store.commit(Transition(NOW, changes=[failures(7, version=1)]))
        row = await state(store)
        assert (row["failures"], row["version"]) == (7, 2)

    async def test_a_stale_version_discards_the_whole_transition(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner(), partner("ca")]))
        stale = Transition(NOW, [failures(1, 1), failures(1, 9, "ca")], nonce("b").adds, [], nonce("b").events)
        with pytest.raises(Conflict):
            await store.commit(stale)
        assert (await state(store))["failures"] == 0
        assert await count(store, nonces) == await count(store, audit) == 0

    async def test_of_two_that_saw_the_same_version_one_wins(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner()]))
        both = [Transition(NOW, changes=[failures(n, version=1)]) for n in (1, 2)]
        assert await outcomes(store, *both) == [None, "conflict"]
        assert (await state(store))["failures"] == 1

    async def test_losers_leave_the_group_and_the_rest_is_committed(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner(str(n)) for n in range(MANY)]))
        group = [Transition(NOW, [failures(1, 9 if n % 7 == 0 else 1, str(n))]) for n in range(MANY)]
        assert await outcomes(store, *group) == ["conflict" if n % 7 == 0 else None for n in range(MANY)]
        changed = await store.rows(select(partner_state.c.partner).where(partner_state.c.failures == 1))
        assert {int(row["partner"]) for row in changed} == {n for n in range(MANY) if n % 7}

    async def test_what_is_handed_over_together_keeps_each_its_fence(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner(str(n)) for n in range(9)]))

        def moved(n: int, version: int) -> Transition:
            return Transition(NOW, [failures(1, version, str(n))], nonce(str(n)).adds, events=[Event("moved", str(n))])

        group = [*(moved(n, 9 if n % 3 == 0 else 1) for n in range(9)), nonce("1")]  # the last one is there already
        assert [getattr(one, "reason", one) for one in await store.commit_all(group)] == [
            *("conflict" if n % 3 == 0 else None for n in range(9)),
            "duplicate",
        ]
        kept = [str(n) for n in range(9) if n % 3]
        changed = await store.rows(select(partner_state.c.partner).where(partner_state.c.version == 2))
        assert sorted(row["partner"] for row in changed) == kept
        assert sorted(row["nonce"] for row in await store.rows(select(nonces))) == kept
        chained = await store.rows(select(audit.c.actor).order_by(audit.c.epoch, audit.c.seq))
        assert [row["actor"] for row in chained] == kept
        assert (await verify_audit(store.rows, KEYRING))[1] == []
        assert await store.commit_all([]) == []

    @pytest.mark.parametrize(
        ("guard", "holds"),
        [
            ({"breaker": "closed"}, True),
            ({"breaker": "open"}, False),
            ({"breaker": ("open", "closed")}, True),
            ({"breaker": ("open", "half_open")}, False),
            ({"paused": None}, True),
            ({"paused": "gone"}, False),
            ({"paused": (None, "gone")}, True),
            ({"paused": ("gone",)}, False),
            ({"breaker": ()}, False),
            ({"breaker": "closed", "paused": None}, True),
            ({"breaker": "closed", "failures": 3}, False),
        ],
    )
    async def test_a_guard_decides(self, store: Writer, guard: dict[str, Any], holds: bool) -> None:
        await store.commit(Transition(NOW, adds=[partner()]))
        assert await outcomes(store, Transition(NOW, [failures(5, None, guard=guard)])) == [
            None if holds else "conflict"
        ]
        assert await state(store) == partner(failures=5 if holds else 0).values | {
            "opened_until": None,
            "paused": None,
            "since": None,
            "because": None,
            "clock_ahead": None,
            "answered_at": None,
        }

    async def test_a_change_of_nothing_still_guards(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner()]))
        key = {"partner": "nl"}
        found = Transition(NOW, [Change(partner_state, key, {}, guard={"breaker": ("closed",)})])
        missed = Transition(NOW, [Change(partner_state, key, {}, guard={"breaker": ("open",)})])
        assert await outcomes(store, found, missed) == [None, "conflict"]
        assert (await state(store))["version"] == 1

    async def test_a_row_may_be_changed_twice_in_one_transition(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner()]))
        await store.commit(Transition(NOW, [failures(1, 1), failures(2, 2)]))
        row = await state(store)
        assert (row["failures"], row["version"]) == (2, 3)

    async def test_a_change_lets_the_claim_go_unless_it_keeps_it(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("a"), referral("b")]))
        taken = await store.claim(due())
        change = [
            Change(referrals, {"id": row["id"]}, {"attempts": 1}, row["version"], keep_claim=row["id"] == "b")
            for row in taken
        ]
        await store.commit(Transition(NOW, change))
        rows = await store.rows(select(referrals).order_by(referrals.c.id))
        assert [(row["claimed_by"], row["claims"], row["version"]) for row in rows] == [(None, 0, 3), ("one", 1, 3)]
        assert rows[0]["claimed_until"] is None


class Rows:
    async def test_a_unique_clash_is_a_conflict_that_says_so(self, store: Writer) -> None:
        await store.commit(nonce("a"))
        with pytest.raises(Conflict) as caught:
            await store.commit(nonce("a"))
        assert caught.value.reason == "duplicate"
        assert await count(store, audit) == 1

    async def test_a_group_is_split_until_the_bad_ones_stand_alone(self, store: Writer) -> None:
        names = [str(n % 47) for n in range(50)]
        found = await outcomes(store, *map(nonce, names))
        assert found == [None] * 47 + ["duplicate"] * 3
        assert await count(store, nonces) == await count(store, audit) == 47

    async def test_a_transition_that_breaks_a_rule_harms_no_other(self, store: Writer) -> None:
        undated = Transition(NOW, adds=[referral("x", next_at=None)])
        found = await outcomes(store, nonce("a"), undated, nonce("b", until=None), nonce("c"))
        assert found == [None, "ValueError", "ValueError", None]
        assert await count(store, nonces) == 2

    async def test_the_error_of_a_broken_rule_names_the_rule_and_no_value(self, store: Writer) -> None:
        with pytest.raises(ValueError, match="pending_is_dated") as caught:
            await store.commit(Transition(NOW, adds=[referral("secret", next_at=None)]))
        assert "secret" not in str(caught.value)

    async def test_removes_come_before_adds(self, store: Writer) -> None:
        await store.commit(nonce("a"))
        again = Transition(NOW, adds=nonce("a", until=NOW + 1).adds, removes=[Remove(nonces, {"nonce": "a"})])
        await store.commit(again)
        assert [row["until"] for row in await store.rows(select(nonces))] == [NOW + 1]

    async def test_removing_what_is_not_there_is_no_error(self, store: Writer) -> None:
        await store.commit(Transition(NOW, removes=[Remove(nonces, {"peer": "nl", "nonce": "none"})]))

    async def test_a_body_of_a_thousand_reports_is_one_transition(self, store: Writer) -> None:
        body = Transition(NOW, adds=[case(name) for name in new_ids(1001)])
        await store.commit(body)
        assert await count(store, cases) == 1001

    async def test_every_kind_of_value_comes_back_as_it_was(self, store: Writer) -> None:
        values = {"host_bidx": bytes(range(256)), "confidence": 0.1, "desk_text": None, "opened_at": 2**62}
        await store.commit(Transition(NOW, adds=[case("ünïcode 'quoted' $1 :x ?", **values)]))
        (row,) = await store.rows(select(cases))
        assert row["id"] == "ünïcode 'quoted' $1 :x ?"
        assert {name: row[name] for name in values} == values

    async def test_lists_of_any_length_can_be_asked_for(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[case(str(n)) for n in range(10)]))
        for wanted in ([], ["1"], ["1", "2", "3"], [str(n) for n in range(600)]):
            found = await store.rows(select(cases.c.id).where(cases.c.id.in_(wanted), cases.c.state.in_(["received"])))
            assert {row["id"] for row in found} == set(wanted) & {str(n) for n in range(10)}


class Claims:
    async def test_a_claim_takes_in_order_and_says_what_is_now(self, store: Writer) -> None:
        ranks = {"late": (1, NOW), "first": (0, NOW - 5), "second": (0, NOW - 1), "future": (0, NOW + 1)}
        adds = [referral(name, rank=rank, next_at=at) for name, (rank, at) in ranks.items()]
        await store.commit(Transition(NOW, adds=adds))
        rows = await store.claim(due(2, state="sending"))
        assert [row["id"] for row in rows] == ["first", "second"]
        assert {(row["state"], row["version"], row["claims"], row["claimed_by"]) for row in rows} == {
            ("sending", 2, 1, "one")
        }
        assert rows == await store.rows(
            select(referrals).where(referrals.c.state == "sending").order_by(referrals.c.next_at)
        )

    async def test_what_is_leased_is_not_claimed_again(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("a")]))
        assert len(await store.claim(due())) == 1
        assert await store.claim(due(owner="two")) == []

    async def test_an_expired_lease_is_anybodys(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("a")]))
        await store.claim(due(lease=0.05))
        await asyncio.sleep(0.1)
        (row,) = await store.claim(due(owner="two"))
        assert (row["claimed_by"], row["claims"], row["version"]) == ("two", 2, 3)

    async def test_the_lease_runs_by_the_databases_clock(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("a")]))
        before = time.time()
        (row,) = await store.claim(due(lease=60.0))
        claimed = row["claimed_until"] / 1e6 - 60.0  # on this machine its clock is ours
        assert before - 0.01 <= claimed <= time.time() + 0.01

    async def test_a_lease_that_a_clock_wrote_which_was_ahead_holds_nobody(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("a")]))
        await store.claim(due(lease=365 * 86_400.0))
        (row,) = await store.claim(due(owner="two"))
        assert (row["claimed_by"], row["claims"]) == ("two", 2)

    async def test_who_was_overtaken_while_working_is_refused(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("a")]))
        (slow,) = await store.claim(due(lease=0.01))
        await asyncio.sleep(0.05)
        await store.claim(due(owner="two"))
        with pytest.raises(Conflict):
            await store.commit(Transition(NOW, [Change(referrals, {"id": "a"}, {"attempts": 1}, slow["version"])]))

    async def test_two_stores_never_get_the_same_row(self, opened: Opened) -> None:
        one, two = await opened(), await opened()
        await one.commit(Transition(NOW, adds=[referral(str(n)) for n in range(200)]))

        async def drain(store: Writer, owner: str) -> list[str]:
            got: list[str] = []
            while rows := await store.claim(due(7, owner)):
                got += [row["id"] for row in rows]
            return got

        mine, theirs = await asyncio.gather(drain(one, "one"), drain(two, "two"))
        assert sorted(mine + theirs) == sorted(str(n) for n in range(200))


def capped(limit: int = 10, owner: str = "one", day: int = NOW, **caps: int) -> Claim:
    """A claim under daily caps; here a row draws on the source that its `route` names."""
    return replace(due(limit, owner), quota=Quota(referrals.c.route, caps, "nl", day))


async def sent(store: Writer) -> dict[str, tuple[int, int]]:
    return {row["source"]: (row["day"], row["sent"]) for row in await store.rows(select(source_sent))}


class Quotas:
    async def test_a_claim_takes_what_the_cap_admits_and_all_that_has_none(self, store: Writer) -> None:
        crawled = [referral(f"c{n}", route="crawler", next_at=NOW - 9 + n) for n in range(5)]
        others = [referral("form", route="form"), referral("other", route="other")]
        await store.commit(Transition(NOW, adds=[*crawled, *others, counter("crawler")]))
        assert [row["id"] for row in await store.claim(capped(crawler=3))] == ["c0", "c1", "c2", "form", "other"]
        assert await sent(store) == {"crawler": (NOW, 3)}
        assert await store.claim(capped(crawler=3)) == []
        assert [row["id"] for row in await store.claim(capped(crawler=4))] == ["c3"]  # raised the same day
        assert await store.claim(capped(crawler=1)) == []  # lowered below what has left
        assert await sent(store) == {"crawler": (NOW, 4)}

    async def test_the_next_day_counts_from_nothing(self, store: Writer) -> None:
        adds = [referral(f"c{n}", route="crawler") for n in range(3)]
        await store.commit(Transition(NOW, adds=[*adds, counter("crawler", day=NOW - 1, sent=2)]))
        assert len(await store.claim(capped(crawler=2))) == 2
        assert await sent(store) == {"crawler": (NOW, 2)}

    async def test_a_claim_for_the_day_before_never_takes_the_count_of_the_new_day_back(self, store: Writer) -> None:
        adds = [referral(f"c{n}", route="crawler") for n in range(6)]
        await store.commit(Transition(NOW, adds=[*adds, counter("crawler", day=NOW - 1, sent=3)]))
        assert len(await store.claim(capped(limit=2, crawler=3))) == 2
        assert len(await store.claim(capped(day=NOW - 1, crawler=3))) == 1
        assert await sent(store) == {"crawler": (NOW, 3)}
        assert await store.claim(capped(crawler=3)) == []

    async def test_what_is_refused_keeps_its_version_and_is_nobodys(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[referral("c", route="crawler"), counter("crawler", sent=1)]))
        assert await store.claim(capped(crawler=1)) == []
        (row,) = await store.rows(select(referrals))
        assert (row["version"], row["claims"], row["claimed_by"], row["state"]) == (1, 0, None, "waiting")

    async def test_a_source_without_its_counter_has_nothing_left(self, store: Writer) -> None:
        adds = [referral("c", route="crawler"), counter("crawler", partner="ca")]
        await store.commit(Transition(NOW, adds=adds))
        assert await store.claim(capped(crawler=5)) == []
        assert await sent(store) == {"crawler": (NOW, 0)}

    async def test_two_stores_together_never_take_more_than_the_cap(self, opened: Opened) -> None:
        one, two = await opened(), await opened()
        adds = [referral(str(n), route=("crawler", "feed")[n % 2]) for n in range(60)]
        await one.commit(Transition(NOW, adds=[*adds, counter("crawler"), counter("feed")]))

        async def drain(store: Writer, owner: str) -> list[str]:
            got: list[str] = []
            for _ in range(10):
                got += [row["route"] for row in await store.claim(capped(25, owner, crawler=11, feed=7))]
            return got

        mine, theirs = await asyncio.gather(drain(one, "one"), drain(two, "two"))
        assert Counter(mine + theirs) == {"crawler": 11, "feed": 7}
        assert await sent(two) == {"crawler": (NOW, 11), "feed": (NOW, 7)}


class Audit:
    async def test_each_writer_has_an_epoch_and_all_verify(self, opened: Opened) -> None:
        one, two = await opened(), await opened()
        await asyncio.gather(*((one, two)[n % 2].commit(nonce(str(n))) for n in range(60)), one.commit(nonce("a")))
        await two.commit(nonce("b"))
        verifier, findings = await verify_audit(one.rows, KEYRING)
        assert (verifier.entries, findings) == (62, [])
        epochs = await one.rows(select(audit.c.epoch).distinct())
        assert len(epochs) == 2

    async def test_a_restart_opens_a_new_epoch_and_the_old_one_stays_whole(self, opened: Opened) -> None:
        first = await opened()
        await first.commit(nonce("a"))
        await first.close()
        second = await opened()
        await second.commit(nonce("b"))
        rows = await second.rows(select(audit.c.epoch, audit.c.seq))
        assert [row["seq"] for row in rows] == [1, 1]
        assert await verify_audit(second.rows, KEYRING) != []

    async def test_a_refused_transition_leaves_no_gap_in_the_chain(self, store: Writer) -> None:
        await outcomes(store, nonce("a"), nonce("a"), nonce("b"), nonce("b"), nonce("c"))
        rows = await store.rows(select(audit.c.seq).order_by(audit.c.seq))
        assert [row["seq"] for row in rows] == [1, 2, 3]
        assert (await verify_audit(store.rows, KEYRING))[1] == []


class Schema:
    async def test_a_claimer_stops_at_a_schema_it_does_not_know(self, store: Writer, run: Run) -> None:
        await run("UPDATE alembic_version SET version_num = 'from-the-future'")
        with pytest.raises(Exception, match="newer than this program"):
            await store.claim(due())

    async def test_a_closing_store_takes_nothing_new(self, store: Writer) -> None:
        last = asyncio.create_task(store.commit(nonce("a")))
        await asyncio.sleep(0)
        await store.close()
        assert last.exception() is None
        with pytest.raises(StoreUnavailable):
            await store.commit(nonce("b"))

    async def test_erasing_a_key_scrubs_what_lies_beside_the_tables(self, store: Writer) -> None:
        _, wrapped = KEYRING.new_case_key("c")
        await store.commit(Transition(NOW, adds=[Add(case_keys, {"case_id": "c", "wrapped": wrapped})]))
        await store.commit(Transition(NOW, removes=[Remove(case_keys, {"case_id": "c"})]))
        await store.checkpoint(NOW)
        assert await count(store, case_keys) == 0


class Conformance(Fences, Rows, Claims, BesideClaims, Quotas, Notices, Audit, Schema):
    """All promises."""
