"""The canary: marked locations, handles and memos go every way there is, and nothing that was written tells them.

Everything that two routers and their peer wrote is searched: database files, their write-ahead logs, keys and secrets,
what was logged, what metrics and error documents say. Only the peer's sealed store and the wire held the location.
"""

import io
import logging
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx2
import pytest

from router.casework import desk, filing, intake, overrule, people, reading
from router.errors import RouterError
from router.world.story import HOME, NETHERLANDS
from router.world.zone import Record
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from schemas.vocabulary import Outcome
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, report
from tests.office import person

CANARY = "kanarie7q"
HANDLE = f"handle-{CANARY}"
ITEM = {
    "ways_in": {"referrer": f"http://from-{CANARY}.test/", "steps": [f"step {CANARY}"],
                "login": {"username": f"user-{CANARY}", "password": f"pass-{CANARY}"}},
    "account": {"platform": "chat", "handle": HANDLE, "role": "suspect", "country": "NL"},
}  # fmt: skip


async def test_what_was_reported_is_nowhere_in_the_clear(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()
    said: list[str] = []
    with redirect_stdout(out), redirect_stderr(out):
        async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
            await town.introduce()
            town.zone.add(_page(f"{CANARY}.test"))
            case = await _sent(home, "A-1", f"http://{CANARY}.test/path-{CANARY}#key-{CANARY}")
            said += await _answers(home, case)
            dutch.mood.status = 500
            case = await _sent(home, "A-2", f"http://{CANARY}.test/second-{CANARY}")
            anna = person("anna", Role.ANALYST)
            await desk.close(home.router.ctx, case, anna, f"typed {CANARY}", outcome=Outcome.REMOVED)
            for refused in (f"http://{CANARY}\x00.test/", f"data:text/html,{CANARY}"):
                with pytest.raises(RouterError) as error:
                    await _sent(home, "A-3", refused)
                said.append(error.value.message)
            assert len(await dutch.inbox()) == 1
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert len(written) > 100_000
    for place, text in {
        "files": written,
        "output": out.getvalue().encode(),
        "logs": caplog.text.encode(),
        "answers": "\n".join(said).encode(),
    }.items():
        assert CANARY.encode() not in text.lower(), place
    assert not list(tmp_path.rglob(f"*{CANARY}*"))


async def test_the_canary_would_be_found(tmp_path: Path) -> None:
    """The search is not blind: revealed on purpose, the location is there."""
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home:
        taken = await intake.take(home.router.ctx, report(f"http://{CANARY}.test/", "A-1"), ANALYSTS)
        anna = person("anna", Role.ANALYST)
        file = await filing.case_file(home.router.ctx, taken.items[0].case, reveal_to=anna, reason="to look at it")
        assert CANARY in file.model_dump_json()


async def _sent(home: Neighbour, reference: str, location: str) -> str:
    given = report(location, reference, item=ITEM, memo=f"memo {CANARY}", note_to_partner=f"note {CANARY}")
    taken = await intake.take(home.router.ctx, given, ANALYSTS)
    await home.turn(4)
    return taken.items[0].case


async def _answers(home: Neighbour, case: str) -> list[str]:
    """Everything that is shown of a case without a reveal, through the product's own API as well."""
    ctx = home.router.ctx
    said = [(await filing.case_file(ctx, case)).model_dump_json(), str(await reading.desk(ctx))]
    for row in await home.referrals():
        said.append((await reading.referral(ctx, row["id"])).model_dump_json())
        with pytest.raises(RouterError) as error:
            await overrule.release(ctx, row["id"], person("anna", Role.ANALYST), f"typed {CANARY}")
        said.append(error.value.message)
    await people.add_account(ctx, "boss", Role.SUPERVISOR, ROUTER)
    boss = (await people.account_named(ctx, "boss")).actor
    token = (await people.create_token(ctx, TokenGiven(name="t", account="boss"), boss)).token
    transport = httpx2.ASGITransport(app=home.router.api())
    async with httpx2.AsyncClient(transport=transport, base_url="https://be.hotline.test") as client:
        bearer = {"authorization": f"Bearer {token}"}
        paths = ("/metrics", f"/v1/cases/{case}", "/v1/cases", "/v1/referrals")
        said += [(await client.get(path, headers=bearer)).text for path in paths]
        bad = {"source": "analysts", "items": [{"location": f"http://{CANARY}.test/", "surprise": CANARY}]}
        said.append((await client.post("/v1/reports", headers=bearer, json=bad)).text)
    return said


def _page(name: str) -> Record:

    return Record(name, "A", "188.166.40.77")
