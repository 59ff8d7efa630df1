"""Keys of ours that may be in other hands: what else was with them, and is to be revoked where it was given out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select

from router.casework.context import Context
from router.store.base import Event, Transition
from router.store.schema.tables import sessions, tokens

_ANOTHER: Final = "ask {who} for another one, and put it in its place"
_NOBODY: Final = "whoever gave it"
_REVOKE: Final = "`tokens revoke {id}`, and make another one"
_ALWAYS: Final = (
    (
        "copies of the database and backups",
        "",
        "whoever has one and the master key has read it: say so to whom the law says",
    ),
    ("key halves of backups", "", "delete those of before; take a backup now"),
    (
        "blind indexes, by which guesses of a location can be tested",
        "",
        "stop every process, run `keys rotate --indexes`, and take a backup: none of before can be put back then",
    ),
    (
        "the audit's signature and the ledger's seal",
        "",
        "no rotation replaces these: give the receiver the newest root now (`audit export`), and look at what it has",
    ),
)


@dataclass(frozen=True, slots=True)
class ToRevoke:
    """One thing that whoever had our data directory had as well."""

    what: str
    name: str
    how: str


async def to_revoke(ctx: Context, secrets: Iterable[str], certificate: str | None) -> list[ToRevoke]:
    """Return what is to be revoked by people: secrets by name, tokens, sessions, the certificate, and copies."""
    partners = (await ctx.governance.directory()).partners
    found = [
        ToRevoke("secret", name, _ANOTHER.format(who=", ".join(who) or _NOBODY))
        for name in sorted(secrets)
        for who in [[one.name for one in partners if f'"{name}"' in one.model_dump_json()]]
    ]
    live = and_(tokens.c.kind == "api", tokens.c.revoked_at.is_(None))
    live = and_(live, or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > ctx.now()))
    rows = await ctx.store.rows(select(tokens.c.id, tokens.c.name).where(live).order_by(tokens.c.name, tokens.c.id))
    found += [ToRevoke("token", row["name"], _REVOKE.format(id=row["id"])) for row in rows]
    (counted,) = await ctx.store.rows(select(func.count().label("n")).select_from(sessions))
    if counted["n"]:
        found.append(ToRevoke("sessions", str(counted["n"]), "have everybody sign out everywhere, and in again"))
    if certificate is not None:
        found.append(ToRevoke("TLS certificate", certificate, "have its authority revoke it, and get another one"))
    return [*found, *(ToRevoke(*one) for one in _ALWAYS)]


async def note(ctx: Context, since: datetime) -> None:
    """Write down that it was said. Raise StoreUnavailable."""
    event = Event("keys.compromised", "local", detail={"point": f"{since:%Y-%m-%d %H:%M} UTC"})
    await ctx.store.commit(Transition(ctx.now(), events=[event]))
