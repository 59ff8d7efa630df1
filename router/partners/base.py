"""What every dialect is: it freezes what leaves, sends it, and says in four words what came of it.

`Accepted` carries the partner's receipt. `Deferred` is tried again by the schedule. `Refused` goes to the desk.
`Unknown` means that bytes left and no answer came: whether sending again can double the effect is the dialect's
`effect`. A dialect never retries; it raises what `guard/egress` raises, and `delivery/send` turns that into an outcome.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, NoReturn, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from router.clock import Clock
from router.errors import BadInput
from router.guard.egress import Egress
from router.partners.keys import Signer
from schemas.exchange import ReferralMessage, ReferralStatus
from schemas.partner import Partner

#: Seconds for one call unless the caller says otherwise; Standard Webhooks recommends 15 to 30.
CALL_SECONDS: Final = 30.0


class Reason(StrEnum):
    """Why an attempt did not end in a receipt; stable, for figures and for the breaker."""

    UNREACHABLE = "unreachable"  #: no connection: name, network or time
    INSECURE = "insecure"  #: no encrypted connection to whom it claims to be
    GUARD_REFUSED = "guard_refused"  #: the address is not one we may call
    NOT_AUTHENTICATED = "not_authenticated"  #: 401, 403: our key or token; the fault is ours
    BUSY = "busy"  #: 408, 425, 429, 503
    PARTNER_FAILS = "partner_fails"  #: any other 5xx
    REDIRECTED = "redirected"  #: 3xx; redirects are not followed
    GONE = "gone"  #: 410: the partner closed this address
    TOO_LARGE = "too_large"  #: 413: a batch is split, a single one is for people
    REFUSED = "refused"  #: any other 4xx, or the partner's own no
    PARTNER_DEFERS = "partner_defers"  #: the partner took the request, and asks for this one again later
    ON_ITS_PATH = "on_its_path"  #: the partner already had it, or it went through too many hands
    NO_ANSWER = "no_answer"  #: bytes left, nothing complete came back
    NOT_AUTHENTIC = "not_authentic"  #: an answer came that the partner's key did not sign
    NOT_UNDERSTOOD = "not_understood"  #: an answer came that is not one of this dialect
    MISCONFIGURED = "misconfigured"  #: the partner's settings cannot be used
    UNEXPECTED = "unexpected"  #: a fault of this program


class EffectClass(StrEnum):
    """What sending the same referral again does at the partner's side."""

    IDEMPOTENT = "idempotent"  #: nothing: the partner knows the key
    RECONCILABLE = "reconcilable"  #: it could double, but the partner can be asked first
    AT_LEAST_ONCE = "at_least_once"  #: it doubles, and nobody can be asked (mail)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The partner has it; `receipt` is the partner's own reference."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now. `retry_after` is in seconds; `counted` is False when the partner is not to blame."""

    reason: Reason
    text: str
    retry_after: float | None = None
    counted: bool = True


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


Outcome: TypeAlias = Accepted | Deferred | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Envelope:
    """One referral as frozen by its first attempt."""

    referral_id: str
    payload: bytes


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


class Settings(BaseModel):
    """Base of every dialect's `Config`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dialect(Protocol):
    """One way to speak to a partner."""

    name: ClassVar[str]
    effect: ClassVar[EffectClass]
    bundle: ClassVar[int]  #: most envelopes in one call
    fields: ClassVar[tuple[str, ...]]  #: what leaves, unless the partner's entry names its own list
    Config: ClassVar[type[Settings]]  #: what `Partner.config` must hold

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        """Return the declared fields as JSON. Raise BadInput for unusable settings."""
        ...

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Make one call and return an outcome for each envelope, in order.

        Raise EgressRefused, NotSent or NoAnswer for the call as a whole, and BadInput for unusable settings.
        """
        ...

    async def status(self, partner: Partner, referral_ids: Sequence[str]) -> list[ReferralStatus] | None:
        """Ask what became of referrals; None when this dialect cannot ask. Raise as `send`."""
        ...

    async def withdraw(self, partner: Partner, referral_ids: Sequence[str]) -> list[Outcome] | None:
        """Take referrals back; None when this dialect cannot. `Accepted` means the partner dropped it."""
        ...

    async def check(self, partner: Partner) -> CheckResult:
        """Prove address, certificate and keys both ways, as far as the dialect can. Never raises a RouterError."""
        ...


C = TypeVar("C", bound=BaseModel)


class Configs(dict[str, tuple[Partner, C]]):
    """Partners' settings as their dialect reads them, read once per directory version."""

    def __init__(self, model: type[C]) -> None:
        super().__init__()
        self._model = model

    def of(self, partner: Partner) -> C:
        """Return the settings, or raise BadInput naming the field, never its value: it may be a secret."""
        seen, config = self.get(partner.name, (None, None))
        if config is None or seen is not partner:
            config = _settings(self._model, partner)
            self[partner.name] = partner, config
        return config


def _settings(model: type[C], partner: Partner) -> C:
    problem = ""
    try:
        return model.model_validate(partner.config)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        problem = ".".join(str(part) for part in first["loc"])
    raise BadInput(
        f"The settings of partner '{partner.name}' cannot be used; correct the named field",
        field=f"partners.{partner.name}.config.{problem}",
        reason=Reason.MISCONFIGURED,
    )
