from router.store.schema.tables import metadata
from router.store.schema.versions import directories, policies


def test_every_version_is_kept_with_who_put_it_in_force() -> None:
    for table in (policies, directories):
        assert table is metadata.tables[table.name]
        assert [column.name for column in table.primary_key] == ["version"]
        assert {"published_at", "by", "body"} <= set(table.columns.keys())
