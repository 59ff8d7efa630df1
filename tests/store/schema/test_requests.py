"""The register keeps nothing outside its seal that says who asked, or about what."""

from sqlalchemy import LargeBinary, Text

from router.store.schema.requests import requests
from router.store.schema.tables import items


def test_who_asked_and_about_what_is_sealed() -> None:
    texts = {column.name for column in requests.columns if isinstance(column.type, Text)}
    assert texts == {"id", "kind", "state", "received_on", "due_on", "by", "agreed_by", "closed_by", "outcome"}
    assert isinstance(requests.c.sealed.type, LargeBinary)
    assert not requests.c.sealed.nullable


def test_what_is_due_and_whose_account_is_found_by_an_index() -> None:
    assert {index.name for index in requests.indexes} == {"request_due"}
    assert "item_account" in {index.name for index in items.indexes}
