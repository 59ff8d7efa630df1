"""What a search finds: by index, for the officer alone, each hit with what an answer must heed; none of it is kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.casework.desk import case_acts
from router.casework.govern import requests
from router.casework.govern.request_search import search
from router.casework.intake.domains import index_domains
from router.casework.retention import legal_hold
from router.casework.retention.erase import erased
from router.errors import Conflict, NotAllowed, NotFound
from router.store.base import Change, Remove, Transition
from router.store.schema.tables import audit, case_keys, cases, items
from schemas.actor import Role
from schemas.requests import Mark, RequestCloses, RequestOutcome
from schemas.retention import Kept
from schemas.vocabulary import AccountRole
from tests.asked import DORA, agreed, asks, officers
from tests.casebook import ANNA, PAGE, Casebook, casebook
from tests.embargoes import BOB, CLEO, embargo
from tests.office import person


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        await officers(opened.ctx)
        yield opened


async def found(book: Casebook, *terms: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Return the cases of a search with the terms that found each."""
    made = await agreed(book.ctx, *terms)  # type: ignore[arg-type] # of two or three
    return {hit.case: hit.terms for hit in (await search(book.ctx, made.id, DORA)).hits}


async def shared_by(book: Casebook, url: str, reference: str, handle: str, role: AccountRole) -> str:
    return await book.take(url, reference, item={"account": {"platform": "Chat", "handle": handle, "role": role}})


async def test_each_kind_of_term_finds_its_own_and_no_other(book: Casebook) -> None:
    one = await book.take("https://a.test/x?y=1", "number-1")
    two = await book.take("https://a.test/z", "number-2")
    three = await shared_by(book, "https://b.test/", "number-3", "@Somebody", AccountRole.UNKNOWN)
    assert await found(book, ("url", "HTTPS://A.test:443/x?y=1")) == {one: (1,)}
    assert await found(book, ("host", "a.test")) == {one: (1,), two: (1,)}
    assert await found(book, ("account", "somebody", "chat")) == {three: (1,)}
    assert await found(book, ("account", "somebody", "other")) == {}
    assert await found(book, ("reference", "number-2")) == {two: (1,)}
    assert await found(book, ("url", "https://a.test/never"), ("reference", "number-9")) == {}
    below = await book.take("https://www.c.example.test/", "number-4")
    assert await found(book, ("host", "example.test")) == {below: (1,)}
    assert await found(book, ("host", "c.example.test")) == {}
    both = await found(book, ("host", "a.test"), ("url", "https://a.test/z"))
    assert both == {one: (1,), two: (1, 2)}


async def test_each_hit_says_what_an_answer_must_heed(book: Casebook) -> None:
    plain = await book.take("https://plain.test/", "r-1")
    victim = await shared_by(book, "https://victim.test/", "r-2", "@child", AccountRole.VICTIM)
    suspect = await shared_by(book, "https://suspect.test/", "r-3", "@other", AccountRole.SUSPECT)
    held = await book.take("https://held.test/", "r-4")
    gone = await book.take("https://gone.test/", "r-5")
    await embargo(book.ctx, "host", "suspect.test")
    await legal_hold.hold(book.ctx, held, ANNA, "a court")
    await book.ctx.store.commit(Transition(0, removes=(Remove(case_keys, {"case_id": gone}),)))
    hosts = ("plain", "victim", "suspect", "held", "gone")
    made = await agreed(book.ctx, *(("host", f"{name}.test") for name in hosts))
    said = {hit.case: hit for hit in (await search(book.ctx, made.id, DORA)).hits}
    assert {case: hit.marks for case, hit in said.items()} == {
        plain: (),
        victim: (Mark.VICTIM,),
        suspect: (Mark.EMBARGO, Mark.SUSPECT),
        held: (Mark.LEGAL_HOLD,),
        gone: (),
    }
    assert [case for case, hit in said.items() if hit.unread] == [gone]


async def test_what_police_have_is_marked(book: Casebook) -> None:
    case = await book.accepted()
    await case_acts.refer(book.ctx, case, ANNA, "for them too", partner="federal-police")
    made = await agreed(book.ctx, ("url", PAGE))
    (hit,) = (await search(book.ctx, made.id, DORA)).hits
    assert (hit.case, hit.marks) == (case, (Mark.POLICE,))


async def test_it_waits_for_a_second_person_and_ends_with_the_request(book: Casebook) -> None:
    await book.take(PAGE, "r-1")
    made = await requests.add(book.ctx, asks(("url", PAGE)), DORA)
    with pytest.raises(Conflict, match="once a second person agreed"):
        await search(book.ctx, made.id, DORA)
    await requests.agree(book.ctx, made.id, BOB)
    assert len((await search(book.ctx, made.id, DORA)).hits) == 1
    await requests.close(book.ctx, made.id, RequestCloses(outcome=RequestOutcome.GRANTED, reason="told"), DORA)
    with pytest.raises(Conflict):
        await search(book.ctx, made.id, DORA)
    with pytest.raises(NotFound):
        await search(book.ctx, "0" * 36, DORA)


async def test_nobody_else_learns_from_the_register_that_a_location_is_known(book: Casebook) -> None:
    """Two registers alike but for what is known: whoever is not the officer sees the same of both, in every answer."""
    await book.take(PAGE, "r-1")
    known, unknown = await agreed(book.ctx, ("url", PAGE)), await agreed(book.ctx, ("url", "https://never.test/"))
    for one in (known, unknown):
        for actor in (ANNA, BOB, CLEO, person("root", Role.ADMINISTRATOR), person("iris", Role.AUDITOR)):
            with pytest.raises(NotAllowed, match="request:search"):
                await search(book.ctx, one.id, actor)
        await search(book.ctx, one.id, DORA)
        await requests.close(book.ctx, one.id, RequestCloses(outcome=RequestOutcome.GRANTED, reason="told"), DORA)
    first, second = [await requests.read(book.ctx, one.id, ANNA) for one in (known, unknown)]
    assert first.model_copy(update={"id": second.id, "terms": second.terms}) == second
    listed = {one.id: one for one in (await requests.listed(book.ctx, closed=True)).items}
    assert listed[known.id].model_copy(update={"id": unknown.id}) == listed[unknown.id]
    entries = [row for row in await book.rows(audit) if row["act"].startswith("request.")]
    told = [
        [(row["act"], row["actor"], row["detail"].replace(one.id, "")) for row in entries if one.id in row["detail"]]
        for one in (known, unknown)
    ]
    assert told[0] == told[1]
    assert not any(row["case_id"] for row in entries), "no entry of a request names a case"


async def test_an_account_that_was_erased_is_found_no_more(book: Casebook) -> None:
    case = await shared_by(book, PAGE, "r-1", "@gone", AccountRole.UNKNOWN)
    assert list(await found(book, ("account", "gone", "Chat"))) == [case]
    (gone,) = await erased(book.ctx, Kept.HANDLES, [await book.case(case)], "anna")
    await book.ctx.store.commit(gone)
    assert await found(book, ("account", "gone", "Chat")) == {}


async def test_what_has_no_index_yet_is_said_so_that_nobody_is_told_that_nothing_is_kept(book: Casebook) -> None:
    case = await shared_by(book, PAGE, "r-1", "@early", AccountRole.UNKNOWN)
    (item,) = await book.rows(items, items.c.case_id == case)
    early = [
        Change(cases, {"id": case}, {"domain_bidx": None}),
        Change(items, {"id": item["id"]}, {"account_bidx": None}),
    ]
    await book.ctx.store.commit(Transition(0, early))
    made = await agreed(book.ctx, ("account", "early", "Chat"))
    said = await search(book.ctx, made.id, DORA)
    assert (said.hits, said.unindexed) == ((), 1)
    await index_domains(book.ctx)
    said = await search(book.ctx, made.id, DORA)
    assert ([hit.case for hit in said.hits], said.unindexed) == ([case], 0)
