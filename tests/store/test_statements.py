"""The statements of a writer say what `base` promises, in both dialects."""

from typing import Any

import pytest
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from router.store import statements
from router.store.batches import ChangeShape, RowShape
from router.store.schema.tables import nonces, partner_state, referrals
from tests.store.samples import due

FENCED = ChangeShape(referrals, ("id",), ("attempts",), (), (), fenced=True, keep_claim=False)


def source(places: dict[str, str]) -> statements.Source:
    return {place: bindparam(place) for place in places}


def text(statement: Any, dialect: Any = None) -> str:
    compiled = statement.compile(dialect=dialect or SQLiteDialect(paramstyle="named"))
    given = {name: None for name, bind in compiled.binds.items() if bind.required}
    return " ".join(str(compiled.construct_expanded_state(given).statement).split())


def change(shape: ChangeShape) -> str:
    return text(statements.change(shape, source(statements.change_places(shape))))


def test_a_fenced_change_checks_and_raises_the_version_and_lets_the_claim_go() -> None:
    assert change(FENCED) == (
        "UPDATE referrals SET version=(referrals.version + 1), claimed_by=NULL, claimed_until=NULL, claims=0,"
        " attempts=:v0 WHERE referrals.id = :k0 AND referrals.version = :fence"
    )


def test_a_kept_claim_is_not_touched() -> None:
    assert "claim" not in change(FENCED._replace(keep_claim=True))


def test_a_value_of_ones_own_wins_over_letting_go() -> None:
    assert "claims=:v0" in change(FENCED._replace(values=("claims",)))


def test_a_table_without_claims_has_none_to_let_go() -> None:
    shape = FENCED._replace(table=partner_state, keys=("partner",), values=("failures",))
    assert "claim" not in change(shape)


def test_without_a_fence_the_version_stays() -> None:
    assert "version" not in change(FENCED._replace(fenced=False))


@pytest.mark.parametrize(
    ("allowed", "condition"),
    [
        (("a", "b"), "(referrals.lane = 'a' OR referrals.lane = 'b')"),
        ((None, "it's"), "(referrals.lane IS NULL OR referrals.lane = 'it''s')"),
        ((), "0 = 1"),
    ],
)
def test_allowed_values_belong_to_the_statement(allowed: tuple[Any, ...], condition: str) -> None:
    assert condition in change(FENCED._replace(allowed=(("lane", allowed),)))


def test_a_guard_holds_for_null_too() -> None:
    assert "referrals.receipt IS :g0" in change(FENCED._replace(guards=("receipt",)))


def test_the_places_of_a_row_are_in_its_order() -> None:
    shape = FENCED._replace(keys=("id", "case_id"), guards=("lane",))
    expected = {"k0": "id", "k1": "case_id", "v0": "attempts", "g0": "lane", "fence": "version"}
    assert list(statements.change_places(shape).items()) == list(expected.items())


def test_a_remove_names_every_part_of_the_key() -> None:
    shape = RowShape(nonces, ("peer", "nonce"))
    removed = text(statements.remove(shape, source(statements.row_places(shape))))
    assert removed == "DELETE FROM nonces WHERE nonces.peer = :c0 AND nonces.nonce = :c1"


def test_a_claim_skips_what_others_hold_where_the_database_can() -> None:
    assert text(statements.claimable(due()), PGDialect()).endswith("FOR UPDATE SKIP LOCKED")
    assert "FOR UPDATE" not in text(statements.claimable(due()))


def test_rows_come_back_in_the_order_of_the_claim() -> None:
    rows = [{"id": name} for name in "cab"]
    assert [row["id"] for row in statements.in_order(["a", "b", "c"], rows, "id")] == ["a", "b", "c"]
