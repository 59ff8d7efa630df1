"""Taking back what is at the hub."""

from typing import Any

import pytest

from router.partners.base import Accepted, Deferred, Outcome, Refused
from router.partners.iccam.connection import Connection
from router.partners.iccam.contents import Readings
from router.partners.iccam.standing import Standing
from router.partners.iccam.taking_back import take_back
from router.world.iccam.trouble import Kind, Trouble
from tests.partners.iccam.stage import START, Near
from tests.world.iccam.members import a_content, a_report

REFERENCE = "01a2-referral"
STANDING = Standing(report=900_001, target="NL", reported_at=START)


async def back(at: Near, standing: Standing) -> Outcome:
    """Take it back."""
    calls = Connection(at.tools, at.config, "iccam").pushing(20)
    return await take_back(calls, Readings(), standing, REFERENCE, "BE")


@pytest.mark.parametrize("content", [None, 7_000_001])
@pytest.mark.parametrize(
    ("holder", "asked", "outcome"),
    [("BE", False, Accepted), (None, False, Accepted), ("NL", False, Refused), ("FR", False, Refused),
     ("BE", True, Refused), ("NL", True, Refused)],
)  # fmt: skip
async def test_it_is_ours_to_keep_while_nobody_has_it_or_may_get_it(
    at: Near, holder: str | None, asked: bool, outcome: type, content: int | None
) -> None:
    at.hub.keep(a_report(), a_content(assigned_country=holder))
    changes: dict[str, Any] = {"content": content, "asked_at": START if asked else None}
    standing = STANDING.model_copy(update=changes)
    found = await back(at, standing)
    assert isinstance(found, outcome)
    assert "900001" in (found.receipt if isinstance(found, Accepted) else found.text)
    assert at.hub.contents[7_000_001].assigned_country == holder
    marked = at.hub.contents[7_000_001].references.get(24)
    assert (marked == f"{REFERENCE}-withdrawn") is (outcome is Accepted)


async def test_one_file_that_went_away_is_enough(at: Near) -> None:
    at.hub.keep(a_report(), a_content(assigned_country="BE"), a_content(7_000_002, assigned_country="NL"))
    assert isinstance(await back(at, STANDING), Refused)


@pytest.mark.parametrize("content", [None, 7_000_002])
async def test_a_file_is_taken_back_whatever_became_of_its_page(at: Near, content: int | None) -> None:
    url = "https://files.test/1.jpg"
    file = a_content(7_000_002, url=url, is_source=False, assigned_country="BE", references={24: REFERENCE})
    at.hub.keep(a_report(), a_content(assigned_country="NL"), file)
    standing = STANDING.model_copy(update={"source": False, "url": url, "content": content})
    assert isinstance(await back(at, standing), Accepted)
    assert file.references == {24: f"{REFERENCE}-withdrawn"}
    assert at.hub.contents[7_000_001].references.get(24) != f"{REFERENCE}-withdrawn"
    at.hub.reassign(file.id, "NL")
    assert isinstance(await back(at, standing), Refused)


async def test_a_page_is_taken_back_whatever_became_of_what_was_reported_with_it(at: Near) -> None:
    url = "https://files.test/1.jpg"
    file = a_content(7_000_002, url=url, is_source=False, assigned_country="NL", references={24: "01a2-other"})
    at.hub.keep(a_report(), a_content(assigned_country="BE"), file)
    assert isinstance(await back(at, STANDING.model_copy(update={"others": {"01a2-other": url}})), Accepted)
    assert file.references == {24: "01a2-other"}


async def test_a_file_that_the_hub_does_not_show_is_for_people(at: Near) -> None:
    at.hub.keep(a_report(), a_content(assigned_country="BE"))
    standing = STANDING.model_copy(update={"source": False, "url": "https://files.test/1.jpg"})
    found = await back(at, standing)
    assert isinstance(found, Refused)
    assert "900001" in found.text


@pytest.mark.parametrize("path", ["rest/reports", "rest/content"])
async def test_a_hub_that_does_not_answer_is_asked_again(at: Near, path: str) -> None:
    at.hub.keep(a_report(), a_content(assigned_country="BE"))
    at.server.troubles.order(Trouble(Kind.STATUS, path, status=500))
    assert isinstance(await back(at, STANDING), Deferred)


async def test_a_mark_that_the_hub_does_not_take_keeps_nothing_there(at: Near) -> None:
    at.hub.keep(a_report(), a_content(assigned_country="BE"))
    at.server.troubles.order(Trouble(Kind.STATUS, "hotline-reference", status=409))
    assert isinstance(await back(at, STANDING), Accepted)
    at.server.troubles.order(Trouble(Kind.STATUS, "hotline-reference", status=503))
    assert isinstance(await back(at, STANDING), Deferred)
    for _ in range(2):  # said again, it changes nothing
        assert isinstance(await back(at, STANDING), Accepted)
