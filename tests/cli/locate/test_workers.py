"""Answering in this process and in others: same answers, same order, and an end that is told."""

from pathlib import Path

import pytest

from router.cli.locate.workers import Elsewhere, Here, Options, refusal_of
from router.errors import BadInput, CannotStart

CHUNKS = [
    ["http://3.120.0.1/", "http://x.onion/"],
    ["http://51.140.1.1/"],
    ["http://a..b/"],
    ["http://104.16.1.1/"],
] * 3


def test_other_processes_answer_as_this_one_does() -> None:
    options = Options(offline=True, show="json")
    with Here(options) as here:
        expected = list(here.answer_all(CHUNKS))
    with Elsewhere(options, 2) as elsewhere:
        assert list(elsewhere.answer_all(iter(CHUNKS))) == expected
    assert sum((answers.counts for answers in expected), start=type(expected[0].counts)()) == {
        "DE": 3,
        "no_host": 3,
        "GB": 3,
        "not readable": 3,
        "edge_only": 3,
    }


def test_large_chunks_do_not_block_the_pipes() -> None:
    """Questions and answers each larger than a pipe's buffer: both ends would wait for the other to read."""
    chunk = [f"http://3.120.0.{number % 250}/{'x' * 4000}" for number in range(200)]
    with Elsewhere(Options(offline=True, show="json"), 1) as elsewhere:
        answers = list(elsewhere.answer_all(iter([chunk] * 4)))
    assert [one.counts["DE"] for one in answers] == [200] * 4


def test_a_process_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "router.toml").write_text("home = [")
    options = Options(offline=True, show="json", data_dir=tmp_path)
    with Elsewhere(options, 1) as elsewhere, pytest.raises(CannotStart, match=r"router\.toml"):
        list(elsewhere.answer_all(iter(CHUNKS)))


def test_a_process_that_is_killed_is_noticed() -> None:
    with Elsewhere(Options(offline=True, show="json"), 1) as elsewhere:
        answers = elsewhere.answer_all(iter(CHUNKS * 100))
        next(answers)
        elsewhere._processes[0].kill()
        with pytest.raises(CannotStart, match="--jobs 1"):
            list(answers)
    assert not elsewhere._processes[0].is_alive()


def test_content_is_not_repeated_in_an_answer() -> None:
    refused = BadInput("No.", reason="embedded_content")
    assert "secret" not in refusal_of("data:,secret", refused).model_dump_json()
    assert refusal_of("http://a..b/", BadInput("No.", reason="bad_host")).input == "http://a..b/"
