"""What every dialect must do, whatever it speaks: inherit `DialectConformance` and give it a `stage`.

A stage is a dialect, a partner entry, and a real server on loopback that enforces the dialect's published rules and can
be told to misbehave.
"""

import io
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

import pytest
from aiohttp import web

from router.errors import BadInput, NoAnswer, NotSent, RouterError
from router.guard import log
from router.partners.base import Accepted, Deferred, Dialect, EffectClass, Envelope, Outcome, Reason, Refused, Unknown
from schemas.exchange import ReferralMessage
from schemas.partner import Partner
from schemas.report import Account
from schemas.vocabulary import AccountRole
from tests.loopback import Loopback
from tests.referrals import CANARY, a_message

NOT_AUTHENTICATED = (Deferred, Reason.NOT_AUTHENTICATED, False)
BUSY = (Deferred, Reason.BUSY, True)
#: status -> what it must become, for every status there can be but 2xx: (word, reason, is it counted).
STATUS_TABLE: dict[int, tuple[type, Reason, bool | None]] = (
    dict.fromkeys(range(300, 400), (Deferred, Reason.REDIRECTED, True))
    | dict.fromkeys(range(400, 500), (Refused, Reason.REFUSED, None))
    | dict.fromkeys(range(500, 600), (Deferred, Reason.PARTNER_FAILS, True))
    | dict.fromkeys(range(600, 1000), (Unknown, Reason.NOT_UNDERSTOOD, None))
    | {401: NOT_AUTHENTICATED, 403: NOT_AUTHENTICATED, 410: (Deferred, Reason.GONE, False)}
    | {408: BUSY, 425: BUSY, 429: BUSY, 503: BUSY, 413: (Refused, Reason.TOO_LARGE, None)}
)
#: What a real server is made to answer; the whole table is walked in test_answers.
SENT_STATUSES = sorted({int(one) for one in HTTPStatus if one >= 300} | {299 + 1, 399, 418, 499, 599, 600, 999})


class Server(Protocol):
    """What a stage's server can be told."""

    status: int | None
    headers: dict[str, str]
    delay: float
    seen: list[web.Request]
    effects: dict[str, int]


@dataclass
class Stage:
    """One dialect, ready to speak to one partner."""

    dialect: Dialect
    partner: Partner
    server: Server
    net: Loopback
    secrets: list[str] = field(default_factory=list)

    def envelope(self, message: ReferralMessage | None = None) -> Envelope:
        message = message or a_message()
        return Envelope(message.referral_id, self.dialect.freeze(message, self.partner))

    def with_fields(self, *names: str) -> Partner:
        return self.partner.model_copy(update={"fields": names})


def shape(outcome: Outcome) -> tuple[type, Reason | None, bool | None]:
    return type(outcome), getattr(outcome, "reason", None), getattr(outcome, "counted", None)


class DialectConformance:
    """The promises. A subclass overrides the fixture `stage`."""

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError

    async def test_it_says_what_it_is(self, stage: Stage) -> None:
        dialect = stage.dialect
        assert stage.partner.dialect == dialect.name
        assert isinstance(dialect.effect, EffectClass)
        assert dialect.bundle >= 1
        assert "ways_in.login" not in dialect.fields

    async def test_what_is_taken_comes_back_with_a_receipt(self, stage: Stage) -> None:
        envelope = stage.envelope()
        (outcome,) = await stage.dialect.send(stage.partner, [envelope])
        assert isinstance(outcome, Accepted)
        assert outcome.receipt not in {"", envelope.referral_id}  # our own id is no receipt of theirs
        assert stage.server.effects == {envelope.referral_id: 1}

    async def test_a_full_bundle_has_an_outcome_each_in_order(self, stage: Stage) -> None:
        envelopes = [stage.envelope() for _ in range(stage.dialect.bundle)]
        outcomes = await stage.dialect.send(stage.partner, envelopes)
        assert len({outcome.receipt for outcome in outcomes if isinstance(outcome, Accepted)}) == len(envelopes)
        assert list(stage.server.effects) == [one.referral_id for one in envelopes]

    async def test_sending_again_is_harmless_where_it_is_promised(self, stage: Stage) -> None:
        if stage.dialect.effect is not EffectClass.IDEMPOTENT:
            return
        envelope = stage.envelope()
        first = await stage.dialect.send(stage.partner, [envelope])
        assert await stage.dialect.send(stage.partner, [envelope]) == first
        assert stage.server.effects == {envelope.referral_id: 1}

    async def test_every_status_means_what_the_table_says(self, stage: Stage) -> None:
        envelope = stage.envelope()
        found = {}
        for status in SENT_STATUSES:
            stage.server.status = status
            (outcome,) = await stage.dialect.send(stage.partner, [envelope])
            found[status] = shape(outcome)
        assert found == {status: STATUS_TABLE[status] for status in SENT_STATUSES}
        assert stage.server.effects == {}

    async def test_the_partners_wish_to_wait_is_kept(self, stage: Stage) -> None:
        stage.server.status, stage.server.headers = 429, {"Retry-After": "120"}
        (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
        assert isinstance(outcome, Deferred)
        assert outcome.retry_after == 120

    async def test_a_redirect_is_not_followed(self, stage: Stage) -> None:
        stage.server.status, stage.server.headers = 307, {"Location": "https://elsewhere.test/"}
        await stage.dialect.send(stage.partner, [stage.envelope()])
        assert "elsewhere.test" not in stage.net.lookups

    async def test_a_partner_that_is_away_got_nothing(self, stage: Stage) -> None:
        stage.net.hosts.clear()
        with pytest.raises(NotSent):
            await stage.dialect.send(stage.partner, [stage.envelope()])

    async def test_a_partner_that_is_silent_may_have_it(self, stage: Stage) -> None:
        stage.server.delay = 5
        with pytest.raises(NoAnswer):
            await stage.dialect.send(stage.partner, [stage.envelope()], deadline=0.2)

    async def test_the_same_message_is_always_the_same_bytes(self, stage: Stage) -> None:
        message = a_message()
        again = ReferralMessage.model_validate_json(message.model_dump_json())
        assert stage.dialect.freeze(message, stage.partner) == stage.dialect.freeze(again, stage.partner)

    async def test_a_login_leaves_only_where_it_is_named(self, stage: Stage) -> None:
        message = a_message()
        assert b"password" not in stage.dialect.freeze(message, stage.partner)
        assert b"password" not in stage.dialect.freeze(message, stage.with_fields("ways_in", "hosting"))
        assert b"password" in stage.dialect.freeze(message, stage.with_fields("ways_in", "ways_in.login", "hosting"))

    @pytest.mark.parametrize("role", [AccountRole.VICTIM, AccountRole.UNKNOWN])
    async def test_only_a_suspects_handle_leaves(self, stage: Stage, role: AccountRole) -> None:
        wide = stage.with_fields("account", "hosting")
        assert b"-handle" in stage.dialect.freeze(a_message(), wide)
        other = a_message(account=Account(platform="chat", handle=f"{CANARY}-handle", role=role))
        assert b"-handle" not in stage.dialect.freeze(other, wide)

    async def test_only_declared_fields_leave(self, stage: Stage) -> None:
        frozen = stage.dialect.freeze(a_message(), stage.with_fields("hosting"))
        assert b"note" not in frozen
        assert b"image_host" not in frozen

    async def test_a_field_that_does_not_exist_is_refused(self, stage: Stage) -> None:
        with pytest.raises(BadInput) as refused:
            stage.dialect.freeze(a_message(), stage.with_fields("memo"))
        assert refused.value.field == f"partners.{stage.partner.name}.fields.memo"

    async def test_settings_that_cannot_be_used_are_named_and_not_repeated(self, stage: Stage) -> None:
        wrong = stage.partner.model_copy(update={"config": {"url": f"http://{CANARY}.test", "secret": CANARY}})
        with pytest.raises(BadInput) as refused:
            await stage.dialect.send(wrong, [stage.envelope()])
        assert refused.value.field is not None
        assert refused.value.field.startswith(f"partners.{wrong.name}.config.")
        assert CANARY not in f"{refused.value!r} {refused.value.field}"
        assert not (await stage.dialect.check(wrong)).ok

    async def test_a_check_sends_nothing_and_never_raises(self, stage: Stage) -> None:
        assert (await stage.dialect.check(stage.partner)).ok
        stage.server.status = 503
        assert not (await stage.dialect.check(stage.partner)).ok
        stage.net.hosts.clear()
        stage.server.status = None
        assert stage.server.effects == {}

    async def test_a_check_says_that_a_partner_is_away(self, stage: Stage) -> None:
        stage.net.hosts.clear()
        found = await stage.dialect.check(stage.partner)
        assert not found.ok
        assert found.text

    async def test_no_secret_stands_in_an_outcome_an_error_or_the_log(self, stage: Stage, log_restored: None) -> None:
        written = io.StringIO()
        log.set_up(written, "debug")
        logging.getLogger().setLevel(logging.DEBUG)
        said: list[str] = []
        for status in (None, 302, 401, 404, 500, 999):
            stage.server.status = status
            said += map(repr, await stage.dialect.send(stage.partner, [stage.envelope()]))
            said.append(repr(await stage.dialect.check(stage.partner)))
        for make_it_fail in (self._slow, self._away):
            make_it_fail(stage)
            with pytest.raises(RouterError) as failed:
                await stage.dialect.send(stage.partner, [stage.envelope()], deadline=0.2)
            said += [repr(failed.value), failed.value.message, str(failed.value.field)]
        text = " ".join(said) + written.getvalue()
        host = stage.partner.config["url"].removeprefix("https://").partition("/")[0]
        assert [secret for secret in (CANARY, host, *stage.secrets) if secret in text] == []

    @staticmethod
    def _slow(stage: Stage) -> None:
        stage.server.status, stage.server.delay = None, 5

    @staticmethod
    def _away(stage: Stage) -> None:
        stage.net.hosts.clear()


def now() -> datetime:
    return datetime.now(UTC)
