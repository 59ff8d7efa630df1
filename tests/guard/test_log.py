import io
import json
import logging
from typing import Any

import pytest
import structlog

from router.guard import log as guard_log
from router.guard.log import get_log, set_up

CANARY = "canary-7f3a.example"


@pytest.fixture
def out(log_restored: None) -> io.StringIO:
    stream = io.StringIO()
    set_up(stream)
    return stream


def entries(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def fail() -> None:
    raise OSError(f"bad host {CANARY}")


def test_an_entry_is_one_line_of_json(out: io.StringIO) -> None:
    get_log("delivery").warning("partner_paused", partner="offlimits-nl", reason="gone", count=3)
    (entry,) = entries(out)
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "event": "partner_paused", "level": "warning", "room": "delivery", "partner": "offlimits-nl",
        "reason": "gone", "count": 3,
    }  # fmt: skip


def test_unknown_keys_are_dropped(out: io.StringIO) -> None:
    get_log("api").info("taken", url=f"https://{CANARY}/", headers={"Authorization": "x"}, report="r1")
    assert CANARY not in out.getvalue()
    assert "url" not in entries(out)[0]
    assert entries(out)[0]["report"] == "r1"


def test_known_keys_are_scrubbed(out: io.StringIO) -> None:
    get_log("api").info(f"cannot reach https://{CANARY}/x", reason=f"host {CANARY} is gone", code={"a": CANARY})
    assert CANARY not in out.getvalue()
    assert entries(out)[0]["reason"] == "host [removed] is gone"
    assert entries(out)[0]["code"] == "dict"


def test_an_exception_leaves_its_class_and_place_only(out: io.StringIO) -> None:
    try:
        fail()
    except OSError as error:
        get_log("api").error("unexpected", exc_info=error)
        get_log("api").exception("unexpected")
    assert CANARY not in out.getvalue()
    for entry in entries(out):
        assert entry["error"] == "OSError"
        assert entry["place"].startswith("test_log.py:")


def test_a_library_is_reduced_to_its_name_and_place(out: io.StringIO) -> None:
    logging.getLogger("aiohttp.client").warning("cannot connect to %s", CANARY)
    try:
        fail()
    except OSError:
        logging.getLogger("asyncio").exception("task failed: %s", CANARY)
    logging.getLogger("uvicorn.error").info("started")
    assert CANARY not in out.getvalue()
    first, second = entries(out)
    assert (first["event"], first["library"]) == ("library_message", "aiohttp.client")
    assert (second["event"], second["library"], second["error"]) == ("library_error", "asyncio", "OSError")
    assert second["place"].startswith("test_log.py:")


def test_a_process_that_forgot_to_set_up_tells_nothing_either(
    capsys: pytest.CaptureFixture[str], log_restored: None
) -> None:
    structlog.reset_defaults()
    secret = CANARY
    try:
        fail()
    except OSError:
        get_log("api").exception("unexpected", url=secret)
    seen = capsys.readouterr()
    assert CANARY not in seen.err + seen.out
    assert "unexpected" in seen.err


def test_below_the_level_nothing_is_written(out: io.StringIO) -> None:
    get_log("api").debug("details")
    assert out.getvalue() == ""


def test_place_of_nothing_is_nothing() -> None:
    assert guard_log.place(None) is None


@pytest.mark.parametrize("key", ["url", "host", "location", "handle", "memo", "reporter", "authorization", "query"])
def test_nothing_identifying_is_on_the_list(key: str) -> None:
    assert key not in guard_log.KEYS
