"""The words of this folder."""

import pytest

from router.hosting.dns.answer import Answer
from schemas.trace import DnsOutcome


def test_an_answer_without_records_says_nothing_of_how_long() -> None:
    answer = Answer(DnsOutcome.OK)
    assert (dict(answer.aliases), answer.found, answer.negative_ttl) == ({}, (), None)


def test_the_default_aliases_are_shared_and_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        Answer(DnsOutcome.OK).aliases["a.test"] = ("b.test", 1)  # type: ignore[index] # what is forbidden
