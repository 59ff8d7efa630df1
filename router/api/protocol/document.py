"""The OpenAPI 3.1 document: open to read, complete, and made from the same table that serves.

FastAPI knows parameters and answers. Bodies are read by `body`, permissions are named by `access`, and every failure is
a problem document, so those three are added here.
"""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from router.api.inbox import Signed
from router.api.protocol.access import rule_of
from router.api.protocol.problems import MEDIA_TYPE
from router.guard.access import Needs
from schemas.account import AccountGiven, RoleGiven, SignOut
from schemas.acts import (
    Acknowledge,
    Act,
    Answer,
    Assess,
    Choice,
    Close,
    Done,
    HandedOver,
    Hold,
    LocateGiven,
    Look,
    Next,
    NoteGiven,
    NotIllegal,
    NotOurs,
    Origin,
    OwnTokenGiven,
    PassOn,
    PauseGiven,
    Receipt,
    Refer,
    Reveal,
    Send,
    StopGiven,
    Take,
    TakenBack,
    Target,
    TokenGiven,
    ToldPolice,
    Undo,
)
from schemas.alarm import AlarmSettings
from schemas.audit import AnchorsGiven
from schemas.draft import DraftGiven
from schemas.embargo import EmbargoEnds, EmbargoGiven
from schemas.exchange import ReferralBundle, StatusQuery
from schemas.governed import CheckGiven, PolicyGiven, ReplayGiven
from schemas.group import GroupAct
from schemas.pages import Sought
from schemas.partner import Directory, Partner
from schemas.people import MandateGiven
from schemas.playground import TryGiven
from schemas.policy_version import RollBack
from schemas.problem import Problem
from schemas.proposal import ConfirmGiven, GlassGiven, ReleaseGiven
from schemas.published import EditionGiven
from schemas.report import AssessmentLater, ReportGiven
from schemas.requests import RequestCloses, RequestExtends, RequestGiven
from schemas.retention import HoldEnds, HoldGiven, PurgeGiven
from schemas.source import SourceChange, SourceGiven, StatusGiven
from schemas.trail import TrailGiven, TrailTaken
from schemas.viewing import LostSaid, Results, ViewingAsked
from schemas.views import ViewKept, ViewNamed

#: Every word that a body is read as; the operations refer to them by name.
BODIES: Final[tuple[type[BaseModel], ...]] = (
    AccountGiven,
    Acknowledge,
    Act,
    AnchorsGiven,
    AlarmSettings,
    Answer,
    Assess,
    AssessmentLater,
    CheckGiven,
    Choice,
    Close,
    Done,
    ConfirmGiven,
    Directory,
    EditionGiven,
    EmbargoEnds,
    PurgeGiven,
    HoldGiven,
    HoldEnds,
    EmbargoGiven,
    NoteGiven,
    TrailGiven,
    TrailTaken,
    ViewingAsked,
    LostSaid,
    Results,
    GlassGiven,
    ReleaseGiven,
    HandedOver,
    GroupAct,
    Hold,
    LocateGiven,
    Look,
    MandateGiven,
    Next,
    NotIllegal,
    NotOurs,
    Origin,
    OwnTokenGiven,
    PassOn,
    PolicyGiven,
    Problem,
    Receipt,
    Refer,
    ReferralBundle,
    DraftGiven,
    RollBack,
    TryGiven,
    ViewKept,
    ViewNamed,
    ReplayGiven,
    RequestCloses,
    RequestExtends,
    RequestGiven,
    ReportGiven,
    Reveal,
    RoleGiven,
    Send,
    SignOut,
    Sought,
    SourceChange,
    SourceGiven,
    StatusGiven,
    StatusQuery,
    Partner,
    PauseGiven,
    StopGiven,
    Take,
    TakenBack,
    Target,
    ToldPolice,
    Undo,
    TokenGiven,
)
_ABOUT: Final = (
    "Routes a hotline's reports to the partner in the country that hosts the material. Locations are masked in every"
    " answer but a reveal. A source that may not read cases gets, as `case`, an id of the reported item itself: answers"
    " never tell whether a location was known before."
)
_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = {
    "description": "What went wrong and what to do next (RFC 9457); it never repeats what was sent.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
}
_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `rr_live_…`."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421 with Ed25519, by a pinned key of a peer; see docs/protocol.md.",
    },
}


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _make(app)
    return app.openapi_schema


def _make(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_ABOUT,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["responses"] = {"Problem": _PROBLEM}
    _, given = models_json_schema([(word, "validation") for word in BODIES], ref_template=_REF)
    schemas = components.setdefault("schemas", {})
    for name, schema in given["$defs"].items():
        schemas.setdefault(name, schema)
    for gone in ("HTTPValidationError", "ValidationError"):
        schemas.pop(gone, None)
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            operation = document["paths"].get(context.path_format, {}).get(method.lower())
            if operation is not None:
                _complete(operation, rule_of(context))
    return document


def _complete(operation: dict[str, Any], rule: object) -> None:
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    if isinstance(rule, Signed):
        operation["security"] = [{"signature": []}]
    elif isinstance(rule, Needs):
        operation["security"] = [{"token": []}]
        operation["x-permission"] = str(rule.permission)
    else:
        operation["security"] = []
