"""The tables of embargoes keep nothing that names what is under one."""

from sqlalchemy import LargeBinary, Text

from router.store.schema.embargoes import embargo_hits, embargoes


def test_what_it_names_is_sealed_and_marked_and_nothing_else() -> None:
    texts = {column.name for column in embargoes.columns if isinstance(column.type, Text)}
    assert texts == {"id", "state", "kind", "marks", "ask", "by", "ended_by"}
    assert isinstance(embargoes.c.sealed.type, LargeBinary)
    assert not embargoes.c.sealed.nullable


def test_a_case_is_held_by_an_embargo_once() -> None:
    assert [column.name for column in embargo_hits.primary_key] == ["embargo_id", "case_id"]
    assert {index.name for index in embargo_hits.indexes} == {"embargo_held", "ix_embargo_hits_case_id"}
