"""The ways to a unit in their order: a folder that fails, a mailbox, and a person at the telephone."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.errors import NotSent
from router.partners.base import Accepted, Deferred, EffectClass, Outcome, Progressed, SentReferral, Unknown
from router.partners.dropbox.turn import BY_MAIL, GATHERING, IN_FOLDER, MAILED, PREPARED, TOLD
from router.world.police_unit import read_bundle
from schemas.vocabulary import Urgency
from tests.loopback import Loopback
from tests.partners.carried import Carried
from tests.partners.dropbox.unit_stage import UnitStage
from tests.postbox import Postbox, postbox
from tests.referrals import CANARY, a_message

HERE = "127.0.0.1"
MAIL = {"mail": "unit@police.test"}
CALL = {"telephone": "+32 2 000 00 00"}


def at_risk() -> Any:
    return a_message(urgency=Urgency.LIVE)


def relay(port: int, **more: Any) -> dict[str, Any]:
    return {"host": HERE, "port": port, "sender": "router@hotline.test", **more}


async def a_stage(
    folder: Path, net: Loopback, *ways: dict[str, str], port: int = 25, folder_first: bool = True
) -> UnitStage:
    stage = UnitStage.set_up(folder, await net.egress(), relay=relay(port))
    first = [{"folder": str(stage.unit.inbox)}] if folder_first else []
    config = {**stage.partner.config, "ways": [*first, *ways]}
    stage.partner = stage.partner.model_copy(update={"config": config})
    return stage


async def steps(stage: UnitStage, carried: Carried) -> tuple[list[str], Outcome]:
    """Make calls until nothing more is done by itself; return the steps and the last outcome."""
    done: list[str] = []
    for _ in range(8):
        outcome = await carried.turn()
        if not isinstance(outcome, Progressed):
            return done, outcome
        if done and outcome.progress.step == done[-1]:
            return done, outcome
        done.append(outcome.progress.step)
        stage.clock.advance(timedelta(minutes=1))
    raise AssertionError(done)


async def test_at_risk_a_folder_that_fails_gives_way_to_the_mailbox_at_once(tmp_path: Path, net: Loopback) -> None:
    async with postbox(net.certificate(HERE)) as box:
        stage = await a_stage(tmp_path, net, MAIL, port=box.port)
        stage.away()
        carried = stage.carried(at_risk())
        done, _ = await steps(stage, carried)
    assert done == [BY_MAIL, MAILED]
    assert (box.recipients, box.encrypted) == (["unit@police.test"], [True])
    assert set(opened(stage, box)) == {carried.id}


def opened(stage: UnitStage, box: Postbox) -> Any:
    (letter,) = box.letters
    content = letter.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert CANARY.encode() not in letter.as_bytes()
    path = stage.unit.answers / "mailed.p7m"
    path.write_bytes(content)
    return stage.unit.open(path).items


async def test_a_folder_that_fails_for_long_gives_way_too(tmp_path: Path, net: Loopback) -> None:
    async with postbox(net.certificate(HERE)) as box:
        stage = await a_stage(tmp_path, net, MAIL, port=box.port)
        stage.away()
        carried = stage.carried()
        assert isinstance(await carried.turn(), Deferred)
        stage.clock.advance(timedelta(minutes=59))
        assert isinstance(await carried.turn(), Deferred)
        stage.clock.advance(timedelta(minutes=1))
        done, _ = await steps(stage, carried)
        assert done == [BY_MAIL, MAILED]
        assert len(box.letters) == 1


async def test_a_folder_that_comes_back_is_used_again(tmp_path: Path, net: Loopback) -> None:
    stage = await a_stage(tmp_path, net, MAIL)
    kept = tmp_path / "kept"
    shutil.move(stage.unit.inbox, kept)
    carried = stage.carried()
    assert isinstance(await carried.turn(), Deferred)
    shutil.move(kept, stage.unit.inbox)
    done, _ = await steps(stage, carried)
    assert done == [GATHERING, PREPARED, IN_FOLDER]


async def test_at_risk_people_are_asked_to_call_when_nothing_else_works(tmp_path: Path, net: Loopback) -> None:
    stage = await a_stage(tmp_path, net, CALL)
    stage.away()
    outcome = await stage.carried(at_risk()).turn()
    assert isinstance(outcome, Deferred)
    assert outcome.by_hand
    assert "by telephone" in outcome.text
    calm = await stage.carried().turn()
    assert isinstance(calm, Deferred)
    assert not calm.by_hand


async def test_what_was_told_by_telephone_follows_marked_so_with_the_same_id(tmp_path: Path, net: Loopback) -> None:
    stage = await a_stage(tmp_path, net, CALL)
    kept = tmp_path / "kept"
    shutil.move(stage.unit.inbox, kept)
    carried = stage.carried(at_risk())
    await carried.turn()
    progress = stage.dialect.told(stage.partner, SentReferral(carried.id, None, carried.progress), "FP/1")
    assert progress is not None
    assert progress.step == TOLD
    carried.progress = progress
    assert isinstance(await carried.turn(), Deferred)
    shutil.move(kept, stage.unit.inbox)
    done, outcome = await steps(stage, carried)
    assert done == [PREPARED]
    assert isinstance(outcome, Accepted)
    assert outcome.receipt == "FP/1"
    bundle = stage.bundle()
    assert set(bundle.items) == {carried.id}
    assert "told" in bundle.said
    assert "AL GEMELD" in bundle.page


async def test_a_unit_that_is_only_called_gets_nothing_in_writing(tmp_path: Path, net: Loopback) -> None:
    stage = await a_stage(tmp_path, net, CALL, folder_first=False)
    outcome = await stage.carried(at_risk()).turn()
    assert isinstance(outcome, Deferred)
    assert outcome.by_hand
    assert stage.dialect.told(stage.partner, SentReferral("r"), "FP/1") is None
    assert stage.dialect.telephone(stage.partner) == CALL["telephone"]


async def test_without_starttls_nothing_is_mailed(tmp_path: Path, net: Loopback) -> None:
    async with postbox(None) as box:
        stage = await a_stage(tmp_path, net, MAIL, port=box.port, folder_first=False)
        carried = stage.carried(at_risk())
        await carried.turn()
        outcome = await carried.turn()
        assert isinstance(outcome, Deferred)
        assert not outcome.may_have_arrived
        assert box.letters == []


async def test_a_letter_that_may_have_arrived_is_never_sent_again_by_itself(
    tmp_path: Path, net: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    from router.errors import NoAnswer
    from router.partners.dropbox import dialect

    async def silent(*_: object, **__: object) -> None:
        raise NoAnswer("The letter was sent, but the relay did not say that it has it", reason="broken_off")

    monkeypatch.setattr(dialect, "post", silent)
    stage = await a_stage(tmp_path, net, MAIL, folder_first=False)
    carried = stage.carried(at_risk())
    await carried.turn()
    outcome = await carried.turn()
    assert isinstance(outcome, Unknown)
    assert outcome.for_people
    assert stage.dialect.effect_after(BY_MAIL) is EffectClass.AT_LEAST_ONCE


async def test_a_test_bundle_is_opened_and_its_code_sets_the_unit_live(tmp_path: Path, net: Loopback) -> None:
    stage = await a_stage(tmp_path, net)
    config = {key: value for key, value in stage.partner.config.items() if key != "rehearsed"}
    fresh = stage.partner.model_copy(update={"config": config})
    assert (await stage.dialect.rehearse(fresh)).ok
    bundle = stage.bundle()
    (item,) = bundle.items.values()
    assert "DIT IS EEN TEST" in bundle.page
    live = fresh.model_copy(update={"config": {**config, "rehearsed": item["reply_code"]}})
    assert (await stage.dialect.check(live)).ok


def test_reading_a_bundle_needs_its_manifest() -> None:
    with pytest.raises(KeyError):
        read_bundle("x", b"Content-Type: text/plain\r\n\r\nnothing")
    assert NotSent.code


@pytest.mark.parametrize(("urgency", "goes_on"), [(Urgency.NONE, False), (Urgency.LIVE, True)])
async def test_what_may_lie_in_a_folder_that_cannot_be_seen_is_not_mailed_as_well(
    tmp_path: Path, net: Loopback, urgency: Urgency, goes_on: bool
) -> None:
    stage = await a_stage(tmp_path, net, MAIL)
    carried = stage.carried(a_message(urgency=urgency))
    for _ in range(5):
        if carried.progress is not None and carried.progress.step == PREPARED:
            break
        await carried.turn()
        stage.clock.advance(timedelta(minutes=1))
    await carried.call()  # its sender dies
    carried.in_doubt = True
    stage.away()
    await carried.call()
    stage.clock.advance(timedelta(hours=2))
    outcome = await carried.call()
    assert isinstance(outcome, Progressed) is goes_on
