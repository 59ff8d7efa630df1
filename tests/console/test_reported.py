"""Every field of a report is read on the case's page once its location is shown, and nothing of it before."""

import json
from typing import Any, Final

import pytest

from router.casework.decide.replay import last_decision
from router.casework.intake import take as intake
from router.casework.read.case_file import case_file
from router.console.language import load
from router.console.words import TABLES
from schemas.actor import Role
from schemas.policy import Route, When
from schemas.severity import SeverityRules
from tests.casebook import ANALYSTS
from tests.office import Rules
from tests.stories.test_every_field_arrives import GIVEN, whole_report

#: What everybody at the desk needs to see which case this is, and how soon somebody has to look.
BEFORE: Final = frozenset(
    {"source", "reference", "received_at", "received_at_known", "urgency", "items.kind", "items.reference"}
    | {"items.parent", "items.assessment.value", "items.assessment.assessed_by", "items.assessment.assessed_at"}
)
#: Of a report whose item has an assessment of its own, the report's is nobody's.
NOT_SHOWN: Final = frozenset({"assessment.value", "assessment.assessed_by", "assessment.assessed_at"})
#: What is written in the words of a table.
CODED: Final = {
    "urgency": "urgency",
    "items.kind": "kind",
    "items.assessment.value": "assessment",
    "items.site_type": "site_type",
    "items.commerciality": "commerciality",
    "items.payment_methods": "payment",
    "items.age": "age",
    "items.gender": "gender",
    "items.account.role": "account_role",
}
COUNTRIES: Final = {"items.ways_in.required_country", "items.account.country"}
#: By the clock of the house, in English.
MOMENTS: Final = {
    "received_at": "20 Nov 2026, 08:06 CET",
    "items.assessment.assessed_at": "21 Nov 2026, 06:04 CET",
    "items.labels.at": "21 Nov 2026, 05:03 CET",
    "items.severity.at": "21 Nov 2026, 04:02 CET",
    "items.last_seen.at": "21 Nov 2026, 03:01 CET",
}


def shown(path: str, value: Any) -> list[str]:
    """How a value stands on the page."""
    if path == "received_at_known":
        return ["not known exactly"]
    if path in MOMENTS:
        return [MOMENTS[path]]
    said = value if isinstance(value, list) else [value]
    if path in CODED:
        return [TABLES[CODED[path]][one] for one in said]
    if path in COUNTRIES:
        return [load()["en"].country(one) for one in said]
    return [one.replace("https://", "hxxps://").replace(".", "[.]") if "://" in one else one for one in said]


@pytest.fixture
async def reported(console: Any) -> tuple[Any, str]:
    """Somebody's browser, and the case of a report in which every field has a value that nothing else has."""
    rules = console.ctx.governance
    assert isinstance(rules, Rules)
    scales = SeverityRules(schemes={"marked-scale": ("mild", "marked-severity")})
    rules.policy_ = rules.policy_.model_copy(update={"severity": scales})
    taken = await intake.take(console.ctx, whole_report(own=True), ANALYSTS)
    await console.work()
    return await console.person(Role.ANALYST), taken.items[0].case


async def test_no_path_through_the_policy_says_before_what_is_shown_with_the_location(console: Any, read: Any) -> None:
    """Rules that ask for what was reported: such as matched, and such as did not."""
    rules = console.ctx.governance
    known = {"site_type": ["image_board"], "commerciality": ["commercial"]}
    known |= {"account_country": ["CA"], "account_role": ["suspect"]}
    other = {"site_type": ["blog"], "commerciality": ["non_commercial"]}
    other |= {"account_country": ["JP"], "account_role": ["victim"]}
    asked: list[tuple[str, Any]] = [(f"no-{name}", {name: value}) for name, value in other.items()]
    asked += [(f"is-{name}", {name: True}) for name in ("site_type", "account_country")]
    asked += [("all", known)]
    own = (Route(name=name, when=When.model_validate_json(json.dumps(when)), to=("desk",)) for name, when in asked)
    routes = (*own, *rules.policy_.routes)
    scales = SeverityRules(schemes={"marked-scale": ("mild", "marked-severity")})
    rules.policy_ = rules.policy_.model_copy(update={"severity": scales, "routes": routes})
    taken = await intake.take(console.ctx, whole_report(own=True), ANALYSTS)
    await console.work()
    case, person = taken.items[0].case, await console.person(Role.ANALYST)
    said = ("image board", "image_board", "yes, it is sold", "of a suspect", "account: Canada")
    before = read((await person.get(f"/cases/{case}")).text).text
    assert "type of site: shown with the location (wanted: blog)" in before
    assert "<code>all</code>" in (await person.get(f"/cases/{case}")).text
    assert not any(one in before for one in said)
    masked = (await case_file(console.ctx, case)).model_dump_json()
    assert not any(one in masked for one in ("image_board", "account_role is suspect", "account_country is CA"))
    after = read((await person.send(f"/cases/{case}/reveal", reason="to look")).text).text
    assert "type of site: image board (wanted: blog)" in after
    told = (await last_decision(console.ctx, case)).model_dump_json()
    assert "image_board" not in told


async def test_every_field_is_shown_with_the_location_and_nothing_of_it_before(reported: Any, read: Any) -> None:
    browser, case = reported
    before = read((await browser.get(f"/cases/{case}")).text).text.partition("What was reported")[2]
    after = read((await browser.send(f"/cases/{case}/reveal", reason="to look")).text)
    whole, reports = after.text, after.text.partition("What was reported")[2].partition("Decide otherwise")[0]
    for path, value in GIVEN.items():
        if path in NOT_SHOWN:
            continue
        for one in shown(path, value):
            assert one in (whole if path in ("urgency", "items.kind") else reports), path
            assert path in BEFORE or one not in before.partition("Decide otherwise")[0], path
