"""Trails on the console: asked for by one, confirmed by another, taken as one file by people."""

import io
from dataclasses import replace
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.console.trail.paper import HousePapers
from tests.console.test_embargoes import second


@pytest.fixture
def signing(console: Any) -> Any:
    console.app.state.ctx = console.ctx = replace(console.ctx, house=HousePapers(Ed25519PrivateKey.generate()))
    return console


FORM = {"order": "BR.1/26", "court": "the court", "language": "fr"}


async def test_one_asks_another_confirms_and_people_take_it(signing: Any, supervisor: Any) -> None:
    case = await signing.case()
    assert f"/trails?case={case}" in (await supervisor.get(f"/cases/{case}")).text
    assert f'value="{case}"' in (await supervisor.get(f"/trails?case={case}")).text
    answer = await supervisor.send("/trails", case=case, **FORM)
    assert answer.headers["location"] == "/trails?done=trail-asked"
    mine = (await supervisor.get("/trails")).text
    assert ("another person confirms" in mine, "/confirm" in mine) == (True, False)
    bob = await second(signing)
    page = (await bob.get("/trails")).text
    assert ("BR.1/26" in page, "the court" in page) == (True, True)
    among = (await bob.get("/changes")).text
    assert "A trail for a magistrate" in among
    assert ("See whose order it is, and confirm it there." in among, "/confirm" in among) == (True, False)
    path = page.split('action="/trails/')[1].split('"')[0]
    seen = page.split('name="id" value="')[1].split('"')[0]
    assert (await bob.send(f"/trails/{path}", id=seen)).headers["location"] == "/trails?done=trail-made"
    taken = await bob.send(f"/trails/{path.removesuffix('/confirm')}/take")
    assert (taken.status_code, taken.headers["content-type"]) == (200, "application/zip")
    with ZipFile(io.BytesIO(taken.content)) as whole:
        assert "trail.txt.sig" in whole.namelist()
        assert "names.json" not in whole.namelist()
        assert whole.read("trail.txt").decode().startswith("RELEVÉ")
    named = await bob.send(f"/trails/{path.removesuffix('/confirm')}/take", names="true")
    with ZipFile(io.BytesIO(named.content)) as whole:
        assert "names.json" in whole.namelist()
    assert "Trail for a magistrate taken" in (await bob.get(f"/cases/{case}")).text


async def test_what_is_refused_is_said_and_what_was_typed_stays(signing: Any, supervisor: Any) -> None:
    wrong = await supervisor.send("/trails", case="no-case", **FORM)
    assert (wrong.status_code, "BR.1/26" in wrong.text) == (422, True)
    gone = await supervisor.send("/trails/00000000-0000-0000-0000-000000000000/take")
    assert gone.status_code == 404
    none = await supervisor.send("/trails/00000000-0000-0000-0000-000000000000/confirm")
    assert none.status_code == 404


async def test_an_analyst_has_none_of_it(signing: Any, analyst: Any) -> None:
    case = await signing.case()
    assert "/trails" not in (await analyst.get(f"/cases/{case}")).text
    assert (await analyst.get("/trails")).status_code == 403
    assert (await analyst.send("/trails", case=case, **FORM)).status_code == 403
