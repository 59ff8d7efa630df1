"""Reports coming in: one, a batch by the line, an assessment that comes later, and what was answered.

What a source learns never tells whether a location was known before (`casework.own`).
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from router.api.protocol import body, idempotency, problems
from router.api.protocol.access import Ctx, allow
from router.api.protocol.ndjson_stream import LONGEST_LINE, Line, Splitter
from router.casework.context import Context
from router.casework.intake import assessment, ndjson, source_view
from router.casework.intake import take as intake
from router.casework.read import lists
from router.errors import RouterError, TooLarge
from schemas.actor import Actor
from schemas.report import AssessmentGiven, ReportGiven, ReportTaken

router = APIRouter(prefix="/v1/reports", tags=["reports"])

NDJSON: Final = "application/x-ndjson"
#: Bytes of one report: a thousand items with long locations fit.
LIMIT: Final = 16 * 1024 * 1024
#: Bytes of one batch: about a hundred thousand usual reports; what comes after is answered by its line.
BATCH_LIMIT: Final = 64 * 1024 * 1024
_TOO_LONG: Final = TooLarge(f"This line is longer than {LONGEST_LINE} bytes; send it alone.", reason="line_too_long")
_TOO_MUCH: Final = TooLarge(
    f"The batch ends here: it is longer than {BATCH_LIMIT // 2**20} MiB. Send the rest, from this line, in a new one.",
    reason="batch_too_long",
)


@router.post("", status_code=202, response_model=ReportTaken, openapi_extra=body.takes(ReportGiven))
async def create(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("report:submit")]) -> Response:
    """Take one report. It is on disk when the answer comes; the same report again gives the same answer."""
    key = idempotency.key_of(request)
    raw = await body.read_bytes(request, limit=LIMIT)
    report = body.parse(raw, ReportGiven)

    async def take() -> str:
        return source_view.as_seen_by(await intake.take(ctx, report, actor), actor).model_dump_json()

    answer = await idempotency.once(ctx, actor.id, key, raw, take)
    return Response(answer, 202, media_type="application/json")


@router.post(
    "/batch",
    response_model=None,
    openapi_extra={
        "requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}},
        "responses": {"200": {"description": "One JSON object a line", "content": {NDJSON: {}}}},
    },
)
async def create_batch(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("report:submit")]) -> Response:
    """Take reports as NDJSON: the good lines are taken, each line is answered by its number, counted from 1.

    Lines are taken in groups of a thousand as they arrive, and answered when all have been.
    """
    body.known_caller(request)
    answers = bytearray()
    async for group in _groups(request):
        for answer in await _take(ctx, group, actor):
            answers += answer
    return Response(bytes(answers), media_type=NDJSON)


@router.get("/{report_id}")
async def read(report_id: UUID, ctx: Ctx, actor: Annotated[Actor, allow("report:read")]) -> ReportTaken:
    """Return what was answered when the report was taken. A source sees its own reports only."""
    await source_view.check_own(ctx, str(report_id), actor)
    return source_view.as_seen_by(await lists.report(ctx, str(report_id)), actor)


@router.post("/{report_id}/assessment", status_code=204, openapi_extra=body.takes(AssessmentGiven))
async def assess(report_id: UUID, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("report:assess")]) -> None:
    """Record an assessment that came after its report; its open cases are judged anew."""
    given = await body.read(request, AssessmentGiven)
    await source_view.check_own(ctx, str(report_id), actor)
    await assessment.assess(ctx, str(report_id), given, actor)


async def _groups(request: Request) -> AsyncIterator[list[Line]]:
    """Yield the lines of a body in groups of at most a thousand; the line after the limit ends it, without text."""
    splitter, group, size = Splitter(), list[Line](), 0
    async for chunk in request.stream():
        size += len(chunk)
        for line in splitter.feed(chunk):
            group.append(line)
            if len(group) == ndjson.GROUP:
                yield group
                group = []
        if size > BATCH_LIMIT:
            yield [*group, Line(splitter.next_number, b"")]
            return
    group.extend(splitter.finish())
    if group:
        yield group


async def _take(ctx: Context, group: list[Line], actor: Actor) -> list[bytes]:
    """Take one group and return its answers in order. A store that is away refuses these lines, not those before."""
    given = [line for line in group if line.text]
    answers: dict[int, bytes] = {}
    try:
        taken = await ndjson.take_batch(ctx, [line.text for line in given if line.text], actor)
        for line, one in zip(given, taken, strict=True):
            answers[line.number] = _answer(line.number, one)
    except RouterError as error:
        answers = {line.number: refused(line.number, error) for line in given}
    for line in group:
        if not line.text:
            answers[line.number] = refused(line.number, _TOO_LONG if line.text is None else _TOO_MUCH)
    return [answers[line.number] for line in group]


def _answer(number: int, one: ndjson.LineAnswer) -> bytes:
    if one.problem is not None:
        return refused(number, one.problem)
    # By hand: numbers and an id of ours need no escaping, and a batch has a hundred thousand of these.
    return b'{"line":%d,"status":%d,"id":"%s"}\n' % (number, one.status, str(one.id).encode())


def refused(number: int, error: RouterError) -> bytes:
    """Return the answer for a line that was not taken."""
    problem = problems.document(error)
    said = {"line": number, "status": problem.status, "problem": problem.model_dump(mode="json", exclude_none=True)}
    return orjson.dumps(said) + b"\n"
