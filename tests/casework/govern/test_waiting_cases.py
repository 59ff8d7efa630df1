"""A partner becomes usable: its waiting cases are shown, and decided anew on one key; nothing happens without it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from router.casework.case.ringing import Ringing
from router.casework.desk import case_acts
from router.casework.govern import waiting_cases as module
from router.casework.govern.waiting_cases import decide_waiting, waiting_cases
from router.errors import BadInput, NotFound
from router.store.schema.tables import audit, referrals
from schemas.decision import Mode
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, FORM, PARTNERS, Casebook, casebook

CLOSED = PARTNERS[0].model_copy(update={"enabled": False, "disabled_reason": "no key yet"})
NAME = "hotline-nl"


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        opened.partners(CLOSED, PARTNERS[2].model_copy(update={"enabled": False}))
        yield opened


async def waits(book: Casebook, count: int = 1, **more: object) -> list[str]:
    return [await book.decided(f"https://example.test/{n}", f"r-{n}", **more) for n in range(count)]


async def moved_on(book: Casebook) -> list[str]:
    """The cases that are to be traced and decided anew."""
    rows = await book.rows(module.cases)
    return [row["id"] for row in rows if row["state"] == CaseState.RECEIVED]


async def test_nothing_happens_by_itself_and_the_preview_says_what_would(book: Casebook) -> None:
    waiting = await waits(book, 3)
    assert (await waiting_cases(book.ctx, NAME)).total == 0, "it cannot receive yet"
    book.partners(PARTNERS[0])
    found = await waiting_cases(book.ctx, NAME)
    (group,) = found.items
    assert (found.total, group.count, group.partners, group.mode) == (3, 3, (NAME,), Mode.AUTOMATIC)
    before = [await book.case(one) for one in waiting]
    assert [row["state"] for row in before] == [CaseState.DESK] * 3
    assert group.code == before[0]["desk_code"]


async def test_on_one_key_they_are_decided_anew_and_leave(book: Casebook) -> None:
    waiting = await waits(book, 3)
    book.partners(PARTNERS[0])
    assert await decide_waiting(book.ctx, NAME, ANNA, "they have a key now") == 3
    for one in waiting:
        assert (await book.step(one, 2))["state"] == CaseState.REFERRED
    await book.send()
    assert [(await book.referral(one))["state"] for one in waiting] == [ReferralState.ACCEPTED] * 3
    assert (await waiting_cases(book.ctx, NAME)).total == 0
    assert await decide_waiting(book.ctx, NAME, ANNA, "again") == 0


async def test_it_is_one_act_with_its_count_and_each_case_says_so(book: Casebook) -> None:
    waiting = await waits(book, 2)
    book.partners(PARTNERS[0])
    await decide_waiting(book.ctx, NAME, ANNA, "they have a key now")
    entries = await book.rows(audit)
    (act,) = [row for row in entries if row["act"] == "partner.waiting_decided"]
    assert '"cases":2' in act["detail"].replace(" ", "")
    assert act["actor"] == ANNA.id
    assert sorted(row["case_id"] for row in entries if row["act"] == "case.decided_anew") == sorted(waiting)


async def test_what_is_not_assessed_comes_back_as_a_proposal_and_as_old_as_it_was(book: Casebook) -> None:
    (case_id,) = await waits(book, 1, actor=FORM)
    before = await book.case(case_id)
    book.later(hours=5)
    book.partners(PARTNERS[0])
    (group,) = (await waiting_cases(book.ctx, NAME)).items
    assert group.mode is Mode.PROPOSE
    await decide_waiting(book.ctx, NAME, ANNA, "they have a key now")
    after = await book.step(case_id, 2)
    assert (after["state"], after["desk_due"], after["desk_first_since"]) == (
        CaseState.DESK,
        before["desk_due"],
        before["desk_first_since"],
    )
    assert await book.referrals(case_id) == []


async def test_a_child_at_risk_rings_on_and_is_due_when_it_was(book: Casebook) -> None:
    (case_id,) = await waits(book, 1, urgency="live")
    before = await book.case(case_id)
    book.later(minutes=3)
    book.partners(PARTNERS[0])
    await decide_waiting(book.ctx, NAME, ANNA, "they have a key now")
    after = await book.step(case_id, 2)
    assert [after[name] for name in ("desk_code", "desk_due", "desk_alarm", "desk_since")] == [
        before[name] for name in ("desk_code", "desk_due", "desk_alarm", "desk_since")
    ]


async def test_what_a_person_is_asked_and_what_the_partner_had_is_left_alone(book: Casebook) -> None:
    asked, recalled, other = await waits(book, 3)
    book.partners(PARTNERS[0])
    await decide_waiting(book.ctx, NAME, ANNA, "they have a key now")
    for one in (asked, recalled, other):
        await book.step(one, 2)
    await case_acts.ask(book.ctx, asked, ANNA, "look at this")
    await book.send()
    assert (await waiting_cases(book.ctx, NAME)).total == 0


async def test_one_whose_attempts_were_used_up_while_it_was_paused_counts(book: Casebook) -> None:
    book.partners(PARTNERS[0])
    (case_id,) = await waits(book)
    row = await book.referral(case_id)
    case = await book.case(case_id)
    expired = {"state": ReferralState.EXPIRED, "next_at": None}
    desk = module.Change(module.cases, {"id": case_id}, {"state": "desk", "desk_code": "expired", "desk_due": 1})
    await book.ctx.store.commit(
        module.Transition(book.ctx.now(), (module.Change(referrals, {"id": row["id"]}, expired, row["version"]), desk))
    )
    assert (await book.case(case_id))["version"] == case["version"]
    assert (await waiting_cases(book.ctx, NAME)).total == 1
    await decide_waiting(book.ctx, NAME, ANNA, "their server is back")
    await book.step(case_id, 2)
    await book.send()
    states = sorted(one["state"] for one in await book.referrals(case_id))
    assert states == [ReferralState.ACCEPTED, ReferralState.EXPIRED]


async def test_ten_thousand_go_in_batches_and_one_that_moved_on_costs_no_other(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 4)
    monkeypatch.setattr(module, "_PAGE", 5)
    waiting = await waits(book, 11)
    book.partners(PARTNERS[0])
    sizes: list[int] = []
    commit = Ringing.commit

    async def counted(self: Ringing, transition: module.Transition) -> None:
        if not sizes:
            sizes.append(0)
            await case_acts.close(book.ctx, waiting[5], ANNA, "faster", outcome="removed")
        sizes.append(len(transition.changes))
        await commit(self, transition)

    monkeypatch.setattr(Ringing, "commit", counted)
    assert await decide_waiting(book.ctx, NAME, ANNA, "they have a key now") == 10
    assert max(sizes) <= 4
    assert sorted(await moved_on(book)) == sorted(set(waiting) - {waiting[5]})


async def test_who_does_it_says_why_and_names_a_partner_that_is_there(book: Casebook) -> None:
    with pytest.raises(BadInput):
        await decide_waiting(book.ctx, NAME, ANNA, " ")
    with pytest.raises(NotFound):
        await waiting_cases(book.ctx, "nobody")


async def test_one_look_judges_so_many_and_says_that_there_are_more(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_JUDGED", 5)
    monkeypatch.setattr(module, "_PAGE", 2)
    judged: list[str] = []
    could_go = module._could_go

    def counted(case: module.Row, *given: Any) -> Any:
        judged.append(case["id"])
        return could_go(case, *given)

    monkeypatch.setattr(module, "_could_go", counted)
    await waits(book, 5)
    book.partners(PARTNERS[0])
    found = await waiting_cases(book.ctx, NAME)
    assert (found.total, found.more, len(judged)) == (5, False, 5)
    book.partners(CLOSED)
    await book.decided("https://example.test/7", "r-7")
    book.partners(PARTNERS[0])
    judged.clear()
    found = await waiting_cases(book.ctx, NAME)
    assert (found.total, found.more, len(judged)) == (5, True, 5)
    assert await decide_waiting(book.ctx, NAME, ANNA, "they have a key now") == 6
