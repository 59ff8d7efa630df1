"""The canary: marked locations, handles and memos go every way there is, and nothing that was written tells them.

Everything that two routers and their peer wrote is searched: database files, their write-ahead logs, keys and secrets,
what was logged, what pages, batches, metrics and error documents say; and what the program itself says when it runs as
an operator runs it. Only the peer's sealed store and the wire held the location.
"""

import io
import json
import logging
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from router.casework.desk import case_acts, referral_acts
from router.casework.intake import take as intake
from router.casework.people import sessions, tokens
from router.casework.read import case_file, lists
from router.cli import make_app
from router.console.access import COOKIE
from router.errors import RouterError
from router.world.story import HOME, NETHERLANDS, POLICE, SITES
from router.world.zone import Record
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from schemas.partner import Partner, PartnerKind
from schemas.vocabulary import Outcome
from tests.neighbours import ANALYSTS, START, Neighbour, neighbourhood, pin, report
from tests.office import line, person

ROOT = Path(__file__).resolve().parents[2]

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
            await pin(home.router, [_police(tmp_path / HOME / "secrets")])
            town.zone.add(_page(f"{CANARY}.test"))
            case = await _sent(home, "A-1", f"http://{CANARY}.test/path-{CANARY}#key-{CANARY}")
            anna = person("anna", Role.ANALYST)
            await case_acts.refer(home.router.ctx, case, anna, "theirs as well", partner=POLICE)
            await home.turn(2)
            frozen = {row["dialect"]: row["payload"] for row in await home.referrals()}
            assert set(frozen) == {"router", "webhook"}
            said += await _answers(home, case)
            dutch.mood.status = 500
            case = await _sent(home, "A-2", f"http://{CANARY}.test/second-{CANARY}")
            await case_acts.close(home.router.ctx, case, anna, f"typed {CANARY}", outcome=Outcome.REMOVED)
            for refused in (f"http://{CANARY}\x00.test/", f"data:text/html,{CANARY}"):
                with pytest.raises(RouterError) as error:
                    await _sent(home, "A-3", refused)
                said.append(error.value.message)
            assert len(await dutch.inbox()) == 1
    _tells_nothing(tmp_path, {"output": out.getvalue(), "logs": caplog.text, "answers": "\n".join(said)})


def _tells_nothing(folder: Path, said: Mapping[str, str]) -> None:
    """Search all that was written to a folder, its names, and all that was said."""
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert len(written) > 100_000
    assert CANARY.encode() not in written.lower()
    assert not list(folder.rglob(f"*{CANARY}*"))
    assert [place for place, text in said.items() if CANARY in text.lower()] == []


def _police(secrets: Path) -> Partner:
    """The police, by webhook, whose endpoint nobody answers at: what is to leave is frozen and stays."""
    secrets.mkdir(mode=0o700)
    secret = secrets / "police-webhook"
    secret.touch(mode=0o600)
    secret.write_text("whsec_c2VjcmV0IGVub3VnaCBmb3IgdGhpcyBzdG9yeQ==", encoding="utf-8")
    (site,) = (one for one in SITES if one.partner == POLICE)
    return Partner(
        name=POLICE,
        title="Police",
        kind=PartnerKind.POLICE,
        countries=(site.country,),
        dialect="webhook",
        config={"url": f"https://{site.host}/intake", "secrets": ["police-webhook"]},
        enabled=True,
        checked_on=START.date(),
        accepts=("baseline",),
    )


async def _sent(home: Neighbour, reference: str, location: str) -> str:
    given = report(location, reference, item=ITEM, memo=f"memo {CANARY}", note_to_partner=f"note {CANARY}")
    taken = await intake.take(home.router.ctx, given, ANALYSTS)
    await home.turn(4)
    return taken.items[0].case


async def _answers(home: Neighbour, case: str) -> list[str]:
    """Everything that is shown of a case without a reveal, through the product's own API as well."""
    ctx = home.router.ctx
    said = [(await case_file.case_file(ctx, case)).model_dump_json(), str(await lists.desk(ctx))]
    for row in await home.referrals():
        said.append((await lists.referral(ctx, row["id"])).model_dump_json())
        with pytest.raises(RouterError) as error:
            await referral_acts.release(ctx, row["id"], person("anna", Role.ANALYST), f"typed {CANARY}")
        said.append(error.value.message)
    await tokens.add_account(ctx, "boss", Role.SUPERVISOR, ROUTER)
    boss = (await tokens.account_named(ctx, "boss")).actor
    token = (await tokens.create_token(ctx, TokenGiven(name="t", account="boss"), boss)).token
    transport = httpx2.ASGITransport(app=home.router.api())
    async with httpx2.AsyncClient(transport=transport, base_url="https://be.hotline.test") as client:
        bearer = {"authorization": f"Bearer {token}"}
        paths = ("/metrics", f"/v1/cases/{case}", "/v1/cases", "/v1/referrals")
        said += [(await client.get(path, headers=bearer)).text for path in paths]
        bad = {"source": "analysts", "items": [{"location": f"http://{CANARY}.test/", "surprise": CANARY}]}
        said.append((await client.post("/v1/reports", headers=bearer, json=bad)).text)
        batch = await client.post("/v1/reports/batch", headers=bearer, content=b"".join(BROKEN))
        said.append(batch.text)
        assert [json.loads(one)["status"] // 100 for one in batch.text.splitlines()] == [4] * len(BROKEN)
        said += await _pages(client, await sessions.begin(ctx, boss), case)
    return said


#: Lines that cannot be taken, each for another reason.
BROKEN = (
    f'{{"source": "analysts", "reference": "{CANARY}\n'.encode(),
    line("B-1", f"data:text/html,{CANARY}"),
    line("B-2", f"http://{CANARY}.test/", source=CANARY),
    line("B-3", f"http://{CANARY}.test/", urgency=CANARY),
    line("B-4", f"http://{CANARY}.test/", items=[{"location": f"http://{CANARY}.test/", "account": CANARY}]),
    line("B-5", f"http://{CANARY}@{CANARY}:{CANARY}/"),
)


async def _pages(client: httpx2.AsyncClient, opened: sessions.OpenedSession, case: str) -> list[str]:
    """Every page that shows cases, referrals or what was done, in two languages."""
    client.cookies.set(COOKIE, opened.cookie, domain="be.hotline.test")
    said = []
    for path in ("/", "/cases", f"/cases/{case}", "/audit", "/stops"):
        for language in ("en", "nl"):
            page = await client.get(path, headers={"accept-language": language})
            assert page.status_code == 200, path
            said.append(page.text)
    return said


async def test_the_canary_would_be_found(tmp_path: Path) -> None:
    """The search is not blind: revealed on purpose, the location is there."""
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home:
        taken = await intake.take(home.router.ctx, report(f"http://{CANARY}.test/", "A-1"), ANALYSTS)
        anna = person("anna", Role.ANALYST)
        file = await case_file.case_file(home.router.ctx, taken.items[0].case, reveal_to=anna, reason="to look at it")
        assert CANARY in file.model_dump_json()


def test_as_an_operator_runs_it_it_tells_nothing_either(tmp_path: Path) -> None:
    """The real `serve`, its worker and its log beside verbs of their own: some seconds of starting Python."""
    data, said = tmp_path / "data", {}
    reports, broken = tmp_path / "in.ndjson", tmp_path / "broken.csv"
    reports.write_bytes(line("R-1", f"http://{CANARY}.test/{CANARY}", source="form", memo=CANARY) + b"".join(BROKEN))
    broken.write_text(f'source,reference,location\nform,"{CANARY}\n', encoding="utf-8")
    _verb("init", data=data)
    token = json.loads(_verb("tokens", "create", "script", "--account", "supervisor", "--json", data=data))["token"]
    serving = [sys.executable, "main.py", "serve", "--json", "--port", "0", "--data", str(data)]
    with subprocess.Popen(serving, cwd=ROOT, env=_alone(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            where = json.loads(process.stdout.readline())["address"]
            said["submit"] = _verb("submit", str(reports), data=data, code=1)
            said["submit CSV"] = _verb("submit", str(broken), data=data, code=1)
            said |= _asked(where, token)
            case = json.loads(_verb("cases", "list", "--json", data=data))["items"][0]["id"]
            for words in (("show", case), ("explain", case), ("list",)):
                said[f"cases {words[0]}"] = _verb("cases", *words, data=data)
        finally:
            process.terminate()
        said["output"], said["log"] = (text.decode() for text in process.communicate(timeout=60))
    reports.unlink()
    broken.unlink()
    _tells_nothing(tmp_path, said)


def _page(name: str) -> Record:

    return Record(name, "A", "188.166.40.77")


def _alone() -> dict[str, str]:
    """An environment in which the router asks no name server: nobody listens at that port of loopback."""
    return {**os.environ, "ROUTER_RESOLVERS": '["127.0.0.1:9"]'}


def _verb(*words: str, data: Path, code: int = 0) -> str:
    """Run a verb beside what serves, in this process; return all that it printed."""
    done = CliRunner().invoke(make_app(), [*words, "--data", str(data)])
    assert done.exit_code == code, done.output
    return done.stdout + done.stderr


def _asked(where: str, token: str) -> dict[str, str]:
    """What the running program answers: to a batch, to what it refuses, of the case once its worker is done with it."""
    nobody = ssl.create_default_context()  # it speaks in the clear, and there is no authority here to be read
    with httpx2.Client(base_url=where, headers={"authorization": f"Bearer {token}"}, verify=nobody) as client:
        said = {"batch": client.post("/v1/reports/batch", content=b"".join(BROKEN)).text}
        for at, one in enumerate(BROKEN):
            said[f"refused {at}"] = client.post("/v1/reports", content=one).text
        until = time.monotonic() + 30
        while not client.get("/v1/cases?state=desk").json()["items"]:
            assert time.monotonic() < until
            time.sleep(0.1)
        for path in ("/metrics", "/v1/cases", "/v1/cases/desk", "/v1/referrals", "/healthz", f"/{CANARY[:3]}"):
            said[path] = client.get(path).text
    return said
