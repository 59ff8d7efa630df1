from datetime import timedelta
from typing import Any

import orjson
import pytest

from router.partners.base import Envelope
from router.partners.dropbox.gathering import due_at, groups
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.standing import Standing, kept
from schemas.exchange import DAILY_LIST
from tests.partners.dropbox.unit_stage import at

CONFIG = DropboxConfig.model_validate(
    {"ways": [{"folder": "/srv/x"}], "certificate": "x", "signing": "x", "gather": "10m", "daily_at": "05:00"}
)


def frozen(batch: str = "report-1", *, at_risk: bool = False) -> dict[str, Any]:
    return {"batch": batch, "at_risk": at_risk, "item": {}}


@pytest.mark.parametrize(
    ("given", "due"),
    [
        (frozen(), at(8, 10)),
        (frozen(DAILY_LIST), at(5) + timedelta(days=1)),
        (frozen(at_risk=True), None),
        (frozen(DAILY_LIST, at_risk=True), None),
    ],
)
def test_when_it_goes(given: dict[str, Any], due: object) -> None:
    assert due_at(given, CONFIG, at(8, 3)) == due


def test_the_list_of_the_day_goes_in_the_morning() -> None:
    assert due_at(frozen(DAILY_LIST), CONFIG, at(4, 59)) == at(5)


def test_what_comes_a_moment_later_goes_in_the_same_bundle() -> None:
    assert due_at(frozen(), CONFIG, at(8, 1)) == due_at(frozen(), CONFIG, at(8, 9))
    assert due_at(frozen(), CONFIG.model_copy(update={"gather": timedelta()}), at(8)) is None


def envelope(name: str, batch: str, standing: Standing | None = None, *, in_doubt: bool = False) -> Envelope:
    progress = None if standing is None else kept("prepared" if standing.bundle else "gathering", standing)
    return Envelope(name, orjson.dumps(frozen(batch)), progress, in_doubt)


def test_one_report_goes_together_and_no_two_do() -> None:
    due = Standing(due=at(8, 10))
    found = groups([envelope("a", "1", due), envelope("b", "2", due), envelope("c", "1", due), envelope("d", "1")])
    assert [[one.referral_id for one in group] for group in found] == [["a", "c"], ["b"], ["d"]]


def test_what_is_for_information_goes_apart_from_what_is_to_be_taken_over() -> None:
    copy = Envelope("b", orjson.dumps(frozen("1") | {"copy": True}))
    found = groups([envelope("a", "1"), copy, envelope("c", "1")])
    assert [[one.referral_id for one in group] for group in found] == [["a", "c"], ["b"]]


def test_what_may_have_left_stands_apart() -> None:
    made = Standing(bundle="a", items=("a", "b"))
    found = groups([envelope("a", "1", made, in_doubt=True), envelope("b", "1", made)])
    assert len(found) == 2
