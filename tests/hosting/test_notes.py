"""Every code has a sentence that ends, and says what to do."""

import string

import pytest

from router.hosting import notes
from schemas.trace import DnsOutcome


@pytest.mark.parametrize("code", [*notes.NO_HOST, "something_new"])
def test_why_there_is_no_host(code: str) -> None:
    reason = notes.no_host(code)
    assert reason.code == code
    assert reason.text.endswith(".")


@pytest.mark.parametrize("ended", sorted(set(DnsOutcome) - {DnsOutcome.OK, DnsOutcome.PRIVATE}))
def test_every_outcome_without_an_address_is_explained(ended: DnsOutcome) -> None:
    assert notes.outcome(ended).code == ended.value
    assert ("gone" in notes.outcome(ended).text) == (ended in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA))


@pytest.mark.parametrize("code", list(notes.NOTES))
def test_notes_take_their_words(code: str) -> None:
    wanted = {field for _, field, _, _ in string.Formatter().parse(notes.NOTES[code]) if field}
    text = notes.note(code, **dict.fromkeys(wanted, "17")).text
    assert text.endswith(".")
    assert "{" not in text
    assert text.count("17") >= len(wanted)
