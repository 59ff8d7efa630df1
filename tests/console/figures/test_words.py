"""Whatever is counted has its words."""

from random import Random

from router.console.words import TABLES
from router.figures.definitions import definitions
from schemas.partner import PartnerKind
from schemas.published import Audience
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment, Outcome, SiteType, SourceKind
from tests.figures.again import again
from tests.figures.generated import HOUR, START, lives

#: What is shown by a name of its own, or in words of another table.
NAMED = {"source", "country", "provider", "label", "partner", "notice", "state"}
NAMED |= {"age", "gender", "site_type"}


def test_every_measure_and_what_it_is_broken_down_by() -> None:
    measures = definitions().measures
    assert set(TABLES["measure"]) == set(measures)
    assert set(TABLES["dimension"]) == {one for by in measures.values() for one in by} | {"total"}
    assert set(TABLES["audience"]) == {str(one) for one in Audience}


def test_every_key_that_may_be_counted() -> None:
    rows = lives(Random(1), 200)  # noqa: S311 - lives, not secrets
    counted = {key for _, dimension, key in again(rows, START, START + 1000 * HOUR) if dimension not in NAMED}
    said = {str(one) for table in (PartnerKind, Assessment, Outcome, SourceKind) for one in table}
    said |= {str(one) for one in VerdictKind if one is not VerdictKind.COUNTRY}
    assert (counted | said) - set(TABLES["figure"]) == set()


def test_every_type_of_site() -> None:
    assert {str(one) for one in SiteType} == set(TABLES["site_type"])
