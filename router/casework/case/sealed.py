"""Sealed words: what is written to and read from the `sealed` columns, always under the case's own key."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from router.casework.context import Context
from router.errors import Damaged, NotFound
from router.guard.seal import CaseKey
from router.store.base import LookUp, Row
from router.store.schema.tables import case_keys
from schemas.casefile import CaseSecrets, ItemSecrets
from schemas.trace import Chain, Hosted, Trace

W = TypeVar("W", bound=BaseModel)

#: Logical field ids: they bind a ciphertext to its place, so that one cannot be moved to another row or column.
CASE, ITEM, TRACE, PAYLOAD, PROGRESS, TYPED = "case", "item", "trace", "payload", "progress", "typed"

_KEYS: Final = LookUp(select(case_keys), case_keys.c.case_id)


def seal(key: CaseKey, field: str, row_id: str, word: BaseModel) -> bytes:
    """Return a word sealed for one field of one row."""
    return key.seal(f"{field}:{row_id}", word.model_dump_json(exclude_defaults=True).encode())


def seal_fields(key: CaseKey, field: str, row_id: str, fields: Mapping[str, Any]) -> bytes:
    """Return a word's fields sealed as `seal` seals the word: None and empty ones are left out, as its defaults.

    For intake, where the fields were validated a moment ago and a batch seals two thousand words: making each a model
    first, only to write it out, costs more than sealing it.
    """
    said = {name: value for name, value in fields.items() if value is not None and value != ()}
    return key.seal(f"{field}:{row_id}", orjson.dumps(said, default=_plain))


def _plain(inner: BaseModel) -> dict[str, Any]:
    return inner.model_dump(mode="json", exclude_defaults=True)


def unseal(key: CaseKey, field: str, row_id: str, sealed: bytes, word: type[W]) -> W:
    """Return the word that `seal` wrote for this field of this row. Raise Damaged."""
    try:
        return word.model_validate_json(key.open(f"{field}:{row_id}", sealed))
    except (ValidationError, TypeError):
        raise Damaged from None


async def key_of(ctx: Context, case_id: str) -> CaseKey:
    """Return the key of a case. Raise NotFound when it was erased."""
    keys = await keys_of(ctx, [case_id])
    if case_id not in keys:
        raise NotFound("The case is not here, or was erased; check the id.")
    return keys[case_id]


async def keys_of(ctx: Context, case_ids: Iterable[str]) -> dict[str, CaseKey]:
    """Return the keys of those cases that still have one. Raise Damaged when one of them cannot be unwrapped."""
    found: dict[str, CaseKey] = {}
    for case_id, key in (await each_key(ctx, case_ids)).items():
        if key is None:
            raise Damaged
        found[case_id] = key
    return found


async def each_key(ctx: Context, case_ids: Iterable[str]) -> dict[str, CaseKey | None]:
    """Return the keys of those cases that still have one, None for one that is damaged: it fails alone."""
    found = await ctx.store.look_up(_KEYS, case_ids)
    return {case_id: _unwrapped(ctx, rows[0]) for case_id, rows in found.items()}


def _unwrapped(ctx: Context, row: Row) -> CaseKey | None:
    try:
        return ctx.keyring.unwrap(row["case_id"], row["wrapped"])
    except (Damaged, TypeError):  # SQLite keeps a value of any type
        return None


def case_secrets(key: CaseKey, case_id: str, sealed: bytes) -> CaseSecrets:
    """Return what a case row keeps sealed."""
    return unseal(key, CASE, case_id, sealed, CaseSecrets)


def item_secrets(key: CaseKey, item_id: str, sealed: bytes) -> ItemSecrets:
    """Return what an item row keeps sealed."""
    return unseal(key, ITEM, item_id, sealed, ItemSecrets)


def trace_of(key: CaseKey, trace_id: str, sealed: bytes) -> Trace:
    """Return a stored trace."""
    return unseal(key, TRACE, trace_id, sealed, Trace)


def hosted_of(key: CaseKey, trace_id: str, sealed: bytes) -> Hosted:
    """Return the part of a stored trace that a referral tells."""
    return unseal(key, TRACE, trace_id, sealed, Hosted)


def chain_of(key: CaseKey, trace_id: str, sealed: bytes) -> Chain:
    """Return the part of a stored trace that says by which names a host was reached."""
    return unseal(key, TRACE, trace_id, sealed, Chain)
