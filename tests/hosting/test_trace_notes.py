"""Every code has a sentence that ends, and says what to do."""

import string

import pytest

from router.hosting import trace_notes
from schemas.trace import DnsOutcome


@pytest.mark.parametrize("code", [*trace_notes.NO_HOST, "something_new"])
def test_why_there_is_no_host(code: str) -> None:
    reason = trace_notes.no_host(code)
    assert reason.code == code
    assert reason.text.endswith(".")


@pytest.mark.parametrize("ended", sorted(set(DnsOutcome) - {DnsOutcome.OK, DnsOutcome.PRIVATE}))
def test_every_outcome_without_an_address_is_explained(ended: DnsOutcome) -> None:
    assert trace_notes.outcome(ended).code == ("filtered" if ended is DnsOutcome.STALE else ended.value)
    assert ("gone" in trace_notes.outcome(ended).text) == (ended in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA))


@pytest.mark.parametrize("code", list(trace_notes.NOTES))
def test_notes_take_their_words(code: str) -> None:
    wanted = {field for _, field, _, _ in string.Formatter().parse(trace_notes.NOTES[code]) if field}
    text = trace_notes.note(code, **dict.fromkeys(wanted, "17")).text
    assert text.endswith(".")
    assert "{" not in text
    assert text.count("17") >= len(wanted)
