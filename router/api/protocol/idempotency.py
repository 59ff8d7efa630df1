"""`Idempotency-Key`: a request that is sent again gets the first one's answer.

After draft-ietf-httpapi-idempotency-key-header-07: the value is a structured-field string (RFC 9651), the key is looked
up together with who sent it, and a fingerprint of the body tells a repetition from a mistake. 400 malformed, 409 while
the first is at work, 422 for another body. The fingerprint is keyed, so the table tells nothing of what was reported.
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from fastapi import Request
from sqlalchemy import select

from router.casework.context import Context
from router.casework.govern.clear_text import blind_key
from router.errors import BadInput, Conflict
from router.store.base import Add, Change, Remove, Row, Transition
from router.store.schema.tables import idempotency

#: sf-string: printable ASCII in double quotes, with \" and \\ (RFC 9651 section 3.3.3). Ours hold 1 to 255 characters.
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"')
#: A first request that is older than this died with its process; the repetition takes its place. Microseconds.
_AT_WORK: Final = 60_000_000


def key_of(request: Request) -> str | None:
    """Return the key of a request, or None without one. Raise BadInput (400) when it is malformed."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    found = _STRING.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise BadInput(
            'Write the Idempotency-Key as one string in double quotes, such as "8e03978e-40d5-43dd-bc93-6894a57f9324".',
            field="header/idempotency-key",
            reason="idempotency_key",
        )
    return re.sub(r"\\(.)", r"\1", found[1])


async def once(ctx: Context, client: str, key: str | None, body: bytes, act: Callable[[], Awaitable[str]]) -> str:
    """Return `act`'s answer, or the one it gave for this client and key before. An act that fails is forgotten."""
    if key is None:
        return await act()
    key = blind_key(ctx, key)
    # Ours while we are at work: `at` tells our row from that of a repetition that took our place.
    row = {"client": client, "key": key, "fingerprint": ctx.keyring.digest(body), "answer": None, "at": ctx.now()}
    if (before := await _begin(ctx, row)) is not None:
        return before
    ours = {"client": client, "key": key, "at": row["at"]}
    try:
        answer = await act()
    except BaseException:
        await ctx.store.commit(Transition(ctx.now(), removes=(Remove(idempotency, ours),)))
        raise
    with suppress(Conflict):
        await ctx.store.commit(Transition(ctx.now(), changes=(Change(idempotency, ours, {"answer": answer}),)))
    return answer


async def _begin(ctx: Context, row: Row) -> str | None:
    """Note that a request is at work; return the answer when it was answered before. Raise Conflict, BadInput."""
    try:
        await ctx.store.commit(Transition(row["at"], adds=(Add(idempotency, row),)))
    except Conflict:
        return await _repeated(ctx, row)
    return None


async def _repeated(ctx: Context, ours: Row) -> str | None:
    client, key = ours["client"], ours["key"]
    where = (idempotency.c.client == client) & (idempotency.c.key == key)
    rows = await ctx.store.rows(select(idempotency).where(where))
    if not rows:  # it failed and was forgotten between our two looks
        raise _at_work()
    row = rows[0]
    if bytes(row["fingerprint"]) != ours["fingerprint"]:
        raise BadInput(
            "This Idempotency-Key was used for another body; use a new key for a new report.",
            field="header/idempotency-key",
            reason="idempotency_key_reused",
        )
    if row["answer"] is not None:
        return str(row["answer"])
    await _take_over(ctx, row, ours["at"])
    return None


async def _take_over(ctx: Context, row: Row, now: int) -> None:
    """Continue in place of a request that died. Raise Conflict while it may still be at work."""
    if now - row["at"] <= _AT_WORK:
        raise _at_work()
    theirs = {"client": row["client"], "key": row["key"], "at": row["at"]}
    try:
        await ctx.store.commit(Transition(now, changes=(Change(idempotency, theirs, {"at": now}),)))
    except Conflict:
        raise _at_work() from None


def _at_work() -> Conflict:
    return Conflict(
        "The first request with this Idempotency-Key is still at work; repeat it in a moment.",
        field="header/idempotency-key",
        reason="idempotency_key_at_work",
    )
