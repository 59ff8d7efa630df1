"""`Idempotency-Key`: a request that is sent again gets the first one's answer.

After draft-ietf-httpapi-idempotency-key-header-07: the value is a structured-field string (RFC 9651), the key is looked
up together with who sent it, and a fingerprint of the body tells a repetition from a mistake. 400 malformed, 409 while
the first is at work, 422 for another body. The fingerprint is keyed, so the table tells nothing of what was reported.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request
from sqlalchemy import select

from router.casework.context import Context
from router.errors import BadInput, Conflict
from router.store.base import Add, Change, Remove, Row, Transition
from router.store.tables import idempotency

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
    fingerprint = ctx.keyring.digest(body)
    if (before := await _begin(ctx, client, key, fingerprint)) is not None:
        return before
    try:
        answer = await act()
    except BaseException:
        await ctx.store.commit(Transition(ctx.now(), removes=(Remove(idempotency, {"client": client, "key": key}),)))
        raise
    done = Change(idempotency, {"client": client, "key": key}, {"answer": answer})
    await ctx.store.commit(Transition(ctx.now(), changes=(done,)))
    return answer


async def _begin(ctx: Context, client: str, key: str, fingerprint: bytes) -> str | None:
    """Note that a request is at work; return the answer when it was answered before. Raise Conflict, BadInput."""
    now = ctx.now()
    row = {"client": client, "key": key, "fingerprint": fingerprint, "answer": None, "at": now}
    try:
        await ctx.store.commit(Transition(now, adds=(Add(idempotency, row),)))
    except Conflict:
        return await _repeated(ctx, client, key, fingerprint)
    return None


async def _repeated(ctx: Context, client: str, key: str, fingerprint: bytes) -> str | None:
    where = (idempotency.c.client == client) & (idempotency.c.key == key)
    rows = await ctx.store.rows(select(idempotency).where(where))
    if not rows:  # it failed and was forgotten between our two looks
        raise _at_work()
    row = rows[0]
    if bytes(row["fingerprint"]) != fingerprint:
        raise BadInput(
            "This Idempotency-Key was used for another body; use a new key for a new report.",
            field="header/idempotency-key",
            reason="idempotency_key_reused",
        )
    if row["answer"] is not None:
        return str(row["answer"])
    await _take_over(ctx, row)
    return None


async def _take_over(ctx: Context, row: Row) -> None:
    """Continue in place of a request that died. Raise Conflict while it may still be at work."""
    now = ctx.now()
    if now - row["at"] <= _AT_WORK:
        raise _at_work()
    key = {"client": row["client"], "key": row["key"]}
    change = Change(idempotency, key, {"at": now}, guard={"at": row["at"]})
    try:
        await ctx.store.commit(Transition(now, changes=(change,)))
    except Conflict:
        raise _at_work() from None


def _at_work() -> Conflict:
    return Conflict(
        "The first request with this Idempotency-Key is still at work; repeat it in a moment.",
        field="header/idempotency-key",
        reason="idempotency_key_at_work",
    )
