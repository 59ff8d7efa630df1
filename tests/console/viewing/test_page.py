"""Viewing sessions on the console: taken as a file or on screen, brought back by hand or as a table, ended."""

import html
import re
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from router.casework.people import tokens
from router.store.schema.tables import cases as stored
from router.store.schema.tables import viewing_lines
from schemas.actor import ROUTER, Role
from schemas.signin import SignInSettings
from tests.casework.desk.viewing.rooms import OpenRoom
from tests.console.conftest import CANARY


@pytest.fixture
def room(console: Any) -> Any:
    console.app.state.ctx = console.ctx = replace(console.ctx, room=OpenRoom())
    return console


async def cases(room: Any, count: int = 2) -> list[str]:
    return [await room.case(f"r-{n}", f"https://{CANARY}-{n}.test/", seen=False) for n in range(count)]


async def desk(room: Any) -> list[Any]:
    return list(await room.ctx.store.rows(select(stored)))


def tokens_of(page: str) -> list[str]:
    return re.findall(r'name="assessment\.(\w+)"', page)


async def test_the_file_stands_in_the_page_once_and_what_was_seen_is_typed_in(room: Any, analyst: Any) -> None:
    await cases(room)
    assert "No session was taken" in (await analyst.get("/viewings")).text
    begun = await analyst.send("/viewings", limit="5")
    (name,) = re.findall(r'download="(S-\w+)\.zip\.gpg"', begun.text)
    (file,) = re.findall(r'href="data:application/octet-stream;base64,([^"]+)"', begun.text)
    with ZipFile(BytesIO(b64decode(file))) as packed:
        assert CANARY in packed.read("locations.csv").decode()
    again = (await analyst.get(f"/viewings/{name}")).text
    assert ("base64" in again, "Save the file" in again, CANARY in begun.text + again) == (False, False, False)
    first, second = tokens_of(again)
    fields = {f"assessment.{first}": "not_illegal", f"finding.{second}": "cannot_see"}
    answered = (await analyst.send(f"/viewings/{name}/rows", **fields)).text
    assert "1 done, 1 refused" in answered
    assert "Say why it cannot be seen" in answered
    assert tokens_of(answered) == [second]
    assert re.search(r'value="cannot_see" selected', answered), "what was typed stays"
    done = await analyst.send(
        f"/viewings/{name}/rows", **{f"finding.{second}": "cannot_see", f"why.{second}": "a login"}
    )
    assert ("given back" in done.text, "1 done, 0 refused" in done.text) == (True, True)
    assert name in (await analyst.get("/viewings")).text


async def test_a_file_is_brought_as_a_spreadsheet_saves_it(room: Any, analyst: Any, supervisor: Any) -> None:
    (case,) = await cases(room, 1)
    begun = (await analyst.send("/viewings")).text
    (token,) = tokens_of(begun)
    text = f"session\ttoken\tassessment\tfinding\r\nS-BCDFGHJ\t{token}\tbaseline\tthere\r\n"
    assert "Somebody else took this session" in (await supervisor.send_file("/viewings/results", text.encode())).text
    answered = (await analyst.send_file("/viewings/results", text.encode("utf-16"))).text
    assert ("1 done, 0 refused" in answered, f'href="/cases/{case}"' in answered) == (True, True)
    again = (await analyst.send_file("/viewings/results", b"\xef\xbb\xbf" + text.encode())).text
    assert ("1 done, 0 refused" in again, "It was brought before" in again) == (True, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"token\tlocation\r\n", "`location` is not known"),
        ("token,why\r\nx,é\r\n".encode("latin-1"), "save it as `CSV UTF-8`"),
        (b"PK\x03\x04\xff\xfe", "save it as `CSV UTF-8`"),
        (b"", "The table is empty"),
        (b"token\r\n" + b"x" * (800 * 1024), "takes 768 KiB at most"),
    ],
)
async def test_a_file_of_which_nothing_can_be_read_says_what_to_do(
    room: Any, analyst: Any, content: bytes, said: str
) -> None:
    answered = await analyst.send_file("/viewings/results", content)
    assert (answered.status_code >= 400, said in html.unescape(answered.text)) == (True, True)


async def test_a_file_without_the_token_of_its_page_does_nothing(room: Any, analyst: Any) -> None:
    await cases(room, 1)
    (token,) = tokens_of((await analyst.send("/viewings")).text)
    analyst.csrf = "another"
    text = f"token,finding\r\n{token},gone\r\n"
    assert (await analyst.send_file("/viewings/results", text.encode())).status_code == 403
    assert await room.ctx.store.rows(select(viewing_lines.c.token).where(viewing_lines.c.done_at.is_not(None))) == []


async def test_on_screen_nothing_is_exported_and_others_see_who_has_it_and_where(
    room: Any, analyst: Any, supervisor: Any
) -> None:
    (case,) = await cases(room, 1)
    begun = (await analyst.send("/viewings", on_screen="true")).text
    assert "file" not in re.sub(r"<[^>]*>", "", begun).lower(), "there is none, so nothing is said of one"
    assert "base64" not in begun
    (name,) = set(re.findall(r"/viewings/(S-\w+)/rows", begun))
    for page in ("/", f"/cases/{case}"):
        assert f"in viewing session {name} with anna-analyst until" in (await supervisor.get(page)).text
    (token,) = tokens_of(begun)
    unseen = (await analyst.send(f"/viewings/{name}/rows", **{f"assessment.{token}": "baseline"})).text
    assert "You have not seen this location" in unseen
    await analyst.send(f"/cases/{case}/reveal")
    assert "1 done" in (await analyst.send(f"/viewings/{name}/rows", **{f"assessment.{token}": "baseline"})).text


async def test_one_button_says_that_it_is_lost_and_what_was_in_it_is_listed(
    room: Any, analyst: Any, supervisor: Any
) -> None:
    (case,) = await cases(room, 1)
    begun = (await analyst.send("/viewings")).text
    (name,) = set(re.findall(r"/viewings/(S-\w+)/lost", begun))
    assert (await analyst.send(f"/viewings/{name}/lost")).status_code == 422
    assert (await supervisor.send(f"/viewings/{name}/give-back")).headers["location"] == f"/viewings/{name}?done=closed"
    lost = await analyst.send(f"/viewings/{name}/lost", reason="left on a train")
    page = (await analyst.get(lost.headers["location"])).text
    assert ("the house is told" in page, f'href="/cases/{case}"' in page, "/lost" in page) == (True, True, False)
    assert "Was in a viewing session that is lost" in (await supervisor.get(f"/cases/{case}")).text


async def test_a_file_asks_again_who_one_is_and_who_may_not_look_is_not_offered_one(room: Any, analyst: Any) -> None:
    await cases(room, 1)
    room.ctx.clock.advance(timedelta(minutes=61))
    stale = await room.person(Role.SUPERVISOR)
    viewer = await room.person(Role.VIEWER)
    assert "Take a list of the desk" not in (await viewer.get("/viewings")).text
    assert (await viewer.send("/viewings")).status_code == 403
    room.ctx.clock.advance(timedelta(minutes=20))
    await stale.get("/viewings")
    room.ctx.clock.advance(timedelta(minutes=25))
    await stale.get("/viewings")
    room.ctx.clock.advance(timedelta(minutes=25))
    refused = await stale.send("/viewings")
    assert (refused.status_code, 'name="factor"' in refused.text, "base64" in refused.text) == (403, True, False)
    refused = await stale.send_file("/viewings/results", b"token,finding\r\nx,gone\r\n")
    assert (refused.status_code, 'name="factor"' in refused.text, "What came of it" in refused.text) == (
        403,
        True,
        False,
    )


@pytest.mark.parametrize("locale", ["nl", "fr", "de"])
async def test_each_language_has_its_page(room: Any, locale: str) -> None:
    await cases(room, 1)
    person = await room.person(Role.ANALYST, locale=locale)
    listed = (await person.send_many("/viewings/chosen", row=[one["id"] for one in await desk(room)])).text
    assert '<span lang="en">' not in listed.partition("<main")[2], "no text was left in English"
    begun = (await person.send("/viewings")).text
    assert f'lang="{locale}"' in begun
    assert '<span lang="en">' not in begun.partition("<main")[2], "no text was left in English"


def ticked(page: str) -> list[str]:
    return re.findall(r'name="row" value="([^"]+)"', page)


async def test_rows_that_are_ticked_on_the_desk_are_listed_and_then_taken_one_by_one(
    room: Any, analyst: Any, supervisor: Any
) -> None:
    ids = await cases(room, 4)
    desk = (await analyst.get("/")).text
    assert ('formaction="/viewings/chosen"' in desk, ticked(desk)) == (True, ids)
    await supervisor.send(f"/cases/{ids[1]}/take")
    listed = (await analyst.send_many("/viewings/chosen", act="", filter="", row=ids[:3])).text
    assert ticked(listed) == [ids[0], ids[2]]
    assert ("Somebody else has it" in listed, CANARY in listed, "No session" in listed) == (True, False, False)
    await supervisor.send(f"/cases/{ids[2]}/take")  # after it was listed
    begun = (await analyst.send_many("/viewings/chosen/begin", row=[ids[0], ids[2]])).text
    assert (len(tokens_of(begun)), "Save the file" in begun) == (1, True)
    assert f'<a href="/cases/{ids[2]}">' in begun.partition("Left out")[2].partition("</table>")[0]
    assert "Somebody else has it" in begun
    again = await analyst.send_many("/viewings/chosen/begin", row=[ids[3]])
    assert (again.status_code, "You have the session" in again.text, ticked(again.text)) == (409, True, [ids[3]])


async def test_nothing_ticked_takes_nothing_and_not_the_whole_desk(room: Any, analyst: Any) -> None:
    await cases(room)
    for path in ("/viewings/chosen", "/viewings/chosen/begin"):
        assert (await analyst.send_many(path)).headers["location"] == "/?done=none-ticked"
    for path in ("/viewings/chosen", "/viewings/chosen/begin"):
        assert (await analyst.send_many(path, row=["https://place.test/"])).status_code == 422
    assert "No session was taken" in (await analyst.get("/viewings")).text


async def test_those_that_are_ticked_ask_again_by_file_and_not_on_screen(room: Any) -> None:
    ids = await cases(room, 1)
    account = await tokens.add_account(room.ctx, "left", Role.ANALYST, ROUTER, locale="en")
    stale = await room.left_open(account)
    listed = (await stale.send_many("/viewings/chosen", row=ids)).text
    assert 'name="factor"' in listed
    refused = await stale.send_many("/viewings/chosen/begin", row=ids)
    assert (refused.status_code, ticked(refused.text), "base64" in refused.text) == (403, ids, False)
    assert len(tokens_of((await stale.send_many("/viewings/chosen/begin", row=ids, on_screen="true")).text)) == 1


async def test_ticked_rows_are_for_who_may_look_from_where_one_may(room: Any) -> None:
    ids = await cases(room, 1)
    viewer = await room.person(Role.VIEWER)
    assert (await viewer.send_many("/viewings/chosen", row=ids)).status_code == 403
    assert (await viewer.send_many("/viewings/chosen/begin", row=ids)).status_code == 403
    door = replace(room.ctx.door, settings=SignInSettings(reveal_from=["192.0.2.0/24"]))
    room.app.state.ctx = room.ctx = replace(room.ctx, door=door)
    analyst = await room.person(Role.ANALYST)
    for path, fields in (
        ("/viewings/chosen", {"row": ids}), ("/viewings/chosen/begin", {"row": ids}),
        ("/viewings/chosen/begin", {"row": ids, "on_screen": "true"}), ("/viewings", {}),
        ("/viewings", {"on_screen": "true"}),
    ):  # fmt: skip
        refused = await analyst.send_many(path, **fields)
        assert (refused.status_code, "base64" in refused.text) == (403, False), path
    assert await room.ctx.store.rows(select(viewing_lines)) == []


async def test_the_list_tells_its_total_and_leads_to_its_next_page(room: Any, supervisor: Any) -> None:
    case = await room.case()
    for _ in range(52):
        made = await supervisor.send_many("/viewings/chosen/begin", row=[case], on_screen="true")
        name = made.text.partition("S-")[2][:7]
        await supervisor.send(f"/viewings/S-{name}/give-back")
    page = (await supervisor.get("/viewings")).text
    assert "52 in all" in page
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    assert (await supervisor.get(older)).text.count('<li class="row stop"') == 2
