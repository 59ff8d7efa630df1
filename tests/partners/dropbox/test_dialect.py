"""What becomes of a referral to a unit, call by call: the promises of all stand in `test_promises`."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from router.errors import BadInput
from router.partners.base import Accepted, Deferred, Progressed, Unknown
from router.partners.dropbox.folder import MARK
from router.partners.fields import leaves
from schemas.exchange import DAILY_LIST
from schemas.vocabulary import Urgency
from tests.partners.carried import Carried
from tests.partners.dropbox.unit_stage import UnitStage
from tests.referrals import CANARY, a_message


@pytest.fixture
def stage(tmp_path: Path) -> UnitStage:
    return UnitStage.set_up(tmp_path)


async def until(stage: UnitStage, carried: Carried, step: str) -> Progressed:
    for _ in range(10):
        outcome = await carried.turn()
        assert isinstance(outcome, Progressed), outcome
        if outcome.progress.step == step:
            return outcome
        stage.clock.advance(timedelta(minutes=1))
    raise AssertionError(step)


async def together(stage: UnitStage, group: list[Carried], step: str) -> None:
    for _ in range(10):
        outcomes = await stage.dialect.send(stage.partner, [one.envelope for one in group])
        for one, outcome in zip(group, outcomes, strict=True):
            one.kept(outcome)
        if all(one.progress is not None and one.progress.step == step for one in group):
            return
        stage.clock.advance(timedelta(minutes=1))
    raise AssertionError(step)


async def test_the_items_of_a_report_are_one_bundle(stage: UnitStage) -> None:
    group = [stage.carried(a_message(batch="report-1")) for _ in range(3)]
    other = stage.carried(a_message(batch="report-2"))
    await together(stage, [*group, other], "in_folder")
    first, second = sorted(stage.unit.bundles(), key=lambda one: len(one.items))
    assert set(first.items) == {other.id}
    assert set(second.items) == {one.id for one in group}
    assert second.name == f"{min(one.id for one in group)}.p7m"


async def test_what_crawlers_reported_goes_once_a_day(stage: UnitStage) -> None:
    carried = stage.carried(a_message(batch=DAILY_LIST))
    outcome = await carried.turn()
    assert isinstance(outcome, Progressed)
    assert outcome.next_at is not None
    assert (outcome.next_at.hour, outcome.next_at.minute) == (5, 0)
    assert outcome.next_at - stage.clock.now() <= timedelta(days=1)
    assert stage.unit.files == []


async def test_at_risk_nothing_is_waited_for(stage: UnitStage) -> None:
    carried = stage.carried(a_message(batch=DAILY_LIST, urgency=Urgency.LIVE))
    for _ in range(2):
        outcome = await carried.turn()
    assert isinstance(outcome, Progressed)
    assert outcome.progress.step == "in_folder"
    stage.clock.advance(timedelta(minutes=15))
    assert isinstance(await carried.turn(), Unknown)


async def test_without_a_word_people_ask_when_the_time_is_over(stage: UnitStage) -> None:
    carried = stage.carried()
    left = await until(stage, carried, "in_folder")
    assert left.next_at is not None
    stage.clock.advance(timedelta(hours=23))
    assert isinstance(await carried.turn(), Progressed)
    stage.clock.advance(timedelta(hours=1))
    outcome = await carried.turn()
    assert isinstance(outcome, Unknown)
    assert outcome.for_people
    assert len(stage.unit.files) == 1


async def test_without_a_folder_of_answers_nobody_looks_for_them(tmp_path: Path) -> None:
    stage = UnitStage.set_up(tmp_path, answers=None, answers_signed_by=None)
    carried = stage.carried()
    await until(stage, carried, "in_folder")
    stage.clock.advance(timedelta(minutes=1))
    again = await carried.turn()
    assert isinstance(again, Progressed)
    assert again.next_at == stage.clock.now() + timedelta(hours=24, minutes=-1)


async def test_a_signed_answer_is_the_receipt(stage: UnitStage) -> None:
    carried = stage.carried()
    await until(stage, carried, "in_folder")
    (item,) = stage.bundle().items.values()
    stage.unit.answer({item["reply_code"]: "BR.12.L1.004567/2026"})
    outcome = await carried.turn()
    assert outcome == Accepted("BR.12.L1.004567/2026")


async def test_whoever_was_taken_back_before_the_bundle_left_is_not_in_it(stage: UnitStage) -> None:
    group = [stage.carried(a_message(batch="report-1")) for _ in range(2)]
    await together(stage, group, "prepared")
    stays, goes = group
    await together(stage, [goes], "in_folder")
    assert set(stage.bundle().items) == {goes.id}
    assert stays.id.encode() not in b"".join(one.read_bytes() for one in stage.unit.inbox.iterdir())
    assert sorted(one.name for one in stage.unit.inbox.iterdir()) == [MARK, f"{goes.id}.p7m"]


async def test_a_bundle_that_was_taken_away_in_the_moment_of_doubt_is_for_people(stage: UnitStage) -> None:
    carried = stage.carried()
    await until(stage, carried, "prepared")
    await carried.call()  # its sender dies
    for one in stage.unit.files:
        one.unlink()
    carried.in_doubt = True
    outcome = await carried.turn()
    assert isinstance(outcome, Unknown)
    assert outcome.for_people
    assert stage.unit.files == []


async def test_one_bundle_that_fails_leaves_the_others_as_they_are(stage: UnitStage) -> None:
    group = [stage.carried(a_message(batch=f"report-{number}")) for number in range(2)]
    await together(stage, group, "prepared")
    (stage.unit.inbox / f"{group[1].id}.p7m").mkdir()
    outcomes = await stage.dialect.send(stage.partner, [one.envelope for one in group])
    assert isinstance(outcomes[0], Progressed)
    assert isinstance(outcomes[1], Deferred)
    assert not outcomes[1].may_have_arrived


async def test_a_unit_that_opened_no_test_bundle_gets_nothing(stage: UnitStage) -> None:
    config = {key: value for key, value in stage.partner.config.items() if key != "rehearsed"}
    fresh = stage.partner.model_copy(update={"config": config})
    with pytest.raises(BadInput):
        await stage.dialect.send(fresh, [stage.envelope()])
    assert "rehearse" in (await stage.dialect.check(fresh)).text
    assert stage.unit.files == []


async def test_the_bundle_says_what_the_message_says_and_no_more(stage: UnitStage) -> None:
    carried = stage.carried(a_message(batch="report-1"))
    await until(stage, carried, "in_folder")
    bundle = stage.bundle()
    (item,) = bundle.items.values()
    message = json.loads(carried.message.model_dump_json(exclude_none=True))
    assert {key: item[key] for key in ("location", "assessment", "hosting", "received_at")} == {
        key: message[key] for key in ("location", "assessment", "hosting", "received_at")
    }
    everything = b"".join(bundle.files.values())
    assert b"report-1" not in everything, "how we bundle is ours"
    assert f"{CANARY}-password".encode() not in everything
    assert CANARY not in bundle.name
    assert CANARY.encode() not in b"".join(one.read_bytes() for one in stage.unit.files), "nothing in the clear"


async def test_a_bundle_made_anew_by_fewer_leaves_no_one_behind_who_is_in_doubt(stage: UnitStage) -> None:
    """Whoever carries them dies twice, so each goes alone then: what lies under the name holds the first one only."""
    group = [stage.carried(a_message(batch="report-1")) for _ in range(3)]
    await together(stage, group, "prepared")
    for one in group:
        one.in_doubt = True
    for one in sorted(group, key=lambda each: each.id):
        for _ in range(3):
            await one.turn()
    assert all(count == 1 for count in stage.effects.values())
    assert set(stage.effects) == {one.id for one in group}


def test_people_there_read_in_the_language_of_its_page(stage: UnitStage) -> None:
    assert stage.dialect.language(stage.partner) == "nl"


def test_by_what_it_is_bundled_leaves_with_nobody(stage: UnitStage) -> None:
    frozen = json.loads(stage.dialect.freeze(a_message(batch="report-1", is_copy=True, law="a law"), stage.partner))
    assert {name for name in frozen.keys() - {"item"} if not leaves(stage.dialect.leaving, name)} == {
        "batch",
        "at_risk",
    }
    assert all(leaves(stage.dialect.leaving, f"item.{name}") for name in frozen["item"])


async def test_a_unit_whose_keys_have_ended_is_still_one_that_knows_a_test(tmp_path: Path) -> None:
    """What ended is said by the test itself, by name; that nobody has a word for it would be untrue."""
    stage = UnitStage.set_up(tmp_path)
    stage.clock.advance(timedelta(days=900))
    assert stage.dialect.knows_a_test(stage.partner)
    with pytest.raises(BadInput):
        await stage.dialect.rehearse(stage.partner)
