"""A magistrate's order for the trail of a case: asked for by one person, made once another confirms, taken by people.

The router sends it to nobody: people carry it to the court. What a trail says is fixed when it is made, and signed: who
takes it again takes the same bytes. An embargo holds it as it holds everything about a case, until those whom it names
end it; a unit's word to tell nobody is said to both persons, who decide, since a magistrate's order is above it.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Final

import orjson
from sqlalchemy import select

from router.casework.case.gate import HeldBack, held_ids, held_now
from router.casework.case.record import case_row, open_case
from router.casework.case.sealed import each_key, seal, unseal
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.govern.proposals import Proposed, adding, check_own_hand
from router.casework.govern.trail.compose import compose
from router.casework.listing import newest
from router.clock import moment, moment_or_none
from router.errors import Conflict, NotFound
from router.guard.access import Permission, require
from router.guard.seal import CaseKey
from router.store.base import Add, Change, Event, Row, Transition, with_beside
from router.store.ids import new_id
from router.store.schema.partners import proposals
from router.store.schema.trails import trails
from schemas.actor import Actor
from schemas.trail import TRAIL, CourtLanguage, Paper, Papers, TrailGiven, Trails, TrailSecrets, TrailView

#: Trails on one page of their list.
PAGE: Final = 50
#: What binds the sealed parts to their columns.
_SEALED: Final = "trails.sealed"
_PAPERS: Final = "trails.papers"
_ASKED: Final = orjson.dumps({"made": False}).decode()
_AGREED: Final = orjson.dumps({"made": True}).decode()
#: The papers that name staff: handed over only where the order asks for names.
NAMES: Final = ("names.json", "names.json.sig")
_GONE: Final = "There is no trail with this id; see `trails list`."
_MADE: Final = "This trail was made already; take it, or ask for another one."
_NOT_MADE: Final = "This trail is not made: another person has to confirm it first."
_NO_KEY: Final = "This router has no key to sign with here; run it from its data directory."


async def ask(ctx: Context, given: TrailGiven, actor: Actor) -> TrailView:
    """Ask for the trail of a case; it is made once another person confirms.

    Raise NotFound, NotAllowed (no permission, or not by one's own hand), BadInput.
    """
    require(actor, Permission.TRAIL_ACT)
    check_own_hand(actor)
    opened = await open_case(ctx, await case_row(ctx, given.case))
    trail_id, now = new_id(), ctx.now()
    secrets = TrailSecrets(order=given.order, court=given.court)
    row = {
        "id": trail_id,
        "case_id": opened.id,
        "by": actor.id,
        "at": now,
        "language": given.language,
        "sealed": seal(opened.key, _SEALED, trail_id, secrets),
    }
    said = {"trail": trail_id, "language": given.language}
    event = await acted(ctx, "trail.asked", actor, f"{given.court}: {given.order}"[:300], opened.id, **said)
    waits = await adding(ctx, [Proposed(f"{TRAIL}{trail_id}", _ASKED, _AGREED)], actor)
    await ctx.store.commit(with_beside(Transition(now, adds=(Add(trails, row),), events=(event,)), waits))
    return await view(ctx, trail_id)


async def listed(ctx: Context, *, cursor: str | None = None, limit: int = PAGE) -> Trails:
    """Return a page of the trails that were asked for, the newest first, and by what our key is known.

    Raise BadInput for a cursor that is no trail's id.
    """
    found = await newest(ctx, trails.c.at, cursor=cursor, limit=limit)
    key = None if ctx.house is None else ctx.house.fingerprint()
    return Trails(items=tuple(await _views(ctx, found.items)), total=found.total, next=found.next, key=key)


async def view(ctx: Context, trail_id: str) -> TrailView:
    """Return one. Raise NotFound."""
    return (await _views(ctx, [await _row(ctx, trail_id)]))[0]


async def in_force(ctx: Context, subject: str) -> str | None:
    """Return whether the trail of a subject was made, as JSON; None when there is none."""
    rows = await ctx.store.rows(select(trails.c.made_at).where(trails.c.id == subject.removeprefix(TRAIL)))
    return None if not rows else _ASKED if rows[0]["made_at"] is None else _AGREED


async def put(ctx: Context, subject: str, actor: Actor, beside: Transition) -> int:
    """Make the trail that two people agreed on, `beside` in the same commit. Raise Conflict, HeldBack, NotFound."""
    row = await _row(ctx, subject.removeprefix(TRAIL))
    if row["made_at"] is not None:
        raise Conflict(_MADE, reason="not_now")
    if (held := await held_now(ctx, row["case_id"])) is not None and held.by:
        raise HeldBack(held)
    if ctx.house is None:
        raise Conflict(_NO_KEY, reason="no_key")
    opened = await open_case(ctx, await case_row(ctx, row["case_id"]))
    said, names = await compose(ctx, row, _secrets(opened.key, row), opened, actor.id)
    document = _json(said.model_dump(mode="json"))
    text = ctx.house.text(said).encode()
    of_names = _json({"trail": said.id, "names": names})
    papers = {"trail.json": document, "trail.txt": text, NAMES[0]: of_names}
    papers |= {f"{name}.sig": ctx.house.sign(content) for name, content in papers.items()}
    papers |= {"house.pem": ctx.house.public_key(), "README.txt": ctx.house.instructions(said).encode()}
    now, digests = ctx.now(), (sha256(document).hexdigest(), sha256(text).hexdigest())
    kept = orjson.dumps({name: b64encode(content).decode() for name, content in papers.items()})
    values = {
        "agreed_by": actor.id,
        "made_at": now,
        "json_digest": digests[0],
        "text_digest": digests[1],
        "papers": opened.key.seal(f"{_PAPERS}:{row['id']}", kept),
    }
    detail = {"trail": row["id"], "entries": len(said.entries), "json": digests[0], "text": digests[1]}
    event = Event("trail.made", actor.id, row["case_id"], None, detail)
    change = Change(trails, {"id": row["id"]}, values, guard={"made_at": None})
    await ctx.store.commit(with_beside(Transition(now, (change,), events=(event,)), beside))
    return 0


async def take(ctx: Context, trail_id: str, actor: Actor, *, names: bool) -> Papers:
    """Return the papers as they were signed, with the names of staff or without. Logged before it is shown.

    Raise NotFound, NotAllowed, Conflict (nobody has confirmed it yet), Damaged.
    """
    require(actor, Permission.TRAIL_ACT)
    check_own_hand(actor)
    row = await _row(ctx, trail_id)
    if row["papers"] is None:
        raise Conflict(_NOT_MADE, reason="not_now")
    if (held := await held_now(ctx, row["case_id"])) is not None and held.by:
        raise HeldBack(held)
    opened = await open_case(ctx, await case_row(ctx, row["case_id"]))
    kept = orjson.loads(opened.key.open(f"{_PAPERS}:{trail_id}", row["papers"]))
    detail = {"trail": trail_id, "names": names}
    event = Event("trail.taken", actor.id, row["case_id"], None, detail)
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
    files = ((name, content) for name, content in kept.items() if names or name not in NAMES)
    return Papers(files=tuple(Paper(name=name, content=content) for name, content in files))


async def _row(ctx: Context, trail_id: str) -> Row:
    rows = await ctx.store.rows(select(trails).where(trails.c.id == trail_id))
    if not rows:
        raise NotFound(_GONE)
    return rows[0]


def _secrets(key: CaseKey, row: Row) -> TrailSecrets:
    return unseal(key, _SEALED, row["id"], row["sealed"], TrailSecrets)


def _json(said: object) -> bytes:
    """Return what is signed: UTF-8 JSON that people can read, members in order of name, one line break at the end."""
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


async def _views(ctx: Context, rows: list[Row]) -> list[TrailView]:
    keys = await each_key(ctx, {row["case_id"] for row in rows})
    held = await held_ids(ctx, keys)
    waits = {f"{TRAIL}{row['id']}" for row in rows if row["made_at"] is None}
    asked = select(proposals.c.subject, proposals.c.id).where(
        proposals.c.subject.in_(sorted(waits)), proposals.c.until > ctx.now()
    )
    known = {row["subject"]: row["id"] for row in (await ctx.store.rows(asked) if waits else [])}
    found = []
    for row in rows:
        key, hold = keys.get(row["case_id"]), held.get(row["case_id"])
        secrets = _secrets(key, row) if key is not None and row["sealed"] else None
        found.append(
            TrailView(
                id=row["id"],
                case=row["case_id"],
                order=None if secrets is None else secrets.order,
                court=None if secrets is None else secrets.court,
                language=CourtLanguage(row["language"]),
                by=row["by"],
                at=moment(row["at"]),
                proposal=known.get(f"{TRAIL}{row['id']}"),
                agreed_by=row["agreed_by"],
                made_at=moment_or_none(row["made_at"]),
                json_digest=row["json_digest"],
                text_digest=row["text_digest"],
                held=None if hold is None else hold.view(),
            )
        )
    return found
