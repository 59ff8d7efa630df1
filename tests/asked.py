"""Requests of people about themselves, and those who work on them: in a line."""

from contextlib import suppress
from datetime import date
from typing import Any

from router.casework.context import Context
from router.casework.govern import requests
from router.casework.people import tokens
from router.errors import Conflict
from schemas.actor import ROUTER, Role
from schemas.requests import RequestGiven, RequestKind, RequestView, Term
from tests.embargoes import BOB, people
from tests.office import person

DORA = person("dora", Role.OFFICER)
LETTER = "the letter of 20 November, folder 7"


async def officers(ctx: Context) -> None:
    """Give dora, the officer, her account beside those of `embargoes.people`."""
    await people(ctx)
    with suppress(Conflict):
        await tokens.add_account(ctx, "dora", Role.OFFICER, ROUTER)


def asks(*terms: tuple[str, str] | tuple[str, str, str], **more: Any) -> RequestGiven:
    """Return what is typed of a request: terms are (kind, what) or (kind, what, platform)."""
    given = [{"kind": one[0], "what": one[1], **({"platform": one[2]} if len(one) > 2 else {})} for one in terms]
    base = {"kind": RequestKind.ACCESS, "received_on": date(2026, 11, 20), "asked_by": LETTER}
    return RequestGiven(**{**base, "terms": tuple(Term.model_validate_json(_json(one)) for one in given), **more})


def _json(given: dict[str, str]) -> str:
    import json

    return json.dumps(given)


async def agreed(ctx: Context, *terms: tuple[str, str] | tuple[str, str, str]) -> RequestView:
    """Have dora open one, and bob agree to it."""
    await officers(ctx)
    made = await requests.add(ctx, asks(*terms), DORA)
    return await requests.agree(ctx, made.id, BOB)
