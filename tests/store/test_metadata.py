"""One collection holds every table, whichever file it stands in."""

from router.store import metadata, tables, tables_audit, tables_people


def test_every_file_registers_in_the_same_collection() -> None:
    for table in (tables.cases, tables_audit.audit, tables_people.tokens):
        assert table.metadata is metadata.metadata is tables.metadata
