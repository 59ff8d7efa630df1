"""Reports coming in: one, a batch by the line, an assessment that comes later, and what was answered.

What a source learns never tells whether a location was known before (`casework.own`).
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from router.api.batch import Batch
from router.api.protocol import body, idempotency
from router.api.protocol.access import Ctx, allow, still_allowed
from router.api.protocol.streamed import Streamed
from router.casework.intake import assessment, source_view
from router.casework.intake import take as intake
from router.casework.read import followed
from router.casework.read.numbers import check_for_url
from schemas.actor import Actor
from schemas.followed import ReportFollowed
from schemas.report import AssessmentLater, Reference, ReportGiven, ReportTaken

router = APIRouter(prefix="/v1/reports", tags=["reports"])

NDJSON: Final = "application/x-ndjson"
#: What a report goes by.
Number = Annotated[Reference, Path()]
#: Bytes of one report: a thousand items with long locations fit.
LIMIT: Final = 16 * 1024 * 1024


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

    Lines are taken in groups of a thousand as they arrive, and answered meanwhile. After a thousand refused lines the
    batch ends with one more answer, `too_many_bad_lines`: the lines from its number on were not read.
    """
    body.known_caller(request)
    batch = Batch(request, ctx, actor, lambda: still_allowed(request, "report:submit"))
    return Streamed(batch.answers(), NDJSON)


@router.get("/{number:path}")
async def read(number: Number, ctx: Ctx, actor: Annotated[Actor, allow("report:read")]) -> ReportFollowed:
    """Return how far a report is, by its id, our number, or the reference that its source gave it.

    A source sees its own reports only. One of the house reads its cases, to whom they went, the receipts, what was done
    and how it ended; any other one of four words, late.
    """
    check_for_url(number)
    return await followed.followed(ctx, number, actor)


@router.post("/{report_id}/assessment", status_code=204, openapi_extra=body.takes(AssessmentLater))
async def assess(report_id: UUID, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("report:assess")]) -> None:
    """Record an assessment that came after its report, of all its items or of one; its open cases are judged anew."""
    given = await body.read(request, AssessmentLater)
    await source_view.check_own(ctx, str(report_id), actor)
    await assessment.assess(ctx, str(report_id), given, actor)
