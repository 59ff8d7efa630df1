"""One call to a unit: what comes next for the referrals of one bundle. It may wait for a share, so it has a thread."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import orjson

from router.errors import NotSent
from router.partners.base import Accepted, Deferred, Envelope, Outcome, Progressed, Reason, Unknown
from router.partners.dropbox.folder import UnitFolder
from router.partners.dropbox.gathering import due_at
from router.partners.dropbox.standing import Standing, kept, read
from router.partners.dropbox.unit import Unit
from schemas.reply_code import code_of

#: Codes of what is done; kept in the store, so they never change their meaning.
GATHERING, PREPARED, IN_FOLDER, BY_MAIL, MAILED, TOLD = (
    "gathering", "prepared", "in_folder", "by_mail", "mailed", "told",
)  # fmt: skip
#: How often answers are looked for while we wait for one.
POLL: Final = timedelta(minutes=1)
_NO_WORD: Final = "no receipt came in time for bundle {code}; ask whether they have it, and type what they say"
_TAKEN: Final = "item {code} may lie in their folder, or not; ask whether they have it before it is sent again"
_CALL: Final = "{why}. Tell them by telephone and type their receipt; the router keeps trying, and the bundle follows."

Outcomes = dict[str, Outcome]


class Turn:
    """One call, for the unit's settings and the time that it began with."""

    def __init__(self, unit: Unit, now: datetime) -> None:
        """Take the unit; nothing is done yet."""
        self._unit = unit
        self._now = now

    def made(self, group: Sequence[Envelope]) -> Outcomes:
        """Do what comes next for these. What did not leave says so for these alone: others of the call may have."""
        try:
            found = self._take(group)
        except NotSent as error:
            return self.failed(group, error)
        self._unit.failing_since = None
        return found

    def failed(self, group: Sequence[Envelope], error: NotSent) -> Outcomes:
        """A way failed, and nothing left by it: take the next one where it is time, at risk at once.

        What may lie in the folder already waits until that can be seen again; a child at risk waits for nothing, and
        the unit knows a bundle that comes twice by its codes.
        """
        unit, standing = self._unit, self._standing(group)
        since = unit.failing_since = unit.failing_since or self._now
        waited = self._now - since >= unit.config.next_way_after
        text, by_hand = error.message, False
        lies_there = standing.bundle is not None and any(one.in_doubt for one in group)
        if self._is_at_risk(group) or (waited and not lies_there):
            following = standing.model_copy(update={"way": standing.way + 1})
            if following.way < len(unit.config.carried):
                try:
                    return self._prepare(group, following)
                except NotSent as again:
                    text = again.message
            if unit.config.telephone is not None and standing.told is None:
                text, by_hand = _CALL.format(why=text), True
        failed = Deferred(Reason.UNREACHABLE, text, by_hand=by_hand)
        return {one.referral_id: failed for one in group}

    def sealed(self, group: Sequence[Envelope]) -> tuple[Standing, bytes]:
        """Return these as one bundle, and where they stand once it is made."""
        ordered = sorted(group, key=lambda one: one.referral_id)
        ids = tuple(one.referral_id for one in ordered)
        standing = self._standing(group)
        told = None if standing.told is None else {"at": standing.told}
        frozen = [orjson.loads(one.payload) for one in ordered]
        items = [one["item"] | {"copy": one.get("copy", False)} for one in frozen]
        law = next((one["law"] for one in frozen if one.get("law")), None)
        content = self._unit.sealed(ids[0], items, self._now, told=told, law=law)
        digest = sha256(content).hexdigest()
        return standing.model_copy(update={"bundle": ids[0], "items": ids, "digest": digest}), content

    def left(self, group: Sequence[Envelope], standing: Standing, step: str) -> Outcomes:
        """It is with the unit: its receipt is waited for, unless it gave that before."""
        config = self._unit.config
        until = self._now + (config.receipt_within_at_risk if self._is_at_risk(group) else config.receipt_within)
        gone = standing.model_copy(update={"left_at": self._now, "due": until})
        if standing.receipt is not None:
            progress = kept(step, gone, code=code_of(gone.bundle or ""))
            return {one.referral_id: Accepted(standing.receipt, progress) for one in group}
        return self._all(group, step, gone, next_at=self._next(until))

    def _take(self, group: Sequence[Envelope]) -> Outcomes:
        match None if group[0].progress is None else group[0].progress.step:
            case None:
                return self._begin(group)
            case "gathering" | "told":
                return self._gathered(group)
            case "prepared":
                return self._carry(group)
            case _:
                return self._wait(group)

    def _begin(self, group: Sequence[Envelope]) -> Outcomes:
        """See that the way is open, then wait for what else belongs in the bundle."""
        if not self._unit.config.carried:
            raise NotSent("The unit is told by telephone only", reason="by_hand")
        if (folder := self._folder(0)) is not None:
            folder.check()
        due = due_at(orjson.loads(group[0].payload), self._unit.config, self._now)
        if due is None:
            return self._prepare(group, Standing())
        return self._all(group, GATHERING, Standing(due=due), next_at=due, at=f"{due:%Y-%m-%d %H:%M} UTC")

    def _gathered(self, group: Sequence[Envelope]) -> Outcomes:
        standing = self._standing(group)
        if standing.due is not None and standing.due > self._now:
            return self._all(group, GATHERING, standing, next_at=standing.due, at=f"{standing.due:%Y-%m-%d %H:%M} UTC")
        return self._prepare(group, standing)

    def _prepare(self, group: Sequence[Envelope], standing: Standing) -> Outcomes:
        """Make ready what leaves next: in the folder under a hidden name, or to be mailed."""
        folder = self._folder(standing.way)
        made, content = self.sealed(group)
        made = made.model_copy(update={"way": standing.way})
        if folder is None:
            return self._all(group, BY_MAIL, made)
        folder.sweep()
        folder.prepare(self._unit.file(made.bundle or ""), content)
        return self._all(group, PREPARED, made)

    def _carry(self, group: Sequence[Envelope]) -> Outcomes:
        """Name the bundle; whoever is in doubt looks first whether that was done."""
        standing = self._standing(group)
        folder = self._folder(standing.way)
        if folder is None or standing.bundle is None:  # the settings changed meanwhile
            return self._prepare(group, standing.model_copy(update={"way": 0}))
        file = self._unit.file(standing.bundle)
        if folder.is_prepared(file):
            if {one.referral_id for one in group} != set(standing.items):  # one of them was taken back meanwhile
                folder.drop(file)
                return self._prepare(group, standing)
            folder.carry(file)
        elif not any(one.in_doubt for one in group):
            return self._prepare(group, standing)
        elif (lying := folder.digest(file)) is None:
            return {
                one.referral_id: Unknown(
                    Reason.NO_ANSWER, _TAKEN.format(code=code_of(one.referral_id)), for_people=True
                )
                for one in group
            }
        elif lying != standing.digest:  # made by whoever found ours still hidden: these are not in it
            return self._prepare(group, standing)
        return self.left(group, standing, IN_FOLDER)

    def _wait(self, group: Sequence[Envelope]) -> Outcomes:
        """Look for the unit's answers; when the time is over, people ask it."""
        answers = self._unit.answers.receipts(one.referral_id for one in group)
        return {one.referral_id: self._answered(one, answers) for one in group}

    def _answered(self, one: Envelope, answers: Mapping[str, str]) -> Outcome:
        if one.referral_id in answers:
            return Accepted(answers[one.referral_id])
        standing = read(one.progress)
        assert one.progress is not None
        if standing.due is None or standing.due <= self._now:
            text = _NO_WORD.format(code=code_of(standing.bundle or one.referral_id))
            return Unknown(Reason.NOT_CONFIRMED, text, for_people=True)
        again = kept(one.progress.step, standing, code=code_of(standing.bundle or one.referral_id))
        return Progressed(again, self._next(standing.due))

    def _next(self, due: datetime) -> datetime:
        """Return when answers are looked for again; without a place for them, only the end is waited for."""
        return due if self._unit.config.answers is None else min(due, self._now + POLL)

    def _folder(self, way: int) -> UnitFolder | None:
        path = self._unit.config.carried[way].folder
        return None if path is None else UnitFolder(path)

    def _standing(self, group: Sequence[Envelope]) -> Standing:
        """Return where they stand; a way that the settings have no more is the first one again."""
        found = read(group[0].progress)
        known = found.way < len(self._unit.config.carried)
        return found if known else found.model_copy(update={"way": 0})

    @staticmethod
    def _is_at_risk(group: Sequence[Envelope]) -> bool:
        return any(orjson.loads(one.payload)["at_risk"] for one in group)

    @staticmethod
    def _all(
        group: Iterable[Envelope], step: str, standing: Standing, *, next_at: datetime | None = None, **said: str
    ) -> Outcomes:
        told = {"code": code_of(standing.bundle), **said} if standing.bundle else said
        return {one.referral_id: Progressed(kept(step, standing, **told), next_at) for one in group}
