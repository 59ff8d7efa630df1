"""The reason typed with an act: one line of some length, sealed with the case."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from router.casework.believed import beat
from router.casework.case import typed_reason
from router.casework.case.sealed import TYPED, key_of
from router.casework.deliver import stops
from router.casework.govern import pause, waiting_cases
from router.casework.read.audit_log import trail
from router.casework.read.case_file import case_file
from router.casework.retention.confirm_clock import confirm_clock
from router.errors import BadInput
from router.store.base import Change, Transition
from router.store.schema.audit import house_reasons
from router.store.schema.tables import audit
from tests.casebook import ANNA, PARTNERS, Casebook


@pytest.mark.parametrize("reason", ["", "   ", "a" * 301, "a bell \x07"])
def test_a_reason_is_text_of_some_length(reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        typed_reason.check_reason(reason)
    assert refused.value.field == "reason"
    assert not reason.strip() or reason not in refused.value.message


def test_a_reason_is_kept_as_one_line() -> None:
    assert typed_reason.check_reason("typed on\r\n two lines\n") == "typed on two lines"
    assert typed_reason.check_reason("  de politie vroeg het  ") == "de politie vroeg het"


async def test_what_was_typed_is_sealed_with_the_case_and_the_rest_is_codes(book: Casebook) -> None:
    case_id = await book.take()
    event = await typed_reason.acted(book.ctx, "case.held", ANNA, "ask Jeanne", case_id, "r-1", to="police", until=None)
    assert (event.act, event.actor, event.case_id, event.referral_id) == ("case.held", ANNA.id, case_id, "r-1")
    assert set(event.detail) == {"to", "typed"}
    assert "Jeanne" not in json.dumps(dict(event.detail))
    key = await key_of(book.ctx, case_id)
    assert key.open(f"{TYPED}:{event.detail['typed']}", event.sealed or b"") == b"ask Jeanne"


async def test_an_act_without_a_reason_is_no_act(book: Casebook) -> None:
    with pytest.raises(BadInput):
        await typed_reason.acted(book.ctx, "case.held", ANNA, " ", await book.take())


SAID = "their key is known now: https://example.test/secret-page"
SHOWN = "their key is known now"


async def _doubted(book: Casebook) -> None:
    await beat(book.ctx)
    book.clock.move(timedelta(days=400))
    await beat(book.ctx)


async def _waited(book: Casebook) -> str:
    book.partners(
        PARTNERS[0].model_copy(update={"enabled": False, "disabled_reason": "no key yet"}),
        PARTNERS[2].model_copy(update={"enabled": False}),
    )
    case_id = await book.decided()
    book.partners(PARTNERS[0])
    return case_id


async def _nothing(book: Casebook) -> None: ...


async def _stopped(book: Casebook) -> None:
    await stops.stop(book.ctx, "all", ANNA, "first")


async def _paused(book: Casebook) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "first")


Before = Callable[[Casebook], Awaitable[object]]
#: Each act that is of no case and asks for a reason: its entry, what it needs, and how it is done.
OF_NO_CASE: list[tuple[str, Before, Before]] = [
    ("stopped", _nothing, lambda book: stops.stop(book.ctx, "all", ANNA, SAID)),
    ("stop_lifted", _stopped, lambda book: stops.lift(book.ctx, "all", ANNA, SAID)),
    ("partner.paused", _nothing, lambda book: pause.pause(book.ctx, "hotline-nl", ANNA, SAID)),
    ("partner.resumed", _paused, lambda book: pause.resume(book.ctx, "hotline-nl", ANNA, SAID)),
    (
        "partner.waiting_decided",
        _waited,
        lambda book: waiting_cases.decide_waiting(book.ctx, "hotline-nl", ANNA, SAID),
    ),
    ("clock.confirmed", _doubted, lambda book: confirm_clock(book.ctx, ANNA, SAID)),
]


@pytest.mark.parametrize(("act", "before", "do"), OF_NO_CASE, ids=[one[0] for one in OF_NO_CASE])
async def test_what_is_typed_with_an_act_that_is_of_no_case_is_kept_sealed_and_shown_in_the_history(
    book: Casebook, act: str, before: Before, do: Before
) -> None:
    await before(book)
    await do(book)
    (entry,) = [one for one in (await trail(book.ctx))[0] if one.act == act]
    assert entry.typed
    assert entry.reason is not None
    assert entry.reason.startswith(SHOWN)
    assert "secret-page" not in entry.reason
    (row,) = await book.rows(audit, audit.c.act == act)
    assert SHOWN not in row["detail"]
    assert SHOWN.encode() not in (await book.rows(house_reasons))[-1]["sealed"]


async def test_each_case_that_is_decided_anew_says_why(book: Casebook) -> None:
    case_id = await _waited(book)
    await waiting_cases.decide_waiting(book.ctx, "hotline-nl", ANNA, SAID)
    said = [one.typed for one in (await case_file(book.ctx, case_id)).timeline if one.act == "case.decided_anew"]
    assert [one is not None and one.startswith(SHOWN) for one in said] == [True]


async def test_one_that_nothing_opens_fails_alone_and_its_entry_still_says_that_something_was_typed(
    book: Casebook,
) -> None:
    await stops.stop(book.ctx, "all", ANNA, "first")
    (first,) = await book.rows(house_reasons)
    await stops.lift(book.ctx, "all", ANNA, "second")
    await book.ctx.store.commit(Transition(0, (Change(house_reasons, {"id": first["id"]}, {"sealed": b"x" * 40}),)))
    by_act = {one.act: one for one in (await trail(book.ctx))[0]}
    assert (by_act["stopped"].reason, by_act["stopped"].typed) == (None, True)
    assert by_act["stop_lifted"].reason == "second"
