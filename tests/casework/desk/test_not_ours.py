"""Whoever says that a peer's referral is not ours says why; two routers do it in stories/test_it_is_not_theirs.py."""

import pytest

from router.casework.case.acts import Standing, offered
from router.casework.desk.not_ours import not_ours
from router.errors import BadInput, Conflict, NotFound
from router.store.base import Add, Change, Transition
from router.store.schema.tables import audit, cases, inbox
from schemas.acts import NotOurs
from schemas.states import CaseState
from tests.casebook import ANNA, Casebook

SAID = NotOurs(reason="it stands elsewhere", country="DE")


async def from_a_peer(book: Casebook) -> str:
    case_id = await book.decided()
    row = {"peer": "hotline-nl", "origin": "hotline-nl", "origin_reference": "NL-1", "referral_id": "r-1"}
    row |= {"body_digest": b"", "receipt": "1", "taken_at": 1, "case_id": case_id}
    version = (await book.case(case_id))["version"]
    theirs = Change(cases, {"id": case_id}, {"source_kind": "peer", "source": "hotline-nl"}, version)
    await book.ctx.store.commit(Transition(0, (theirs,), (Add(inbox, row),)))
    return case_id


async def test_it_is_offered_where_it_is_accepted(book: Casebook) -> None:
    case_id = await from_a_peer(book)
    assert "not-ours" in offered(Standing(await book.case(case_id)))
    await not_ours(book.ctx, case_id, ANNA, SAID)
    case = await book.case(case_id)
    assert case["given_back_at"] == book.ctx.now()
    assert case["state"] != CaseState.CLOSED, "our analysts reported it"
    assert "not-ours" not in offered(Standing(case))
    (told,) = [row for row in await book.rows(inbox) if row["returned_at"] is not None]
    assert told["peer"] == "hotline-nl"
    last = (await book.rows(audit))[-1]
    assert (last["act"], last["actor"]) == ("case.not_ours", ANNA.id)
    with pytest.raises(Conflict):
        await not_ours(book.ctx, case_id, ANNA, SAID)


async def test_a_reason_is_wanted_and_the_case_is_one_of_a_peer_s(book: Casebook) -> None:
    case_id = await from_a_peer(book)
    with pytest.raises(BadInput):
        await not_ours(book.ctx, case_id, ANNA, NotOurs(reason=" "))
    with pytest.raises(Conflict):
        await not_ours(book.ctx, case_id, ANNA, NotOurs(reason="why", version=0))
    with pytest.raises(NotFound):
        await not_ours(book.ctx, "0" * 36, ANNA, SAID)
    ours = await book.decided(location="https://other.test/", reference="r-2")
    with pytest.raises(Conflict, match="nobody to tell"):
        await not_ours(book.ctx, ours, ANNA, SAID)
