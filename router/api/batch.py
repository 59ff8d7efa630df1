"""A batch of reports: lines in, lines out, in memory that does not grow with either.

Lines are taken in groups as they arrive, and answered while the rest is still coming. A batch ends early, by the number
of the first line that was not read, when it is too long, when a thousand of its lines were refused, or when whoever
sends it may no longer.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import orjson
from fastapi import Request

from router.api.protocol import problems
from router.api.protocol.ndjson_stream import Line, Splitter
from router.api.protocol.room import share_of
from router.casework.context import Context
from router.casework.intake import ndjson
from router.errors import NotAllowed, NotSignedIn, RouterError, TooLarge, Unavailable
from schemas.actor import Actor

#: Bytes of one batch: about a hundred thousand usual reports; what comes after is answered by its line.
LIMIT: Final = 64 * 1024 * 1024
#: Bytes of the lines of one group, all of which are in memory together.
GROUP_BYTES: Final = 4 * 1024 * 1024
_TOO_MUCH: Final = TooLarge(
    f"The batch ends here: it is longer than {LIMIT // 2**20} MiB. Send the rest, from this line, in a new one.",
    reason="batch_too_long",
)
#: Why a batch ends after many refused lines.
TOO_MANY: Final = TooLarge(
    f"The batch ends here: {ndjson.MOST_REFUSED} of its lines were refused. Correct them, and send the rest from this"
    " line.",
    reason="too_many_bad_lines",
)

#: Raises NotSignedIn or NotAllowed once the sender may no longer.
StillAllowed = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Batch:
    """One batch on its way through; `answers` is read once."""

    request: Request
    ctx: Context
    actor: Actor
    still_allowed: StillAllowed
    _splitter: Splitter = field(default_factory=Splitter)
    _refused: int = 0
    _cut_off: RouterError | None = None
    _shut_out: bool = False
    _size: int = 0

    async def answers(self) -> AsyncIterator[bytes]:
        """Yield the answers, in the order of the lines."""
        body = self.request.stream()
        async with aclosing(self._groups(body)) as groups:
            async for group in groups:
                if (last := await self._ends_before(group[0])) is not None:
                    yield last
                    break
                taken = await self._take(group)
                yield b"".join(taken)
                if len(taken) < len(group):
                    yield ended(group[len(taken)].number, TOO_MANY)
                    break
            else:
                if (why := _TOO_MUCH if self._size > LIMIT else self._cut_off) is not None:
                    yield ended(self._splitter.next_number, why)
        # Who sends all before reading anything would else never read why it ended.
        async for chunk in body:
            self._size += len(chunk)
            if self._size > LIMIT or self._shut_out:
                return

    async def _ends_before(self, line: Line) -> bytes | None:
        """Return the last answer of a batch that is not read from this line on, None when it goes on."""
        if self._refused >= ndjson.MOST_REFUSED:
            return ended(line.number, TOO_MANY)
        try:
            await self.still_allowed()
        except (NotSignedIn, NotAllowed) as error:
            self._shut_out = True
            return ended(line.number, error)
        return None

    async def _groups(self, body: AsyncIterator[bytes]) -> AsyncGenerator[list[Line], None]:
        """Yield the lines of a body in groups of at most a thousand."""
        group, size, share = list[Line](), 0, share_of(self.request)
        async for chunk in body:
            self._size += len(chunk)
            try:
                share.take(len(chunk))
            except Unavailable as error:
                self._cut_off = error
                break
            for line in self._splitter.feed(chunk):
                group.append(line)
                size += len(line.text or b"")
                if len(group) == ndjson.GROUP or size > GROUP_BYTES:
                    yield group
                    group, size = [], 0
                    share.give()
            if self._size > LIMIT:
                break
        else:
            group.extend(self._splitter.finish())
        if group:
            yield group

    async def _take(self, group: list[Line]) -> list[bytes]:
        """Take one group and return its answers in order. A store that is away refuses these lines, not those before.

        There are fewer answers than lines when too many were refused: the rest was not read.
        """
        texts = [line.text for line in group]
        try:
            left = ndjson.MOST_REFUSED - self._refused
            taken = await ndjson.take_batch(self.ctx, texts, self.actor, refusals=left)
        except RouterError as error:
            return [refused(line.number, error) for line in group]
        self._refused += sum(one.problem is not None for one in taken)
        return [_answer(line.number, one) for line, one in zip(group, taken, strict=False)]


def _answer(number: int, one: ndjson.LineAnswer) -> bytes:
    if one.problem is not None:
        return refused(number, one.problem)
    # By hand: numbers and ids of ours need no escaping, and a batch has a hundred thousand of these.
    return b'{"line":%d,"status":%d,"id":"%s","dossier":"%s"}\n' % (
        number,
        one.status,
        str(one.id).encode(),
        str(one.dossier).encode(),
    )


def refused(number: int, error: RouterError, **more: str) -> bytes:
    """Return the answer for a line that was not taken."""
    problem = problems.document(error)
    document = problem.model_dump(mode="json", exclude_none=True)
    return orjson.dumps({"line": number, "status": problem.status, "problem": {**document, **more}}) + b"\n"


def ended(number: int, error: RouterError) -> bytes:
    """Return the last answer of a batch that ends early: the lines from this number on were not read."""
    return refused(number, error, code=error.reason)
