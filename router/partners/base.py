"""What every dialect is: it freezes what leaves, sends it, and says in five words what came of it.

`Accepted` carries the partner's receipt. `Progressed` means that one step of several is done. `Deferred` is tried again
by the schedule. `Refused` goes to the desk. `Unknown` means that bytes left and no answer came: whether sending again
can double it is the dialect's `effect`. It never retries; what `guard/egress` raises, `delivery/send` makes an outcome.

Work of several steps (a report, then its contents, then who deals with it) is done step by step. Each `send` makes one
step and answers `Progressed`; what it learnt is on disk before the next `send`, which gets it back in the envelope: it
is finished by whoever comes next, and never begun again. A call that would double when it is made twice is the last of
its step: were one after it to fail, nobody would know that it was made.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn, TypeAlias

from pydantic import BaseModel, ConfigDict, PrivateAttr

from router.clock import Clock
from router.errors import BadInput
from router.guard.egress import Egress
from router.partners.budget import Budget
from router.partners.keys import Signer
from router.partners.rounds import Rounds
from schemas.exchange import ActionStatement, ReferralMessage, ReferralStatus
from schemas.letter import Letter
from schemas.partner import Partner

if TYPE_CHECKING:
    from router.partners.inbox import Inbox

#: Seconds for one call unless the caller says otherwise; Standard Webhooks recommends 15 to 30.
CALL_SECONDS: Final = 30.0


class Reason(StrEnum):
    """Why an attempt did not end in a receipt; stable, for figures and for the breaker."""

    UNREACHABLE = "unreachable"  #: no connection: name, network or time
    INSECURE = "insecure"  #: no encrypted connection to whom it claims to be
    GUARD_REFUSED = "guard_refused"  #: the address is not one we may call
    NOT_AUTHENTICATED = "not_authenticated"  #: 401, 403: our key or token; the fault is ours
    CLOCK = "clock"  #: the partner finds what we sign too old or from the future: one of the two clocks is wrong
    BAD_SIGNATURE = "bad_signature"  #: our signature does not fit: most often the address that it covers is another
    WRONG_RECIPIENT = "wrong_recipient"  #: one side knows the other under another name
    UNKNOWN_KEY = "unknown_key"  #: the partner has not pinned the key that we sign with, or its dates are over
    BUSY = "busy"  #: 408, 425, 429, 503
    PARTNER_FAILS = "partner_fails"  #: any other 5xx
    REDIRECTED = "redirected"  #: 3xx; redirects are not followed
    GONE = "gone"  #: 410: the partner closed this address
    TOO_LARGE = "too_large"  #: 413: a batch is split, a single one is for people
    REFUSED = "refused"  #: any other 4xx, or the partner's own no
    #: Somebody else is to deal with it, as the partner says or does: it went to the wrong country.
    NOT_OURS = "not_ours"
    OWN_RULE = "own_rule"  #: our own rules keep it from leaving: the law's bar, an agreement's end, a closed case
    PARTNER_DEFERS = "partner_defers"  #: the partner took the request, and asks for this one again later
    OWN_PACE = "own_pace"  #: as many calls as this partner is to get were made just now; nothing left
    LOOKED_FOR = "looked_for"  #: it may have arrived, and the partner is being asked before it is sent again
    ON_ITS_PATH = "on_its_path"  #: the partner already had it, or it went through too many hands
    NO_ANSWER = "no_answer"  #: bytes left, nothing complete came back
    NOT_AUTHENTIC = "not_authentic"  #: an answer came that the partner's key did not sign
    NOT_UNDERSTOOD = "not_understood"  #: an answer came that is not one of this dialect
    CONTRADICTS_ITSELF = "contradicts_itself"  #: one answer says different things of one referral
    NO_RECEIPT = "no_receipt"  #: a yes came without the reference that the partner's settings promise
    MISCONFIGURED = "misconfigured"  #: the partner's settings cannot be used
    NOT_CONFIRMED = "not_confirmed"  #: it was handed over, and nobody there has said in time that they have it
    UNEXPECTED = "unexpected"  #: a fault of this program


class EffectClass(StrEnum):
    """What sending the same referral again does at the partner's side."""

    IDEMPOTENT = "idempotent"  #: nothing: the partner knows the key
    RECONCILABLE = "reconcilable"  #: it could double, but the dialect asks the partner first (`Envelope.in_doubt`)
    AT_LEAST_ONCE = "at_least_once"  #: it doubles, and nobody can be asked (mail)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a work that takes several calls, as it is once it is done."""

    text: str  #: one sentence in English for people, what is done and what comes next; `{name}` is filled from `said`
    arrived: bool = True  #: whether the partner then has something of the referral that a recall must take back there
    effect: EffectClass | None = None  #: what making the call after this step again does; None: the dialect's `effect`
    dated: bool = False  #: it waits for its date as it should; nobody is asked why before that has passed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a work of several steps is. Kept sealed between two calls, and after the last one."""

    step: str  #: the one of the dialect's `steps` that was done last
    data: bytes = field(default=b"", repr=False)  #: what the dialect must know to go on; nobody else reads it
    #: What fills the step's text. It is shown as it is, so nothing of a case stands in it, and is not given back.
    said: Mapping[str, str] = field(default_factory=dict, compare=False)
    bundle: str | None = None  #: the first referral of the bundle that it is in, where several go as one
    #: What the partner calls all that it was given at once, and this of it: people find the case by either.
    their_report: str | None = None
    their_item: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The partner has it; `receipt` is the partner's own reference, None when its dialect gives none."""

    receipt: str | None
    progress: Progress | None = None  #: what `status` and `withdraw` need to know; None leaves what is kept
    holder: str | None = None  #: the country that it gave it to instead of the one it was sent to


@dataclass(frozen=True, slots=True)
class Progressed:
    """A step of several is done, or what was done is not shown by the partner yet: no attempt, no claim, no doubt."""

    progress: Progress
    next_at: datetime | None = None  #: the next step is not made before; None is at once


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now. `retry_after` is in seconds; `counted` is False when the partner is not to blame.

    `may_have_arrived`: bytes left and no clear "no" came back, so a partner that failed may have done its work.
    """

    reason: Reason
    text: str
    retry_after: float | None = None
    counted: bool = True
    may_have_arrived: bool = False
    by_hand: bool = False  #: people have a way of their own meanwhile, so they are told at once


@dataclass(frozen=True, slots=True)
class Refused:
    """Not like this, ever: for people. `text` is one sentence for them."""

    reason: Reason
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived."""

    reason: Reason
    text: str
    for_people: bool = False  #: the partner was asked and we still do not know: people must ask it


Outcome: TypeAlias = Accepted | Progressed | Deferred | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Envelope:
    """One referral as frozen by its first attempt, and how far its sending is."""

    referral_id: str
    payload: bytes
    progress: Progress | None = None  #: as the last step left it; None has not begun
    #: The call that comes next may have been made already (its sender died, or no answer came). A `reconcilable`
    #: dialect asks the partner before it makes that call.
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class SentReferral:
    """One referral that a partner has, or may have, something of."""

    referral_id: str
    receipt: str | None = None  #: the partner's own reference, once it gave one
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class OwnAction:
    """One thing that we did about a referral, to be told to the partner it concerns."""

    id: str  #: telling the same act again changes nothing at the partner
    referral: SentReferral
    action: ActionStatement


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What `partners check` found, without sending anything about a case."""

    ok: bool
    text: str
    reason: Reason | None = None


def _no_secret(name: str) -> NoReturn:
    raise BadInput(f"There is no secret named '{name}'; add it, or correct the name", reason=Reason.MISCONFIGURED)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a dialect works with; `app` hands it over."""

    egress: Egress
    clock: Clock
    me: str  #: our own hotline's name among peers
    signers: tuple[Signer, ...] = ()  #: our own keys, the newest first
    secret: Callable[[str], str] = _no_secret  #: the secret behind a name in a partner's settings; BadInput if unknown
    secret_file: Callable[[str], bytes] = _no_secret  #: the same for what is no text, such as a PKCS #12 file
    budget: Budget | None = None  #: paces several calls for one referral; None is over this process alone


class DialectSettings(BaseModel):
    """Base of every dialect's `Config`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    _networks: tuple[str, ...] = PrivateAttr(default=())

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the private networks opened for this partner: for the egress, with a URL of these settings."""
        return self._networks

    def opened(self, networks: tuple[str, ...]) -> None:
        """Note what was opened for the partner whose settings these are."""
        self._networks = networks


class Dialect(ABC):
    """One way to speak to a partner. What it cannot do it does not override, and people do it."""

    name: ClassVar[str]
    effect: ClassVar[EffectClass]
    bundle: ClassVar[int]  #: most envelopes in one call
    fields: ClassVar[tuple[str, ...]]  #: what leaves, unless the partner's entry names its own list
    leaving: ClassVar[frozenset[str] | None] = None  #: of what is frozen, by dotted names; None: all of it leaves
    Config: ClassVar[type[DialectSettings]]  #: what `Partner.config` must hold
    #: Whether the partner's word comes by people: they type its receipt, and say so when it has to be sent again.
    confirmed_by_people: ClassVar[bool] = False
    #: The steps of a work that takes several calls, by code. A code is kept in the store and never changes its meaning.
    steps: ClassVar[Mapping[str, Step]] = MappingProxyType({})
    #: How often it is asked what became of a referral, between the checks of a case; None is at those only.
    asked_every: ClassVar[timedelta | None] = None
    rounds: ClassVar[Rounds | None] = None  #: the same, where one call asks about many: no case is dated for it
    hands_on: ClassVar[bool] = False  #: whether it gives what moved to whoever deals with it now, and tells of it

    def __init__(self, tools: Tools) -> None:
        """Keep the tools; a partner's settings are read when it is first met."""
        self._tools = tools
        self._clocks: dict[str, int] = {}

    @abstractmethod
    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        """Return the declared fields as JSON. Raise BadInput for unusable settings."""

    def bundle_of(self, partner: Partner) -> int:
        """Return the most envelopes in one call to this partner."""
        del partner
        return self.bundle

    def together(self, envelope: Envelope) -> str:
        """Return by what envelopes belong in one call as far as they fit: those with the same; all, unless it says so.

        Which else are in it is as it comes, so no dialect may rely on having all of them.
        """
        del envelope
        return ""

    @abstractmethod
    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Make one call, the next one of each envelope, and return an outcome for each, in order.

        Raise EgressRefused, NotSent or NoAnswer for the call as a whole, and BadInput for unusable settings.
        """

    def clock_ahead(self, partner: str) -> int | None:
        """Return by how many seconds that partner's clock was ahead of ours at its last answer; None: it says none."""
        return self._clocks.get(partner)

    def _heard(self, partner: str, ahead: int | None) -> None:
        """Remember what an answer says of the partner's clock."""
        if ahead is not None:
            self._clocks[partner] = ahead

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        """Ask what became of referrals; None when this dialect cannot ask. Raise as `send`."""
        del partner, sent
        return None

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
        """Take referrals back, half-done ones too; None when this dialect cannot. Raise as `send`.

        `Accepted` means that the partner dropped it. Doing it again must be harmless.
        """
        del partner, sent
        return None

    async def tell(self, partner: Partner, actions: Sequence[OwnAction]) -> list[Outcome] | None:
        """Tell the partner what we did; None when it cannot be told. Raise as `send`.

        `Accepted` means that the partner knows it, also when it knew it before.
        """
        del partner, actions
        return None

    async def find(self, partner: Partner, reference: str) -> Outcome | None:
        """Look for what people gave the partner by another way; None when this dialect cannot. Raise as `send`.

        `Accepted` carries what it needs to ask about it from now on; `Refused` means that there is no such thing there.
        """
        del partner, reference
        return None

    def told(self, partner: Partner, sent: SentReferral, receipt: str) -> Progress | None:
        """Return how far a referral is of which people told the partner before anything left; None: nothing follows."""
        del partner, sent, receipt
        return None

    def good_until(self, partner: Partner) -> datetime | None:
        """Return until when what proves us to a partner is good, such as a certificate; None where nothing ends.

        Raise BadInput for unusable settings.
        """
        del partner
        return None

    def inbox(self, partner: Partner, seconds: float = CALL_SECONDS) -> "Inbox | None":
        """Return what the partner gives to us, to be read for so many seconds; None where there is no such thing.

        Raise BadInput for unusable settings.
        """
        del partner, seconds
        return None

    def knows_a_test(self, partner: Partner) -> bool:
        """Tell whether the partner's system has a word for what is no case; without one it would take it for real."""
        del partner
        return False

    async def rehearse(self, partner: Partner) -> CheckResult:
        """Send something about no case, by which the partner shows that it can read us. Raise as `send`."""
        text = f"{partner.title} has no word for a test, and would take one for a real child's: nothing was sent."
        return CheckResult(ok=False, text=text)

    async def letters(self, partner: Partner) -> Sequence[Letter]:
        """Return what the partner wrote to us, the newest first, for people to read. Raise BadInput."""
        del partner
        return ()

    def language(self, partner: Partner) -> str:
        """Return the language in which people there read: en, nl, fr or de."""
        del partner
        return "en"

    def telephone(self, partner: Partner) -> str | None:
        """Return the number at which people tell the partner what cannot wait; None where that is no way."""
        del partner
        return None

    @abstractmethod
    async def check(self, partner: Partner) -> CheckResult:
        """Prove address, certificate and keys both ways, as far as the dialect can. Never raises a RouterError."""

    def effect_after(self, step: str | None) -> EffectClass:
        """Return what making the next call again does at the partner, after this step; None has not begun."""
        known = None if step is None else self.steps.get(step)
        return self.effect if known is None or known.effect is None else known.effect
