"""How the router hands referrals to a police unit: in bundles, by the first way that works, until the unit says so."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import ClassVar, Final

import orjson

from router.errors import BadInput, NotSent, RouterError
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    CheckResult,
    Configs,
    Deferred,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    Progressed,
    Reason,
    Step,
    Tools,
    Unknown,
)
from router.partners.dropbox.answers import Answers
from router.partners.dropbox.folder import UnitFolder
from router.partners.dropbox.gathering import due_at, groups
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.standing import Standing, kept, read
from router.partners.dropbox.unit import Unit
from router.partners.fields import PEER, allowed, select, to_bytes
from schemas.exchange import OwnMessage, ReferralMessage
from schemas.partner import Partner
from schemas.reply_code import code_of
from schemas.vocabulary import Urgency

#: Codes of what is done; kept in the store, so they never change their meaning.
GATHERING, PREPARED, IN_FOLDER = "gathering", "prepared", "in_folder"
#: How often answers are looked for while we wait for one.
POLL: Final = timedelta(minutes=1)
_HARMLESS: Final = EffectClass.IDEMPOTENT
_NO_WORD: Final = "no receipt came in time for bundle {code}; ask whether they have it, and type what they say"
_TAKEN: Final = "bundle {code} may lie in their folder, or not; ask whether they have it before it is sent again"
_WORKS: Final = "The unit's folder is there, and it has opened what is encrypted to its key (good until {:%d.%m.%Y})."


class DropboxDialect(Dialect):
    """Hands bundles to a unit. What it is given it does not acknowledge by itself: its word ends a referral.

    Naming a bundle in the folder could double it, so whoever is in doubt looks there first; once it was taken away,
    only the unit knows.
    """

    name: ClassVar[str] = "dropbox"
    effect: ClassVar[EffectClass] = EffectClass.RECONCILABLE
    bundle: ClassVar[int] = 100
    fields: ClassVar[tuple[str, ...]] = PEER
    Config: ClassVar[type[DialectSettings]] = DropboxConfig
    confirmed_by_people: ClassVar[bool] = True
    steps: ClassVar[Mapping[str, Step]] = MappingProxyType(
        {
            GATHERING: Step(
                "It goes at {at}, with what belongs in the same bundle.", arrived=False, effect=_HARMLESS, dated=True
            ),
            PREPARED: Step("Bundle {code} is written, and not shown to the unit yet.", arrived=False),
            IN_FOLDER: Step("Bundle {code} is in the unit's folder; no receipt yet.", effect=_HARMLESS, dated=True),
        }
    )

    def __init__(self, tools: Tools) -> None:
        """Keep the tools; a unit's keys are read when it is first met."""
        super().__init__(tools)
        self._configs = Configs(DropboxConfig)
        self._units: dict[str, Unit] = {}

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        """Return what may leave to this unit, and beside it what it is bundled by."""
        listed = self.fields if partner.fields is None else partner.fields
        item = select(message, allowed(listed, partner.name))
        at_risk = message.urgency is not Urgency.NONE
        batch = message.batch if isinstance(message, OwnMessage) else None
        return to_bytes({"batch": batch or message.origin_reference, "at_risk": at_risk, "item": item})

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Take each referral a turn further, those of one bundle together."""
        unit = self._unit(partner)
        unit.check_usable()
        turn = _Turn(unit, self._tools.clock.now())
        found: dict[str, Outcome] = {}
        async with asyncio.timeout(deadline):
            for group in groups(envelopes):
                found |= await asyncio.to_thread(turn.made, group)
        return [found[one.referral_id] for one in envelopes]

    async def check(self, partner: Partner) -> CheckResult:
        """Read the keys, and see that the folder is there; nothing is written."""
        try:
            unit = self._unit(partner)
            unit.check_usable()
            for way in unit.config.ways:
                if way.folder is not None:
                    await asyncio.to_thread(UnitFolder(way.folder).check)
        except RouterError as error:
            reason = Reason.MISCONFIGURED if isinstance(error, BadInput) else Reason.UNREACHABLE
            return CheckResult(ok=False, text=error.message, reason=reason)
        return CheckResult(ok=True, text=_WORKS.format(unit.until))

    def _unit(self, partner: Partner) -> Unit:
        """Return what we hold towards a unit; made anew when its settings changed. Raise BadInput."""
        config, known = self._configs.of(partner), self._units.get(partner.name)
        if known is None or known.config is not config:
            known = self._units[partner.name] = Unit(partner, config, self._tools)
        return known


class _Turn:
    """One call: what is done with the referrals of one bundle. Runs in a thread, since a share may be slow."""

    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit = unit
        self._now = now

    def made(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        """Do what comes next for these. What did not leave says so for these alone: others of the call may have."""
        try:
            return self._take(group)
        except NotSent as error:
            failed = Deferred(Reason.UNREACHABLE, error.message)
        return {one.referral_id: failed for one in group}

    def _take(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        step = None if group[0].progress is None else group[0].progress.step
        match step:
            case None:
                return self._begin(group)
            case "gathering":
                return self._gathered(group)
            case "prepared":
                return self._carry(group)
            case _:
                return self._wait(group)

    def _begin(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        """See that the way is open, then wait for what else belongs in the bundle."""
        self._folder().check()
        due = due_at(orjson.loads(group[0].payload), self._unit.config, self._now)
        if due is None:
            return self._prepare(group)
        return self._all(group, GATHERING, Standing(due=due), next_at=due, at=f"{due:%Y-%m-%d %H:%M} UTC")

    def _gathered(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        standing = read(group[0].progress)
        if standing.due is not None and standing.due > self._now:
            return self._all(group, GATHERING, standing, next_at=standing.due, at=f"{standing.due:%Y-%m-%d %H:%M} UTC")
        return self._prepare(group)

    def _prepare(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        """Write the bundle under its hidden name."""
        ordered = sorted(group, key=lambda one: one.referral_id)
        ids = tuple(one.referral_id for one in ordered)
        items = [orjson.loads(one.payload)["item"] for one in ordered]
        content = self._unit.sealed(ids[0], items, self._now)
        folder = self._folder()
        folder.sweep()
        folder.prepare(self._unit.file(ids[0]), content)
        standing = Standing(bundle=ids[0], items=ids, digest=sha256(content).hexdigest())
        return self._all(group, PREPARED, standing, code=code_of(ids[0]))

    def _carry(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        """Name the bundle; whoever is in doubt looks first whether that was done."""
        standing = read(group[0].progress)
        assert standing.bundle is not None
        folder, file = self._folder(), self._unit.file(standing.bundle)
        there = folder.is_there(file)
        if folder.is_prepared(file):
            if {one.referral_id for one in group} != set(standing.items):  # one of them was taken back meanwhile
                folder.drop(file)
                return self._prepare(group)
            folder.carry(file)
        elif not any(one.in_doubt for one in group):
            return self._prepare(group)
        elif not there:
            text = _TAKEN.format(code=code_of(standing.bundle))
            return {one.referral_id: Unknown(Reason.NO_ANSWER, text, for_people=True) for one in group}
        return self._left(group, standing, IN_FOLDER)

    def _left(self, group: Sequence[Envelope], standing: Standing, step: str) -> dict[str, Outcome]:
        config = self._unit.config
        at_risk = any(orjson.loads(one.payload)["at_risk"] for one in group)
        until = self._now + (config.receipt_within_at_risk if at_risk else config.receipt_within)
        gone = standing.model_copy(update={"left_at": self._now, "due": until})
        assert standing.bundle is not None
        return self._all(group, step, gone, next_at=min(until, self._now + POLL), code=code_of(standing.bundle))

    def _wait(self, group: Sequence[Envelope]) -> dict[str, Outcome]:
        """Look for the unit's answers; when the time is over, people ask it."""
        answers = Answers(self._unit.config).receipts(one.referral_id for one in group)
        return {one.referral_id: self._answered(one, answers) for one in group}

    def _answered(self, one: Envelope, answers: Mapping[str, str]) -> Outcome:
        if one.referral_id in answers:
            return Accepted(answers[one.referral_id])
        standing = read(one.progress)
        assert one.progress is not None
        assert standing.bundle is not None
        if standing.due is None or standing.due <= self._now:
            text = _NO_WORD.format(code=code_of(standing.bundle))
            return Unknown(Reason.NOT_CONFIRMED, text, for_people=True)
        again = kept(one.progress.step, standing, code=code_of(standing.bundle))
        return Progressed(again, self._next(standing.due))

    def _next(self, due: datetime) -> datetime:
        """Return when answers are looked for again; without a place for them, only the end is waited for."""
        return due if self._unit.config.answers is None else min(due, self._now + POLL)

    def _folder(self) -> UnitFolder:
        way = next((way for way in self._unit.config.ways if way.folder is not None), None)
        if way is None or way.folder is None:
            raise NotSent("The unit has no folder", reason="missing")
        return UnitFolder(way.folder)

    @staticmethod
    def _all(
        group: Iterable[Envelope], step: str, standing: Standing, *, next_at: datetime | None = None, **said: str
    ) -> dict[str, Outcome]:
        return {one.referral_id: Progressed(kept(step, standing, **said), next_at) for one in group}
