"""When a reported host is asked whether it is there, what it is shown, what is kept: over real HTTPS on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework import believed as clock
from router.casework.case.gate import HeldBack
from router.casework.case.record import open_case
from router.casework.desk import case_acts
from router.casework.desk.handed_over import handed_over
from router.casework.follow_up import step as follow_up
from router.casework.follow_up.probe import DAY, refused_in_a_row
from router.casework.read.figures import counted
from router.casework.retention.erase import erased
from router.casework.retention.expired import forget
from router.hosting.trace_notes import note
from router.store.base import Add, Change, Transition
from router.store.schema.tables import audit, cases, probed_hosts, probes
from schemas.acts import HandedOver
from schemas.casefile import DeskCode
from schemas.published import Audience, Period
from schemas.retention import Kept
from schemas.states import CaseState
from schemas.trace import DnsOutcome, Verdict, VerdictKind
from schemas.vocabulary import Outcome, UnitAnswer
from tests.casebook import ANNA, CANADIAN, DUTCH, Casebook
from tests.casework.follow_up.checks import due
from tests.embargoes import embargo
from tests.police_holds import UNIT, they_say
from tests.probing import NOT_FOUND, Host, asking, kept


@pytest.fixture
async def host(book: Casebook, tmp_path: Path) -> AsyncIterator[Host]:
    async with asking(book, tmp_path / "net") as one:
        yield one


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()


async def test_unless_the_operator_allows_it_nobody_is_asked(book: Casebook, host: Host) -> None:
    book.ctx = replace(book.ctx, prober=None)
    await book.step(await due(book))
    assert (host.heard, await kept(book)) == ([], [])


async def test_a_check_asks_the_host_and_says_what_it_answered(book: Casebook, host: Host) -> None:
    case = await book.step(await due(book))
    assert [one.split("\r\n")[0] for one in host.heard] == ["HEAD /page HTTP/1.1"]
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK)
    assert case["desk_text"] == "Look whether it is gone: no partner says that it is removed, its server answers 200."
    (row,) = await kept(book)
    assert (row["finding"], row["status"], row["referrer"]) == ("answered", 200, "none")
    acts = [(one["act"], one["detail"]) for one in await book.rows(audit) if one["act"].startswith("case.probe")]
    assert acts == [
        ("case.probed", '{"referrer":"none"}'),
        ("case.probe_ended", '{"probe":"answered","status":200}'),
    ]


async def test_a_host_that_answers_only_with_the_referrer(book: Casebook, host: Host) -> None:
    """It is shown the page from which the location was reached; without it, "not found" proves nothing."""
    case_id = await due_with(book, "https://forum.test/t/1#post-2")
    await book.step(case_id)
    assert host.shown() == ["https://forum.test/t/1"]
    assert [row["referrer"] for row in await kept(book)] == ["sent"]
    host.says = NOT_FOUND
    other = await due_with(book, "https://forum.test/t?sid=abc", "https://example.test/other", "r-2")
    case = await book.step(other)
    assert host.shown() == ["https://forum.test/t/1", None]
    assert "answers 404, which proves nothing without the page that it is reached from" in case["desk_text"]


@pytest.mark.parametrize(
    ("referrer", "kind"),
    [
        ("https://forum.test/t?token=x", "withheld"),
        ("https://anna:secret@forum.test/", "withheld"),
        ("https://forum.test/?u=anna@example.org", "withheld"),
        ("https://t.me/+AbCdEf", "withheld"),
        ("magnet:?xt=urn:btih:0123456789012345678901234567890123456789", "withheld"),
        ("http://abcdefghij234567abcdefghij234567abcdefghij234567abcdefgh.onion/", "withheld"),
    ],
)
async def test_a_referrer_that_may_name_somebody_is_not_shown(
    book: Casebook, host: Host, referrer: str, kind: str
) -> None:
    await book.step(await due_with(book, referrer))
    assert host.shown() == [None]
    assert [row["referrer"] for row in await kept(book)] == [kind]


@pytest.mark.parametrize(
    "location",
    [
        "https://example.test/p?PHPSESSID=1",
        "https://example.test/p?token=1",
        "https://example.test/p?X-Amz-Signature=1",
        "https://example.test/p?invite=1",
        "https://example.test/invite/abc",
        "https://example.test/p/eyJhbGciOi.eyJzdWIiOi.x",
        "https://example.test/p?m=anna%40example.org",
        "https://anna@example.test/p",
        "ftp://example.test/p",
    ],
)
async def test_a_location_that_may_name_somebody_is_not_asked_for(book: Casebook, host: Host, location: str) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(
        update={"routes": tuple(one for one in book.rules.policy_.routes if one.name != "look-before-sending")}
    )
    case = await book.step(await due_with(book, None, location))
    assert case["desk_code"] == DeskCode.LOOK, "it was checked"
    assert (host.heard, await kept(book)) == ([], [])


@pytest.mark.parametrize(
    ("verdict", "known"),
    [
        (Verdict(kind=VerdictKind.NO_HOST), {}),
        (Verdict(kind=VerdictKind.UNRESOLVED), {"outcome": DnsOutcome.SERVFAIL}),
        (Verdict(kind=VerdictKind.UNRESOLVED), {"outcome": DnsOutcome.NXDOMAIN, "gone": True}),
        (DUTCH.model_copy(update={"reasons": (note("shortener"),)}), {}),
        (DUTCH, {"outcome": DnsOutcome.TIMEOUT}),
    ],
)
async def test_where_nobody_is_known_to_be_nobody_is_asked(
    book: Casebook, host: Host, verdict: Verdict, known: dict[str, Any]
) -> None:
    case_id = await due(book)
    book.world.verdict, book.world.known = verdict, known
    await book.step(case_id)
    assert host.heard == []


async def _embargo(book: Casebook, case_id: str) -> None:
    """One that begins between the look-up and the question."""

    async def begins() -> None:
        book.world.meanwhile = None
        await embargo(book.ctx, "host", "example.test")

    book.world.meanwhile = begins


async def _police(book: Casebook, case_id: str) -> None:
    await handed_over(book.ctx, case_id, ANNA, HandedOver(partner=UNIT, reference="FP/1", reason="told"))


async def _police_have_another_page(book: Casebook, _case: str) -> None:
    other = await book.take("https://example.test/another", "r-9")
    await book.step(other)
    await _police(book, other)


async def _at_risk(book: Casebook, case_id: str) -> None:
    row = await book.case(case_id)
    change = Change(cases, {"id": case_id}, {"urgency": "live"}, row["version"])
    await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))


async def _clock_in_doubt(book: Casebook, _case: str) -> None:
    await clock.beat(book.ctx)
    book.clock.move(timedelta(days=2))


@pytest.mark.parametrize("set_up", [_embargo, _police, _police_have_another_page, _at_risk, _clock_in_doubt])
async def test_what_keeps_it_from_being_asked(
    book: Casebook, host: Host, set_up: Callable[[Casebook, str], Awaitable[None]]
) -> None:
    case_id = await due(book)
    await set_up(book, case_id)
    await book.step(case_id)
    assert (host.heard, await kept(book)) == ([], [])


async def test_what_a_unit_says_that_it_has_closed_keeps_nobody(book: Casebook, host: Host) -> None:
    case_id = await due(book)
    await _police_have_another_page(book, case_id)
    (other,) = [row["id"] for row in await book.rows(cases) if row["id"] != case_id]
    await case_acts.close(book.ctx, other, ANNA, "it is gone", outcome=Outcome.REMOVED)
    await book.step(case_id)
    assert host.heard == [], "that we closed it ends nothing of theirs"
    await they_say(book.ctx, other, UnitAnswer.CLOSED, outcome=Outcome.REMOVED)
    book.later(days=8)
    await book.step(case_id)
    assert len(host.heard) == 1


async def test_an_embargo_after_the_claim_holds_it_all_the_same(
    book: Casebook, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, commit = await due(book), book.ctx.store.commit

    async def and_then(transition: Transition) -> None:
        await commit(transition)
        if any(one.act == "case.probed" for one in transition.events):
            await embargo(book.ctx, "host", "example.test")

    monkeypatch.setattr(book.ctx.store, "commit", and_then)
    with pytest.raises(HeldBack):
        await follow_up.run(book.ctx, await book.case(case_id))
    assert host.heard == []
    assert [row["finding"] for row in await kept(book)] == [None]


async def test_a_host_is_asked_once_a_day_whichever_of_its_cases_asks(book: Casebook, host: Host) -> None:
    pages = ["https://example.test/1", "https://example.test/2", "http://example.test./3", "https://example.test/4"]
    made = [await book.decided(page, f"r-{at}") for at, page in enumerate(pages)]
    await book.send()
    await book.send()
    book.later(days=8)
    await asyncio.gather(book.step(made[0]), book.step(made[1]))
    assert len(host.heard) == 1
    book.later(hours=23.99)
    await book.step(made[2])
    assert len(await kept(book)) == 1, "the same machine, and not a day later"
    book.later(hours=0.01)
    await book.step(made[3])
    assert len(host.heard) == 2


async def test_when_a_host_was_asked_is_forgotten_and_what_it_said_is_not(book: Casebook, host: Host) -> None:
    await book.step(await due(book))
    await clock.beat(book.ctx)
    await forget(book.ctx)
    assert len(await book.rows(probed_hosts)) == 1
    book.later(days=2)
    await forget(book.ctx)
    assert await book.rows(probed_hosts) == []
    assert len(await kept(book)) == 1


async def test_refusals_in_a_row_end_with_whatever_is_seen_there(book: Casebook, host: Host) -> None:
    case_id = await due(book)
    opened = await open_case(book.ctx, await book.case(case_id))
    found = [await _checked(book, host, case_id, listens=listens) for listens in (False, False, True, False)]
    assert [len(one) for one in found] == [1, 2, 0, 1]
    case = await book.case(case_id)
    assert "nobody listens at any of its addresses" in case["desk_text"]
    assert case["state"] == CaseState.DESK, "by itself that closes nothing"
    seen = replace(opened, row={**opened.row, "last_seen_at": book.ctx.now() - DAY})
    assert await refused_in_a_row(book.ctx, seen) == ()


async def _checked(book: Casebook, host: Host, case_id: str, *, listens: bool) -> tuple[int, ...]:
    """Check a case whose host listens, or does not; return when it refused us since anybody found it there."""
    open_port = dict(host.net.ports)
    if not listens:
        host.leaves()
    await book.step(case_id)
    host.net.ports = open_port
    book.later(days=8)
    return await refused_in_a_row(book.ctx, await open_case(book.ctx, await book.case(case_id)))


def _refused_counts(book: Casebook) -> None:
    policy = book.rules.policy_
    closing = policy.closing.model_copy(update={"refused": True})
    book.rules.policy_ = policy.model_copy(update={"closing": closing})


async def _another_host_answers(book: Casebook, host: Host) -> None:
    at = book.ctx.now()
    said = {"id": f"p-{at}", "case_id": "another", "at": at, "ended_at": at, "referrer": "none", "finding": "answered"}
    await book.ctx.store.commit(Transition(at, adds=(Add(probes, said),)))


async def test_where_the_policy_says_so_a_host_that_refuses_us_three_times_is_gone(book: Casebook, host: Host) -> None:
    """Each counts a day after the last, and the check comes again for it then."""
    _refused_counts(book)
    case_id = await due(book)
    await _another_host_answers(book, host)
    host.leaves()
    for days in (1, 1, 0):
        case = await book.step(case_id)
        book.later(days=days)
    assert (case["state"], case["outcome"]) == (CaseState.CLOSED, Outcome.UNAVAILABLE)
    assert case["rests_on"] == "Every address of the host refused the connection in 3 checks, 24 hours apart."
    closed = [json.loads(row["detail"]) for row in await book.rows(audit) if row["act"] == "case.closed"]
    assert [one["rests_on"] for one in closed] == ["host_gone"]


async def test_one_answer_between_them_begins_the_row_anew(book: Casebook, host: Host) -> None:
    _refused_counts(book)
    case_id = await due(book)
    await _another_host_answers(book, host)
    states = []
    for listens in (False, False, True, False, False):
        await _checked(book, host, case_id, listens=listens)
        states.append((await book.case(case_id))["state"])
    assert CaseState.CLOSED not in states


async def test_what_moved_is_followed_whoever_listens_there(book: Casebook, host: Host) -> None:
    _refused_counts(book)
    case_id = await due(book)
    await _another_host_answers(book, host)
    host.leaves()
    book.world.verdict = CANADIAN
    assert (await book.step(case_id))["state"] == CaseState.LOCATED


async def test_where_no_host_answers_us_it_may_be_our_own_network(book: Casebook, host: Host) -> None:
    _refused_counts(book)
    case_id = await due(book)
    host.leaves()
    for _ in range(5):
        case = await book.step(case_id)
        book.later(days=8)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.LOOK)
    assert len(await kept(book)) == 5


async def test_figures_count_what_came_of_it_after_the_case_is_gone_too(book: Casebook, host: Host) -> None:
    case_id = await due(book)
    await book.step(case_id)
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    row = await book.case(case_id)
    for one in await erased(book.ctx, Kept.CASES, [row], ANNA.id):
        await book.ctx.store.commit(one)
    assert await kept(book) == []
    day = book.ctx.clock.now().date()
    period = Period(first=day - timedelta(days=60), last=day)
    found = await counted(book.ctx, Audience.INTERNAL, period)
    told = {(one.measure, one.dimension, one.key): one.value for one in found.figures}
    assert told["probes", "finding", "answered"] == 1


async def due_with(
    book: Casebook,
    referrer: str | None,
    location: str = "https://example.test/page",
    reference: str = "r-1",
) -> str:
    """A case whose check is due, by way of a page."""
    item = {} if referrer is None else {"ways_in": {"referrer": referrer}}
    case_id = await book.decided(location, reference, item=item)
    await book.send()
    book.later(days=5)
    return case_id
