"""Answering in this process and in others: same answers, same order, and an end that is told."""

import random
import threading
from collections import Counter
from ipaddress import IPv4Address, ip_network
from pathlib import Path

import pytest

from router.cli.locate import workers
from router.cli.locate.workers import Elsewhere, Here, Options, line_of, refusal_of
from router.data.prefix_tree import PrefixTree
from router.errors import BadInput, CannotStart
from router.hosting.location.url import read

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


#: A line of each way through a bulk run: the short ones, and those that have to be read and judged with more care.
WAYS = [
    "http://3.120.0.1/path/7?x=7",
    "http://3.120.0.1:8080/",
    "3.120.0.1",
    "http://104.16.1.1/",
    "http://1.1.1.1/",
    "http://10.0.0.1/a",
    "http://224.0.0.5/",
    "http://0.0.0.0/",
    "http://[2a01:4f8::1]/",
    "http://3.120.0.1/?u=https://evil.test/x",
    "http://3.120.0.1/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
    "hxxps://host7[.]example[.]org/a/7",
    "https://www.instagram.com/x",
    "https://bit.ly/x",
    "http://x7.onion/",
    "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",
    "http://a..b/7",
    "data:text/html;base64,AAAA",
    "http://\u00e4'\"\\.test/",
]


def test_a_short_way_answers_as_the_long_one_does() -> None:
    draw = random.Random(4)  # noqa: S311 - a fixed draw
    texts = WAYS + [f"http://{IPv4Address(draw.getrandbits(32))}/{number}" for number in range(1500)]
    with Here(Options(offline=True, show="json")) as here:
        found = here.answer(texts)
        expected = []
        for text in texts:
            try:
                expected.append(line_of(text, here._tracer.offline(read(text))))
            except BadInput as refused:
                expected.append(refusal_of(text, refused))
    assert found.text.decode().splitlines() == [line.model_dump_json() for line in expected]
    outcomes = [line.verdict and (line.verdict.country or line.verdict.kind.value) for line in expected]
    assert found.counts == Counter(outcome or "not readable" for outcome in outcomes)


def test_an_operators_own_database_is_heard_on_every_way(tmp_path: Path) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("3.120.0.0/16"), {"country": {"iso_code": "SE"}})
    tree.write(tmp_path / "own.mmdb", kind="GeoLite2-Country", description="a second geolocator", epoch=1_780_000_000)
    (tmp_path / "router.toml").write_text(f'maxmind = "{tmp_path / "own.mmdb"}"\n', encoding="utf-8")
    with Here(Options(offline=True, show="json", data_dir=tmp_path)) as here:
        text = here.answer(["http://3.120.0.1/path"]).text.decode()
    assert "GeoLite2-Country" in text


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_processes_end_at_once_however_they_were_started(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """A fork that kept another's end of a pipe open would have to be killed after five seconds."""
    monkeypatch.setattr(workers, "_loaded_once", lambda: way)
    with Elsewhere(Options(offline=True, show="json"), 3) as elsewhere:
        answers = list(elsewhere.answer_all(iter(CHUNKS)))
        assert len(answers) == len(CHUNKS)
        processes = elsewhere._processes
    assert [process.exitcode for process in processes] == [0, 0, 0], "none had to be terminated"


def test_a_fork_is_taken_only_where_no_other_thread_runs() -> None:
    told: list[str] = []
    thread = threading.Thread(target=lambda: told.append(workers._loaded_once()))
    thread.start()
    thread.join()
    assert told == ["spawn"]


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
