"""How the router hands referrals to a police unit: in bundles, by the first way that works, until the unit says so."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

from router.errors import BadInput, NoAnswer, NotSent, RouterError
from router.guard.mail import post
from router.partners.base import (
    CALL_SECONDS,
    CheckResult,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    Progress,
    Reason,
    SentReferral,
    Step,
    Tools,
    Unknown,
)
from router.partners.configs import Configs
from router.partners.dropbox.folder import UnitFolder
from router.partners.dropbox.gathering import groups
from router.partners.dropbox.letter import letter
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.standing import kept, read
from router.partners.dropbox.turn import BY_MAIL, GATHERING, IN_FOLDER, MAILED, PREPARED, TOLD, Turn
from router.partners.dropbox.unit import Unit, good_until
from router.partners.dropbox.verified import check_key
from router.partners.fields import PEER, allowed, select, to_bytes
from schemas.exchange import OwnMessage, ReferralMessage
from schemas.letter import Letter
from schemas.partner import Partner
from schemas.reply_code import code_of
from schemas.vocabulary import Urgency

_HARMLESS: Final = EffectClass.IDEMPOTENT
_UNANSWERED: Final = (
    "bundle {code} was mailed, and whether it arrived is not known; ask whether they have it before it is sent again"
)
_REHEARSED: Final = (
    "A test bundle was sent; ask the unit for the reply code on it, and put that into the partner's settings as "
    "`rehearsed`."
)
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
    leaving = frozenset({*PEER, "law", "copy"})  # and not by what it is bundled
    Config: ClassVar[type[DialectSettings]] = DropboxConfig
    confirmed_by_people: ClassVar[bool] = True
    steps: ClassVar[Mapping[str, Step]] = MappingProxyType(
        {
            GATHERING: Step(
                "It goes at {at}, with what belongs in the same bundle.", arrived=False, effect=_HARMLESS, dated=True
            ),
            PREPARED: Step("Bundle {code} is written, and not shown to the unit yet.", arrived=False),
            IN_FOLDER: Step("Bundle {code} is in the unit's folder; no receipt yet.", effect=_HARMLESS, dated=True),
            BY_MAIL: Step("Bundle {code} goes by mail.", arrived=False, effect=EffectClass.AT_LEAST_ONCE),
            MAILED: Step("Bundle {code} was mailed to the unit; no receipt yet.", effect=_HARMLESS, dated=True),
            TOLD: Step("The unit was told by telephone and gave its receipt; the bundle follows.", effect=_HARMLESS),
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
        gathered: dict[str, Any] = {"batch": batch or message.origin_reference, "at_risk": at_risk, "item": item}
        if isinstance(message, OwnMessage):
            gathered |= {"copy": True} if message.is_copy else {}
            gathered |= {"law": message.law} if message.law else {}
        return to_bytes(gathered)

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Take each referral a turn further, those of one bundle together."""
        unit = self._unit(partner)
        unit.check_usable()
        turn = Turn(unit, self._tools.clock.now())
        found: dict[str, Outcome] = {}
        async with asyncio.timeout(deadline):
            for group in groups(envelopes):
                step = None if group[0].progress is None else group[0].progress.step
                if step == BY_MAIL:
                    found |= await self._mailed(unit, turn, group, deadline)
                else:
                    found |= await asyncio.to_thread(turn.made, group)
        return [found[one.referral_id] for one in envelopes]

    async def _mailed(
        self, unit: Unit, turn: Turn, group: Sequence[Envelope], deadline: float
    ) -> Mapping[str, Outcome]:
        """Mail a bundle. What may have arrived is never sent again by itself."""
        standing, content = await asyncio.to_thread(turn.sealed, group)
        to, name = unit.config.carried[standing.way].mail, standing.bundle
        if to is None or name is None:  # the settings changed meanwhile
            return turn.failed(group, NotSent("The unit has no mailbox any more", reason="missing"))
        try:
            await self._post(unit, to, name, content, deadline)
        except NotSent as error:
            return turn.failed(group, error)
        except NoAnswer:
            lost = Unknown(Reason.NO_ANSWER, _UNANSWERED.format(code=code_of(name)), for_people=True)
            return {one.referral_id: lost for one in group}
        return turn.left(group, standing, MAILED)

    async def _post(self, unit: Unit, to: str, name: str, content: bytes, deadline: float) -> None:
        relay = unit.config.relay
        assert relay is not None
        password = None if relay.secret is None else self._tools.secret(relay.secret)
        made = letter(relay, to, name, unit.file(name), content, self._tools.clock.now())
        await post(self._tools.egress, relay, made, to=to, password=password, deadline=deadline)

    def told(self, partner: Partner, sent: SentReferral, receipt: str) -> Progress | None:
        """Keep that people told the unit by telephone: the bundle follows, marked so."""
        if not self._configs.of(partner).carried:
            return None
        now = self._tools.clock.now()
        standing = read(sent.progress).model_copy(update={"told": now.isoformat(timespec="seconds"), "due": None})
        return kept(TOLD, standing.model_copy(update={"receipt": receipt}))

    def good_until(self, partner: Partner) -> datetime | None:
        """Return when the unit's key or ours ends, whichever is first."""
        return good_until(partner, self._configs.of(partner), self._tools)

    async def letters(self, partner: Partner) -> Sequence[Letter]:
        """Return what lies in the folder of its answers, signed or not."""
        return await asyncio.to_thread(self._unit(partner).answers.letters)

    def language(self, partner: Partner) -> str:
        """Return the language of its readable page."""
        return self._configs.of(partner).language

    def telephone(self, partner: Partner) -> str | None:
        """Return whom people call."""
        return self._configs.of(partner).telephone

    def knows_a_test(self, partner: Partner) -> bool:
        """Every unit that is not told by telephone only is shown a bundle that says of itself that it is a test."""
        return bool(self._configs.of(partner).carried)

    async def rehearse(self, partner: Partner) -> CheckResult:
        """Send a test bundle by the first way that is not the telephone."""
        unit = self._unit(partner)
        way = next(iter(unit.config.carried), None)
        if way is None:
            return CheckResult(ok=False, text="The unit is told by telephone only; there is nothing to send it.")
        name, content = unit.test_bundle(self._tools.clock.now())
        if way.mail is not None:
            await self._post(unit, way.mail, name, content, CALL_SECONDS)
        elif way.folder is not None:
            folder = UnitFolder(way.folder)
            await asyncio.to_thread(folder.prepare, unit.file(name), content)
            await asyncio.to_thread(folder.carry, unit.file(name))
        return CheckResult(ok=True, text=_REHEARSED)

    async def check(self, partner: Partner) -> CheckResult:
        """Read the keys, and see that the folder is there; nothing is written."""
        try:
            unit = self._unit(partner)
            unit.check_usable()
            if unit.config.answers_signed_by is not None:
                field = f"partners.{partner.name}.config.answers_signed_by"
                await asyncio.to_thread(check_key, unit.config.answers_signed_by, field)
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
