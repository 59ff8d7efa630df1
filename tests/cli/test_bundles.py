import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli import bundles
from router.cli.client.api import ApiAnswer, ApiClient
from schemas.reply_code import code_of

ONE, TWO, THREE = (f"0190f7a1-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))


def a_referral(name: str, bundle: str, receipt: str | None) -> dict[str, Any]:
    state = "waiting" if receipt is None else "accepted"
    return {"id": name, "bundle": bundle, "partner": "federal-police", "state": state, "receipt": receipt}


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [a_referral(ONE, ONE, "FP/1"), a_referral(TWO, ONE, None), a_referral(THREE, THREE, "FP/2")]

    class Caller:
        async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
            assert "bundled=true" in path, path
            return ApiAnswer(200, json.dumps({"items": items, "next": None}).encode())

    @asynccontextmanager
    async def opened(data_dir: Path | None) -> AsyncIterator[ApiClient]:
        yield ApiClient(Caller())

    monkeypatch.setattr(bundles, "open_client", opened)


def test_a_bundle_has_its_receipt_when_all_in_it_have(run: Callable[..., Any]) -> None:
    found = run("bundles", "list", "--json").json["items"]
    assert [(one["code"], one["items"], one["receipt"]) for one in found] == [
        (code_of(ONE), 2, None),
        (code_of(THREE), 1, "FP/2"),
    ]
    waiting = run("bundles", "list", "--waiting")
    assert waiting.code == 0
    assert code_of(ONE) in waiting.out
    assert code_of(THREE) not in waiting.out
