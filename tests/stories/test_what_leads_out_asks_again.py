"""What asks nobody for a code sends nothing, whatever the policy makes of it: the other half of `test_asked_again`.

In situations that rest until somebody acts, each act that is offered and is not among `SENDING` is done; then the
router works on for a while, and the partner has got no more than without the act. Of those that are, and send nothing
themselves, each makes something leave somewhere here: nobody is asked for a code in vain.
"""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from router.casework.case.acts import ACTS, SENDING, On
from router.guard.access import ROLES
from router.store.schema.tables import cases
from schemas.actor import Actor, Role
from schemas.trace import Verdict, VerdictKind
from tests.casebook import Casebook
from tests.stories.offers import FILL, on_referral
from tests.stories.test_every_offer_is_accepted import SITUATIONS, WAYS, offers, opened

WHO: Final = Actor(id="person:supervisor", role=Role.SUPERVISOR, permissions=ROLES[Role.SUPERVISOR])
#: Those that rest: without an act nothing more is sent of them.
RESTING: Final = (
    "at_risk_and_not_assessed",
    "behind_an_edge",
    "called_not_illegal",
    "closed",
    "confirmed_by_a_unit",
    "held",
    "refused",
    "to_be_looked_at",
    "under_embargo",
    "without_a_host",
)
NEVER_ASKED: Final = frozenset(act.name for act in ACTS) - SENDING
#: Acts on a case that ask, and send nothing by themselves.
LEADS_OUT: Final = frozenset(act.name for act in ACTS if act.on is On.CASE and (act.leads_out or act.looks_up))


async def work(book: Casebook) -> int:
    """Let the router work, with a host that is found in one country by now; return how often its partner got it."""
    book.world.verdict = Verdict(kind=VerdictKind.COUNTRY, country="NL", confidence=0.99)
    for _ in range(2):
        for row in await book.rows(cases, cases.c.state.in_(("received", "located"))):
            await book.step(row["id"], 2)
        await book.send()
        book.later(minutes=1)
    return len(book.partner.messages())


async def sent_after(folder: Path, name: str, *, asks: bool) -> AsyncIterator[tuple[str, bool]]:
    """Yield each offered act that asks for a code or not, in each way, and whether the partner got more by it."""
    async with opened(folder / "without") as book:
        await SITUATIONS[name](book)
        without = await work(book)
    for nth in count():
        async with opened(folder / str(nth)) as book:
            case_id = await SITUATIONS[name](book)
            file, offered = await offers(book, case_id, WHO)
            ways = [(*one, pick) for one in offered for pick in range(WAYS.get(one[1], 1))]
            meant = [one for one in ways if one[1] in (LEADS_OUT if asks else NEVER_ASKED)]
            if nth == len(meant):
                return
            place, act, pick = meant[nth]
            if place is None:
                await FILL[act](book.ctx, file, WHO, pick)
            else:
                await on_referral(book.ctx, file, file.referrals[place], act, (WHO, pick))
            yield act, await work(book) > without


@pytest.mark.parametrize("name", RESTING)
async def test_what_asks_for_no_code_sends_nothing(tmp_path: Path, name: str) -> None:
    assert {act async for act, more in sent_after(tmp_path, name, asks=False) if more} == set()


async def test_each_that_asks_and_sends_nothing_itself_leads_to_it(tmp_path: Path) -> None:
    found: set[str] = set()
    for name in ("behind_an_edge", "without_a_host", "not_assessed"):
        found |= {act async for act, more in sent_after(tmp_path / name, name, asks=True) if more}
    assert found == LEADS_OUT
