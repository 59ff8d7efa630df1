"""What partners say of a case, asked at its check or between two checks, and what that amounts to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from router.casework.context import Context
from router.casework.follow_up.acts_kept import kept_acts, new_acts
from router.casework.follow_up.partner_status import Answer, ask_partners
from router.casework.follow_up.proof import lacks_access, last_word
from router.clock import moment
from router.store.base import Add, Change, Row
from router.store.schema.tables import referrals
from schemas.actor import ROUTER
from schemas.exchange import ActionStatement
from schemas.states import ReferralState
from schemas.vocabulary import ActionReason, ActionType, action_reason

#: After this a partner is asked again that did not answer, or had too much to say for one time. Our own choice.
AGAIN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """The answers of all partners that have a case."""

    rows: Sequence[Row]  #: all referrals of the case, with when their partners were asked
    said: Sequence[Answer]  #: one for each referral whose partner may be called
    unasked: Sequence[tuple[Row, str]]  #: each referral whose partner was not to be called, and why
    new_actions: tuple[Add, ...]  #: what partners had not said when they were asked before
    moves: int  #: how often it was found in another country since it was referred
    asked: tuple[Change, ...]  #: notes when they were asked

    @property
    def holders(self) -> list[Answer]:
        """Return the answers of everybody whose word counts.

        A country that it moved away from no longer has it: what was left behind there says nothing of where it is now.
        After a second move nobody can tell any more who was left behind for good, so everybody counts.
        """
        return [one for one in self.said if one.referral["id"] not in self._left_behind]

    @property
    def returned(self) -> list[Answer]:
        """Return the partners that say since that it is not theirs, and that nobody has it there."""
        return [one for one in self.said if one.returned and one.holder is None]

    @property
    def given_on(self) -> list[Answer]:
        """Return the partners that gave it to another country than it was sent to, of which nobody was told yet."""
        return [one for one in self.said if one.holder is not None and one.referral["misrouted_at"] is None]

    def somebody_unasked(self) -> bool:
        """Tell whether somebody whose word counts was not to be called: the word is left to a person."""
        behind = self._left_behind
        return any(referral["id"] not in behind for referral, _ in self.unasked)

    def lacking(self) -> tuple[Answer, ActionReason] | None:
        """Return the first partner that could not look, and what kept it."""
        found = ((one, lacks_access(last_word(one.said))) for one in self.holders)
        return next(((one, reason) for one, reason in found if reason is not None), None)

    def reasons(self) -> dict[str, ActionReason | None]:
        """Return the reason of each partner's last word whose word counts."""
        last = {one.partner: last_word(one.said) for one in self.holders}
        return {name: None if word is None else action_reason(word.reason) for name, word in last.items()}

    def words(self) -> dict[str, str]:
        """Return each partner's last word, in words of the vocabulary only, for the audit chain."""
        last = {one.partner: last_word(one.said) for one in self.said}
        return {name: _known_word(word) for name, word in last.items() if word is not None}

    @property
    def _left_behind(self) -> set[str]:
        if self.moves > 1:
            return set()
        return {row["supersedes"] for row in self.rows if row["state"] == ReferralState.ACCEPTED}


async def asked(ctx: Context, rows: Sequence[Row], said: Mapping[str, Answer] | None = None) -> Heard:
    """Ask everybody who accepted one of a case's referrals, but those who said just now what is in `said`."""
    heard = await ask_partners(ctx, rows, said)
    known = await kept_acts(ctx, rows[0]["case_id"]) if rows else []
    moves = sum(one["by"] == ROUTER.id and one["action"] == ActionType.MOVED for one in known)
    at = {row["id"]: ctx.now() for row, _ in heard.unasked}  # as if it were asked: its turn comes again
    at |= {one.referral["id"]: _asked_at(ctx, one) for one in heard.said if not one.returned or one.holder is not None}
    notes = tuple(_note(row, at) for row in rows if row["id"] in at)
    dated = [row | {"status_at": at.get(row["id"], row["status_at"])} for row in rows]
    said_all = [_by_people(one, known) for one in heard.said]
    return Heard(dated, said_all, heard.unasked, await new_acts(ctx, heard.said, known), moves, notes)


def _by_people(answer: Answer, known: Sequence[Row]) -> Answer:
    """Return what a partner says that cannot be asked: what people typed of it."""
    if answer.said or answer.askable:
        return answer
    typed = (one for one in known if one["referral_id"] == answer.referral["id"])
    said = (ActionStatement(action=one["action"], at=moment(one["at"]), reason=one["reason"]) for one in typed)
    return replace(answer, said=tuple(said))


def _note(row: Row, at: Mapping[str, int]) -> Change:
    """Return the note when a partner was asked. Nobody who acts on the referral meanwhile is disturbed by it."""
    return Change(referrals, {"id": row["id"]}, {"status_at": at[row["id"]]}, guard={"state": row["state"]})


def _asked_at(ctx: Context, answer: Answer) -> int:
    """Return since when a partner counts as asked: as long ago as lets one that was silent be asked again soon."""
    dialect = ctx.dialects.get(answer.referral["dialect"] or "")
    every = None if dialect is None else dialect.asked_every
    early = timedelta() if answer.answered or not answer.askable or every is None else max(every - AGAIN, timedelta())
    return ctx.now() - early // timedelta(microseconds=1)


def _known_word(said: ActionStatement) -> str:
    reason = action_reason(said.reason)
    return f"{said.action} ({reason})" if reason else str(said.action)
