"""Take an NDJSON batch: the good lines are kept, each bad one is answered by its number."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from router.bounds import check_json
from router.casework.context import Context
from router.casework.intake import take as intake
from router.casework.intake import validate
from router.casework.intake.field_errors import unread
from router.casework.intake.validate import Reported
from router.errors import BadInput, RouterError
from schemas.actor import Actor
from schemas.report import ReportGiven

#: Lines taken in one transition: an answer follows one commit, and a lost race costs one group.
GROUP = 1000
#: Bytes of one line; a report with a thousand items of the longest URL is larger and goes to POST /v1/reports.
LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What became of one line, counted from 1."""

    line: int
    status: int
    id: str | None = None
    problem: RouterError | None = None


async def take_batch(ctx: Context, lines: Sequence[bytes], actor: Actor, *, first: int = 1) -> list[LineAnswer]:
    """Take up to GROUP lines in one transition; `first` is the number of the first. Raise StoreUnavailable."""
    sources = await intake.known(ctx)
    now = ctx.clock.now()
    verdicts: list[Reported | RouterError] = []
    for line in lines:
        try:
            verdicts.append(validate.judge(parse(line), sources, actor, now))
        except RouterError as error:
            verdicts.append(error)
    taken = await intake.take_judged(ctx, verdicts, actor)
    return [_answer(first + i, one) for i, one in enumerate(taken)]


def parse(line: bytes) -> ReportGiven:
    """Return the report on one line. Raise BadInput naming wrong fields, TooLarge; no message repeats the input."""
    if len(line) > LONGEST_LINE:
        raise BadInput("This line is too long; send the report alone to POST /v1/reports.", reason="line_too_long")
    check_json(line)
    try:
        return ReportGiven.model_validate_json(line)
    except ValidationError as error:
        wrong = unread(error)
        raise _not_json() if wrong.reason == "not_json" else wrong from None


def _not_json() -> BadInput:
    return BadInput("This line is not JSON; send one JSON object a line.", reason="not_json")


def _answer(line: int, one: object) -> LineAnswer:
    if isinstance(one, RouterError):
        return LineAnswer(line, one.status, problem=one)
    return LineAnswer(line, 202, id=getattr(one, "id", None))
