"""A trail takes two persons and an order, names nobody, is checked by OpenSSL alone, and waits for an embargo's end."""

import json
import subprocess
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from router.casework.case.gate import HeldBack
from router.casework.desk import case_acts, referral_acts
from router.casework.govern import second_person
from router.casework.govern.trail import order
from router.casework.read.case_file import case_file
from router.casework.retention.erase import erased
from router.errors import BadInput, Conflict, NotAllowed, NotFound
from router.guard.access import LOCAL_OPERATOR
from router.store.schema.tables import audit, trails
from schemas.actor import Actor
from schemas.retention import Kept
from schemas.trail import CourtLanguage, Papers, TrailGiven, TrailView
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook
from tests.embargoes import BOB, CLEO, embargo, ended
from tests.referrals import CANARY

ORDER, COURT = "BR.27.L4/2026", "onderzoeksrechter, Brussel"
WHERE = f"https://{CANARY}.test/{CANARY}"
ITEM = {"account": {"platform": "chat", "handle": CANARY, "role": "suspect", "country": "NL"}}


async def asked(book: Casebook, case_id: str, language: str = "en") -> TrailView:
    given = TrailGiven(case=case_id, order=ORDER, court=COURT, language=CourtLanguage(language))
    return await order.ask(book.ctx, given, ANNA)


async def made(book: Casebook, case_id: str, language: str = "en", *, names: bool = False) -> dict[str, bytes]:
    """Ask as anna, confirm as bob, and take the papers as bob."""
    one = await asked(book, case_id, language)
    await second_person.confirm(book.ctx, f"trail:{one.id}", BOB, one.proposal)
    return files(await order.take(book.ctx, one.id, BOB, names=names))


def files(papers: Papers) -> dict[str, bytes]:
    return {one.name: b64decode(one.content) for one in papers.files}


async def lived(book: Casebook) -> str:
    """A case with everything in it that must not stand in a trail."""
    case_id = await book.decided(WHERE, item=ITEM, memo=f"memo {CANARY}", note_to_partner=f"note {CANARY}")
    await book.send()
    await case_file(book.ctx, case_id, reveal_to=ANNA, reason=f"look at {CANARY}")
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], BOB, f"wrong {CANARY}")
    return case_id


async def test_it_takes_another_person_and_no_broken_glass(book: Casebook) -> None:
    one = await asked(book, await book.accepted())
    subject = f"trail:{one.id}"
    assert (one.order, one.court, one.made_at) == (ORDER, COURT, None)
    with pytest.raises(Conflict, match="another person has to confirm"):
        await order.take(book.ctx, one.id, ANNA, names=False)
    with pytest.raises(NotAllowed, match="another person"):
        await second_person.confirm(book.ctx, subject, ANNA)
    with pytest.raises(NotAllowed, match="trail:act"):
        await second_person.confirm(book.ctx, subject, CLEO)
    with pytest.raises(NotAllowed, match="two, always"):
        await second_person.break_glass(book.ctx, subject, BOB, "nobody is there")
    await second_person.confirm(book.ctx, subject, BOB, one.proposal)
    (kept,) = (await order.listed(book.ctx)).items
    assert (kept.by, kept.agreed_by, kept.proposal) == (ANNA.id, BOB.id, None)
    with pytest.raises(NotFound):
        await second_person.confirm(book.ctx, subject, BOB)


async def test_who_may_not_ask_does_not_and_the_machine_alone_makes_none(book: Casebook) -> None:
    case_id = await book.accepted()
    given = TrailGiven(case=case_id, order=ORDER, court=COURT, language=CourtLanguage.NL)
    machine = Actor(id="local:root", alone=True, permissions=frozenset(str(one) for one in LOCAL_OPERATOR))
    for who in (CLEO, machine):
        with pytest.raises(NotAllowed):
            await order.ask(book.ctx, given, who)
    assert await book.rows(trails) == []


async def test_one_is_enough_to_take_it_back(book: Casebook) -> None:
    one = await asked(book, await book.accepted())
    await second_person.withdraw(book.ctx, f"trail:{one.id}", BOB)
    (left,) = (await order.listed(book.ctx)).items
    assert (left.proposal, left.made_at) == (None, None)


@pytest.mark.parametrize("language", list(CourtLanguage))
async def test_no_location_no_account_no_name_and_nothing_typed_stands_in_it(book: Casebook, language: str) -> None:
    papers = await made(book, await lived(book), language)
    whole = b"".join(papers.values()).decode("latin-1").casefold()
    assert CANARY.casefold() not in whole
    assert not any(name in whole for name in ("anna", "bob", "cleo"))
    assert ORDER.casefold() in whole
    said = json.loads(papers["trail.json"])
    assert said["order"] | {"asked_at": ""} == {
        "reference": ORDER, "court": COURT, "asked_by": "S1", "confirmed_by": "S2", "asked_at": "",
    }  # fmt: skip
    assert [(one["by"]) for one in said["revealed"]] == ["S1"]
    assert "names.json" not in papers


async def test_the_order_stands_sealed_in_the_store(book: Casebook) -> None:
    await made(book, await book.accepted())
    (row,) = await book.rows(trails)
    rest = repr({name: value for name, value in row.items() if name != "language"})
    rest += repr([entry["detail"] for entry in await book.rows(audit)])
    assert not any(word in rest for word in (ORDER, COURT, "Brussel"))


async def test_the_names_are_a_paper_of_their_own_that_is_signed_too(book: Casebook) -> None:
    papers = await made(book, await lived(book), names=True)
    assert json.loads(papers["names.json"])["names"] == {"S1": "anna", "S2": "bob"}
    taken = [json.loads(row["detail"])["names"] for row in await book.rows(audit, audit.c.act == "trail.taken")]
    assert taken == [True]


async def test_who_takes_it_again_takes_the_same_bytes(book: Casebook) -> None:
    case_id = await lived(book)
    first = await made(book, case_id)
    book.later(days=1)
    await case_acts.close(book.ctx, case_id, BOB, "over", outcome=Outcome.REMOVED)
    (one,) = (await order.listed(book.ctx)).items
    assert files(await order.take(book.ctx, one.id, ANNA, names=False)) == first


@pytest.mark.parametrize("language", list(CourtLanguage))
async def test_openssl_alone_verifies_it_as_its_instructions_say(
    book: Casebook, tmp_path: Path, language: CourtLanguage
) -> None:
    """Each command that the page of instructions has is run as it stands there; a changed byte is found."""
    papers = await made(book, await lived(book), language, names=True)
    folder = tmp_path / "court"
    folder.mkdir()
    for name, content in papers.items():
        (folder / name).write_bytes(content)
    typed = [line.strip() for line in papers["README.txt"].decode().splitlines() if line.startswith("    ")]
    checks = [one for one in typed if "-verify" in one]
    assert len(checks) == 2
    checks.append(checks[0].replace("trail.json", "names.json"))
    for one in checks:
        assert said(one, folder) == (0, "Signature Verified Successfully")
    (fingerprint,) = [one for one in typed if "outform" in one]
    assert said(fingerprint, folder)[1].rpartition(" ")[2] == (await order.listed(book.ctx)).key
    for one in ("trail.json", "trail.txt", "names.json"):
        content = papers[one]
        (folder / one).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    assert [said(one, folder)[0] for one in checks] == [1, 1, 1]


def said(command: str, folder: Path) -> tuple[int, str]:
    """Run a line of the instructions in a folder, as somebody of the court does."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


async def test_what_left_is_known_by_the_digest_of_the_partners_copy(book: Casebook) -> None:
    case_id = await lived(book)
    ((sent,),) = book.partner.calls
    (left,) = json.loads((await made(book, case_id))["trail.json"])["left"]
    assert (left["sha256"], left["partner"]) == (sha256(sent.payload).hexdigest(), "hotline-nl")
    assert [one["outcome"] for one in left["attempts"]] == ["accepted"]


async def test_an_embargo_holds_it_until_two_ended_that(book: Casebook) -> None:
    one = await asked(book, await book.accepted())
    held = await embargo(book.ctx, "host", "example.test")
    with pytest.raises(HeldBack, match="ask anna"):
        await second_person.confirm(book.ctx, f"trail:{one.id}", BOB)
    (view,) = (await order.listed(book.ctx)).items
    assert view.held is not None
    await ended(book.ctx, held.embargo.id)
    await second_person.confirm(book.ctx, f"trail:{one.id}", BOB)
    await embargo(book.ctx, "host", "example.test")
    with pytest.raises(HeldBack, match="ask anna"):
        await order.take(book.ctx, one.id, BOB, names=False)


@pytest.mark.parametrize("kept", [Kept.URLS, Kept.CASES])
async def test_it_is_erased_with_its_case(book: Casebook, kept: Kept) -> None:
    case_id = await book.accepted()
    await made(book, case_id)
    (erasing,) = await erased(book.ctx, kept, [await book.case(case_id)], "router")
    await book.ctx.store.commit(erasing)
    found = (await order.listed(book.ctx)).items
    assert [(one.order, one.court) for one in found] == ([(None, None)] if kept is Kept.URLS else [])
    for one in found:
        with pytest.raises((Conflict, NotFound)):
            await order.take(book.ctx, one.id, BOB, names=False)


async def test_the_list_is_read_to_its_end_by_pages(book: Casebook) -> None:
    case_id = await book.accepted()
    ids = [(await asked(book, case_id)).id for _ in range(7)]
    read, cursor = list[str](), None
    while page := await order.listed(book.ctx, cursor=cursor, limit=3):
        read += [one.id for one in page.items]
        assert (page.total, page.key is None) == (7, False)
        if (cursor := page.next) is None:
            break
    assert (sorted(read), len(read)) == (sorted(ids), 7)
    with pytest.raises(BadInput, match="start again from the newest"):
        await order.listed(book.ctx, cursor=case_id)


async def test_without_a_key_none_is_made(book: Casebook) -> None:
    one = await asked(book, await book.accepted())
    book.ctx = replace(book.ctx, house=None)
    with pytest.raises(Conflict, match="no key"):
        await second_person.confirm(book.ctx, f"trail:{one.id}", BOB)
    assert (await order.listed(book.ctx)).key is None
