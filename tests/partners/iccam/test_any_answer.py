"""Whatever a hub answers to one of the calls, a referral's turn ends in one outcome, and no yes is made of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.delivery import ask
from router.delivery.send import attempt
from router.guard.egress import Egress, HttpAnswer
from router.partners.base import Accepted, Envelope, Outcome, Progressed, Reason, SentReferral
from router.partners.iccam.dialect import IccamDialect
from tests.hosting.mutations import JSON, mutated
from tests.partners.iccam.sender import a_hub
from tests.partners.iccam.stage import near
from tests.partners.scripted import STATUSES
from tests.referrals import a_message

#: Calls that a referral takes at a hub, with those that only read.
CALLS = 16
DEADLINE = 20.0
MOST_TURNS = 12


@dataclass
class SpoiledWayOut:
    """The way out, on which one answer is another than the hub gave."""

    egress: Egress
    data: st.DataObject
    spoiled: int
    calls: int = 0

    async def request(self, method: str, url: str, **options: Any) -> HttpAnswer:
        answer = await self.egress.request(method, url, **options)
        self.calls += 1
        return self._spoil(answer) if self.calls == self.spoiled else answer

    def _spoil(self, answer: HttpAnswer) -> HttpAnswer:
        status = self.data.draw(st.just(answer.status) | STATUSES, "status")
        bodies: st.SearchStrategy[bytes] = JSON.map(_written) | st.binary(max_size=40)
        if answer.body and answer.status // 100 == 2:
            bodies |= mutated(json.loads(answer.body)).map(_written)
        headers: Mapping[str, str] = {"Retry-After": "9" * 30} if self.data.draw(st.booleans(), "headers") else {}
        return HttpAnswer(status, headers, self.data.draw(bodies, "body"))


def _written(document: Any) -> bytes:
    return json.dumps(document).encode()


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(data=st.data(), spoiled=st.integers(1, CALLS))
async def test_whatever_a_hub_answers_to_a_call_each_turn_ends_in_one_outcome(
    data: st.DataObject, spoiled: int
) -> None:
    with TemporaryDirectory() as folder:
        async with near(Path(folder)) as at:
            way_out: Any = SpoiledWayOut(at.tools.egress, data, spoiled)
            dialect, partner, message = IccamDialect(replace(at.tools, egress=way_out)), a_hub(), a_message()
            envelope = Envelope(message.referral_id, dialect.freeze(message, partner))
            for _ in range(MOST_TURNS):
                (outcome,) = await attempt(dialect, partner, [envelope], DEADLINE)
                assert isinstance(outcome, get_args(Outcome))
                assert getattr(outcome, "reason", None) is not Reason.UNEXPECTED, "the dialect itself understood it"
                if not isinstance(outcome, Progressed):
                    break
                envelope = replace(envelope, progress=outcome.progress)
            assert not isinstance(outcome, Accepted) or outcome.receipt
            sent = SentReferral(message.referral_id, None, envelope.progress)
            assert isinstance(await ask.status(dialect, partner, [sent]), list)
            assert (await ask.check(dialect, partner)).reason is not Reason.UNEXPECTED
