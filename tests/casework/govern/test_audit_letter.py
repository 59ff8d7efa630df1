"""The auditor gets a letter a day with the newest root, which `audit verify --anchor` reads; one that fails is told."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from router.casework.alarm.ways import publish
from router.casework.govern.audit_letter import letter, post_root
from router.guard.anchor import FILE, Anchors, line_of, read
from router.guard.audit import make_checkpoint
from router.guard.seal import Keyring
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings
from tests.bells import Alarmed, alarmed

RING = Keyring.open(b"m" * 32)
TO = "auditor@hotline.test"
DAY = {"hours": 24}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Alarmed]:
    async with alarmed(tmp_path) as made:
        made.book.ctx = replace(made.book.ctx, anchors=Anchors(tmp_path / FILE, "hotline-be", mail=TO))
        yield made


def sign(house: Alarmed, number: int) -> None:
    assert house.book.ctx.anchors is not None
    made = make_checkpoint(None, house.book.ctx.now(), {"e": (number, b"x" * 32)}, RING.sign_audit)
    house.book.ctx.anchors.keep(made._replace(number=number))


async def test_a_letter_a_day_and_only_when_there_is_something_new(house: Alarmed) -> None:
    ctx = house.book.ctx
    assert not await post_root(ctx)  # nothing was signed yet
    sign(house, 1)
    assert [await post_root(ctx) for _ in range(3)] == [True, False, False]
    sign(house, 2)
    assert not await post_root(ctx)
    house.book.later(**DAY)
    assert [await post_root(ctx), await post_root(ctx)] == [True, False]
    house.book.later(**DAY)
    assert not await post_root(ctx)
    assert [one["To"] for one in house.rung.letters] == [TO, TO]
    assert len({one["Message-ID"] for one in house.rung.letters}) == 2


async def test_one_that_was_not_taken_is_tried_again_and_told(house: Alarmed) -> None:
    ctx, anchors = house.book.ctx, house.book.ctx.anchors
    assert anchors is not None
    sign(house, 1)
    assert anchors.letter_is_missing()
    house.rung.failing = {TO}
    assert not await post_root(ctx)
    assert anchors.letter_is_missing()
    house.rung.failing = set()
    assert not await post_root(ctx)  # not at once
    house.book.later(minutes=15)
    assert await post_root(ctx)
    assert not anchors.letter_is_missing()


async def test_without_a_relay_it_is_missing(house: Alarmed) -> None:
    await publish(house.book.ctx.store, AlarmSettings(), house.book.ctx.now(), ROUTER)
    sign(house, 1)
    assert not await post_root(house.book.ctx)
    assert house.book.ctx.anchors is not None
    assert house.book.ctx.anchors.letter_is_missing()


async def test_two_workers_send_one(house: Alarmed, tmp_path: Path) -> None:
    sign(house, 1)
    other = replace(house.book.ctx, anchors=Anchors(tmp_path / FILE, "hotline-be", mail=TO))
    assert [await post_root(house.book.ctx), await post_root(other)] == [True, False]


def test_the_letter_as_it_was_saved_is_an_anchor() -> None:
    made = make_checkpoint(None, 1_764_000_000_000_000, {"e": (7, b"x" * 32)}, RING.sign_audit)
    saved = bytes(letter(line_of(made), "hotline-be", "router@hotline.test", TO))
    assert [(one.number, one.root) for one in read(saved.decode(), RING.audit_key())] == [(made.number, made.root)]
    parsed = message_from_bytes(saved.replace(b"\n", b"\r\n"), policy=policy.default)
    assert json.loads(str(parsed.get_content()).splitlines()[-1]) == line_of(made)
    assert max(map(len, saved.splitlines())) < 998
