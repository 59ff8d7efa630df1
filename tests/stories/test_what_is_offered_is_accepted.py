"""What the desk offers the server accepts: over every state, act and role, after anything in any order.

The office of `test_nothing_waits_unseen.py`, with one rule more: somebody of some role takes one of the acts that the
case's file offers them, fills in its form as the page lets them, and is never refused.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from router.casework.case.acts import ACTS
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by
from router.guard.access import ROLES
from router.store.base import Row
from router.store.schema.tables import cases
from schemas.actor import Actor, Role
from tests.stories.offers import FILL, on_referral
from tests.stories.test_nothing_waits_unseen import Office

NEEDS = {act.name: act.needs for act in ACTS}


class Offered(Office):
    """The office, where people keep to what the page offers them."""

    @rule(role=st.sampled_from(Role), case=st.integers(0, 3), pick=st.integers(0, 23))
    def somebody_does_what_is_offered(self, role: Role, case: int, pick: int) -> None:
        rows = self.rows(cases)
        self.runner.run(self._does(rows[case % len(rows)], role, pick))

    async def _does(self, row: Row, role: Role, pick: int) -> None:
        ctx, actor = self.book.ctx, Actor(id=f"person:{role}", role=role, permissions=ROLES[role])
        file = file_seen_by(await case_file(ctx, row["id"], reader=actor), actor.permissions)
        on_case = [(None, act) for act in file.acts]
        on_referrals = [(one, act) for one in file.referrals for act in one.acts]
        offered = [*on_case, *on_referrals]
        assert all(NEEDS[act] in actor.permissions for _, act in offered)
        if offered:
            one, act = offered[pick % len(offered)]
            await (
                FILL[act](ctx, file, actor, pick) if one is None else on_referral(ctx, file, one, act, (actor, pick))
            )


TestWhatIsOfferedIsAccepted = Offered.TestCase
TestWhatIsOfferedIsAccepted.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
