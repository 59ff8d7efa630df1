"""Versions of the policy on the console: who said yes, what differs, and rolled back by a supervisor with no script."""

from dataclasses import replace
from typing import Any

import pytest

from router.casework.govern.second_person import shown
from router.casework.govern.versions import Following, import_directory, publish_policy
from router.store.schema.tables import policies
from schemas.actor import ROUTER, Role
from schemas.partner import Directory
from tests.casework.govern.rules.test_draft import TEXT
from tests.console.conftest import PARTNERS
from tests.console.test_embargoes import second

NARROW = TEXT.replace('["hotline:hosting_country"]\n', '["hotline:hosting_country"]\nmode = "propose"\n').replace(
    'expect = ["hotline-nl"]', 'expect = ["desk"]\npropose = ["hotline-nl"]'
)


@pytest.fixture
async def versions(console: Any) -> Any:
    """A console whose policy has two versions; the second narrows."""
    store, clock = console.ctx.store, console.ctx.clock
    await import_directory(store, clock, Directory(partners=PARTNERS), ROUTER)
    for text in (TEXT, NARROW):
        await publish_policy(store, clock, text, ROUTER)
    console.app.state.ctx = console.ctx = replace(console.ctx, governance=Following(store, clock))
    return console


async def test_they_are_compared_in_words_and_rolled_back_by_two(versions: Any, supervisor: Any) -> None:
    listed = (await supervisor.get("/rules")).text
    assert 'href="/rules/versions/2"' in listed
    assert 'href="/rules/versions/1?of=2"' in listed
    newer = (await supervisor.get("/rules/versions/2")).text
    assert "Less goes to <strong>hotline:hosting_country</strong>" in newer
    assert "<ins>+mode = &#34;propose&#34;</ins>" in newer
    assert "roll-back" not in newer, "it is in force"
    older = (await supervisor.get("/rules/versions/1?of=2")).text
    assert "More goes to <strong>hotline:hosting_country</strong>" in older
    assert "another person confirms it" in older
    done = await supervisor.send("/rules/versions/1/roll-back", over=2)
    assert done.headers["location"] == "/rules?done=back-asked"
    assert "waits for another person" in (await supervisor.get(done.headers["location"])).text
    (waits,) = await shown(versions.ctx)
    bob = await second(versions)
    assert (await bob.send("/changes/policy/confirm", id=waits.id)).status_code == 303
    listed = (await supervisor.get("/rules")).text
    assert "bob; proposed by anna-supervisor" in listed
    assert "the text of 1 again" in listed
    assert [row["body"] for row in await versions.ctx.store.rows(policies.select())] == [TEXT, NARROW, TEXT]
    assert (await supervisor.send("/rules/versions/2/roll-back", over=3)).headers["location"] == "/rules?done=back"


async def test_what_was_not_looked_at_is_shown_again(versions: Any, supervisor: Any, analyst: Any) -> None:
    stale = await supervisor.send("/rules/versions/1/roll-back", over=1)
    assert (stale.status_code, "in force meanwhile" in stale.text) == (409, True)
    assert (await supervisor.get("/rules/versions/9")).status_code == 404
    assert (await analyst.send("/rules/versions/1/roll-back", over=2)).status_code == 403
    assert "roll-back" not in (await analyst.get("/rules/versions/1?of=2")).text


async def test_who_sees_no_location_reads_them_too(versions: Any) -> None:
    for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.VIEWER):
        browser = await versions.person(role)
        assert (await browser.get("/rules/versions/2")).status_code == 200


@pytest.mark.parametrize(
    ("locale", "words"), [("nl", "Minder gaat"), ("fr", "Moins de dossiers"), ("de", "Weniger geht")]
)
async def test_it_speaks_the_language_of_the_house(versions: Any, locale: str, words: str) -> None:
    page = (await (await versions.person(Role.SUPERVISOR, locale)).get("/rules/versions/2")).text
    assert words in page
    assert "Less goes" not in page
