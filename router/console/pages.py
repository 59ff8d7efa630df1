"""The console as one application: every page of it stands in `ROOMS`."""

from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from router.casework.context import Context
from router.console import acts, assets, audit, case, desk, failures, signin, stops
from router.console.access import check_pages, open_to_all
from router.console.figures import page as figures
from router.console.notes import page as notes
from router.console.page import Headers, make_pages
from router.console.partners import form as partner_form
from router.console.partners import page as partners
from router.console.partners import sheet as partner_sheet
from router.console.people import door, house, own, provider
from router.console.queue import keys, news, several, views
from router.console.requests import page as requests
from router.console.rules import page as rules
from router.console.rules import playground
from router.console.rules import versions as policy_versions
from router.console.trail import page as trails
from router.console.viewing import page as viewings

files = APIRouter()


@files.get("/static/{name}", dependencies=[open_to_all("style sheet, script and icon; the sign-in page needs them")])
async def static(name: str) -> Response:
    """Return a style sheet, a script or an icon."""
    return await assets.serve(name)


#: Every page; the first address that fits is taken.
ROOMS: Final = (
    files,
    door.router,
    own.router,
    provider.router,
    house.router,
    signin.router,
    desk.router,
    several.router,
    keys.router,
    news.router,
    views.router,
    audit.router,
    figures.router,
    requests.router,
    stops.router,
    partner_form.router,
    partner_sheet.router,
    partners.router,
    trails.router,
    viewings.router,
    policy_versions.router,
    playground.router,
    rules.router,
    notes.router,
    case.router,
    acts.router,
)


def make_console(ctx: Context) -> FastAPI:
    """Return the console, to be mounted at `/` after all else. Raise CannotStart for a page without a permission."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.ctx = ctx
    app.state.pages = make_pages(ctx.clock, ctx.me, ctx.zone)
    app.add_middleware(Headers)
    failures.install(app)
    for room in ROOMS:
        app.router.routes.extend(room.routes)  # as they are: to include one makes all its routes a second time
    check_pages(app)
    return app
