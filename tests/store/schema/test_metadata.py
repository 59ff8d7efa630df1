"""One collection holds every table, whichever file it stands in."""

from router.store.schema import audit, metadata, people, tables


def test_every_file_registers_in_the_same_collection() -> None:
    for table in (tables.cases, audit.audit, people.tokens):
        assert table.metadata is metadata.metadata is tables.metadata
