"""Several people at once, in an order that is drawn: each of their questions to the store, and each commit, is a turn.

Nobody goes on before the one whose turn it is has come back from the store, so that an order drawn again is the same
story again, and one that fails is made shorter. What people do between two turns needs no store and disturbs nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select

from router.casework.case.ringing import Ringing
from router.casework.context import Context
from router.store.base import LookUp, Row, Transition

Act = Callable[[Context], Awaitable[object]]


@dataclass
class _Person:
    """One who acts, and what of theirs waits for a turn."""

    waits: list[asyncio.Future[None]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self) -> None:
        """Wait for it."""
        mine = asyncio.get_running_loop().create_future()
        self.waits.append(mine)
        self.came.set()
        await mine


class _AtTurns(Ringing):
    """The store as one person sees it."""

    def __init__(self, ctx: Context, person: _Person) -> None:
        super().__init__(ctx.store)
        self._person = person

    async def commit(self, transition: Transition) -> None:
        await self._person.turn()
        await self._store.commit(transition)

    async def commit_all(self, transitions: Sequence[Transition]) -> list[Exception | None]:
        await self._person.turn()
        return await self._store.commit_all(transitions)

    async def rows(self, statement: Select[Any]) -> list[Row]:
        await self._person.turn()
        return await self._store.rows(statement)

    async def look_up(self, lookup: LookUp, values: Iterable[str]) -> Mapping[str, list[Row]]:
        await self._person.turn()
        return await self._store.look_up(lookup, values)


async def at_turns(ctx: Context, acts: Sequence[Act], order: Sequence[int]) -> list[object]:
    """Do all acts at once, each by a person of their own; return what came of each, or what it raised.

    `order` says at each turn whose it is, among those who wait then; after it, it is the first one's.
    """
    people = [_Person() for _ in acts]
    tasks = [
        asyncio.ensure_future(act(replace(ctx, store=_AtTurns(ctx, one))))
        for act, one in zip(acts, people, strict=True)
    ]
    drawn = iter(order)
    while True:
        waiting = [one for one, task in zip(people, tasks, strict=True) if await _stands(one, task)]
        if not waiting:
            return await asyncio.gather(*tasks, return_exceptions=True)
        waiting[next(drawn, 0) % len(waiting)].waits.pop(0).set_result(None)


async def _stands(person: _Person, task: "asyncio.Future[object]") -> bool:
    """Tell whether somebody waits for a turn, once they do or are done."""
    while not person.waits and not task.done():
        person.came.clear()
        came = asyncio.ensure_future(person.came.wait())
        await asyncio.wait((task, came), return_when=asyncio.FIRST_COMPLETED)
        came.cancel()
    return bool(person.waits)
