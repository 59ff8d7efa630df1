"""What came of a referral is kept once."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.outcomes import actions, follow_ups, reminders
from router.store.writer import Writer
from tests.store.samples import NOW


async def test_one_open_check_a_case_and_any_number_of_done_ones(store: Writer) -> None:
    for name in ("old", "older"):
        done = {"id": name, "case_id": "c", "due_at": NOW, "done_at": NOW}
        await store.commit(Transition(NOW, adds=[Add(follow_ups, done)]))
    await store.commit(Transition(NOW, adds=[Add(follow_ups, {"id": "open", "case_id": "c", "due_at": NOW})]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(follow_ups, {"id": "two", "case_id": "c", "due_at": NOW})]))


async def test_what_a_partner_did_is_kept_once(store: Writer) -> None:
    act = {"case_id": "c", "action": "Removed", "at": NOW, "by": "nl"}
    await store.commit(Transition(NOW, adds=[Add(actions, {"id": "a", **act})]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(actions, {"id": "b", **act})]))


async def test_the_digest_of_a_partner_s_day_is_taken_once(store: Writer) -> None:
    taken = {"partner": "hotline-nl", "day": "2026-11-30", "at": NOW, "by": "person:anna"}
    for day in ("2026-11-30", "2026-12-01"):
        await store.commit(Transition(NOW, adds=[Add(reminders, taken | {"day": day})]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(reminders, taken | {"by": "person:bob"})]))
