"""The policy's hosts are named anew when every index is; what no case is kept of is said, and a cut run goes on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from router.casework.desk import case_acts
from router.casework.govern.rules.draft import draft
from router.casework.govern.rules.hosts import unknown_hosts
from router.casework.govern.versions import Following, import_directory, publish_policy
from router.casework.intake import reindex as module
from router.casework.intake.reindex import reindex
from router.guard.master import MASTER_FILE, load_keys, load_or_create_master, open_keyring
from router.policy.load import load
from router.store.schema.tables import policies
from schemas.actor import ROUTER
from schemas.draft import DraftGiven, Scope
from schemas.partner import Directory, PartnerKind
from schemas.site import written
from tests.casebook import ANNA, Casebook, casebook
from tests.casework.govern.rules.test_draft import HOST, TEXT

GONE = written(bytes(range(16)))
UNKNOWN = f'[[route]]\nname = "gone"\nwhen = {{ host_index = ["{GONE}"] }}\nto = ["desk"]\nproposal = false\n\n'


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    """A router whose policy names two hosts by index: one of which a case is kept, and one that nobody knows."""
    path = tmp_path / MASTER_FILE
    load_or_create_master(path)
    async with casebook(tmp_path) as opened:
        store, clock = opened.ctx.store, opened.clock
        kept = tuple(one for one in opened.rules.directory_.partners if one.kind is PartnerKind.HOTLINE)
        await import_directory(store, clock, Directory(partners=kept), ROUTER)
        await publish_policy(store, clock, TEXT.replace("# Abroad", f"{UNKNOWN}# Abroad"), ROUTER)
        opened.ctx = replace(opened.ctx, governance=Following(store, clock), keyring=open_keyring(path), key_file=path)
        case = await opened.decided()
        await case_acts.refer(opened.ctx, case, ANNA, "they answer for it", partner="hotline-ca")
        made = await draft(opened.ctx, DraftGiven(case=UUID(case), scope=Scope.HOST, limit=1))
        await publish_policy(store, clock, made.text, ROUTER)
        opened.ctx.governance.forget()  # type: ignore[attr-defined] # it follows versions
        yield opened


async def versions(book: Casebook) -> list[str]:
    return [row["body"] for row in await book.rows(policies)]


def after(book: Casebook) -> None:
    """What a router knows that starts once all is done."""
    path = book.ctx.key_file
    assert path is not None
    book.ctx = replace(book.ctx, keyring=open_keyring(path), governance=Following(book.ctx.store, book.clock))


async def test_a_rule_for_a_host_holds_on_and_one_that_nobody_knows_is_named(book: Casebook) -> None:
    assert book.ctx.key_file is not None
    assert (await unknown_hosts(book.ctx)).routes == ()
    await reindex(book.ctx, book.ctx.key_file, lambda _: None)
    after(book)
    before, now = (await versions(book))[-2:]
    old, new = (load(text).routes[2].when.host_index for text in (before, now))
    assert (old != new, load(before).routes[1] == load(now).routes[1]) == (True, True)
    assert load(now).tests[-1].given.host_index == (new or ("",))[0]
    assert (await unknown_hosts(book.ctx)).routes == ("gone",)
    book.later(minutes=1)
    same = await book.decided(f"https://{HOST}/another", "r-2")
    assert (await book.referral(same))["partner"] == "hotline-ca"
    assert not [text for text in await versions(book) if HOST in text]


async def test_cut_after_the_policy_it_is_gone_on_with_and_published_once(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> int:
        raise KeyboardInterrupt

    path = book.ctx.key_file
    assert path is not None
    with monkeypatch.context() as patch:
        patch.setattr(module, "_page", dies)
        with pytest.raises(KeyboardInterrupt):
            await reindex(book.ctx, path, lambda _: None)
    assert load_keys(path).reindexed().masters is not None
    await reindex(book.ctx, path, lambda _: None)
    after(book)
    assert len(await versions(book)) == 3
    assert (await unknown_hosts(book.ctx)).routes == ("gone",)
