"""What comes back of a viewing session: each row is judged as its act would be on the console, by whoever took it.

What changed meanwhile is answered row by row, and the others are done. Each row is committed with its act: whoever
brings the same table again after a crash, or twice, does nothing twice, and what was not done yet is done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select

from router.casework.case.gate import held_now
from router.casework.case.ringing import Ringing
from router.casework.case.sealed import ITEM, item_secrets, key_of, seal
from router.casework.case.seen import given_back, lease_row, person
from router.casework.context import Context
from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.desk.act import retry_on_conflict
from router.casework.desk.not_illegal import not_illegal
from router.casework.desk.viewing import table
from router.casework.desk.viewing.ended import closing
from router.casework.desk.viewing.listed import dossiers_of, session_row
from router.casework.desk.viewing.table import Said
from router.casework.intake.marks import labelled, unlabelled
from router.clock import moment
from router.errors import BadInput, Conflict, NotAllowed, NotFound, RouterError, StoreUnavailable
from router.guard.access import Permission, require
from router.store.base import NOTHING, Add, Change, Event, Remove, Row, Transition, with_beside
from router.store.schema.tables import cases, items, viewing_lines, viewings
from schemas.actor import Actor
from schemas.acts import Finding
from schemas.report import Label
from schemas.viewing import Ended, LineAnswer, LineAnswers
from schemas.vocabulary import Assessment

_FINDING: Final = dict(
    zip(table.FINDINGS, (Finding.STILL_THERE, Finding.GONE, Finding.CONTENT_GONE, Finding.CANNOT_SEE), strict=True)
)
#: How often a line is begun again that somebody was faster with.
_ROUNDS: Final = 8
#: Characters of what a person wrote: with the session's name before it, it is a reason.
_WHY: Final = 280
_UNKNOWN: Final = (
    "No session has a line with this token: copy it again from the file that went out, or see whose it is."
)
_OTHERS: Final = "{by} took this session and saw it; they bring its results."
_LOST: Final = "This session was said to be lost, and nothing of it is taken: look at the location on its page."
_CLOSED: Final = "This session was given back at {at}; say what you saw on the page of the case."
_GIVEN_BEFORE: Final = (
    "Something else was brought of this line before, and that stands: change it on the page of the case."
)
_TWICE: Final = "This line stands in the table twice, and not alike: keep the row that is right."
_HAS_IT: Final = "{by} has this one by now: leave it to them, or take it over on its page."
_ASSESSMENT: Final = "Say what it is by one of: {words}."
_FOUND: Final = "Say what you found by one of: {words}."
_NOT_BOTH: Final = "What was not seen to be there has no assessment from this session: leave one of the two empty."
_WHY_NOT: Final = "Say why it cannot be seen."
_LABELS: Final = "Write labels as scheme:value, with ; between them, beside an assessment that is not `not_illegal`."
_HELD: Final = "What you saw is kept. {text}"
_AGAIN: Final = "It was brought before, and stands."


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as it is to be done: the line it is of, and what is said of it."""

    row: Row  #: of `viewing_lines`
    session: Row
    assessment: Assessment | None
    finding: Finding | None
    labels: tuple[Label, ...]
    reason: str
    said: bytes  #: by which it is known again


class Riding(Ringing):
    """A store that does something beside the next commit, in the same transaction: the act and its line, or neither."""

    def __init__(self, ctx: Context, beside: Callable[[Transition], Transition]) -> None:
        """Stand in front of the store of `ctx`."""
        super().__init__(ctx.store)
        self._beside: Callable[[Transition], Transition] | None = beside

    async def commit(self, transition: Transition) -> None:
        """Commit it with what rides on it; what follows is committed as it is. Raise Conflict or StoreUnavailable."""
        beside = NOTHING if self._beside is None else self._beside(transition)
        await self._store.commit(with_beside(transition, beside))
        self._beside = None


async def bring(ctx: Context, text: str, actor: Actor) -> LineAnswers:
    """Do what each row of a table says, as far as it may be. Raise NotAllowed, BadInput for a table that is none."""
    require(actor, Permission.DESK_ACT)
    return await bring_rows(ctx, table.read(text), actor)


async def bring_rows(ctx: Context, rows: Sequence[Said], actor: Actor) -> LineAnswers:
    """Do what rows say that were typed in, likewise. Raise NotAllowed."""
    require(actor, Permission.DESK_ACT)
    by_token = await _lines(ctx, rows)
    sessions = await _sessions(ctx, by_token.values())
    called = await dossiers_of(ctx, (one["case_id"] for one in by_token.values()))
    unlike = _unlike(rows)
    answers, of = list[LineAnswer](), dict[str, list[bool]]()
    for said in rows:
        line = by_token.get(said.token)
        answer = await _answer(ctx, said, line, sessions, actor, twice=said.token in unlike)
        about = {} if line is None else {"line": line["place"], "case": line["case_id"]}
        about |= {} if line is None else {"dossiers": called.get(line["case_id"], ())}
        answers.append(answer.model_copy(update=about))
        if line is not None and line["viewing"] in sessions:
            of.setdefault(line["viewing"], []).append(answer.done)
    await _written_down(ctx, of, actor)
    empty = sum(one.code == "empty" for one in answers)
    done = sum(one.done for one in answers)
    return LineAnswers(items=tuple(answers), done=done, refused=len(answers) - done - empty, empty=empty)


async def _lines(ctx: Context, rows: Sequence[Said]) -> dict[str, Row]:
    tokens = sorted({one.token for one in rows})
    wanted = select(viewing_lines).where(viewing_lines.c.token.in_(tokens))
    return {row["token"]: row for row in (await ctx.store.rows(wanted) if tokens else [])}


async def _sessions(ctx: Context, lines: Any) -> dict[str, Row]:
    names = sorted({one["viewing"] for one in lines})
    wanted = select(viewings).where(viewings.c.name.in_(names))
    return {row["name"]: row for row in (await ctx.store.rows(wanted) if names else [])}


def _unlike(rows: Sequence[Said]) -> set[str]:
    """Return the tokens of lines of which a table says two things."""
    first: dict[str, Said] = {}
    for one in rows:
        first.setdefault(one.token, one)
    return {one.token for one in rows if replace(one, row=0) != replace(first[one.token], row=0)}


async def _answer(
    ctx: Context, said: Said, line: Row | None, sessions: Mapping[str, Row], actor: Actor, *, twice: bool
) -> LineAnswer:
    try:
        if said.wrong is not None:
            raise BadInput(said.wrong, reason="cells")
        if twice:
            raise Conflict(_TWICE, reason="line_twice")
        if line is None or line["viewing"] not in sessions:
            raise NotFound(_UNKNOWN, reason="no_such_line")
        if said.is_empty:
            return LineAnswer(row=said.row, done=False, code="empty")
        _check_session(sessions[line["viewing"]], actor)
        return await _done(ctx, said, _meant(ctx, said, line, sessions[line["viewing"]], actor), actor)
    except StoreUnavailable:
        raise  # no word about the row: the same table is brought again
    except RouterError as refused:
        return LineAnswer(row=said.row, done=False, code=refused.reason, text=refused.message)


def _check_session(session: Row, actor: Actor) -> None:
    if session["ended_as"] == Ended.LOST:
        raise Conflict(_LOST, reason="lost")
    if session["by"] != person(actor):
        raise NotAllowed(_OTHERS.format(by=session["by"].partition(":")[2]), reason="other_person")


def _before(said: Said, meant: _Line) -> LineAnswer:
    """Answer for a line that was brought before. Raise Conflict when something else is said of it now."""
    if bytes(meant.row["said"]) != meant.said:
        raise Conflict(_GIVEN_BEFORE, reason="given_before")
    return LineAnswer(row=said.row, done=True, code="already", text=_AGAIN)


def _meant(ctx: Context, said: Said, line: Row, session: Row, actor: Actor) -> _Line:
    """Return what a row asks for. Raise BadInput, NotAllowed for what cannot be read or meant."""
    assessment = finding = None
    if said.assessment:
        if said.assessment.lower() not in table.ASSESSMENTS:
            raise BadInput(
                _ASSESSMENT.format(words=", ".join(table.ASSESSMENTS)), field="assessment", reason="which_assessment"
            )
        assessment = Assessment(said.assessment.lower())
        require(actor, Permission.REPORT_ASSESS)
    if said.finding:
        finding = _FINDING.get(said.finding.lower())
        if finding is None:
            raise BadInput(_FOUND.format(words=", ".join(_FINDING)), field="finding", reason="which_finding")
    if finding is Finding.CANNOT_SEE and not said.why:
        raise BadInput(_WHY_NOT, field="why", reason="why_not")
    if assessment is None and finding is None and not said.labels:
        raise BadInput(_FOUND.format(words=", ".join(_FINDING)), field="finding", reason="which_finding")
    if assessment is not None and finding not in (None, Finding.STILL_THERE):
        raise BadInput(_NOT_BOTH, field="finding", reason="not_both")
    if said.labels and assessment in (None, Assessment.NOT_ILLEGAL):
        raise BadInput(_LABELS, field="labels", reason="which_labels")
    labels = _labels(ctx, said.labels, actor)
    why = f"{session['name']}: {said.why[:_WHY]}" if said.why else str(session["name"])
    marks = " ".join(f"{one.scheme}:{one.value}" for one in labels)
    known = ctx.keyring.digest(f"{line['token']} {assessment} {finding} {marks}".encode())
    return _Line(line, session, assessment, finding, labels, why, known)


def _labels(ctx: Context, text: str, actor: Actor) -> tuple[Label, ...]:
    """Return the labels of a row, by whoever brings it. Raise BadInput."""
    parts = [one.strip() for one in text.replace("|", ";").split(";") if one.strip()]
    by, now = person(actor).partition(":")[2], ctx.clock.now()
    try:
        made = [one.partition(":") for one in parts]
        return tuple(Label(scheme=name.strip().lower(), value=value.strip(), by=by, at=now) for name, _, value in made)
    except ValidationError:
        raise BadInput(_LABELS, field="labels", reason="which_labels") from None


async def _done(ctx: Context, said: Said, meant: _Line, actor: Actor) -> LineAnswer:
    """Do it, an act at a time. Raise what the acts raise: closed or moved on since, not seen, somebody else has it.

    Each act is for as long as its line, its session and its lease are as they were read. Where they are not, they are
    read again: whoever brings the same table at the same moment, or ends the session, was faster, and that is said.
    """
    held = await held_now(ctx, meant.row["case_id"])
    for _ in range(_ROUNDS):
        lease = await lease_row(ctx, meant.row["case_id"])
        if meant.row["done_at"] is not None:
            return _before(said, meant)
        _check_may_do(ctx, meant, lease, actor)
        try:
            over = await _act(ctx, meant, lease, actor)
        except Conflict:
            fresh = await _read_again(ctx, meant)
            if fresh == meant and await lease_row(ctx, meant.row["case_id"]) == lease:
                raise  # it is the case that moved on, by another's act
            meant = fresh
            continue
        if over and held is not None and held.by:
            return LineAnswer(row=said.row, done=True, code="embargo", text=_HELD.format(text=held.text))
        if over:
            return LineAnswer(row=said.row, done=True)
        meant = await _read_again(ctx, meant)
    raise Conflict


def _check_may_do(ctx: Context, meant: _Line, lease: Row | None, actor: Actor) -> None:
    """Raise Conflict for a session that has ended, and for what somebody else has by now."""
    _check_session(meant.session, actor)
    if meant.session["ended_as"] is not None:
        at = f"{moment(meant.session['ended_at']).astimezone(ctx.zone):%d.%m. %H:%M %Z}"
        raise Conflict(_CLOSED.format(at=at), reason="closed")
    if lease is not None and lease["until"] > ctx.now() and lease["by"] != person(actor):
        raise Conflict(_HAS_IT.format(by=lease["by"].partition(":")[2]), reason="has_it")


async def _read_again(ctx: Context, meant: _Line) -> _Line:
    """Return a line as it stands now. Raise NotFound for one that was erased."""
    token = meant.row["token"]
    row = (await _lines(ctx, [Said(0, token)])).get(token)
    if row is None:
        raise NotFound(_UNKNOWN, reason="no_such_line")
    return replace(meant, row=row, session=await session_row(ctx, row["viewing"]))


async def _act(ctx: Context, meant: _Line, lease: Row | None, actor: Actor) -> bool:
    """Do the next act of a line, and tell whether it was the last one.

    What was found comes first: what it is has it decided anew, and then nobody else says anything of it for a moment.
    """
    line, by = meant.row, (meant.row["case_id"], actor, meant.reason)
    version, only_it = line["version"], meant.assessment in (None, Assessment.NOT_ILLEGAL)
    if meant.finding is not None and line["looked_at"] is None and meant.assessment is not Assessment.NOT_ILLEGAL:
        riding = replace(ctx, store=Riding(ctx, _marks(ctx, meant, lease, last=only_it)))
        await looks.look(riding, *by, finding=meant.finding, version=version)
        return only_it
    beside, mark = await _labelled(ctx, meant), _marks(ctx, meant, lease, last=True)
    riding = replace(ctx, store=Riding(ctx, lambda made: with_beside(mark(made), beside)))
    if meant.assessment is Assessment.NOT_ILLEGAL:
        await not_illegal(riding, by[0], actor, reason=meant.reason, version=version)
    elif meant.assessment is not None:
        await case_acts.assess(riding, *by, assessment=meant.assessment, version=version)
    return True


def _marks(ctx: Context, meant: _Line, lease: Row | None, *, last: bool) -> Callable[[Transition], Transition]:
    """Return what keeps with an act that it was done, and which version of its case its person knows after it.

    The last one gives the item back. Nothing of it is done once the session has ended, or another has the item.
    """
    name, version = meant.session["name"], meant.row["version"]
    stands = [Change(viewings, {"name": name}, {}, guard={"ended_as": None})]
    if lease is not None:
        ends = given_back(ctx, lease)
        over = last and lease["viewing"] == name and lease["until"] > ctx.now()
        stands.append(ends if over else ends._replace(values={}))

    def mark(made: Transition) -> Transition:
        moved = any(one.table is cases and one.version == version for one in made.changes)
        values: dict[str, Any] = {"version": version + moved, "done_at" if last else "looked_at": ctx.now()}
        values |= {"said": meant.said} if last else {}
        guard = {"done_at": None, "version": version, "looked_at": meant.row["looked_at"]}
        return Transition(0, (Change(viewing_lines, {"token": meant.row["token"]}, values, guard=guard), *stands))

    return mark


async def _labelled(ctx: Context, meant: _Line) -> Transition:
    """Return what writes labels into the items of a case, in the place of those before."""
    if not meant.labels:
        return NOTHING
    case_id = meant.row["case_id"]
    key = await key_of(ctx, case_id)
    wanted = select(items.c.id, items.c.sealed).where(items.c.case_id == case_id).order_by(items.c.added_at, items.c.id)
    listed = (await ctx.governance.policy())[1].labels
    changes, removes, adds = list[Change](), list[Remove](), list[Add]()
    for row in await ctx.store.rows(wanted):
        secrets = item_secrets(key, row["id"], row["sealed"]).model_copy(update={"labels": meant.labels})
        values = {"sealed": seal(key, ITEM, row["id"], secrets)}
        changes.append(Change(items, {"id": row["id"]}, values, guard={"sealed": row["sealed"]}))
        removes.append(unlabelled(row["id"]))
        adds += labelled(row["id"], case_id, meant.labels, listed)
    return Transition(0, changes, adds, removes)


async def _written_down(ctx: Context, of: Mapping[str, Sequence[bool]], actor: Actor) -> None:
    """Write down that results of these sessions were brought, be none of it taken; one that is done with is over."""
    for name, done in of.items():
        detail = {"viewing": name, "done": sum(done), "lines": len(done)}
        await ctx.store.commit(Transition(ctx.now(), events=(Event("viewing.brought", actor.id, None, None, detail),)))
        await _over_with_its_last(ctx, name, actor)


@retry_on_conflict
async def _over_with_its_last(ctx: Context, name: str, actor: Actor) -> None:
    row = await session_row(ctx, name)
    if row["by"] != person(actor) or row["ended_as"] is not None:
        return
    waits = select(viewing_lines.c.token).where(viewing_lines.c.viewing == name, viewing_lines.c.done_at.is_(None))
    if not await ctx.store.rows(waits.limit(1)):
        await ctx.store.commit(await closing(ctx, row, actor))
