"""How the router speaks to a hub: referrals step by step, what became of them, and what we did with what is ours."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import ClassVar, Final

from router.errors import BadInput, NoAnswer, RouterError
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    CheckResult,
    Deferred,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    OwnAction,
    Reason,
    Refused,
    SentReferral,
    Step,
    Tools,
)
from router.partners.configs import Configs
from router.partners.fields import allowed, select, to_bytes
from router.partners.iccam.acts import Given, acts_of
from router.partners.iccam.connection import Connection
from router.partners.iccam.contents import give, with_us
from router.partners.iccam.gathering import key, to_freeze
from router.partners.iccam.inbox import IccamInbox
from router.partners.iccam.kept import ASKED, GATHERING, GIVEN, READY, REPORTED, TOLD, progress_of, standing_of
from router.partners.iccam.one_call import OneCall
from router.partners.iccam.settings import IccamConfig, Mode, certificate
from router.partners.iccam.standing import Again, Done, Standing
from router.partners.iccam.taking_back import take_back
from router.partners.iccam.telling import Telling
from router.partners.iccam.wire import ContentView
from router.partners.inbox import Inbox
from schemas.exchange import ReferralMessage, ReferralStatus
from schemas.partner import Partner

#: What a hub has a place for. No account: it is no field of the API.
FIELDS: Final = (
    "hosting", "site_type", "commerciality", "payment_methods", "age", "gender", "ways_in", "assigned_country", "note",
)  # fmt: skip

#: What of a message the hub's own words say (`wire.report_body`, and the country when it is assigned).
LEAVES: Final = frozenset({
    "referral_id", "received_at", "location", "note", "ways_in", "site_type", "commerciality", "payment_methods", "age",
    "gender", "assigned_country", "assessment.value", "hosting.country", "hosting.ips", "hosting.as_name",
})  # fmt: skip

#: Most of a page and its files that go in one report; more of them go in several. Our own choice.
TOGETHER: Final = 100
_HARMLESS: Final = EffectClass.IDEMPOTENT

_REFERENCE_ONLY: Final = "The hub may have a report of it under our reference; look there, and drop it by hand."
_NO_CONTENT: Final = "We know of no content at the hub that this is about, so nothing was told there."
_WORKS: Final = "The hub accepts our certificate (good until {:%d.%m.%Y}) and our login, and serves its lists."


#: How people write what the hub calls it: the content's number, or the report's before it, as our receipts have it.
_NUMBER: Final = re.compile(r"(?:(?P<report>[0-9]{1,18})\s*[/#]\s*)?(?P<content>[0-9]{1,18})")
_NO_NUMBER: Final = "The hub knows contents by their number; write it as 7000001, or with its report as 900001/7000001."


class IccamDialect(Dialect):
    """Speaks to a hub of hotlines by ICCAM's API v3.

    The call that creates a report doubles when it is made twice, and can be looked for only as far as the hub lists it
    as ours; where it cannot be found, people are asked. All calls after it are harmless to repeat.
    """

    name: ClassVar[str] = "iccam"
    effect: ClassVar[EffectClass] = EffectClass.RECONCILABLE
    bundle: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = FIELDS
    leaving = LEAVES
    Config: ClassVar[type[DialectSettings]] = IccamConfig
    #: Our own choice: eight calls a day for a page without files.
    asked_every: ClassVar[timedelta | None] = timedelta(hours=6)
    hands_on: ClassVar[bool] = True
    steps: ClassVar[Mapping[str, Step]] = MappingProxyType(
        {
            GATHERING: Step(
                "It goes to ICCAM at {at}, with what is on the same page.", arrived=False, effect=_HARMLESS, dated=True
            ),
            READY: Step("It goes to ICCAM now, with what is on the same page.", arrived=False),
            REPORTED: Step("With ICCAM as report {report}, not yet assigned to {country}.", effect=_HARMLESS),
            TOLD: Step("With ICCAM as report {report}, assessed, not yet assigned to {country}.", effect=_HARMLESS),
            ASKED: Step("ICCAM was asked to assign report {report} to {country}; not yet confirmed.", effect=_HARMLESS),
            GIVEN: Step("ICCAM has assigned report {report} to {country}.", effect=_HARMLESS),
        }
    )

    def __init__(self, tools: Tools) -> None:
        """Keep the tools; a hub is reached when it is first asked for something."""
        super().__init__(tools)
        self._configs = Configs(IccamConfig)
        self._connections: dict[str, Connection] = {}

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        """Return what may leave to this hub; its own ids are put in when it is sent."""
        listed = self.fields if partner.fields is None else (*partner.fields, "hosting")  # a message needs its claim
        item = select(message, allowed(listed, partner.name))
        return to_bytes(to_freeze(item, message, self._configs.of(partner)))

    def bundle_of(self, partner: Partner) -> int:
        """Return how many referrals may be put into one call: one where each location is reported by itself."""
        try:
            mode = self._configs.of(partner).mode
        except BadInput:
            return self.bundle  # whoever sends one hears of it
        return self.bundle if mode is Mode.PAGES else TOGETHER

    def together(self, envelope: Envelope) -> str:
        """Return our report, for what is still to be reported; what the hub has goes on by itself."""
        return key(envelope)

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Take each referral a turn further; a page and its files, where they go together, in one report."""
        until = asyncio.get_running_loop().time() + deadline
        return await OneCall(self._hub(partner), self._tools.clock, until).made(envelopes)

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        """Read back what the hotline that got it did."""
        hub = self._hub(partner)
        calls = hub.pulling(CALL_SECONDS)
        failed = await hub.learn(calls)
        found: list[ReferralStatus] = []
        for one in sent:
            standing = standing_of(one.progress)
            if standing is None or standing.content is None:
                found.append(ReferralStatus(referral_id=one.referral_id, known=False))
                continue
            contents = failed or await hub.readings.all_of(calls, standing)
            if not isinstance(contents, tuple):
                raise NoAnswer(contents.text, reason=contents.reason)
            await hub.understand(calls, contents)
            await self._hand_on(hub, standing, contents)
            given = Given(standing.target, standing.hosted_in)
            acts = acts_of(contents[0], hub.words, given, self._tools.clock.now(), contents[1:])
            holder = acts.holder if acts.is_elsewhere and acts.holder != hub.config.country else None
            known = ReferralStatus(
                referral_id=one.referral_id,
                known=True,
                returned=acts.is_elsewhere,
                holder=holder,
                actions=acts.statements,
            )
            found.append(known)
        return found

    async def find(self, partner: Partner, reference: str) -> Outcome | None:
        """Look for a content that people reported by the hub's web page: by its number, with its report's before it."""
        number = _NUMBER.fullmatch(reference.strip())
        if number is None:
            return Refused(Reason.REFUSED, _NO_NUMBER)
        hub = self._hub(partner)
        content = await hub.pulling(CALL_SECONDS).content(int(number["content"]))
        if not isinstance(content, ContentView):
            return content
        report, target = content.report_id or int(number["report"] or 0), content.assigned_country_code
        if not report or target is None:
            return Accepted(reference)
        now = self._tools.clock.now()
        given = target != hub.config.country
        standing = Standing(
            report=report,
            target=target,
            hosted_in=content.url.hosting_country_code,
            reported_at=now,
            content=content.content_id,
            told=True,
            asked_at=now if given else None,
            given=given,
        )
        return Accepted(reference, progress_of(standing))

    async def _hand_on(self, hub: Connection, standing: Standing, contents: Sequence[ContentView]) -> None:
        """Give away what the hub's crawler found late on a page that a hotline has; what fails is seen to next time."""
        late = with_us(contents, standing, hub.config.country) if standing.given else []
        calls = hub.pushing(CALL_SECONDS)
        for content in late:
            if await give(calls, content, standing.target) is not None:
                return

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
        """Leave with us what the hub has given to nobody; what a hotline has, people take back by hand."""
        hub = self._hub(partner)
        calls = hub.pushing(CALL_SECONDS)
        outcomes: list[Outcome] = []
        for one in sent:
            standing = standing_of(one.progress)
            if standing is None:
                outcomes.append(Refused(Reason.REFUSED, _REFERENCE_ONLY))
            else:
                outcomes.append(await take_back(calls, hub.readings, standing, one.referral_id, hub.config.country))
        return outcomes

    async def tell(self, partner: Partner, actions: Sequence[OwnAction]) -> list[Outcome] | None:
        """Tell the hub what we did with contents that are ours, each act once."""
        hub = self._hub(partner)
        calls = hub.pushing(CALL_SECONDS)
        failed = await hub.learn(calls)
        telling = Telling(hub.config.username, hub.config.country)
        outcomes: list[Outcome] = []
        for one in actions:
            standing = standing_of(one.referral.progress)
            if failed is not None:
                outcomes.append(failed)
            elif standing is None or standing.content is None:
                outcomes.append(Refused(Reason.REFUSED, _NO_CONTENT))
            else:
                told = await telling.tell(calls, hub.words, standing.content, [one.action])
                outcomes.append(_told(told))
        return outcomes

    def good_until(self, partner: Partner) -> datetime | None:
        """Return until when our certificate for the hub is good."""
        hub = self._hub(partner)
        return hub.certificate_until(self._tools)

    def inbox(self, partner: Partner, seconds: float = CALL_SECONDS) -> Inbox | None:
        """Return the hub's inbox, where its entry says that we read it."""
        hub = self._hub(partner)
        return IccamInbox(hub, seconds) if hub.config.intake else None

    async def check(self, partner: Partner) -> CheckResult:
        """Log in and read the hub's lists: proves address, certificate and password."""
        try:
            config = self._configs.of(partner)
            until = certificate(config, self._tools).until
            anew = Connection(self._tools, config, partner.name)  # a login that stands proves nothing
            failed = await anew.learn(anew.pulling(CALL_SECONDS))
        except RouterError as error:
            return CheckResult(ok=False, text=error.message)
        if failed is not None:
            return CheckResult(ok=False, text=failed.text, reason=failed.reason)
        return CheckResult(ok=True, text=_WORKS.format(until))

    def _hub(self, partner: Partner) -> Connection:
        """Return what we hold towards a hub; made anew when its settings changed. Raise BadInput."""
        config, known = self._configs.of(partner), self._connections.get(partner.name)
        if known is None or known.config != config:
            known = self._connections[partner.name] = Connection(self._tools, config, partner.name)
        return known


def _told(result: Done | Again | Deferred | Refused) -> Outcome:
    match result:
        case Done(receipt=receipt):
            return Accepted(receipt)
        case Again(seconds=seconds, text=text):
            return Deferred(Reason.NO_ANSWER, text, seconds)
        case _:
            return result
