"""What a police unit reads when it has opened a bundle with `openssl`, or with `gpg`: how grave, why it, what is asked.

Severity is said in the schemes that the hotline configured, or in the unit's own by the hotline's table alone. A copy
of what went abroad is off until the hotline asks for it, and then asks nothing of the police.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.data.directory import shipped_directory
from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.partners.dropbox.dialect import DropboxDialect
from router.partners.dropbox.page_words import LANGUAGES, within, word
from router.policy.check import prove
from router.policy.load import load
from router.world.police_unit import OpenedBundle, read_bundle
from schemas.policy import Policy
from schemas.severity import SeverityRules
from schemas.trace import Verdict, VerdictKind
from tests.partners.dropbox.key_ring import Ring
from tests.partners.dropbox.unit_stage import PASSWORD, rehearsed
from tests.police_desk import PoliceDesk, police_desk

SCALES = SeverityRules.model_validate_json(
    """{"schemes": {"ours": ["1", "2", "3"], "unit": ["licht", "zwaar"]},
        "map": [{"from": {"scheme": "ours", "value": "1"}, "to": {"scheme": "unit", "value": "licht"}},
                {"from": {"scheme": "ours", "value": "3"}, "to": {"scheme": "unit", "value": "zwaar"}}]}"""
)
INFORMED = """
[[route]]
name = "police-informed"
when = { hosting_country = ["NL"] }
to = ["federal-police"]
copy = true
"""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PoliceDesk]:
    async with police_desk(tmp_path) as opened:
        yield opened


def configure(desk: PoliceDesk, *, scheme: str | None, language: str) -> None:
    rules = desk.book.rules
    rules.policy_ = rules.policy_.model_copy(update={"severity": SCALES})
    entry = rules.directory_.named("federal-police")
    assert entry is not None
    desk.book.partners(entry.model_copy(update={"severity": scheme, "config": {**entry.config, "language": language}}))


def graded(value: str) -> dict[str, Any]:
    said = {"scheme": "ours", "value": value, "by": "canary-grader", "at": "2026-11-21T04:03:02Z"}
    return {"item": {"severity": said}}


async def handed(desk: PoliceDesk, **more: Any) -> OpenedBundle:
    case_id = await desk.book.decided("https://forum.test/page", "r-1", **more)
    await desk.handed_over(case_id)
    return desk.bundle()


def shown(bundle: OpenedBundle) -> str:
    return " ".join(bundle.page.split())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_severity_is_said_as_it_was_stated_in_the_unit_s_language(desk: PoliceDesk, language: str) -> None:
    configure(desk, scheme=None, language=language)
    bundle = await handed(desk, **graded("2"))
    (item,) = bundle.items.values()
    assert [(one["scheme"], one["value"]) for one in item["severity"]] == [("ours", "2")]
    scheme, value = within("scheme", language), within("value", language)
    assert f"{word('severity', language)}: {scheme} ours; {value} 2" in shown(bundle)
    assert "canary-grader" not in bundle.page + str(bundle.said)


@pytest.mark.parametrize(("value", "told"), [("3", "zwaar"), ("1", "licht"), ("2", "not_stated")])
async def test_the_unit_s_own_scheme_is_filled_by_the_hotline_s_table_alone(
    desk: PoliceDesk, value: str, told: str
) -> None:
    configure(desk, scheme="unit", language="nl")
    bundle = await handed(desk, **graded(value))
    (item,) = bundle.items.values()
    assert [(one["scheme"], one["value"]) for one in item["severity"]] == [("unit", told)]
    words = "niet vermeld" if told == "not_stated" else told
    assert f"Ernst: schema unit; waarde {words}" in shown(bundle)


async def test_what_nobody_graded_says_so(desk: PoliceDesk) -> None:
    configure(desk, scheme=None, language="fr")
    assert "Gravité: non précisé" in shown(await handed(desk))


async def test_a_unit_with_gnupg_reads_the_same(tmp_path: Path) -> None:
    unit = Ring(tmp_path / "u", "unit@police.test", algorithm="default")
    ours = Ring(tmp_path / "h", "router@hotline.test", password=PASSWORD)
    try:
        async with police_desk(tmp_path) as desk:
            configure(desk, scheme="unit", language="de")
            entry = desk.book.rules.directory_.named("federal-police")
            assert entry is not None
            dialect = desk.book.ctx.dialects["dropbox"]
            files = {"signing": ours.secret, "signing-password": PASSWORD.encode()}
            with_ = replace(dialect._tools, secret_file=files.__getitem__)
            desk.book.ctx = replace(
                desk.book.ctx, dialects={**desk.book.ctx.dialects, "dropbox": DropboxDialect(with_)}
            )
            config = {**entry.config, "seal": "openpgp", "certificate": unit.public, "answers_signed_by": None}
            desk.book.partners(rehearsed(entry.model_copy(update={"config": config}), with_))
            case_id = await desk.book.decided("https://forum.test/page", "r-1", **graded("3"))
            await desk.handed_over(case_id)
            (file,) = desk.unit.files
            unit.gpg("--import", data=ours.public.encode())
            opened = tmp_path / "opened"
            said = unit.gpg("--status-fd", "1", "--output", str(opened), "--decrypt", str(file)).decode()
            assert "GOODSIG" in said
            bundle = read_bundle(file.name, opened.read_bytes())
        assert "Schwere: Skala unit; Wert zwaar" in shown(bundle)
    finally:
        for one in (unit, ours):
            one.close()


@pytest.mark.parametrize("shipped", [BELGIAN_PROTOCOL, PLAIN])
async def test_a_bundle_names_the_law_of_its_day(desk: PoliceDesk, shipped: Path) -> None:
    now, later = '{ since = "2022-03-21", text = "art. 417/43 Sw." }', '{ since = "2099-01-01", text = "a later code" }'
    law = f"law = [{now}, {later}]"
    text = "\n".join(law if line.startswith("# law =") else line for line in shipped.read_text("utf-8").splitlines())
    written = load(text)
    prove(load(text, shipped_directory()), shipped_directory())
    desk.book.rules.policy_ = desk.book.rules.policy_.model_copy(update={"law": written.law})
    bundle = await handed(desk)
    assert bundle.said["law"] == "art. 417/43 Sw."
    assert f"{word('law', 'nl')}: art. 417/43 Sw." in shown(bundle)
    desk.unit.put_away()
    desk.change(law=[{"since": "2020-01-01", "text": "what the unit asked for"}])
    case_id = await desk.book.decided("https://forum.test/other", "r-2")
    await desk.handed_over(case_id)
    assert desk.bundle().said["law"] == "what the unit asked for"


def with_copy(text: str) -> Policy:
    """A shipped policy with the copy for the police that it carries switched off, or that its operator adds."""
    lines = text.splitlines()
    if '# name = "police-informed"' in lines:
        at = lines.index('# name = "police-informed"') - 1
        lines[at : at + 5] = [line.removeprefix("# ") for line in lines[at : at + 5]]
        return load("\n".join(lines), shipped_directory())
    before = next(at for at, line in enumerate(lines) if line.startswith('name = "national-law')) - 1
    return load("\n".join([*lines[:before], *INFORMED.splitlines(), *lines[before:]]), shipped_directory())


@pytest.mark.parametrize("shipped", [BELGIAN_PROTOCOL, PLAIN])
def test_a_copy_for_the_police_is_off_until_it_is_asked_for(shipped: Path) -> None:
    text = shipped.read_text("utf-8")
    policy, directory = load(text, shipped_directory()), shipped_directory()
    prove(policy, directory)
    informs = [route.name for route in policy.routes if route.copy_ and "federal-police" in map(str, route.to)]
    assert informs == []
    asked = with_copy(text)
    assert [route.name for route in asked.routes if route.name == "police-informed" and route.copy_]


async def test_a_copy_asks_nothing_of_the_police_and_goes_in_a_bundle_of_its_own(desk: PoliceDesk) -> None:
    desk.book.rules.policy_ = with_copy(BELGIAN_PROTOCOL.read_text("utf-8"))
    configure(desk, scheme=None, language="nl")
    desk.book.world.verdict = Verdict(kind=VerdictKind.COUNTRY, country="NL", countries=("NL",), confidence=0.99)
    dutch = desk.book.rules.directory_.named("hotline-nl")
    assert dutch is not None
    desk.book.partners(dutch.model_copy(update={"inhope": True}))
    bundle = await handed(desk)
    assert bundle.said["asked"] == "for_information"
    assert " ".join(word("for_information", "nl").split()) in shown(bundle)
    assert all("copy" not in item for item in bundle.items.values())
