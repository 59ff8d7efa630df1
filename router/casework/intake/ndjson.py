"""Take an NDJSON batch: the good lines are kept, each bad one is answered by its number."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from router.casework.context import Context
from router.casework.intake import json_word, validate
from router.casework.intake import take as intake
from router.casework.intake.validate import Reported
from router.errors import BadInput, RouterError, TooLarge
from schemas.actor import Actor
from schemas.report import ReportGiven

#: Lines taken in one transition: an answer follows one commit, and a lost race costs one group.
GROUP = 1000
#: Bytes of one line; a report with a thousand items of the longest URL is larger and goes to POST /v1/reports.
LONGEST_LINE = 1_000_000
#: A batch ends after so many refused lines: whoever sent them has sent the wrong file.
MOST_REFUSED = 1000
#: Bytes that are judged before others get their turn.
_BREATH = 128 * 1024


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What became of one line, counted from 1."""

    line: int
    status: int
    id: str | None = None
    dossier: str | None = None
    problem: RouterError | None = None


async def take_batch(
    ctx: Context, lines: Sequence[bytes | None], actor: Actor, *, first: int = 1, refusals: int = MOST_REFUSED
) -> list[LineAnswer]:
    """Take up to GROUP lines in one transition; `first` is the number of the first, None a line that was too long.

    Ends once `refusals` lines were refused: there are fewer answers then than lines, and the rest was not read. Raise
    StoreUnavailable.
    """
    verdicts = await _judged(ctx, lines, actor, refusals)
    taken = await intake.take_judged(ctx, verdicts, actor)
    return [_answer(first + i, one) for i, one in enumerate(taken)]


async def _judged(
    ctx: Context, lines: Sequence[bytes | None], actor: Actor, refusals: int
) -> list[Reported | RouterError]:
    sources = await intake.known(ctx)
    severities = await intake.known_severities(ctx)
    now = ctx.clock.now()
    verdicts: list[Reported | RouterError] = []
    breath = 0
    for line in lines:
        if refusals <= 0:
            break
        try:
            verdicts.append(validate.judge(parse(line), sources, actor, now, severities))
        except RouterError as error:
            verdicts.append(error)
            refusals -= 1
        breath += len(line or b"")
        if breath > _BREATH:
            breath = 0
            await asyncio.sleep(0)
    return verdicts


def parse(line: bytes | None) -> ReportGiven:
    """Return the report on one line. Raise BadInput naming wrong fields, TooLarge; no message repeats the input."""
    if line is None or len(line) > LONGEST_LINE:
        text = f"This line is longer than {LONGEST_LINE} bytes; send the report alone to POST /v1/reports."
        raise TooLarge(text, reason="line_too_long")
    try:
        return json_word.parse(line, ReportGiven)
    except BadInput as wrong:
        raise _not_json() if wrong.reason == "not_json" else wrong from None


def _not_json() -> BadInput:
    return BadInput("This line is not JSON; send one JSON object a line.", reason="not_json")


def _answer(line: int, one: object) -> LineAnswer:
    if isinstance(one, RouterError):
        return LineAnswer(line, one.status, problem=one)
    return LineAnswer(line, 202, id=getattr(one, "id", None), dossier=getattr(one, "dossier", None))
