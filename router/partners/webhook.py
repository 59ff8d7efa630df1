"""The dialect `webhook`: one JSON document to a partner's own endpoint, signed as Standard Webhooks 1.0.0 says.

The body is a template in the partner's settings: a JSON value in which a text "$field" stands for a field of the
referral, and everything else for itself. There is no expression language. `webhook-id` is the referral's id, by which a
receiver tells a repeated call, so sending again is harmless. Our id is never taken for the partner's receipt.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final
from uuid import uuid4

import orjson
from pydantic import Field, HttpUrl, StringConstraints, TypeAdapter, UrlConstraints, ValidationError

from router.errors import BadInput, NoAnswer, RouterError
from router.guard.egress import HttpAnswer
from router.guard.target import Purpose
from router.partners.answers import classify
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    CheckResult,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    Reason,
    Tools,
    Unknown,
)
from router.partners.configs import Configs
from router.partners.fields import WEBHOOK, allowed, select, to_bytes
from router.partners.secret_name import SecretName
from router.partners.standard_webhooks import signatures
from schemas.exchange import ReferralMessage
from schemas.partner import Partner
from schemas.word import Line

#: Bytes of an answer; all that is read of it is a receipt.
CAP: Final = 65_536
#: Seconds to wait for a body that nothing is read of, so that the connection can serve again.
BODY_WITHIN: Final = 1.0
_TAKES_A_TEST: Final = "The partner's system takes our test, and its signature."
_NO_RECEIPT: Final = "The partner's system answered (HTTP {}) without its reference; ask whether it has the referral."
_RECEIPT: Final = TypeAdapter(Line)
#: What a partner gets that has no template: the body that Standard Webhooks recommends.
_STANDARD: Final = {"type": "referral", "data": "$*"}
#: And the test of that one: a receiver of Standard Webhooks tells events apart by their `type`.
_STANDARD_TEST: Final = {"type": "referral.test", "data": {}}


class WebhookConfig(DialectSettings):
    """Where a partner listens, how it knows us, and what its document looks like."""

    url: Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"])]
    #: Their names; two while one is replaced.
    secrets: Annotated[tuple[SecretName, ...], Field(min_length=1, max_length=4)]
    template: dict[str, Any] = _STANDARD
    #: What the partner's system knows to be a test and no case, sent as it stands; with a template of its own it is
    #: agreed on with the partner, and without one nothing is sent as a test.
    test: dict[str, Any] | None = None
    #: The header of the answer that holds the partner's reference. Where none of the two is named, any 2xx is a yes and
    #: there is no receipt; where one is, a 2xx without it is none: a proxy's page answers 200 too.
    receipt_header: Line | None = None
    #: Where the answer's JSON holds it (RFC 6901).
    receipt_pointer: Annotated[str, StringConstraints(pattern=r"^(/[^/]*)+$")] | None = None


class WebhookDialect(Dialect):
    """Speaks to any HTTPS endpoint that takes signed JSON. It cannot be asked, and takes nothing back."""

    name: ClassVar[str] = "webhook"
    effect: ClassVar[EffectClass] = EffectClass.IDEMPOTENT
    bundle: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = WEBHOOK
    Config: ClassVar[type[DialectSettings]] = WebhookConfig

    def __init__(self, tools: Tools) -> None:
        """Keep the tools; settings are read when a partner is first met."""
        super().__init__(tools)
        self._configs = Configs(WebhookConfig)

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        """Return the filled template. Raise BadInput when it names a field that this partner does not get."""
        names = allowed(self.fields if partner.fields is None else partner.fields, partner.name)
        known = select(message, names)
        try:
            return to_bytes(_filled(self._configs.of(partner).template, known, names))
        except KeyError as missing:
            unknown = str(missing.args[0])
        raise BadInput(
            f"The template of partner '{partner.name}' uses a field that is not among those it gets",
            field=f"partners.{partner.name}.config.template.{unknown}",
            reason=Reason.MISCONFIGURED,
        )

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Post one referral."""
        (envelope,) = envelopes
        config, now = self._configs.of(partner), self._tools.clock.now()
        try:
            answer = await self._post(config, envelope.referral_id, envelope.payload, deadline)
        except NoAnswer as unread:
            if unread.http_status is None or unread.http_status // 100 != 2:
                raise
            return [_without_receipt(unread.http_status)]
        return [classify(answer.status, answer.headers, now) or _taken(config, answer)]

    async def _post(self, config: WebhookConfig, name: str, payload: bytes, deadline: float) -> HttpAnswer:
        """Post a document, signed under its name. Raise as `send`."""
        secrets = [self._tools.secret(one) for one in config.secrets]
        signed = signatures(secrets, name, payload, self._tools.clock.now())
        return await self._tools.egress.request(
            "POST",
            str(config.url),
            headers={"Content-Type": "application/json", **signed},
            body=payload,
            deadline=deadline,
            cap=CAP,
            purpose=Purpose.PARTNER,
            networks=config.networks,
            body_within=BODY_WITHIN if config.receipt_pointer is None else None,
        )

    def knows_a_test(self, partner: Partner) -> bool:
        """Tell whether a test was agreed on, or the body is the one of Standard Webhooks."""
        return _test(self._configs.of(partner)) is not None

    async def rehearse(self, partner: Partner) -> CheckResult:
        """Post the test, signed as a referral is; a yes to it has no receipt."""
        config = self._configs.of(partner)
        said = _test(config)
        if said is None:
            return await super().rehearse(partner)
        answer = await self._post(config, str(uuid4()), to_bytes(said), CALL_SECONDS)
        failed = classify(answer.status, answer.headers, self._tools.clock.now())
        if failed is not None:
            return CheckResult(ok=False, text=failed.text, reason=failed.reason)
        return CheckResult(ok=True, text=_TAKES_A_TEST)

    async def check(self, partner: Partner) -> CheckResult:
        """Read the settings and secrets, and reach the endpoint with a HEAD that says nothing."""
        try:
            config = self._configs.of(partner)
            signatures([self._tools.secret(name) for name in config.secrets], "check", b"", self._tools.clock.now())
            answer = await self._tools.egress.request(
                "HEAD",
                str(config.url),
                deadline=CALL_SECONDS,
                cap=CAP,
                purpose=Purpose.PARTNER,
                networks=config.networks,
            )
        except RouterError as error:
            return CheckResult(ok=False, text=error.message)
        if answer.status == 410 or answer.status // 100 in {3, 5}:
            return CheckResult(ok=False, text=f"The endpoint answers, but takes nothing (HTTP {answer.status}).")
        return CheckResult(
            ok=True, text="The endpoint answers; only a referral shows whether it accepts our signature."
        )


def _test(config: WebhookConfig) -> dict[str, Any] | None:
    return _STANDARD_TEST if config.test is None and config.template == _STANDARD else config.test


def _filled(template: object, known: Mapping[str, Any], names: frozenset[str]) -> Any:
    """Return the template with its fields filled in; a permitted field that is not known is null."""
    match template:
        case "$*":
            return dict(known)
        case str() if template.startswith("$"):
            top = template[1:]
            if top not in names:
                raise KeyError(top)
            return known.get(top)
        case dict():
            return {key: _filled(value, known, names) for key, value in template.items()}
        case list() | tuple():
            return [_filled(value, known, names) for value in template]
        case _:
            return template


def _taken(config: WebhookConfig, answer: HttpAnswer) -> Outcome:
    """Read a 2xx: a receipt that the settings promise is what tells the partner's yes from a page in its place."""
    receipt = _receipt(config, answer)
    if receipt is None and (config.receipt_header or config.receipt_pointer):
        return _without_receipt(answer.status)
    return Accepted(receipt)


def _without_receipt(status: int) -> Unknown:
    return Unknown(Reason.NO_RECEIPT, _NO_RECEIPT.format(status))


def _receipt(config: WebhookConfig, answer: HttpAnswer) -> str | None:
    """Return the partner's reference if the answer holds one where the settings say, and it is one line of text."""
    found: object = None
    if config.receipt_header is not None:
        found = answer.headers.get(config.receipt_header)
    if found is None and config.receipt_pointer is not None:
        found = _pointed(answer.body, config.receipt_pointer)
    try:
        return _RECEIPT.validate_python(str(found)) if isinstance(found, str | int) else None
    except ValidationError:
        return None


def _pointed(body: bytes, pointer: str) -> object:
    """Follow a JSON pointer (RFC 6901); None when it leads nowhere."""
    try:
        value: object = orjson.loads(body)
        for escaped in pointer.split("/")[1:]:
            step = escaped.replace("~1", "/").replace("~0", "~")
            value = value[int(step)] if isinstance(value, list) else value[step]  # type: ignore[index] # else TypeError
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return value
