"""What a person shows to be let in: a password, a code of their authenticator app, or a code that they wrote down.

A password is kept as argon2id, the app's secret sealed, a recovery code as its digest: 100 random bits need no slow
hash (NIST SP 800-63B-4 section 3.1.2.1). A code of the app works once, and so does each recovery code.

When one of them becomes another, its person is signed out but for the session in which that was done (`keep`, its
digest), and told of it on the next page of theirs elsewhere.
"""

import secrets
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select

from router.casework.context import Context
from router.casework.people.signed_in import others_ended
from router.casework.people.tokens import AccountRow
from router.errors import BadInput, NotSignedIn
from router.guard import credentials
from router.guard.signin import totp
from router.store.base import NOTHING, Add, Change, Event, Remove, Row, Transition, with_beside
from router.store.schema.tables import factors, oidc_subjects, recovery_codes

#: What the seals of an app's secret name, in force and not yet confirmed.
IN_FORCE: Final = "factor"
BEGUN: Final = "factor-new"
#: No app is begun: whoever began one in a session that ends has seen its secret.
_NONE_BEGUN: Final = MappingProxyType({"app_new": None})
#: A sheet of them, as most services print.
_CODES: Final = 10
#: Crockford's base32: nothing that can be misread. 20 of them are 100 bits.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 20, 5
_WRONG: Final = "The code is wrong, or was used already; wait for the next one that your app shows."
_NOT_BEGUN: Final = "Begin with a new secret on this page, then type the code that your app shows."


@dataclass(frozen=True, slots=True)
class Held:
    """What a person has to sign in with, and since when, in microseconds."""

    password_at: int | None = None
    app_at: int | None = None
    codes_left: int = 0

    @property
    def whole(self) -> bool:
        """Return whether a password lets the person in: it takes a second factor beside it."""
        return self.password_at is not None and self.app_at is not None


async def held(ctx: Context, account_id: str) -> Held:
    """Return what a person has."""
    row = await factor_row(ctx, account_id)
    if row is None:
        return Held()
    unused = (recovery_codes.c.account_id == account_id) & recovery_codes.c.used_at.is_(None)
    (counted,) = await ctx.store.rows(select(func.count().label("n")).select_from(recovery_codes).where(unused))
    return Held(row["password_at"], row["app_at"], counted["n"])


async def factor_row(ctx: Context, account_id: str) -> Row | None:
    """Return what is kept of a person's factors."""
    rows = await ctx.store.rows(select(factors).where(factors.c.account_id == account_id))
    return rows[0] if rows else None


async def set_password(ctx: Context, account: AccountRow, password: str, *, keep: bytes = b"") -> None:
    """Give a person a new password, chosen by them. Raise BadInput, TooOften, Conflict."""
    made = await ctx.door.passwords.made(password, account.name)
    event = Event("factor.password", account.actor.id)
    out = await others_ended(ctx, account, keep, "password")
    await _keep(ctx, account, {"password": made, "password_at": ctx.now(), **_NONE_BEGUN}, event, out)


async def begin_app(ctx: Context, account: AccountRow) -> str:
    """Return a fresh secret for an authenticator app; the one in force stays until a code of the new one is shown."""
    secret = totp.new_secret()
    sealed = ctx.keyring.seal_record(BEGUN, account.id, secret.encode())
    await _keep(ctx, account, {"app_new": sealed}, Event("factor.app_begun", account.actor.id))
    return secret


async def confirm_app(ctx: Context, account: AccountRow, code: str, *, keep: bytes = b"") -> tuple[str, ...]:
    """Put the fresh secret in force, by a code of it; return new recovery codes. Raise BadInput, Conflict."""
    row = await factor_row(ctx, account.id)
    if row is None or row["app_new"] is None:
        raise BadInput(_NOT_BEGUN, field="code")
    secret = ctx.keyring.open_record(BEGUN, account.id, row["app_new"]).decode()
    step = totp.step_of(secret, code, ctx.clock.now(), None)
    if step is None:
        raise BadInput(_WRONG, field="code", reason="wrong_code")
    values = {
        "app": ctx.keyring.seal_record(IN_FORCE, account.id, secret.encode()),
        "app_at": ctx.now(),
        "app_step": step,
        "app_new": None,
    }
    was = {"app_new": row["app_new"]}
    change = Change(factors, {"account_id": account.id}, values, guard=was)
    return await _new_codes(ctx, account, (change,), "app", keep)


async def new_codes(ctx: Context, account: AccountRow, *, keep: bytes = b"") -> tuple[str, ...]:
    """Return new recovery codes; the old ones are worth nothing any more. Raise Conflict."""
    begun = (
        () if await factor_row(ctx, account.id) is None else (Change(factors, {"account_id": account.id}, _NONE_BEGUN),)
    )
    return await _new_codes(ctx, account, begun, "codes", keep)


async def shown(ctx: Context, account_id: str, code: str) -> tuple[Change, str]:
    """Return what uses a second factor up, and which it is (`app`, `code`). Raise NotSignedIn for a wrong one.

    Whoever commits it is the one who showed it: of two who show the same code at once, one meets a Conflict.
    """
    row, now = await factor_row(ctx, account_id), ctx.now()
    if row is not None and row["app"] is not None:
        secret = ctx.keyring.open_record(IN_FORCE, account_id, row["app"]).decode()
        step = totp.step_of(secret, code, ctx.clock.now(), row["app_step"])
        if step is not None:
            was = {"app_step": row["app_step"], "app": row["app"]}
            return Change(factors, {"account_id": account_id}, {"app_step": step}, guard=was), "app"
    digest = credentials.digest(_plain(code))
    rows = await ctx.store.rows(select(recovery_codes).where(recovery_codes.c.digest == digest))
    if row is None or not rows or rows[0]["account_id"] != account_id or rows[0]["used_at"] is not None:
        raise NotSignedIn(_WRONG, field="code", reason="wrong_code")
    return Change(recovery_codes, {"digest": digest}, {"used_at": now}, guard={"used_at": None}), "code"


def with_password(used: Change, row: Row) -> tuple[Change, ...]:
    """Return what uses a factor up while the password that was shown with it is still the one in force.

    Whoever sets another one ends the sessions that there are; one that begins in that moment would outlive it.
    """
    was = {"password": row["password"]}
    if used.table is factors:
        return (used._replace(guard={**used.guard, **was}),)
    return (used, Change(factors, {"account_id": row["account_id"]}, {}, guard=was))


def all_gone(account_id: str) -> tuple[Remove, ...]:
    """Return what takes all factors of an account away."""
    return tuple(Remove(table, {"account_id": account_id}) for table in (factors, recovery_codes, oidc_subjects))


async def _new_codes(
    ctx: Context, account: AccountRow, changes: tuple[Change, ...], what: str, keep: bytes
) -> tuple[str, ...]:
    made = tuple(_code() for _ in range(_CODES))
    now = ctx.now()
    rows = [
        {"digest": credentials.digest(_plain(one)), "account_id": account.id, "made_at": now, "used_at": None}
        for one in made
    ]
    gone = Remove(recovery_codes, {"account_id": account.id})
    event = Event(f"factor.{what}", account.actor.id, detail={"count": len(made)})
    anew = Transition(now, changes, [Add(recovery_codes, row) for row in rows], (gone,), (event,))
    await ctx.store.commit(with_beside(anew, await others_ended(ctx, account, keep, what)))
    return made


async def _keep(
    ctx: Context, account: AccountRow, values: dict[str, object], event: Event, beside: Transition = NOTHING
) -> None:
    """Write what a person has now. Raise Conflict when they do it twice at once."""
    key = {"account_id": account.id}
    if await factor_row(ctx, account.id) is None:
        written = Transition(ctx.now(), adds=(Add(factors, {**_NONE, **key, **values}),), events=(event,))
    else:
        written = Transition(ctx.now(), (Change(factors, key, values),), events=(event,))
    await ctx.store.commit(with_beside(written, beside))


_NONE: Final = dict.fromkeys(("password", "password_at", "app", "app_at", "app_step", "app_new"))


def _code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _plain(code: str) -> str:
    """Return a recovery code as it was made, however it was typed."""
    return "".join(code.upper().replace("-", "").split()).replace("O", "0").replace("I", "1").replace("L", "1")
