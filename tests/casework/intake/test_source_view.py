from pathlib import Path

import orjson
import pytest

from router.casework.govern.sources import add_source
from router.casework.intake import source_view
from router.casework.intake import take as intake
from router.errors import NotFound
from schemas.actor import ROUTER, Actor, Role
from schemas.report import ItemTaken, ReportGiven, ReportTaken
from schemas.source import SourceGiven
from schemas.vocabulary import SourceKind
from tests.office import office, person, report

SOURCE = Actor(id="source:form", permissions=frozenset({"report:submit"}), source="form")


async def test_a_source_cannot_tell_that_a_location_was_known(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        first, second = [
            await intake.take(ctx, ReportGiven.model_validate_json(orjson.dumps(report(reference))), SOURCE)
            for reference in ("r-1", "r-2")
        ]
    assert first.items[0].case == second.items[0].case, "both are one case"
    seen = [source_view.as_seen_by(taken, SOURCE).items[0].case for taken in (first, second)]
    assert len({*seen, first.items[0].case}) == 3


def test_who_reads_cases_gets_the_case() -> None:
    taken = ReportTaken(
        id="0199d2ff-0000-7000-8000-000000000001", dossier="04106105G", items=(ItemTaken(index=0, case="c-1"),)
    )
    assert source_view.as_seen_by(taken, person("anna", Role.ANALYST)) == taken


def test_an_items_id_stays_the_same() -> None:
    taken = ReportTaken(
        id="0199d2ff-0000-7000-8000-000000000001",
        dossier="04106105G",
        items=tuple(ItemTaken(index=i, case="c-1") for i in range(3)),
    )
    seen = source_view.as_seen_by(taken, SOURCE)
    assert seen == source_view.as_seen_by(taken, SOURCE)
    assert len({one.case for one in seen.items}) == 3
    assert [one.index for one in seen.items] == [0, 1, 2]


async def test_a_source_sees_its_own_reports_only(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        await add_source(ctx, SourceGiven(name="other", kind=SourceKind.PUBLIC), ROUTER)
        given = ReportGiven.model_validate_json(orjson.dumps(report()))
        taken = await intake.take(ctx, given, SOURCE)
        await source_view.check_own(ctx, taken.id, SOURCE)
        await source_view.check_own(ctx, taken.id, person("anna", Role.ANALYST))
        stranger = SOURCE.model_copy(update={"source": "other"})
        said = set()
        for report_id in (taken.id, "0199d2ff-0000-7000-8000-000000000001"):
            with pytest.raises(NotFound) as caught:
                await source_view.check_own(ctx, report_id, stranger)
            said.add(caught.value.message)
        assert len(said) == 1, "another's report and no report must look alike"
