"""How a group settles: losers of a fence leave it, a bad transition is found by halving, the rest is committed.

Pure over `transact`, which runs one transaction: it returns the positions that lost their fence (then nothing was
committed), or raises `Clash`, StoreUnavailable, or whatever a broken transition makes the driver say.
"""

from collections.abc import Awaitable, Callable, Sequence

from router.errors import Conflict, StoreUnavailable
from router.store.base import Transition
from router.store.engine import Clash, Outcome

Transact = Callable[[Sequence[Transition]], Awaitable[set[int]]]


async def settle(group: Sequence[Transition], transact: Transact) -> list[Outcome]:
    """Return what became of each transition. Only a transition that is itself at fault gets an error for it."""
    outcomes: list[Outcome] = [None] * len(group)
    parts = [list(range(len(group)))]
    while parts:
        part = parts.pop()
        try:
            lost = await transact([group[position] for position in part])
        except StoreUnavailable as error:
            for position in part:
                outcomes[position] = error
        except Exception as error:  # noqa: BLE001 - it is the outcome of the transition that caused it
            if len(part) == 1:
                outcomes[part[0]] = Conflict(reason="duplicate") if isinstance(error, Clash) else error
            else:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
        else:
            for index in lost:
                outcomes[part[index]] = Conflict()
            if lost and len(lost) < len(part):
                parts.append([position for index, position in enumerate(part) if index not in lost])
    return outcomes
