"""A dialect of several steps keeps the promises; and each promise is broken by a dialect that breaks it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from router.clock import SystemClock
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    Envelope,
    Outcome,
    Progress,
    Progressed,
    SentReferral,
    Step,
    Tools,
)
from schemas.exchange import ReferralMessage, ReferralStatus
from schemas.partner import Partner
from tests.loopback import Loopback
from tests.partners.conformance import Promises
from tests.partners.conformance_http import HttpPromises, HttpStage
from tests.partners.cutting import Cut
from tests.partners.ferry import BOOKED, HOST, LOADED, FerryDialect, Harbour, RoughFerryDialect, partner


async def a_stage(net: Loopback, dialect: type[FerryDialect], harbour: Harbour) -> HttpStage:
    await net.serve(HOST, harbour.take)
    return HttpStage(dialect(Tools(await net.egress(), SystemClock(), "hotline-be")), partner(), harbour, net)


class TestFerry(HttpPromises):
    @pytest.fixture
    async def stage(self, net: Loopback) -> HttpStage:
        return await a_stage(net, FerryDialect, Harbour())


class TestRoughFerry(HttpPromises):
    """One whose last step nobody makes twice by himself."""

    @pytest.fixture
    async def stage(self, net: Loopback) -> HttpStage:
        return await a_stage(net, RoughFerryDialect, Harbour(rough=True))


# ---------------------------------------------------------------- dialects that break a promise


class Forgetful(FerryDialect):
    """Keeps in the process what belongs into the progress."""

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        known: dict[str, Progress] = self.__dict__.setdefault("known", {})
        given = [Envelope(one.referral_id, one.payload, known.get(one.referral_id)) for one in envelopes]
        outcomes = await super().send(partner, given, deadline)
        for one, outcome in zip(envelopes, outcomes, strict=True):
            if isinstance(outcome, Progressed):
                known[one.referral_id] = outcome.progress
        return outcomes


class Hasty(FerryDialect):
    """Makes two calls at once."""

    async def _next(self, partner: Partner, one: Envelope, deadline: float) -> Outcome:
        outcome = await super()._next(partner, one, deadline)
        if isinstance(outcome, Progressed):
            return await super()._next(partner, Envelope(one.referral_id, one.payload, outcome.progress), deadline)
        return outcome


class Careless(FerryDialect):
    """Does not ask before it books again."""

    async def _book(self, partner: Partner, one: Envelope, deadline: float) -> Outcome:
        return await super()._book(partner, Envelope(one.referral_id, one.payload), deadline)


class Undeclared(FerryDialect):
    """Names a step that nobody knows."""

    steps: ClassVar[Mapping[str, Step]] = {code: step for code, step in FerryDialect.steps.items() if code != LOADED}


class Unsaid(FerryDialect):
    """Has words that it does not fill in."""

    steps: ClassVar[Mapping[str, Step]] = FerryDialect.steps | {BOOKED: Step("Booked at {hour}.")}


class Telling(FerryDialect):
    """Says a part of the case where everybody reads it."""

    async def _next(self, partner: Partner, one: Envelope, deadline: float) -> Outcome:
        outcome = await super()._next(partner, one, deadline)
        if isinstance(outcome, Progressed):
            said = {"booking": one.payload.decode()}
            return Progressed(Progress(outcome.progress.step, outcome.progress.data, said))
        return outcome


class Boasting(FerryDialect):
    """Calls withdrawn what it did not withdraw."""

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
        return [Accepted("cancelled") for _ in sent]


class Chatty(FerryDialect):
    """Tells an act under another name each time."""

    async def tell(self, partner: Partner, actions: Sequence[Any]) -> list[Outcome] | None:
        self._tools.egress.__dict__["n"] = n = self._tools.egress.__dict__.get("n", 0) + 1
        again = [type(one)(f"{one.id}-{n}", one.referral, one.action) for one in actions]
        return await super().tell(partner, again)


class Knowing(FerryDialect):
    """Says that everything is known."""

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        return [ReferralStatus(referral_id=one.referral_id, known=True) for one in sent]


class Open(FerryDialect):
    """Sends whatever there is."""

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        return message.model_dump_json().encode()


Promise = Callable[..., Awaitable[None]]
BROKEN: list[tuple[type[FerryDialect], Promise, dict[str, Any]]] = [
    (Forgetful, Promises.test_what_is_half_done_another_process_finishes_and_begins_nothing_again, {}),
    (Hasty, Promises.test_a_step_that_would_double_changes_one_thing_at_the_partner, {}),
    (Careless, Promises.test_a_call_whose_sender_died_is_made_again_without_harm, {}),
    (Careless, Promises.test_sending_again_is_harmless_where_it_is_promised, {}),
    (Careless, HttpPromises.test_wherever_the_wire_is_cut_no_word_is_wrong_and_nothing_is_doubled,
     {"direction": Cut.THEIRS}),
    (Undeclared, Promises.test_every_step_is_declared_and_can_be_said, {}),
    (Unsaid, Promises.test_every_step_is_declared_and_can_be_said, {}),
    (Telling, Promises.test_every_step_is_declared_and_can_be_said, {}),
    (Boasting, Promises.test_what_is_called_withdrawn_the_partner_has_dropped, {}),
    (Chatty, Promises.test_an_act_is_told_once_however_often_it_is_told, {}),
    (Knowing, Promises.test_whoever_can_be_asked_knows_what_it_accepted_and_nothing_else, {}),
    (Open, Promises.test_only_declared_fields_leave, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "promise", "given"), BROKEN, ids=[f"{one.__name__}-{promise.__name__}" for one, promise, _ in BROKEN]
)
async def test_a_dialect_that_breaks_a_promise_is_found(
    net: Loopback, dialect: type[FerryDialect], promise: Promise, given: dict[str, Any]
) -> None:
    stage = await a_stage(net, dialect, Harbour())
    with pytest.raises((AssertionError, KeyError)):
        await promise(HttpPromises(), stage, **given)
