"""What goes in one report: pages with their files, whatever their order, and nothing in circles."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.partners.base import Envelope, Progress
from router.partners.fields import to_bytes
from router.partners.iccam.gathering import (
    FOR_ITS_PAGE,
    LOOK,
    Asked,
    asked,
    due_at,
    key,
    next_look,
    reports,
    to_freeze,
    waits_for_its_page,
)
from router.partners.iccam.kept import progress_of
from router.partners.iccam.settings import IccamConfig
from router.partners.iccam.standing import Gathering, Standing
from schemas.exchange import OwnMessage
from schemas.vocabulary import Urgency
from tests.partners.iccam.stage import START, settings
from tests.referrals import a_message

CONTENTS = IccamConfig.model_validate(settings(mode="contents"))


def frozen(message: OwnMessage, config: IccamConfig = CONTENTS, progress: Progress | None = None) -> Envelope:
    item = message.model_dump(mode="json", exclude_none=True)
    return Envelope(message.referral_id, to_bytes(to_freeze(item, message, config)), progress)


def one(name: str, *pages: str, config: IccamConfig = CONTENTS, progress: Progress | None = None, **more: Any) -> Asked:
    given = {"origin_reference": name, "pages": pages, "report": "rep", "taken_at": START, **more}
    return asked(frozen(a_message(**given), config, progress))


def names(found: list[Any]) -> list[list[str]]:
    return [[each.message.origin_reference for each in group] for group in found]


def test_a_page_stands_before_its_files_whichever_came_first() -> None:
    given = [one("f1", "p"), one("other"), one("p"), one("f2", "p")]
    assert names(reports(given)) == [["p", "f1", "f2"], ["other"]]


def test_a_file_of_a_file_goes_with_the_page_at_the_top() -> None:
    assert names(reports([one("deep", "f"), one("f", "p"), one("p")])) == [["p", "deep", "f"]]


def test_a_file_whose_page_is_not_here_is_by_itself() -> None:
    assert names(reports([one("f1", "p"), one("f2", "p")])) == [["f1"], ["f2"]]


@given(st.lists(st.lists(st.integers(0, 7), max_size=2), min_size=1, max_size=8))
def test_each_is_in_one_report_whatever_they_say_of_each_other(said: list[list[int]]) -> None:
    given = [one(str(at), *(str(page) for page in pages)) for at, pages in enumerate(said)]
    found = reports(given)
    assert sorted(each.id for group in found for each in group) == sorted(each.id for each in given)


def test_what_the_hub_did_not_take_together_goes_alone() -> None:
    alone = progress_of(Gathering(due=START, alone=True))
    assert names(reports([one("p", progress=alone), one("f", "p", progress=alone)])) == [["p"], ["f"]]


def test_where_pages_are_set_nothing_belongs_together() -> None:
    pages = IccamConfig.model_validate(settings())
    given = [one("p", config=pages), one("f", "p", config=pages)]
    assert names(reports(given)) == [["p"], ["f"]]
    assert all(each.direct for each in given)


def test_what_is_put_into_one_call_is_what_is_still_to_be_reported_of_one_report() -> None:
    messages = [a_message(report="rep"), a_message(report="rep"), a_message(report="other")]
    first, second, third = (key(frozen(each)) for each in messages)
    assert first == second == "rep" != third
    standing = progress_of(Standing(report=900_001, target="NL", reported_at=START))
    assert key(frozen(messages[0], progress=standing)) == messages[0].referral_id
    assert key(frozen(messages[0], IccamConfig.model_validate(settings()))) == messages[0].referral_id


@pytest.mark.parametrize(
    ("urgency", "gather", "direct"),
    [(Urgency.NONE, "1m", False), (Urgency.LIVE, "1m", True), (Urgency.NONE, "0s", True)],
)
def test_a_child_at_risk_waits_for_nothing(urgency: Urgency, gather: str, direct: bool) -> None:
    config = IccamConfig.model_validate(settings(mode="contents", gather=gather))
    found = one("f", "p", urgency=urgency, config=config)
    assert (found.direct, found.is_to_gather) == (direct, not direct)


def test_all_of_one_report_are_due_at_one_moment_and_late_ones_meet() -> None:
    due = due_at(one("p"), CONTENTS, START + timedelta(seconds=7))
    assert due == START + timedelta(minutes=1)
    assert next_look(due, START) == due
    looks = {next_look(due, due + timedelta(seconds=seconds)) for seconds in (0, 1, 29)}
    assert looks == {due + LOOK}


def test_a_file_waits_for_its_page_and_not_for_ever() -> None:
    gathering = Gathering(due=START)
    file, page = one("f", "p"), one("p")
    assert waits_for_its_page(file, gathering, START)
    assert not waits_for_its_page(page, gathering, START)
    assert not waits_for_its_page(file, gathering, START + FOR_ITS_PAGE)
    assert not waits_for_its_page(file, Gathering(due=START, alone=True), START)
