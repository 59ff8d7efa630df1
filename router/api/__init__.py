"""The HTTP API: one file a resource, each endpoint naming its permission.

It turns requests into words of `schemas` and calls a use-case; errors become RFC 9457 problems in one place. It never
holds a business rule, never names an engine, and never echoes a URL, host or account into an error or a log.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from router import __version__
from router.api import (
    accounts,
    alarm,
    audit,
    cases,
    embargoes,
    figures,
    inbox,
    letters,
    locate,
    ops,
    partners,
    policy,
    proposals,
    referrals,
    release,
    reports,
    retention,
    sites,
    sources,
    stops,
    tokens,
)
from router.api.inbox import Peering
from router.api.metrics import Days, Metrics
from router.api.notes import resource as notes
from router.api.people import entry, mandates
from router.api.protocol import access, not_found, problems
from router.api.protocol.middleware import Surround
from router.api.queue import resource as queue
from router.api.requests import register as requests
from router.api.rules import versions as policy_versions
from router.api.trails import resource as trails
from router.api.viewings import resource as viewings
from router.casework.context import Context

#: Every resource of the API. A new one: its file, this row, its test.
ROUTERS: Final[tuple[APIRouter, ...]] = (
    reports.router,
    cases.router,
    queue.router,
    notes.router,
    sites.router,
    referrals.router,
    letters.router,
    letters.reminders,
    locate.router,
    stops.router,
    embargoes.router,
    trails.router,
    viewings.router,
    alarm.router,
    policy.router,
    policy_versions.router,
    partners.router,
    proposals.router,
    release.router,
    retention.router,
    retention.holds_router,
    requests.router,
    sources.router,
    tokens.router,
    accounts.router,
    entry.router,
    mandates.router,
    audit.router,
    inbox.router,
    figures.router,
    ops.router,
    not_found.router,  # last: it takes what no other did
)


def make_api(
    ctx: Context,
    console: APIRouter | None = None,
    *,
    peering: Peering | None = None,
    mounts: Sequence[BaseRoute] = (),
    datasets: Days = dict,
) -> FastAPI:
    """Return the application that serves a context: the API, and the console's pages when given.

    `peering` is how peers know us; without it the inbox refuses everybody. `mounts` are applications beside the API
    that check their own routes, such as the console. `datasets` says the day of each data set, for the figures. Raise
    CannotStart when a route names no permission.
    """
    metrics = Metrics(datasets)
    app = FastAPI(title="Referral router", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.ctx = ctx
    app.state.peering = peering
    app.state.metrics = metrics
    app.state.asking = locate.Asking()
    for router in (*ROUTERS, *([console] if console else [])):
        app.router.routes.extend(router.routes)  # as they are: to include one makes all its routes a second time
    app.router.routes.extend(mounts)
    app.add_middleware(Surround, observe=metrics.observe)
    problems.install(app)
    access.check_routes(app, exempt=mounts)
    return app
