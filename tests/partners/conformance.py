"""What every dialect promises, whatever it speaks: inherit `Promises` and give it a `stage`.

A stage is a dialect, a partner entry, and a partner that enforces the dialect's published rules. What speaks HTTP
inherits `HttpPromises` (`conformance_http`), which holds these too.
"""

import io
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from router.errors import BadInput
from router.guard import log
from router.partners.base import (
    Accepted,
    Deferred,
    Dialect,
    EffectClass,
    Envelope,
    Outcome,
    OwnAction,
    Progressed,
    Refused,
    SentReferral,
    Unknown,
)
from schemas.exchange import ActionStatement, ReferralMessage
from schemas.partner import Partner
from schemas.report import Account
from schemas.vocabulary import AccountRole, ActionType
from tests.partners.carried import Carried
from tests.referrals import AT, CANARY, a_message

#: Steps of one referral that are tried one by one.
_MOST_STEPS = 20


@dataclass
class Stage(ABC):
    """One dialect, ready to speak to one partner."""

    dialect: Dialect
    partner: Partner

    @property
    def full(self) -> int:
        """How many referrals a full call has."""
        return self.dialect.bundle_of(self.partner)

    @property
    @abstractmethod
    def effects(self) -> Mapping[str, int]:
        """What was done at the partner: referral -> how often. What is half done stands there once."""

    @property
    def changes(self) -> int:
        """How many calls changed something at the partner, whether they had to or not."""
        return sum(self.effects.values())

    @property
    def withdrawn(self) -> set[str]:
        """The referrals that the partner dropped."""
        return set()

    @property
    def told(self) -> Mapping[str, int]:
        """What the partner was told: act -> how often it stands there."""
        return {}

    @property
    def secrets(self) -> list[str]:
        """What must stand in no outcome, error or log."""
        return []

    @abstractmethod
    def away(self) -> None:
        """Let the partner be out of reach from now on."""

    @abstractmethod
    def unusable(self) -> Partner:
        """The partner's entry with settings that cannot be used and hold the canary."""

    @abstractmethod
    def anew(self) -> Dialect:
        """The same dialect as another process speaks it."""

    def later(self, by: timedelta) -> None:
        """Let time pass, where the partner or the dialect waits for it; most wait for nothing."""
        del by

    def carried(self, message: ReferralMessage | None = None) -> Carried:
        return Carried(self.dialect, self.partner, message or a_message())

    def envelope(self, message: ReferralMessage | None = None) -> Envelope:
        return self.carried(message).envelope

    def with_fields(self, *names: str) -> Partner:
        return self.partner.model_copy(update={"fields": names})


async def half_done(stage: Stage, steps: int) -> Carried | None:
    """A referral of which so many steps are done; None when it has fewer."""
    carried = stage.carried()
    while len({one.progress.step for one in carried.said}) < steps:
        outcome = await carried.turn()
        if not isinstance(outcome, Progressed):
            return None
        stage.later(timedelta(minutes=1))
    return carried


def everything_logged() -> io.StringIO:
    """Log all there is, into this."""
    written = io.StringIO()
    log.set_up(written, "debug")
    logging.getLogger().setLevel(logging.DEBUG)
    return written


def secrets_in(stage: Stage, said: list[str], written: io.StringIO) -> list[str]:
    text = " ".join(said) + written.getvalue()
    return [secret for secret in (CANARY, *stage.secrets) if secret in text]


class Promises:
    """The promises of all. A subclass overrides the fixture `stage`."""

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError

    async def test_it_says_what_it_is(self, stage: Stage) -> None:
        dialect = stage.dialect
        assert stage.partner.dialect == dialect.name
        assert isinstance(dialect.effect, EffectClass)
        assert dialect.bundle_of(stage.partner) >= 1
        assert "ways_in.login" not in dialect.fields
        for code, step in dialect.steps.items():
            assert code == code.lower().strip()
            assert step.text.endswith((".", "…"))

    # ---------------------------------------------------------------- what is sent

    async def test_what_is_taken_comes_back_with_a_receipt(self, stage: Stage) -> None:
        carried = stage.carried()
        outcome = await carried.to_the_end(stage.later)
        assert isinstance(outcome, Accepted)
        assert outcome.receipt not in {"", carried.id}  # our own id is no receipt of theirs
        assert stage.effects == {carried.id: 1}

    async def test_a_full_bundle_has_an_outcome_each_in_order(self, stage: Stage) -> None:
        bundle = [stage.carried() for _ in range(stage.full)]
        going = list(bundle)
        for _ in range(_MOST_STEPS):
            outcomes = await stage.dialect.send(stage.partner, [one.envelope for one in going])
            assert len(outcomes) == len(going)
            going = [one for one, said in zip(going, outcomes, strict=True) if not isinstance(one.kept(said), Accepted)]
            if not going:
                break
            stage.later(timedelta(minutes=1))
        assert len({one.receipt for one in bundle}) == len(bundle)
        assert stage.effects == dict.fromkeys((one.id for one in bundle), 1)

    async def test_sending_again_is_harmless_where_it_is_promised(self, stage: Stage) -> None:
        carried = stage.carried()
        first = await carried.to_the_end(stage.later)
        again = carried.taken_over(stage.anew())
        again.progress, again.in_doubt = None, True
        if EffectClass.AT_LEAST_ONCE in {stage.dialect.effect_after(step) for step in (None, *stage.dialect.steps)}:
            return
        second = await again.to_the_end(stage.later)
        assert stage.effects == {carried.id: 1}
        assert second == first or (isinstance(second, Unknown) and second.for_people)

    # ---------------------------------------------------------------- step by step

    async def test_every_step_is_declared_and_can_be_said(self, stage: Stage) -> None:
        carried = stage.carried()
        await carried.to_the_end(stage.later)
        for one in carried.said:
            step = stage.dialect.steps[one.progress.step]
            text = step.text.format_map(one.progress.said)
            assert CANARY not in text
            assert not one.progress.data or repr(one.progress.data) not in repr(one)

    async def test_a_step_that_would_double_changes_one_thing_at_the_partner(self, stage: Stage) -> None:
        """Of two, nobody would know of the first when the second fails."""
        carried = stage.carried()
        outcome: Outcome | None = None
        while not isinstance(outcome, Accepted):
            before, done = stage.changes, None if carried.progress is None else carried.progress.step
            outcome = await carried.turn()
            assert stage.changes <= before + 1 or stage.dialect.effect_after(done) is EffectClass.IDEMPOTENT
            stage.later(timedelta(minutes=1))

    async def test_what_is_half_done_another_process_finishes_and_begins_nothing_again(self, stage: Stage) -> None:
        straight = stage.carried()
        await straight.to_the_end(stage.later)
        cost = stage.changes
        for steps in range(1, _MOST_STEPS):
            before = stage.changes
            carried = await half_done(stage, steps)
            if carried is None:
                return
            outcome = await carried.taken_over(stage.anew()).to_the_end(stage.later)
            assert isinstance(outcome, Accepted)
            assert stage.effects[carried.id] == 1
            assert stage.changes == before + cost

    async def test_a_call_whose_sender_died_is_made_again_without_harm(self, stage: Stage) -> None:
        """Or asked about first; where neither can be, the router never makes it again by itself."""
        for steps in range(_MOST_STEPS):
            carried = await half_done(stage, steps)
            if carried is None:
                return
            await carried.call()
            done = None if carried.progress is None else carried.progress.step
            if stage.dialect.effect_after(done) is EffectClass.AT_LEAST_ONCE:
                continue
            again = carried.taken_over(stage.anew())
            again.in_doubt = True
            outcome = await again.to_the_end(stage.later)
            assert stage.effects[carried.id] == 1
            assert isinstance(outcome, Accepted) or (isinstance(outcome, Unknown) and outcome.for_people)

    # ---------------------------------------------------------------- what comes after

    async def test_whoever_can_be_asked_knows_what_it_accepted_and_nothing_else(self, stage: Stage) -> None:
        carried = stage.carried()
        await carried.to_the_end(stage.later)
        strange = SentReferral(a_message().referral_id)
        found = await stage.dialect.status(stage.partner, [carried.sent, strange])
        if found is not None:
            assert [(one.referral_id, one.known) for one in found] == [(carried.id, True), (strange.referral_id, False)]

    async def test_what_is_called_withdrawn_the_partner_has_dropped(self, stage: Stage) -> None:
        """Half done or whole; and asking it again is harmless."""
        for steps in range(_MOST_STEPS):
            carried = await half_done(stage, steps)
            if carried is None:
                carried = stage.carried()
                await carried.to_the_end(stage.later)
            for _ in range(2):
                outcomes = await stage.anew().withdraw(stage.partner, [carried.sent])
                if outcomes is None:
                    return
                (outcome,) = outcomes
                gone = carried.id in stage.withdrawn or carried.id not in stage.effects
                assert gone or not isinstance(outcome, Accepted)
                assert isinstance(outcome, Accepted | Progressed | Refused | Deferred)
            if carried.receipt is not None:
                return

    async def test_an_act_is_told_once_however_often_it_is_told(self, stage: Stage) -> None:
        carried = stage.carried()
        await carried.to_the_end(stage.later)
        act = OwnAction("act-1", carried.sent, ActionStatement(action=ActionType.REMOVED, at=AT))
        for _ in range(2):
            outcomes = await stage.anew().tell(stage.partner, [act])
            if outcomes is None:
                return
            (outcome,) = outcomes
            assert isinstance(outcome, Accepted) == (stage.told == {"act-1": 1})

    async def test_a_partner_that_is_away_got_nothing(self, stage: Stage) -> None:
        stage.away()
        outcome = await stage.carried().call()
        assert isinstance(outcome, Deferred)
        assert not outcome.may_have_arrived
        assert stage.effects == {}

    # ---------------------------------------------------------------- what leaves

    async def test_the_same_message_is_always_the_same_bytes(self, stage: Stage) -> None:
        message = a_message()
        again = type(message).model_validate_json(message.model_dump_json())
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

    # ---------------------------------------------------------------- settings, checks, silence

    async def test_settings_that_cannot_be_used_are_named_and_not_repeated(self, stage: Stage) -> None:
        wrong = stage.unusable()
        with pytest.raises(BadInput) as refused:
            await stage.dialect.send(wrong, [stage.envelope()])
        assert refused.value.field is not None
        assert refused.value.field.startswith(f"partners.{wrong.name}.config.")
        assert CANARY not in f"{refused.value!r} {refused.value.field}"
        assert not (await stage.dialect.check(wrong)).ok

    async def test_a_check_sends_nothing(self, stage: Stage) -> None:
        assert (await stage.dialect.check(stage.partner)).ok
        assert (stage.effects, stage.changes) == ({}, 0)

    async def test_a_check_says_that_a_partner_is_away(self, stage: Stage) -> None:
        stage.away()
        found = await stage.dialect.check(stage.partner)
        assert not found.ok
        assert found.text

    async def test_no_secret_stands_in_an_outcome_an_error_or_the_log(self, stage: Stage, log_restored: None) -> None:
        written, said = everything_logged(), list[str]()
        carried = stage.carried()
        while not isinstance(outcome := await carried.turn(), Accepted):
            said.append(repr(outcome))
            stage.later(timedelta(minutes=1))
        said += [repr(outcome), repr(await stage.dialect.check(stage.partner))]
        assert secrets_in(stage, said, written) == []

    async def test_no_secret_stands_in_what_is_said_of_a_partner_that_is_away(
        self, stage: Stage, log_restored: None
    ) -> None:
        written = everything_logged()
        stage.away()
        said = [repr(await stage.carried().call()), repr(await stage.dialect.check(stage.partner))]
        assert secrets_in(stage, said, written) == []
