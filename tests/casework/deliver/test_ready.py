"""What is ready keeps its case open, by which an embargo is recognised right before the call."""

from dataclasses import fields

from router.casework.deliver.ready import Claimed, Ready


def test_what_is_ready_still_has_its_case_open() -> None:
    for kind in (Claimed, Ready):
        assert "opened" in {field.name for field in fields(kind)}
