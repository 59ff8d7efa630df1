"""Asks a process of its own what a policy of somebody's own would do, with an end to its time and to its memory.

At most two at a time, and nobody waits long for a turn: a second opinion on a policy must not cost the router's work.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from router.errors import PolicyInvalid, Unavailable
from router.policy.diff import Changed
from router.policy.process import REFUSE, START, TELL
from router.store.base import Row
from schemas.governed import ChangeKind
from schemas.partner import Directory
from schemas.playground import Tested
from schemas.policy import PolicyProblem
from schemas.word import Country

AT_ONCE: Final = 2
#: Seconds: for a turn, and for the whole answer.
TURN_SECONDS: Final = 10.0
WALL_SECONDS: Final = 60.0
#: Bytes of one line of the answer: fifty problems with their places.
_LONGEST_ANSWER: Final = 1024 * 1024
_ROOT: Final = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class PolicyProcess:
    """Judges policies elsewhere; one a router."""

    wall_seconds: float = WALL_SECONDS
    turn_seconds: float = TURN_SECONDS
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def prove(self, text: str, directory: Directory, now: datetime) -> Country:
        """Return the home of a policy that loads and passes its own tests. Raise PolicyInvalid, Unavailable."""
        return (await self._ask(text, directory, now, prove=REFUSE, stored=_nothing())).home

    async def diff(self, text: str, directory: Directory, now: datetime, stored: AsyncIterator[Row]) -> list[Changed]:
        """Return which stored decisions the policy would change. Raise PolicyInvalid, Unavailable, StoreUnavailable.

        `stored` are rows of `decisions`, with the `host` of the case as a rule names it, taken as the process gets
        through them.
        """
        return (await self._ask(text, directory, now, prove=None, stored=stored)).changed

    async def tried(
        self, text: str, directory: Directory, now: datetime, stored: AsyncIterator[Row]
    ) -> tuple[Tested, list[Changed]]:
        """Return how a policy fares by its own tests, and which stored decisions it would change. Raise as `diff`."""
        found = await self._ask(text, directory, now, prove=TELL, stored=stored)
        return found.tested, found.changed

    async def _ask(
        self, text: str, directory: Directory, now: datetime, *, prove: str | None, stored: AsyncIterator[Row]
    ) -> "_Answer":
        asked = {"policy": text, "directory": directory.model_dump_json(), "prove": prove, "now": now.isoformat()}
        try:
            async with self._turn(), asyncio.timeout(self.wall_seconds), _child() as child:
                telling = asyncio.create_task(_tell(child, asked, stored))
                try:
                    answer = await _read(child)
                    await telling
                finally:
                    telling.cancel()
        except TimeoutError:
            raise _too_costly() from None
        return answer

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._turns.acquire(), self.turn_seconds)
        except TimeoutError:
            raise Unavailable("Other policies are being judged; ask again shortly.", retry_after=5) from None
        try:
            yield
        finally:
            self._turns.release()


@dataclass(frozen=True, slots=True)
class _Answer:
    home: Country
    changed: list[Changed]
    tested: Tested


@asynccontextmanager
async def _child() -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the process, with nothing of our environment; end it whatever happens."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-c", START, _ROOT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_ANSWER,
        env={},
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _tell(child: asyncio.subprocess.Process, asked: dict[str, Any], stored: AsyncIterator[Row]) -> None:
    """Write the question, and the decisions as fast as they are read. A process that ended early has said why."""
    assert child.stdin is not None
    try:
        child.stdin.write(_line(asked))
        async for row in stored:
            one = {"case": row["case_id"], "facts": row["facts"], "decision": row["decision"]}
            child.stdin.write(_line(one | {"host": row.get("host")}))
            await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        child.stdin.close()  # also when the store went away: the process ends, and its reader with it


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


async def _read(child: asyncio.subprocess.Process) -> _Answer:
    """Return all that was answered. Raise PolicyInvalid, or Unavailable when the process ended without an answer."""
    assert child.stdout is not None
    found: list[Changed] = []
    tested = Tested()
    async for line in child.stdout:
        said = json.loads(line)
        if "invalid" in said:
            raise _invalid(said["invalid"])
        if "home" in said:
            return _Answer(str(said["home"]), found, tested)
        if "tested" in said:
            tested = Tested.model_validate_json(json.dumps(said["tested"]))
            continue
        case, before, after, route_before, route_after, kind = said["changed"]
        found.append(Changed(case, tuple(before), tuple(after), route_before, route_after, ChangeKind(kind)))
    raise _too_costly()


def _invalid(said: dict[str, Any]) -> PolicyInvalid:
    problems = [PolicyProblem.model_validate(one) for one in said["problems"]]
    return PolicyInvalid(said["message"], field=said["field"], reason=said["reason"], problems=problems)


def _too_costly() -> PolicyInvalid:
    text = "The policy takes too long or too much memory to judge; make it simpler, or ask for fewer decisions."
    return PolicyInvalid(text, reason="too_costly")


async def _nothing() -> AsyncIterator[Row]:
    rows: tuple[Row, ...] = ()
    for row in rows:
        yield row
