import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.cli import partners as verbs
from router.console.trail.paper import HousePapers
from router.data.directory import SHIPPED, read_directory, shipped_directory
from router.errors import BadInput, NotFound, PolicyInvalid
from schemas.decision import Mode
from schemas.governed import WaitingCases, WaitingGroup
from schemas.partner import Agreement, Directory
from tests.governed import DIRECTORY, STORY_DAY, StoreOffice, governed, written

NL, POLICE = DIRECTORY.partners
KEY = Ed25519PrivateKey.generate()


def data(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one line of JSON that was printed."""
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def changed(**update: Any) -> Directory:
    return Directory(partners=(NL.model_copy(update=update), POLICE))


def test_every_partner_says_how_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    checked = changed(checked_on=STORY_DAY, agreement=Agreement(until=STORY_DAY))
    assert verbs.run_list(checked, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "hotline-nl  NL  hotline  enabled, bell, checked 2026-11-22, agreement until 2026-11-22",
        "police      BE  police   enabled, bell, not checked yet",
        "2 partners, 2 enabled.",
    ]


def test_a_disabled_partner_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    verbs.run_list(changed(enabled=False, disabled_reason="on holiday"), as_json=False)
    assert "disabled: on holiday" in capsys.readouterr().out
    verbs.run_list(changed(enabled=False), as_json=False)
    assert "disabled: enable it in the directory" in capsys.readouterr().out


def test_partners_of_one_country_or_the_enabled_ones(capsys: pytest.CaptureFixture[str]) -> None:
    verbs.run_list(changed(enabled=False), enabled=True, as_json=True)
    assert [one["name"] for one in data(capsys)["partners"]] == ["police"]
    verbs.run_list(DIRECTORY, country="NL", as_json=True)
    assert [one["name"] for one in data(capsys)["partners"]] == ["hotline-nl"]
    verbs.run_list(DIRECTORY, country="FR", as_json=False)
    assert capsys.readouterr().out == "0 partners, 0 enabled.\n"


def test_a_territory_says_who_serves_it(capsys: pytest.CaptureFixture[str]) -> None:
    verbs.run_list(shipped_directory(), country="CW", as_json=False)
    assert "CW is served by NL (only assumed)" in capsys.readouterr().out
    verbs.run_list(shipped_directory(), country="PR", as_json=False)
    assert "PR is served by US\n" in capsys.readouterr().out


def test_the_settings_of_a_partner_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    verbs.run_list(changed(config={"url": "https://nl.hotline.test/"}), as_json=True)
    assert "nl.hotline.test" not in capsys.readouterr().out


def test_a_file_can_be_listed_before_it_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_list_file(str(SHIPPED), as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "133 partners, 0 enabled."
    (tmp_path / "bad.toml").write_text("[[partners]]\nname = 'x'\n", encoding="utf-8")
    with pytest.raises(BadInput, match="partner x: title: is missing"):
        verbs.run_list_file(str(tmp_path / "bad.toml"), as_json=False)


async def test_the_directory_in_force_is_listed_with_its_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with governed(tmp_path) as ctx:
        assert await verbs.run_list_published(StoreOffice(ctx), as_json=True) == 0
    answer = data(capsys)
    assert (answer["version"], [one["name"] for one in answer["partners"]]) == (1, ["hotline-nl", "police"])


async def test_an_import_says_the_version_and_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with governed(tmp_path) as ctx:
        path = written(tmp_path, changed(enabled=False))
        assert await verbs.run_import(StoreOffice(ctx), path, as_json=True) == 0
        assert data(capsys) == {"version": 2, "partners": 2, "enabled": 1, "proposed": []}
        assert await verbs.run_import(StoreOffice(ctx), path, as_json=False) == 0
        said = capsys.readouterr().out
    assert "Directory version 3 is in force: 2 partners, 1 enabled." in said
    assert "partners check" in said


async def test_an_import_that_the_policy_cannot_live_with_is_refused(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        with pytest.raises(PolicyInvalid, match="no partner named police"):
            await verbs.run_import(StoreOffice(ctx), written(tmp_path, Directory(partners=(NL,))), as_json=False)
        assert (await StoreOffice(ctx).directory()).version == 1


async def test_a_check_answers_yes_when_everybody_was_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with governed(tmp_path) as ctx:
        assert await verbs.run_check(StoreOffice(ctx), as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "reached  hotline-nl: It answered.",
        "reached  police: It answered.",
        "2 of 2 partners were reached.",
    ]


async def test_a_check_of_nobody_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = Directory(partners=tuple(one.model_copy(update={"enabled": False}) for one in changed().partners))
    async with governed(tmp_path, directory=nobody) as ctx:
        assert await verbs.run_check(StoreOffice(ctx), as_json=False) == 0
    assert capsys.readouterr().out == "No partner is enabled, so there is none to reach; see `partners list`.\n"


async def test_a_check_answers_no_when_one_was_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with governed(tmp_path, directory=changed(config={"answers": False})) as ctx:
        assert await verbs.run_check(StoreOffice(ctx), as_json=True) == 1
        answer = data(capsys)
        assert (answer["ok"], [one["ok"] for one in answer["partners"]]) == (False, [False, True])
        assert await verbs.run_check(StoreOffice(ctx), "hotline-nl", as_json=False) == 1
        assert "NOT      hotline-nl: Nobody answered." in capsys.readouterr().out
        assert await verbs.run_check(StoreOffice(ctx), "police", as_json=False) == 0
        with pytest.raises(NotFound):
            await verbs.run_check(StoreOffice(ctx), "nobody", as_json=False)


async def test_one_that_was_reached_is_told_with_what_waited_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StoreOffice, "waiting_cases", lambda _, name: Waiting().waiting_cases(name))
    async with governed(tmp_path, directory=changed(config={"answers": False})) as ctx:
        office = StoreOffice(ctx)
        hint = "2 cases on the desk could go to police by now: `partners decide-waiting police` shows them."
        await verbs.run_check(office, "police", as_json=False)
        assert hint in capsys.readouterr().out.splitlines()
        await verbs.run_check(office, "hotline-nl", as_json=False)
        assert "decide-waiting" not in capsys.readouterr().out, "nobody answered there"


async def test_a_setting_is_changed_and_the_directory_comes_out_as_it_goes_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with governed(tmp_path) as ctx:
        office = StoreOffice(ctx)
        name = (await office.directory()).partners[0].name
        assert await verbs.run_set(office, name, ["title=Another title", "pace.burst=7"], as_json=True) == 0
        changed = (await office.directory()).named(name)
        assert changed is not None
        assert (changed.title, changed.pace.burst) == ("Another title", 7)
        capsys.readouterr()
        assert await verbs.run_export(office) == 0
        text = capsys.readouterr().out
        assert read_directory(text).named(name) == changed
        file = tmp_path / "one.json"
        file.write_text(json.dumps({"partners": [changed.model_copy(update={"title": "T"}).model_dump(mode="json")]}))
        assert await verbs.run_add(office, str(file), as_json=False) == 0
        assert "is in force" in capsys.readouterr().out


@pytest.mark.parametrize("setting", ["title", "=x", "title.en=x", "colour=red", "pace.burst=0"])
async def test_a_setting_that_makes_no_sense_changes_nothing(tmp_path: Path, setting: str) -> None:
    async with governed(tmp_path) as ctx:
        office = StoreOffice(ctx)
        before = await office.directory()
        with pytest.raises(BadInput):
            await verbs.run_set(office, before.partners[0].name, [setting], as_json=True)
        assert (await office.directory()).version == before.version


class Waiting:
    """An office with two cases that waited, and what was said to it."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    async def waiting_cases(self, name: str) -> WaitingCases:
        group = WaitingGroup(code="no_recipient", partners=(name,), mode=Mode.PROPOSE, count=2)
        return WaitingCases(partner=name, total=2, items=(group,))

    async def decide_waiting(self, name: str, reason: str) -> int:
        self.said.append((name, reason))
        return 2


async def test_what_waited_is_shown_and_only_decided_anew_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    office: Any = Waiting()
    assert await verbs.run_decide_waiting(office, "hotline-nl", "", as_json=False) == 0
    said = capsys.readouterr().out
    assert "2  now no_recipient; would go once somebody confirms to hotline-nl" in said
    assert "\n2 cases. Nothing was changed" in said
    await verbs.run_decide_waiting(office, "hotline-nl", "", as_json=True)
    assert data(capsys)["total"] == 2
    assert office.said == []
    assert await verbs.run_decide_waiting(office, "hotline-nl", "a key", as_json=True) == 0
    assert data(capsys) == {"partner": "hotline-nl", "decided": 2}
    assert office.said == [("hotline-nl", "a key")]


async def test_the_sheet_is_printed_or_written_with_its_signatures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with governed(tmp_path) as bare:
        office = StoreOffice(replace(bare, console="https://us.example", house=HousePapers(KEY, "hotline-be-1")))
        assert await verbs.run_sheet(office, None, as_json=False) == 0
        assert "hotline-be-1 = " in capsys.readouterr().out
        assert await verbs.run_sheet(office, None, as_json=True) == 0
        assert data(capsys)["addresses"][0] == "https://us.example/v1/inbox/referrals"
        assert await verbs.run_sheet(office, tmp_path / "sheet", as_json=True) == 0
        assert set(data(capsys)["files"]) == {one.name for one in (tmp_path / "sheet").iterdir()}
        with pytest.raises(BadInput, match="no empty folder"):
            await verbs.run_sheet(office, tmp_path / "sheet", as_json=False)
