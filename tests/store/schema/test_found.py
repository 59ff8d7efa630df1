"""What stands of a trace outside its seal names no host."""

from router.store.schema.found import traces


def test_what_says_where_a_host_is_in_the_clear_is_a_code_or_a_date() -> None:
    clear = {column.name for column in traces.c} - {"sealed"}
    assert clear == {"id", "case_id", "traced_at", "verdict", "country", "confidence", "outcome", "provider"}
