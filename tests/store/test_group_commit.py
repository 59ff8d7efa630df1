"""Only who is at fault is refused; everybody else in the group is committed, whatever the mixture."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from router.errors import Conflict, StoreUnavailable
from router.store.base import Transition
from router.store.engine import Clash
from router.store.group_commit import settle

GOOD, STALE, CLASHING, BROKEN = "good", "stale", "clashing", "broken"


class Database:
    """Commits all of a group or nothing, as an engine does; knows each transition's fate by its time."""

    def __init__(self, fates: list[str], away_after: int = 10**9) -> None:
        self.fates, self.committed, self.tries, self.away_after = fates, list[int](), 0, away_after

    async def transact(self, group: Sequence[Transition]) -> set[int]:
        self.tries += 1
        if self.tries > self.away_after:
            raise StoreUnavailable
        fates = [self.fates[transition.at] for transition in group]
        if lost := {position for position, fate in enumerate(fates) if fate == STALE}:
            return lost
        if CLASHING in fates:
            raise Clash
        if BROKEN in fates:
            raise ValueError("a rule")
        self.committed += [transition.at for transition in group]
        return set()


def group_of(fates: list[str]) -> list[Transition]:
    return [Transition(at) for at in range(len(fates))]


@given(st.lists(st.sampled_from([GOOD, STALE, CLASHING, BROKEN]), max_size=40))
async def test_each_gets_the_outcome_it_deserves(fates: list[str]) -> None:
    database = Database(fates)
    outcomes = await settle(group_of(fates), database.transact)
    reasons = {GOOD: type(None), STALE: Conflict, CLASHING: Conflict, BROKEN: ValueError}
    assert [type(one) for one in outcomes] == [reasons[fate] for fate in fates]
    assert [one.reason for one in outcomes if isinstance(one, Conflict)] == [
        "duplicate" if fate == CLASHING else "conflict" for fate in fates if fate in {STALE, CLASHING}
    ]
    assert database.committed == [at for at, fate in enumerate(fates) if fate == GOOD]


async def test_a_good_group_is_one_transaction() -> None:
    database = Database([GOOD] * 200)
    await settle(group_of(database.fates), database.transact)
    assert database.tries == 1


async def test_one_bad_transition_of_two_hundred_costs_few_transactions() -> None:
    database = Database([GOOD] * 77 + [CLASHING] + [GOOD] * 122)
    await settle(group_of(database.fates), database.transact)
    assert database.tries <= 2 * 8 + 1  # two for each halving


async def test_when_the_database_goes_away_the_committed_stay_committed() -> None:
    database = Database([GOOD, GOOD, GOOD, CLASHING], away_after=2)
    outcomes = await settle(group_of(database.fates), database.transact)
    assert [type(one) for one in outcomes] == [type(None), type(None), StoreUnavailable, StoreUnavailable]
    assert database.committed == [0, 1]
