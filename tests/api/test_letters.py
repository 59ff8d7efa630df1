from collections.abc import Sequence
from typing import Any

import httpx2

from router.casework.follow_up.letters import tell
from schemas.letter import Letter
from schemas.partner import Partner
from tests.casebook import Scripted

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
