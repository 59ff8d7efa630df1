"""Playing: reports are read as the router reads them, and waiting ends when everything rests, not before."""

import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, cast

import pytest

from router.demo import story
from router.demo.instances import Instance
from router.demo.setup import Stage
from router.errors import RouterError, Unavailable
from router.world.clock import JumpingClock
from router.world.story import SITES, TALES

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LINES = resources.files("router.world").joinpath("reports.ndjson").read_bytes()


def summary(case: str = "c1", **said: object) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": case,
        "state": "referred",
        "verdict": "country",
        "hosting_country": "NL",
        "partners": ["offlimits-nl"],
        "outcome": None,
        "desk": None,
        "next_at": "2030-01-01T00:00:00Z",
        "looks_at": "2030-01-01T00:00:00Z",
    }
    return usual | said


class Api:
    """An instance's API as far as playing asks it. A real instance cannot be held between two looks; this one can."""

    def __init__(self, *looks: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
        self.looks = list(looks)
        self.cases: list[dict[str, Any]] = []
        self.referrals: list[dict[str, Any]] = []

    async def pages(self, path: str) -> list[dict[str, Any]]:
        if path.startswith("/v1/cases"):
            self.cases, self.referrals = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
            return self.cases
        return self.referrals

    async def get(self, path: str) -> dict[str, Any]:
        return {"summary": next(one for one in self.cases if path.endswith(one["id"]))}


def stage(api: Api) -> Stage:
    clock = JumpingClock(NOW)
    playing = {
        "clock": clock,
        "zone": None,
        "police": None,
        "hub": None,
        "instances": {},
        "clients": {"child-focus-be": api},
    }
    return Stage(**cast("Any", playing), console="")


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "_LOOK_EVERY", 0.001)


async def told(api: Api, before: dict[str, object] | None = None) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    await story.rest(stage(api), {} if before is None else before, said.append)
    return [one["summary"] for one in said]


def test_reports_are_read_as_the_router_reads_them() -> None:
    read = story.locations(LINES)
    assert list(read) == [tale.reference for tale in TALES]
    assert read["W-2026-1002"][1] == "https://albums.maple.test/set/4"
    assert read["W-2026-1001"][1] == read["W-2026-1013"][1]


async def test_a_case_is_told_when_it_rests_and_not_while_it_is_worked_on() -> None:
    moving, sending, resting = summary(state="located"), summary(), summary()
    api = Api(
        ([moving], []),
        ([sending], [{"case": "c1", "state": "sending"}]),
        ([resting], [{"case": "c1", "state": "accepted"}]),
    )
    assert await told(api) == [resting]


async def test_a_case_is_told_once_and_again_when_something_worth_telling_changed() -> None:
    before: dict[str, object] = {}
    assert len(await told(Api(([summary()], [])), before)) == 1
    assert await told(Api(([summary(next_at="2031-01-01T00:00:00Z")], [])), before) == []
    assert len(await told(Api(([summary(outcome="removed", state="closed")], [])), before)) == 1


async def test_a_check_that_is_due_is_waited_for() -> None:
    due = summary(looks_at=(NOW - timedelta(seconds=1)).isoformat())
    done = summary(state="closed", outcome="removed", looks_at=None)
    assert await told(Api(([due], []), ([done], []))) == [done]


async def test_what_only_people_are_late_with_is_at_rest() -> None:
    late = summary(state="desk", desk="look", next_at=(NOW - timedelta(days=1)).isoformat(), looks_at=None)
    assert await told(Api(([late], []))) == [late]


async def test_a_held_referral_is_at_rest() -> None:
    assert len(await told(Api(([summary()], [{"case": "c1", "state": "held"}])))) == 1


async def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "REST_SECONDS", 0.05)
    with pytest.raises(Unavailable, match="did not rest"):
        await told(Api(([summary(state="received")], [])))


async def test_who_complained_is_named_when_waiting_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "REST_SECONDS", 0.05)
    log = tmp_path / "log"
    log.write_text('{"event": "starting"}\n{"event": "sending_broke"}\n', encoding="utf-8")
    playing = stage(Api(([summary(state="received")], [])))
    playing.instances["child-focus-be"] = Instance(SITES[0], cast("Any", None), log, cast("Any", None))
    with pytest.raises(Unavailable, match=r"child-focus-be: its last words: .*sending_broke"):
        await story.rest(playing, {}, lambda _: None)


async def test_the_summary_is_one_line_with_the_promised_fields() -> None:
    line = await story.summary_line(stage(Api(([summary("b"), summary("a", outcome="removed")], []))), 18)
    said = json.loads(line)
    assert "\n" not in line
    assert (said["reports"], [case["id"] for case in said["cases"]]) == (18, ["a", "b"])
    assert list(said["cases"][0]) == ["id", "state", "verdict", "country", "partners", "outcome", "next"]


async def test_partners_staff_do_not_act_on_a_day_without_a_reply() -> None:
    playing = stage(Api(([], [])))
    playing.days = 1
    assert await story.partners_act(playing, {}) == []


def test_staff_who_look_for_what_never_arrived_say_so() -> None:
    with pytest.raises(RouterError, match="never arrived"):
        story._at([{"location": "https://other.test/", "summary": {"id": "c1"}}], "https://pages.tulip.test/")
