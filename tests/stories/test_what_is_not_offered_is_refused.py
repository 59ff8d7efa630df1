"""What no page offers no door takes: the conditions of the table of acts hold for what is done as for what is shown.

In each situation that the desk knows a supervisor who has seen the case tries, by the act itself as the API and the
command line do, what its file does not offer them.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from router.errors import RouterError
from router.guard.access import ROLES
from router.store.schema.tables import audit
from schemas.actor import Actor, Role
from tests.stories.offers import FILL
from tests.stories.test_every_offer_is_accepted import SITUATIONS, offers, opened

WHO: Final = Actor(id="person:supervisor", role=Role.SUPERVISOR, permissions=ROLES[Role.SUPERVISOR])
#: Before a case is decided no page offers these, and each is taken all the same: a person who says to whom it goes, or
#: that it is gone, was faster than the worker, and their word settles what it would have decided.
FASTER: Final = {
    "received": {"handed-over", "look", "refer", "send"},
    "located": {"handed-over", "look", "refer", "retrace", "send"},
    "traced_anew": {"handed-over", "look", "refer"},
}
#: What a form cannot be filled in for where it is not offered: nothing to choose stands in it.
NOTHING_TO_CHOOSE: Final = (ArithmeticError, IndexError)


@pytest.mark.parametrize("name", sorted(SITUATIONS))
async def test_what_is_not_offered_is_refused(tmp_path: Path, name: str) -> None:
    done = set()
    async with opened(tmp_path) as book:
        case_id = await SITUATIONS[name](book)
        for act in sorted(FILL):
            file, offered = await offers(book, case_id, WHO)
            before = await book.rows(audit)
            if (None, act) in offered or act in FASTER.get(name, ()):
                continue
            with suppress(RouterError, *NOTHING_TO_CHOOSE):
                await FILL[act](book.ctx, file, WHO, 0)
            if await book.rows(audit) != before:
                done.add(act)
    assert not done


async def test_who_was_faster_than_the_worker_is_not_refused(tmp_path: Path) -> None:
    """So the table above allows nothing that is refused."""
    for name, acts in FASTER.items():
        for act in sorted(acts):
            async with opened(tmp_path / name / act) as book:
                case_id = await SITUATIONS[name](book)
                file, offered = await offers(book, case_id, WHO)
                before = len(await book.rows(audit))
                assert (None, act) not in offered
                await FILL[act](book.ctx, file, WHO, 0)
                assert len(await book.rows(audit)) > before
