"""The police's intake takes what is signed as Standard Webhooks say, and nothing else; their library is the oracle."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook

from router.world.ca import Authority
from router.world.clock import JumpingClock
from router.world.partners import TOLERANCE, PoliceIntake, receipt

SECRET = "whsec_" + base64.b64encode(b"thirty-two octets for this test!").decode()
BODY = json.dumps({"case": "one"})


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def police(authority: Authority, clock: JumpingClock) -> AsyncIterator[PoliceIntake]:
    async with PoliceIntake(SECRET, authority.issue("127.0.0.1").server_context(), clock) as running:
        yield running


def signed(clock: JumpingClock, message_id: str = "m1", body: str = BODY, secret: str = SECRET) -> dict[str, str]:
    moment = clock.now()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body),
    }


async def send(
    police: PoliceIntake, authority: Authority, headers: Mapping[str, str], body: str = BODY
) -> tuple[int, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"https://127.0.0.1:{police.port}/intake", data=body, headers=headers, ssl=authority.client_context()
        ) as answer,
    ):
        return answer.status, await answer.json() if answer.status == 200 else {}


async def test_a_signed_message_is_taken_with_a_receipt(
    police: PoliceIntake, authority: Authority, clock: JumpingClock
) -> None:
    assert await send(police, authority, signed(clock)) == (200, {"receipt": receipt("m1")})
    assert police.received["m1"].body == {"case": "one"}


async def test_a_replay_is_answered_as_the_first_time(
    police: PoliceIntake, authority: Authority, clock: JumpingClock
) -> None:
    first = await send(police, authority, signed(clock))
    assert await send(police, authority, signed(clock)) == first
    assert (len(police.received), police.received["m1"].times) == (1, 2)


async def test_one_good_signature_among_several_is_enough(
    police: PoliceIntake, authority: Authority, clock: JumpingClock
) -> None:
    headers = signed(clock)
    headers["webhook-signature"] = "v1,bm90IHRoaXMgb25l " + headers["webhook-signature"]
    assert (await send(police, authority, headers))[0] == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers.pop("webhook-signature"),
        lambda headers: headers.pop("webhook-id"),
        lambda headers: headers.update({"webhook-id": "another"}),
        lambda headers: headers.update({"webhook-timestamp": "yesterday"}),
        lambda headers: headers.update({"webhook-signature": "v1,bm90IHRoaXMgb25l"}),
    ],
    ids=["unsigned", "without id", "another id", "no time", "another signature"],
)
async def test_what_is_not_signed_well_is_rejected(
    police: PoliceIntake, authority: Authority, clock: JumpingClock, spoil: Callable[[dict[str, str]], object]
) -> None:
    headers = signed(clock)
    spoil(headers)
    assert (await send(police, authority, headers))[0] == 401
    assert (police.received, police.rejected) == ({}, 1)


async def test_another_body_or_another_secret_is_rejected(
    police: PoliceIntake, authority: Authority, clock: JumpingClock
) -> None:
    other = "whsec_" + base64.b64encode(b"another secret of thirty-two oct").decode()
    assert (await send(police, authority, signed(clock), body='{"case": "two"}'))[0] == 401
    assert (await send(police, authority, signed(clock, secret=other)))[0] == 401


async def test_an_old_signature_is_rejected(police: PoliceIntake, authority: Authority, clock: JumpingClock) -> None:
    headers = signed(clock)
    clock.advance(timedelta(seconds=TOLERANCE + 5))
    assert (await send(police, authority, headers))[0] == 401


async def test_police_in_trouble_take_nothing(police: PoliceIntake, authority: Authority, clock: JumpingClock) -> None:
    police.status = 503
    assert (await send(police, authority, signed(clock)))[0] == 503
    assert police.received == {}
