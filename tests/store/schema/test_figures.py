"""What figures are made of is what happened, whatever happened, and stays when all else is removed: on both engines."""

import json
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Add, Change, Remove, Transition
from router.store.migrate import SCRIPTS
from router.store.schema.figures import WRITTEN_BY_TRIGGERS, figure_cases, figure_doubts, figure_referrals, figure_signs
from router.store.schema.tables import (
    actions,
    cases,
    decisions,
    follow_ups,
    items,
    meta,
    referrals,
    reports,
    second_looks,
    traces,
)
from router.store.writer import Writer
from tests.store.conftest import Run
from tests.store.samples import NOW, case, referral, report

HOUR = 3_600_000_000
Expected = dict[str, dict[str, Any]]


class Told:
    """The second one who writes it down: a dictionary by case and by referral, changed as each thing is done."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.cases: Expected = {}
        self.referrals: Expected = {}
        self.signs: set[tuple[str, str, str, int]] = set()
        self.closed_urls: set[bytes] = set()
        self.at = NOW
        self.later: list[Transition] = []  #: what follows the step at once

    def step(self, n: int) -> Transition:
        self.at += HOUR
        if not self.cases or self.random.random() < 0.25:
            return self.opened(n)
        name = self.random.choice(sorted(self.cases))
        acts = (self.traced, self.found, self.referred, self.went, self.acted, self.checked, self.closed, self.assessed)
        return self.random.choice(acts)(name, n)

    def opened(self, n: int) -> Transition:
        name, url = f"x{n}", f"u{self.random.randrange(4)}".encode()
        if any(one["url"] == url and one["outcome"] is None for one in self.cases.values()):
            url = name.encode()
        self.cases[name] = {
            "url": url, "came_back": int(url in self.closed_urls), "verdict": None, "country": None, "provider": None,
            "referred_at": None, "seen_at": None, "gone_since": None, "moved": 0, "outcome": None, "closed_at": None,
            "assessment": "baseline", "staff_assessment": None,
        }  # fmt: skip
        return Transition(self.at, adds=[case(name, url_bidx=url), *report(name, self.at)])

    def traced(self, name: str, n: int) -> Transition:
        outcome, country = self.random.choice([("ok", "NL"), ("ok", "FR"), ("nxdomain", None)])
        kept = self.cases[name]
        if kept["referred_at"] is None:
            kept |= {"verdict": "country", "country": country, "provider": f"net-{country}"}
        if outcome == "ok":
            kept["seen_at"] = self.at
        row = {
            "id": f"t{n}", "case_id": name, "traced_at": self.at, "verdict": "country", "country": country,
            "confidence": 1.0, "outcome": outcome, "sealed": b"", "provider": f"net-{country}",
        }  # fmt: skip
        return self.set(name, [Add(traces, row)], verdict="country", hosting_country=country)

    def found(self, name: str, n: int) -> Transition:
        seen = self.random.choice([None, [self.at], [self.at, self.at + 1]])
        self.cases[name]["gone_since"] = seen[0] if seen else None
        moved = self.random.random() < 0.2
        if moved:
            self.cases[name]["moved"] = 1
        return self.set(
            name, gone_seen=None if seen is None else json.dumps(seen), **{"moved_from": "NL"} if moved else {}
        )

    def referred(self, name: str, n: int) -> Transition:
        by = self.random.choice(["policy", "person:anna", "local:root"])
        who = "policy" if by == "policy" else "staff"
        first = self.cases[name]["referred_at"]
        self.cases[name]["referred_at"] = self.at if first is None else first
        self.referrals[f"r{n}"] = {
            "decided_by": who, "first_sent_at": None, "accepted_at": None, "state": "waiting", "sent_back": 0,
        }  # fmt: skip
        row = {
            "id": f"d{n}", "case_id": name, "decided_at": self.at, "by": by, "policy_version": 1, "facts": "{}",
            "decision": "{}",
        }  # fmt: skip
        made = referral(f"r{n}", case_id=name, decision_id=f"d{n}", created_at=self.at, partner=f"p{n}")
        return Transition(self.at, adds=[made, Add(decisions, row)])

    def went(self, name: str, n: int) -> Transition:
        if not self.referrals:
            return self.referred(name, n)
        one = self.random.choice(sorted(self.referrals))
        ways: list[dict[str, Any]] = [
            {"first_sent_at": self.at},
            {"state": "accepted", "accepted_at": self.at, "receipt": "", "next_at": None, "last_reason": None},
            {"state": "refused", "next_at": None, "last_reason": "not_ours"},
        ]
        values = self.random.choice(ways)
        kept = self.referrals[one]
        kept |= {key: value for key, value in values.items() if key in kept}
        kept["sent_back"] |= int(values.get("last_reason") is not None)
        return Transition(self.at, [Change(referrals, {"id": one}, values)])

    def acted(self, name: str, n: int) -> Transition:
        by, who = self.random.choice(
            [("hotline-nl", "partner"), ("router", "router"), ("person:anna", "staff"), ("local:root", "staff")]
        )
        self.signs.add((f"a{n}", "Removed", name, self.at, who))
        row = {"id": f"a{n}", "case_id": name, "action": "Removed", "at": self.at, "by": by}
        return Transition(self.at, adds=[Add(actions, row)])

    def checked(self, name: str, n: int) -> Transition:
        self.signs.add((f"f{n}", "check_gone", name, self.at, "router"))
        self.signs.add((f"s{n}", "second_look_differs", name, self.at, "staff"))
        check = {"id": f"f{n}", "case_id": name, "due_at": self.at, "done_at": None}
        look = {"id": f"s{n}", "case_id": name, "first": "person:anna", "asked_at": self.at}
        done = Change(follow_ups, {"id": f"f{n}"}, {"done_at": self.at, "finding": "gone"})
        answered = Change(second_looks, {"id": f"s{n}"}, {"answered_at": self.at, "agrees": 0, "second": "person:ben"})
        self.later = [Transition(self.at, [done, answered])]
        return Transition(self.at, adds=[Add(follow_ups, check), Add(second_looks, look)])

    def closed(self, name: str, n: int) -> Transition:
        self.cases[name] |= {"outcome": "removed", "closed_at": self.at}
        self.closed_urls.add(self.cases[name]["url"])
        return self.set(name, state="closed", outcome="removed", closed_at=self.at, next_at=None)

    def assessed(self, name: str, n: int) -> Transition:
        self.cases[name] |= {"assessment": "national", "staff_assessment": "national"}
        return self.set(name, assessment="national", staff_assessment="national", staff_assessed_at=self.at)

    def set(self, name: str, adds: list[Add] | None = None, **values: Any) -> Transition:
        return Transition(self.at, [Change(cases, {"id": name}, values)], adds or [])


async def rows(store: Writer, table: Any) -> list[dict[str, Any]]:
    return await store.rows(select(table).order_by(*table.primary_key.columns))


async def check(store: Writer, told: Told) -> None:
    kept = {row["id"]: row for row in await rows(store, figure_cases)}
    wanted = {name: {key: value for key, value in one.items() if key != "url"} for name, one in told.cases.items()}
    assert {name: {key: kept[name][key] for key in one} for name, one in wanted.items()} == wanted
    went = {row["id"]: row for row in await rows(store, figure_referrals)}
    assert {name: {key: went[name][key] for key in one} for name, one in told.referrals.items()} == told.referrals
    signs = {(row["id"], row["sign"], row["case_id"], row["at"], row["by"]) for row in await rows(store, figure_signs)}
    assert signs == told.signs


@pytest.mark.parametrize("seed", range(3))
async def test_what_happened_is_kept_and_no_purge_takes_it(store: Writer, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a life, not a secret
    told = Told(random)
    for n in range(120):
        await store.commit(told.step(n))
        for one in told.later:
            await store.commit(one)
        told.later = []
        name = random.choice(sorted(told.cases))
        lost = Change(cases, {"id": name}, {"outcome": "spam", "closed_at": told.at}, version=99)
        with pytest.raises(Conflict):  # what is discarded is not kept either
            await store.commit(Transition(told.at, [lost], [referral(f"never{n}")]))
    await check(store, told)
    before = [await rows(store, table) for table in WRITTEN_BY_TRIGGERS]
    assert all(before)
    for table in (actions, decisions, follow_ups, items, referrals, reports, second_looks, traces, cases):
        gone = tuple(Remove(table, {"id": row["id"]}) for row in await rows(store, table))
        await store.commit(Transition(told.at, removes=gone))
    assert [await rows(store, table) for table in WRITTEN_BY_TRIGGERS] == before


#: What an upgrade finds of what was there: what was overwritten since, and what nobody kept, it cannot know.
KNOWN_LATER = {
    figure_cases: {"id", "source", "assessment", "staff_assessment", "referred_at", "seen_at", "outcome", "closed_at"},
    figure_referrals: {"id", "case_id", "partner", "decided_by", "first_sent_at", "accepted_at", "state"},
}


async def test_what_comes_in_one_commit_is_kept_as_if_it_had_come_one_by_one(store: Writer) -> None:
    names = [f"x{n}" for n in range(40)]
    opened = [Transition(NOW, adds=[case(one), *report(one)]) for one in names]
    assert await store.commit_all(opened) == [None] * 40
    traced = [
        Transition(NOW, adds=[Add(traces, {
            "id": f"{one}-{at}", "case_id": one, "traced_at": NOW + at, "verdict": "country", "country": "NL",
            "confidence": 1.0, "outcome": outcome, "sealed": b"", "provider": f"{one} {at}",
        })]) for one in names for at, outcome in ((1, "ok"), (2, "ok"), (3, "nxdomain"))
    ]  # fmt: skip
    went = [
        Transition(NOW, adds=[referral(f"{one}-{at}", case_id=one, partner=f"p{at}", created_at=NOW + at)])
        for at in (5, 4)
        for one in names
    ]
    assert set(await store.commit_all(traced)) == set(await store.commit_all(went)) == {None}
    changes = {"state": "refused", "next_at": None, "last_reason": "not_ours", "first_sent_at": NOW}
    await store.commit_all([Transition(NOW, [Change(referrals, {"id": f"{one}-5"}, changes)]) for one in names])
    for row in await store.rows(select(figure_cases)):
        assert (row["traced_at"], row["seen_at"], row["provider"]) == (NOW + 3, NOW + 2, f"{row['id']} 3")
        assert row["referred_at"] in (NOW + 4, NOW + 5)
    kept = await store.rows(select(figure_referrals))
    assert {(row["id"][-1], row["state"], row["sent_back"]) for row in kept} == {
        ("4", "waiting", 0),
        ("5", "refused", 1),
    }


async def test_an_upgrade_takes_over_what_was_there(store: Writer, run: Run) -> None:
    told = Told(Random(7))  # noqa: S311 - a life, not a secret
    for n in range(80):
        await store.commit(told.step(n))
        for one in told.later:
            await store.commit(one)
        told.later = []
    before = [await known_later(store, table) for table in WRITTEN_BY_TRIGGERS]
    assert all(before)
    for table in WRITTEN_BY_TRIGGERS:
        await run(f"DELETE FROM {table.name}")  # noqa: S608 - our own names
    for said in (one for revision in ("0039", "0053") for one in SCRIPTS.get_revision(revision).module._THERE):
        await run(said)
    assert [await known_later(store, table) for table in WRITTEN_BY_TRIGGERS] == before


async def known_later(store: Writer, table: Any) -> list[dict[str, Any]]:
    names = KNOWN_LATER.get(table, {column.name for column in table.c})
    return [{name: row[name] for name in sorted(names)} for row in await rows(store, table)]


DOUBT = Add(meta, {"name": "clock_stopped", "value": b""})


async def test_what_is_measured_while_the_clock_is_in_doubt_is_marked_until_it_is_measured_anew(store: Writer) -> None:
    async def marked() -> set[tuple[str, str, str]]:
        return {(row["id"], row["what"], row["case_id"]) for row in await rows(store, figure_doubts)}

    def went(at: int) -> Transition:
        took = {"state": "accepted", "receipt": "", "next_at": None}
        sent = Change(referrals, {"id": "f"}, took | {"first_sent_at": at, "accepted_at": at})
        ends = {"state": "closed", "outcome": "removed", "closed_at": at, "next_at": None}
        acts = ({"id": f"{by}{at}", "case_id": "c", "action": "Removed", "at": at, "by": by} for by in ("router", "nl"))
        closed = Change(cases, {"id": "c"}, ends | {"gone_seen": json.dumps([at])})
        return Transition(at, (sent, closed), [Add(actions, one) for one in acts])

    told = [case("said", received_at=NOW - HOUR, opened_at=NOW, url_bidx=b"2"), *report("said", NOW)]
    opened = [case("c", received_at=NOW, opened_at=NOW), *report("c", NOW), referral("f", case_id="c")]
    await store.commit(Transition(NOW, adds=[*opened, DOUBT]))
    await store.commit(Transition(NOW, adds=told))
    await store.commit(went(NOW + HOUR))
    measured = {
        ("c", "gone_since", "c"),
        ("c", "closed_at", "c"),
        ("f", "first_sent_at", "c"),
        ("f", "accepted_at", "c"),
    }
    of_said = {("said", "opened_at", "said")}
    assert await marked() == measured | of_said | {(f"router{NOW + HOUR}", "Removed", "c")}
    before = await marked()
    await store.commit(Transition(NOW, removes=[Remove(meta, {"name": "clock_stopped"})]))
    assert await marked() == before
    await store.commit(went(NOW + 2 * HOUR))
    assert await marked() == of_said | {(f"router{NOW + HOUR}", "Removed", "c")}


@pytest.mark.parametrize("seed", range(6))
async def test_of_many_that_change_at_once_those_are_marked_that_were_measured_in_doubt(
    store: Writer, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a seed, no secret
    names = [f"m{n}" for n in range(12)]
    kept: dict[str, dict[str, int | None]]
    kept = {name: {"first_sent_at": None, "accepted_at": None, "closed_at": None} for name in names}
    marks, in_doubt = set[tuple[str, str, str]](), False
    opened = [case(name, opened_at=NOW + 1) for name in names]
    told = [one for name in names for one in (*report(name), referral(f"r{name}", case_id=name))]
    await store.commit(Transition(NOW, adds=[*opened, *told]))
    for n in range(12):
        if random.random() < 0.4:
            in_doubt = not in_doubt
            turned = {"adds": [DOUBT]} if in_doubt else {"removes": [Remove(meta, {"name": "clock_stopped"})]}
            await store.commit(Transition(NOW, **turned))
        group = []
        for name in random.sample(names, random.randrange(1, len(names))):
            new = {what: random.choice([at, None, NOW + n]) for what, at in kept[name].items()}
            for what, at in new.items():
                row = name if what == "closed_at" else f"r{name}"
                if at != kept[name][what]:
                    marks.discard((row, what, name))
                    marks |= {(row, what, name)} if in_doubt and at is not None else set()
            kept[name] = new
            closed = new.pop("closed_at")
            group.append(Change(cases, {"id": name}, {"closed_at": closed}))
            group.append(Change(referrals, {"id": f"r{name}"}, dict(new)))
            new["closed_at"] = closed
        await store.commit(Transition(NOW, group))
        assert {(row["id"], row["what"], row["case_id"]) for row in await rows(store, figure_doubts)} == marks
