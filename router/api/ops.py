"""For machines that watch: is it alive, is it ready, what are its figures, and what does the API take."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from router.api import metrics
from router.api.protocol.access import Ctx, allow, open_to_all
from router.api.protocol.document import openapi
from router.casework.govern.paused import paused, said
from router.casework.read import stats as reading
from router.errors import StoreUnavailable
from router.hosting.verdict.threshold import costs
from router.store.recount import recounted
from router.store.schema.tables import policies
from schemas.figures import Figures, Recount
from schemas.word import Word

router = APIRouter(tags=["operation"])


class Health(Word):
    """The answer of a probe."""

    status: str


@router.get(
    "/livez", dependencies=[open_to_all("a supervisor that restarts the process has no token; it says nothing")]
)
async def livez() -> Health:
    """Say that the process answers."""
    return Health(status="alive")


@router.get("/readyz", dependencies=[open_to_all("a load balancer has no token; it says only yes or no")])
async def readyz(ctx: Ctx) -> Health:
    """Say whether reports are taken and worked on: the store keeps them, a policy is in force, nothing is paused."""
    await ctx.store.ready()
    if (waiting := await paused(ctx.store)) is not None:
        raise StoreUnavailable(await said(ctx.store, waiting), reason="paused", retry_after=60)
    if not await ctx.store.rows(select(policies.c.version).limit(1)):
        raise StoreUnavailable("No policy is in force yet; publish one.", reason="no_policy", retry_after=5)
    return Health(status="ready")


@router.get("/metrics", response_class=Response, dependencies=[allow("ops:read")])
async def figures_for_prometheus(request: Request, ctx: Ctx) -> Response:
    """Return the figures in Prometheus' text format."""
    counted: metrics.Metrics = request.app.state.metrics
    return Response(counted.page(await reading.stats(ctx), ctx.clock.now()), media_type=metrics.MEDIA_TYPE)


@router.get("/v1/stats", dependencies=[allow("ops:read")])
async def stats(ctx: Ctx) -> Figures:
    """Return the figures of the console's top strip."""
    found = await reading.stats(ctx)
    _, policy = await ctx.governance.policy()
    return Figures(
        cases=found.cases,
        desk=found.desk,
        referrals=found.referrals,
        at_risk=found.at_risk,
        oldest_on_desk=found.oldest_on_desk,
        without_receipt=found.without_receipt,
        due_today=found.due_today,
        overdue=found.overdue,
        at_risk_unacknowledged_since=found.at_risk_unacknowledged_since,
        partners_down=found.partners_down,
        misrouted=found.misrouted,
        bounced=found.bounced,
        second_looks=found.second_looks,
        second_looks_differ=found.second_looks_differ,
        not_checked=found.not_checked,
        requests_due=found.requests_due,
        requests_overdue=found.requests_overdue,
        clock_doubted=found.clock_doubted,
        sure_from=policy.sure_from,
        wrong_of_1000={group: cost.wrong_of_thousand for group, cost in costs(policy.sure_from).items()},
    )


@router.get("/v1/stats/recount", dependencies=[allow("ops:read")])
async def recount(ctx: Ctx) -> Recount:
    """Count every case and referral again: `wrong` says by how much each count that is kept differs. Takes seconds.

    What figures are made of is compared with the newest 1,000 rows of each kind.
    """
    return Recount(wrong=dict(await recounted(ctx.store.rows)))


@router.get(
    "/openapi.json",
    include_in_schema=False,
    dependencies=[open_to_all("the document is public; it holds no data")],
)
async def document(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    described: dict[str, Any] = openapi(request.app)
    return Response(orjson.dumps(described), media_type="application/json")
