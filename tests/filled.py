"""A store with as many cases as wanted, written directly by bulk INSERT beside the rooms: nothing was ever reported.

Each case is as the rooms leave one: a report, its item, a key that opens what is sealed, a trace, a decision, its
referral with an attempt, entries of the audit, a follow-up and a silent trace where its partner has it, and where it is
closed what its partner did. Seven of ten are closed, two are with their partners, one is on the desk; a few are in each
of the rarer states. Each was seen by somebody and came by an inbox of a peer or of a hub too, and of what is rare
beside them there is some: embargoes that held cases, items that somebody has, what is to be reminded of. Its triggers
count them, as always. `Mix` says otherwise: all of them waiting, closed long ago, or on the desk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

import apsw
import asyncpg

from router.clock import moment
from router.guard.seal import CaseKey, Keyring
from router.store.batches import RowShape
from router.store.ids import new_ids
from router.store.schema.tables import (
    actions,
    attempts,
    audit,
    case_keys,
    cases,
    decisions,
    embargo_hits,
    embargoes,
    epochs,
    figure_cases,
    figure_items,
    figure_referrals,
    figure_reports,
    figure_signs,
    follow_ups,
    hub_items,
    inbox,
    items,
    leases,
    referrals,
    reports,
    sightings,
    silent_traces,
    traces,
)
from router.store.sqlite.many_rows import insert_rows
from schemas.decision import Decision
from schemas.site import written
from schemas.trace import Trace, Verdict, VerdictKind

#: Cases of one INSERT or COPY.
BATCH: Final = 2_000
HOUR: Final = 3_600_000_000
COUNTRIES: Final = ("NL", "FR", "DE", "CA", "US", "RU", None)
SOURCES: Final = ("form", "analysts", "crawler")
PARTNERS: Final = ("hotline-nl", "hotline-ca", "federal-police")
ACTS: Final = ("report.taken", "case.traced", "case.decided", "referral.accepted")
OTHERS: Final = ("report", "item", "trace", "decision", "referral", "attempt", "check", "look", "act")
REASONS: Final = ("not_assessed", "doubtful", "refused", "no_recipient", "look")
#: The tag of the host that every fifth case is of.
COMMON_SITE: Final = written(bytes(16))
#: Tables that grow with every case: no statement of worker, lists and figures may read one of them whole.
BIG: Final = frozenset(
    table.name
    for table in (
        reports, items, cases, case_keys, traces, decisions, referrals, attempts, follow_ups, audit, actions, sightings,
        silent_traces, inbox, hub_items, embargo_hits, figure_reports, figure_items, figure_cases, figure_referrals,
        figure_signs,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Mix:
    """Of how many in a hundred cases is what; the rest is on the desk."""

    closed: int = 70
    waiting: int = 20  #: its partner has it, and it is looked at again
    closed_ago: int = 0  #: hours since those were closed


USUAL: Final = Mix()


@dataclass
class Rows:
    """Rows by table, each as the values of the same columns."""

    of: dict[str, tuple[RowShape, list[tuple[Any, ...]]]] = field(default_factory=dict)

    def add(self, table: Any, **row: Any) -> None:
        shape, rows = self.of.setdefault(table.name, (RowShape(table, tuple(row)), []))
        assert shape.columns == tuple(row)
        rows.append(tuple(row.values()))


def batches(count: int, keyring: Keyring, now: int, mix: Mix = USUAL) -> Iterator[Rows]:
    """Return the rows of so many cases, a batch at a time; what waits for a later day waits from `now` on."""
    random = Random(count)  # noqa: S311 - the same rows in every run
    (epoch,) = new_ids(1)
    decision = Decision(policy_version=1).model_dump_json()
    verdict = Verdict(kind=VerdictKind.COUNTRY, country="NL", countries=("NL",), confidence=0.99)
    trace = (
        Trace(host="host.test", traced_at=moment(now), verdict=verdict).model_dump_json(exclude_defaults=True).encode()
    )
    for first in range(0, count, BATCH):
        rows = Rows()
        case_ids = new_ids(min(BATCH, count - first))
        for n, (case_id, (key, wrapped)) in enumerate(zip(case_ids, keyring.new_case_keys(case_ids), strict=True)):
            ids = dict(zip(OTHERS, new_ids(len(OTHERS)), strict=True))
            country, state = random.choice(COUNTRIES), _state(random, first + n, mix)
            shut = now - mix.closed_ago * HOUR if state == "closed" else None
            one = _Case(first + n, case_id, key, wrapped, now, shut, country, state, ids, keyring.ids()[0])
            _taken(rows, one, trace)
            _case(rows, one)
            _sent(rows, one, decision, random.randbytes(500))
            _beside(rows, one)
            _audited(rows, one, epoch)
        if first == 0:
            rows.add(epochs, epoch=epoch, opened_at=now, signed_seq=0)
            _embargo(rows, now)
        yield rows


def _state(random: Random, n: int, mix: Mix) -> str:
    if n % 5_000 == 17 and mix is USUAL:
        return "located"
    drawn = random.random() * 100
    return "closed" if drawn < mix.closed else "referred" if drawn < mix.closed + mix.waiting else "desk"


@dataclass(frozen=True)
class _Case:
    """What the rows of one case share."""

    n: int
    id: str
    key: CaseKey
    wrapped: bytes
    now: int
    shut: int | None  #: when it was closed
    country: str | None
    state: str
    ids: dict[str, str]  #: of its other rows, by what they are
    master: bytes  #: the id of the master key

    @property
    def opened(self) -> int:
        return (self.now if self.shut is None else self.shut) - (self.n % 700) * HOUR

    @property
    def there(self) -> bool:
        """Whether somebody saw it still there, and its partner was not reminded: of some, most are closed by now."""
        return self.state != "desk" and self.n % 200 == 7

    @property
    def host(self) -> bytes:
        """The index of its host: that of every fifth case is the same, the one that people write as `COMMON_SITE`."""
        return self.master + (self.n if self.n % 5 else 0).to_bytes(16)

    @property
    def bidx(self) -> bytes:
        return self.n.to_bytes(20)

    @property
    def next_at(self) -> int | None:
        if self.state in ("closed", "desk"):
            return None
        return self.now + (999 if self.state == "located" else 24 + self.n % 500) * HOUR


def _taken(rows: Rows, one: _Case, trace: bytes) -> None:
    """Add what was reported, and where it is."""
    location, opened, bidx = f"https://host{one.n}.test/page", one.opened, one.bidx
    rows.add(
        reports, id=one.ids["report"], source=SOURCES[one.n % 3], reference_bidx=bidx, body_digest=bidx,
        received_at=opened, taken_at=opened, assessment="baseline", urgency="none", lane="normal",
        dossier=f"{one.n:09d}",
    )  # fmt: skip
    item = f'{{"reference": "r-{one.n}", "location": "{location}"}}'
    rows.add(
        items, id=one.ids["item"], report_id=one.ids["report"], position=0, case_id=one.id,
        sealed=one.key.seal(f"item:{one.ids['item']}", item.encode()), added_at=opened, assessment="baseline",
    )  # fmt: skip
    rows.add(case_keys, case_id=one.id, wrapped=one.wrapped)
    rows.add(
        traces, id=one.ids["trace"], case_id=one.id, traced_at=opened, verdict="country", country=one.country,
        confidence=0.99, outcome="found", sealed=one.key.seal(f"trace:{one.ids['trace']}", trace),
    )  # fmt: skip


def _case(rows: Rows, one: _Case) -> None:
    """Add the case itself."""
    on_desk, opened = one.state == "desk", one.opened
    urgent = on_desk and one.n % 500 == 3
    asked = REASONS[one.n % 5] if on_desk else None
    secrets = f'{{"canonical": "https://host{one.n}.test/page", "host": "host{one.n}.test"}}'
    rows.add(
        cases, id=one.id, state=one.state, version=5, next_at=one.next_at, kind="url", url_bidx=one.bidx,
        host_bidx=one.host, domain_bidx=one.host,
        sealed=one.key.seal(f"case:{one.id}", secrets.encode()), lane="normal",
        rank=0 if urgent else 2, source=SOURCES[one.n % 3], source_kind="public", assessment="baseline",
        assessed_at=opened, urgency="live" if urgent else "none", received_at=opened, opened_at=opened,
        verdict="country" if one.country else "unresolved", hosting_country=one.country, confidence=0.99,
        trace_id=one.ids["trace"], traced_at=opened, decision_id=one.ids["decision"], policy_version=1,
        desk_code=asked, desk_asked=asked, desk_text="Look at it." if on_desk else None,
        desk_since=opened if on_desk else None, desk_first_since=opened if on_desk else None,
        desk_also=",withdraw," if on_desk and one.n % 7 == 0 else None,
        desk_due=one.now + (one.n % 400 - 100) * HOUR if on_desk else None,
        outcome="removed" if one.state == "closed" else None, closed_at=one.shut, still_there=int(one.there),
    )  # fmt: skip


def _sent(rows: Rows, one: _Case, decision: str, payload: bytes) -> None:
    """Add what was decided, and what became of its referral."""
    waits, opened, sent = one.state == "referred" and one.n % 50 == 0, one.opened, one.ids["referral"]
    state = "waiting" if waits else "refused" if one.state == "desk" else "held" if one.n % 20_000 == 21 else "accepted"
    partner = PARTNERS[0 if one.n % 10 else 1 if one.n % 20 else 2]
    rows.add(
        decisions, id=one.ids["decision"], case_id=one.id, trace_id=one.ids["trace"], decided_at=opened, by="router",
        policy_version=1, facts="{}", decision=decision,
    )  # fmt: skip
    rows.add(
        referrals, id=sent, case_id=one.id, decision_id=one.ids["decision"], partner=partner, route="abroad",
        is_copy=0, state=state, version=3, next_at=one.now + 20 * HOUR + one.n if waits else None, rank=2,
        lane="normal", attempts=1 if not waits or one.n % 100 == 0 else 0, created_at=opened, payload=payload,
        receipt=f"x-{one.n}" if state == "accepted" else None, accepted_at=opened if state == "accepted" else None,
        bundle=sent if partner == "federal-police" else None, dialect="scripted",
        first_sent_at=opened if state == "accepted" else None, still_there_at=opened if one.there else None,
    )  # fmt: skip
    rows.add(
        attempts, id=one.ids["attempt"], referral_id=sent, started_at=opened, ended_at=opened, outcome="accepted",
        counted=1, reason="accepted", text="It was taken.", receipt=f"x-{one.n}",
    )  # fmt: skip
    if one.state == "referred":
        rows.add(follow_ups, id=one.ids["check"], case_id=one.id, due_at=one.next_at, done_at=None)


def _beside(rows: Rows, one: _Case) -> None:
    """Add who saw it, what its partner did, whose inbox it came by, and what is rare."""
    rows.add(sightings, case_id=one.id, by="person:anna", at=one.opened)
    if one.shut is not None:
        rows.add(
            actions, id=one.ids["act"], case_id=one.id, referral_id=one.ids["referral"], action="Removed", at=one.shut,
            by=PARTNERS[0],
        )  # fmt: skip
    if one.state == "referred":
        rows.add(silent_traces, id=one.ids["look"], case_id=one.id, since=one.opened, due_at=one.next_at)
    if one.n % 2:
        rows.add(
            inbox, peer=PARTNERS[1], origin=PARTNERS[1], origin_reference=f"o-{one.n}", referral_id=f"i-{one.n}",
            body_digest=one.bidx, receipt=f"r-{one.n}", case_id=one.id, taken_at=one.opened,
        )  # fmt: skip
    else:
        rows.add(
            hub_items, partner="hub", number=f"h-{one.n}", state="taken", listed_at=one.opened, read_at=one.opened,
            report=f"p-{one.n}", case_id=one.id, ended_at=one.shut,
        )  # fmt: skip
    if one.n % 1_000 == 3:
        rows.add(embargo_hits, embargo_id=EMBARGOES[one.n % 2_000 // 1_000], case_id=one.id, at=one.opened)
    if one.state == "desk" and one.n % 2_000 < 20:
        rows.add(leases, case_id=one.id, by="person:anna", since=one.now, until=one.now + HOUR)


#: One that lasts, and one that is over whose cases go on.
EMBARGOES: Final = ("e-lasts", "e-over")


def _embargo(rows: Rows, now: int) -> None:
    for name, until in zip(EMBARGOES, (now + 9_000 * HOUR, now - HOUR), strict=True):
        rows.add(
            embargoes, id=name, state="open", kind="host", marks=f'["{bytes(20).hex()}"]', sealed=b"", ask="anna",
            by="person:anna", since=now - 99 * HOUR, until=until,
        )  # fmt: skip


def _audited(rows: Rows, one: _Case, epoch: str) -> None:
    for at, act in enumerate(ACTS):
        rows.add(
            audit, epoch=epoch, seq=len(ACTS) * one.n + at + 1, at=one.opened + one.n % 1000, actor="router", act=act,
            case_id=one.id, referral_id=one.ids["referral"], detail="{}", sealed=None, hash=one.bidx,
        )  # fmt: skip


async def fill(url: str, count: int, keyring: Keyring, now: int, mix: Mix = USUAL) -> None:
    """Write so many cases into the migrated, empty database of a URL, then let it learn its statistics."""
    if urlsplit(url).scheme == "sqlite":
        return _fill_sqlite(url.removeprefix("sqlite:///"), count, keyring, now, mix)
    connection = await asyncpg.connect(url)
    for rows in batches(count, keyring, now, mix):
        async with connection.transaction():
            for name, (shape, values) in rows.of.items():
                await connection.copy_records_to_table(name, records=values, columns=shape.columns)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return None


def _fill_sqlite(path: str, count: int, keyring: Keyring, now: int, mix: Mix) -> None:
    connection = apsw.Connection(path)
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "OFF")  # a throw-away file
    connection.pragma("cache_size", -262_144)
    for rows in batches(count, keyring, now, mix):
        with connection:
            for shape, values in rows.of.values():
                insert_rows(connection, shape, values)
    connection.close()
