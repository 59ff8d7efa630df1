"""Many referrals in one call: what the hub did is told of each, whatever goes wrong behind it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from router.errors import NotSent
from router.partners.base import Accepted, Deferred, Envelope, Outcome, Progress, Progressed, Reason, Refused, Unknown
from router.partners.iccam.dialect import IccamDialect
from router.partners.iccam.one_call import OneCall
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from schemas.exchange import AssessmentStatement, OwnMessage
from schemas.vocabulary import Assessment, Urgency
from tests.partners.iccam.sender import a_hub
from tests.partners.iccam.stage import START, Near
from tests.referrals import a_message

HUB = a_hub(mode="contents", gather="0s")


def a_report(files: int, name: str = "rep") -> list[OwnMessage]:
    page = a_message(origin_reference=f"{name}-page", report=name, taken_at=START, location=f"https://{name}.test/")
    found = [
        a_message(
            origin_reference=f"{name}-{n}",
            pages=(f"{name}-page",),
            report=name,
            taken_at=START,
            location=f"https://{name}.test/{n}.jpg",
        )
        for n in range(files)
    ]
    return [*found, page]  # a page may well be the last one


async def called(
    at: Near, messages: Sequence[OwnMessage], kept: dict[str, Progress] | None = None, *, in_doubt: bool = False
) -> list[Outcome]:
    dialect = IccamDialect(at.tools)
    envelopes = [
        Envelope(one.referral_id, dialect.freeze(one, HUB), (kept or {}).get(one.referral_id), in_doubt)
        for one in messages
    ]
    return await dialect.send(HUB, envelopes)


def progress(messages: Sequence[OwnMessage], outcomes: Sequence[Outcome]) -> dict[str, Progress]:
    said = zip(messages, outcomes, strict=True)
    return {
        one.referral_id: outcome.progress
        for one, outcome in said
        if isinstance(outcome, Progressed | Accepted) and outcome.progress is not None
    }


def posts(at: Near) -> int:
    return at.paths.count("POST rest/reports")


async def test_a_report_is_one_call_and_each_learns_its_number(at: Near) -> None:
    outcomes = await called(at, a_report(3))
    assert [one.progress.said["report"] for one in outcomes if isinstance(one, Progressed)] == ["900001"] * 4
    assert posts(at) == 1
    assert [one.is_source for one in at.hub.contents.values()] == [True, False, False, False]


async def test_several_reports_may_be_made_in_one_call(at: Near) -> None:
    messages = [*a_report(1, "one"), *a_report(2, "two")]
    outcomes = await called(at, messages)
    assert all(isinstance(one, Progressed) for one in outcomes)
    assert sorted(len(report.contents) for report in at.hub.reports.values()) == [2, 3]


async def test_what_failed_behind_another_is_left_and_the_first_keeps_its_number(at: Near) -> None:
    """The second report's connection is refused: nothing of that may take the first one's number away."""
    at.server.troubles.order(Trouble(Kind.DROP_BEFORE, "rest/reports", "POST", skip=1))
    messages = [*a_report(0, "one"), *a_report(0, "two")]
    first, second = await called(at, messages)
    assert isinstance(first, Progressed)
    assert isinstance(second, Unknown)


async def test_what_cannot_be_sent_behind_another_has_its_turn_next(at: Near, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = OneCall._one, 0

    async def one(self: OneCall, asked: object) -> object:
        nonlocal made
        made += 1
        if made == 2:
            raise NotSent("away", reason="connect")
        return await real(self, asked)  # type: ignore[arg-type] # the real one, seen through a stand-in

    monkeypatch.setattr(OneCall, "_one", one)
    messages = [*a_report(0, "one"), *a_report(0, "two"), *a_report(0, "three")]
    first, *others = await called(at, messages)
    assert isinstance(first, Progressed)
    for outcome in others:
        assert isinstance(outcome, Deferred)
        assert (outcome.reason, outcome.counted) == (Reason.OWN_PACE, False)
    made = 1
    with pytest.raises(NotSent):
        await called(at, messages)  # the first of a call says it of all: nothing was done in it


async def test_where_time_is_short_no_other_report_is_begun(at: Near) -> None:
    dialect, messages = IccamDialect(at.tools), [*a_report(0, "one"), *a_report(1, "two")]
    envelopes = [Envelope(one.referral_id, dialect.freeze(one, HUB)) for one in messages]
    first, *others = await dialect.send(HUB, envelopes, deadline=5)
    assert isinstance(first, Progressed)
    assert {type(one) for one in others} == {Deferred}
    assert posts(at) == 1


async def test_what_has_begun_and_had_no_time_stays_where_it_is(at: Near) -> None:
    messages = a_report(2)
    kept = progress(messages, await called(at, messages))
    dialect = IccamDialect(at.tools)
    envelopes = [Envelope(one.referral_id, dialect.freeze(one, HUB), kept[one.referral_id]) for one in messages]
    first, *others = await dialect.send(HUB, envelopes, deadline=5)
    assert isinstance(first, Progressed)
    assert [one.progress.step for one in others if isinstance(one, Progressed)] == ["reported"] * 2


async def test_a_child_at_risk_is_reported_before_others(at: Near) -> None:
    messages = [*a_report(0, "one"), a_message(report="two", urgency=Urgency.LIVE, location="https://two.test/")]
    await called(at, messages)
    assert [one.url for one in at.hub.contents.values()] == ["https://two.test/", "https://one.test/"]


async def test_what_the_hub_refuses_together_is_told_one_by_one(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/reports", "POST", status=413))
    messages = a_report(2)
    outcomes = await called(at, messages)
    assert [one.progress.step for one in outcomes if isinstance(one, Progressed)] == ["gathering"] * 3
    kept: dict[str, Progress] = {}
    for _ in range(8):
        kept |= progress(messages, outcomes)
        outcomes = await called(at, messages, kept)
    assert [len(report.contents) for report in at.hub.reports.values()] == [1, 1, 1]


async def test_what_the_hub_has_no_word_for_stops_no_other(at: Near) -> None:
    del at.hub.words["classifications"][2]
    *files, page = a_report(2)
    national = AssessmentStatement(value=Assessment.NATIONAL)
    wrong = files[0].model_copy(update={"assessment": national})
    refused, *others = await called(at, [wrong, files[1], page])
    assert isinstance(refused, Refused)
    assert {type(one) for one in others} == {Progressed}
    assert [len(report.contents) for report in at.hub.reports.values()] == [2]


async def test_a_report_whose_answer_was_lost_is_found_for_each_by_its_own_reference(at: Near) -> None:
    at.server.troubles.order(Trouble(Kind.DROP_AFTER, "rest/reports", "POST"))
    messages = a_report(3)
    lost = await called(at, messages)
    assert {type(one) for one in lost} == {Unknown}
    found = await called(at, messages, in_doubt=True)
    assert [one.progress.said["report"] for one in found if isinstance(one, Progressed)] == ["900001"] * 4
    assert posts(at) == 1


async def test_each_ends_with_its_own_content_whose_url_the_hub_wrote_anew(at: Near) -> None:
    at.hub.rules = Rules(normalise_urls=True, shows_reference=False)
    messages = [one.model_copy(update={"location": one.location.replace("rep", "REP")}) for one in a_report(2)]
    kept: dict[str, Progress] = {}
    for _ in range(8):
        outcomes = await called(at, messages, kept)
        kept |= progress(messages, outcomes)
        await at.clock.sleep(61)
    receipts = [one.receipt for one in outcomes if isinstance(one, Accepted)]
    contents = {one.url: f"900001/{one.id}" for one in at.hub.contents.values()}
    assert receipts == [contents[one.location.replace("REP", "rep")] for one in messages]


async def test_one_report_a_call_is_noted_before_it_is_made(at: Near) -> None:
    """So a process that dies with many in its hands leaves one report in doubt."""
    hub = a_hub(mode="contents")
    messages = [*a_report(1, "one"), *a_report(1, "two")]
    dialect = IccamDialect(at.tools)
    kept: dict[str, Progress] = {}
    last: list[Outcome] = []

    async def turn(*, in_doubt: bool = False) -> list[str]:
        envelopes = [
            Envelope(o.referral_id, dialect.freeze(o, hub), kept.get(o.referral_id), in_doubt) for o in messages
        ]
        outcomes = await dialect.send(hub, envelopes)
        kept.update(progress(messages, outcomes))
        last[:] = outcomes
        return [kept[one.referral_id].step for one in messages]

    assert await turn() == ["gathering"] * 4
    at.clock.advance(timedelta(days=30))
    assert await turn() == ["ready", "ready", "gathering", "gathering"]
    dates = [one.next_at for one in last if isinstance(one, Progressed)]
    assert dates[:2] == [None, None]
    assert dates[2] is not None
    assert dates[2] == dates[3]  # what goes together comes due together
    assert posts(at) == 0
    assert await turn(in_doubt=True) == ["ready", "ready", "ready", "ready"]  # the first two are looked for
    assert posts(at) == 0
