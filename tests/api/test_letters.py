from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from router.casework.follow_up.letters import tell
from router.data.working_days import is_working_day
from router.store.base import Change, Transition
from router.store.schema.tables import cases, referrals
from schemas.actor import Role
from schemas.letter import Letter
from schemas.partner import Partner
from tests.casebook import Casebook, Scripted, casebook

LETTER = "0190f7a1-0000-7000-8000-00000000000a"


class Writes(Scripted):
    confirmed_by_people = True

    async def letters(self, partner: Partner) -> Sequence[Letter]:
        at = "2026-11-30T08:00:00Z"
        said = {
            "id": LETTER,
            "partner": partner.name,
            "at": at,
            "is_signed": False,
            "text": "of https://a.test/x",
        }
        return [Letter.model_validate(said)] if partner.name == "hotline-nl" else []


async def test_letters_are_for_who_may_type_what_they_say(
    served: Any, analyst: httpx2.AsyncClient, source: httpx2.AsyncClient
) -> None:
    served.ctx.dialects["router"] = Writes()
    (one,) = (await analyst.get("/v1/letters")).json()["items"]
    assert (one["partner"], one["is_signed"], one["numbers"]) == ("hotline-nl", False, {})
    assert one["text"].startswith("of ")
    assert "a.test" not in one["text"]
    assert (await source.get("/v1/letters")).status_code == 403
    assert (one["unread"], (await analyst.post(f"/v1/letters/{LETTER}/read")).status_code) == (False, 404)
    await tell(served.ctx)
    (one,) = (await analyst.get("/v1/letters")).json()["items"]
    assert one["unread"]
    assert (await source.post(f"/v1/letters/{LETTER}/read")).status_code == 403
    assert (await analyst.post(f"/v1/letters/{LETTER}/read")).status_code == 204
    assert not (await analyst.get("/v1/letters")).json()["items"][0]["unread"]


async def test_a_digest_is_for_who_may_act_on_referrals(tmp_path: Path, serve: Any) -> None:
    async with casebook(tmp_path) as book:
        await _seen_there(book, serve)


async def _seen_there(book: Casebook, serve: Any) -> None:
    case_id = await book.accepted()
    row = await book.referral(case_id)
    seen = Change(referrals, {"id": row["id"]}, {"still_there_at": book.ctx.now(), "receipt": "NL-7"})
    there = Change(cases, {"id": case_id}, {"still_there": 1})
    await book.ctx.store.commit(Transition(book.ctx.now(), (seen, there)))
    while not is_working_day("NL", book.clock.now().date()):
        book.clock.advance(timedelta(days=1))
    served = serve(book.ctx)
    async with await served.as_role(Role.ANALYST) as analyst, await served.as_source() as source:
        await _walk(analyst, source, row["id"])


async def _walk(analyst: httpx2.AsyncClient, source: httpx2.AsyncClient, referral: str) -> None:
    assert (await source.get("/v1/reminders")).status_code == 403
    assert (await source.post("/v1/reminders/hotline-nl")).status_code == 403
    (one,) = (await analyst.get("/v1/reminders")).json()["items"]
    assert (one["partner"], one["taken_at"], one["items"][0]["theirs"]) == ("hotline-nl", None, "NL-7")
    taken = (await analyst.post("/v1/reminders/hotline-nl")).json()
    assert taken["text"].endswith(f"{referral}  yours: NL-7  with you since {taken['items'][0]['accepted_at'][:10]}")
    assert (await analyst.get("/v1/reminders")).json()["items"] == [taken]
    assert (await analyst.post("/v1/reminders/hotline-nl")).status_code == 404
