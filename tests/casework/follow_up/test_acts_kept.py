"""What partners did is kept once, whatever they repeat."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.casework.follow_up.acts_kept import ends_it, kept_acts, new_acts
from router.casework.follow_up.partner_status import Answer
from router.store.base import Transition
from schemas.exchange import ActionStatement
from schemas.vocabulary import ActionType
from tests.casebook import Casebook
from tests.office import START

ACTS = st.builds(
    ActionStatement,
    action=st.sampled_from(ActionType),
    at=st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
    part=st.sampled_from([None, "1", "2"]),
    moved_to=st.sampled_from(["DE", "FR"]),
)
ROW = {"id": "r", "case_id": "c", "partner": "iccam"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(said=st.lists(ACTS, max_size=8))
async def test_what_is_said_again_is_not_new(book: Casebook, said: list[ActionStatement]) -> None:
    row = ROW | {"id": f"r{hash(tuple(said))}", "case_id": f"c{hash(tuple(said))}"}
    answers = [Answer(row, tuple(said))]
    adds = await new_acts(book.ctx, answers, await kept_acts(book.ctx, row["case_id"]))
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=adds))
    assert await new_acts(book.ctx, answers, await kept_acts(book.ctx, row["case_id"])) == ()
    assert {add.values["action"] for add in adds} == {one.action for one in said}


async def test_a_move_without_a_date_of_its_own_is_known_by_its_country(book: Casebook) -> None:
    seen = [ActionStatement(action=ActionType.MOVED, at=START + timedelta(hours=n), moved_to="DE") for n in range(2)]
    (first,) = await new_acts(book.ctx, [Answer(ROW, (seen[0],))], [])
    known = [dict(first.values)]
    assert await new_acts(book.ctx, [Answer(ROW, (seen[1],))], known) == ()
    on = seen[1].model_copy(update={"moved_to": "FR"})
    assert len(await new_acts(book.ctx, [Answer(ROW, (on,))], known)) == 1


async def test_only_a_final_act_on_the_whole_ends_it(book: Casebook) -> None:
    acts = (
        ActionStatement(action=ActionType.REPORTED_TO_LEA, at=START),
        ActionStatement(action=ActionType.REMOVED, at=START, part="1"),
        ActionStatement(action=ActionType.REMOVED, at=START),
    )
    adds = await new_acts(book.ctx, [Answer(ROW, acts)], [])
    assert [ends_it(add) for add in adds] == [False, False, True]
