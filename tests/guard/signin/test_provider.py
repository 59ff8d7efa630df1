import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from router.errors import NotSignedIn, RouterError, Unavailable
from router.guard.signin import provider as module
from router.guard.signin.provider import Flow, Provider
from tests.identity import BACK, CLIENT, HOST, ISSUER, SECRET, SETTINGS, Identity
from tests.loopback import Loopback

NOW = 1_795_000_000


@dataclass
class House:
    """The provider, and how a router sees it."""

    identity: Identity
    provider: Provider

    async def said(self, *, anew: bool = False, **other: str) -> str:
        """Sign in there, and return what the router makes of it."""
        flow = Flow.new(NOW, "enter", "")
        came = self.identity.enter(await self.provider.address(flow, anew=anew))
        return await self.provider.subject(flow, {**came, **other}, NOW, anew=anew)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    net = Loopback(tmp_path)
    identity = Identity(lambda: NOW)
    await net.serve(HOST, identity.answer)
    try:
        yield House(identity, Provider(SETTINGS, BACK, await net.egress(), {"oidc": SECRET}.__getitem__))
    finally:
        await net.close()


async def test_somebody_who_signs_in_there_is_named(house: House) -> None:
    assert await house.said() == "s-1"


async def test_each_sign_in_has_a_state_a_nonce_and_a_challenge_of_its_own(house: House) -> None:
    seen = []
    for _ in range(3):
        flow = Flow.new(NOW, "enter", "")
        given = dict(parse_qsl(urlsplit(await house.provider.address(flow, anew=False)).query))
        assert (given["state"], given["nonce"]) == (flow.state, flow.nonce)
        assert flow.verifier not in str(given)
        seen += [given["state"], given["nonce"], given["code_challenge"]]
    assert len(set(seen)) == 9


@pytest.mark.parametrize(
    "told",
    [
        {"iss": "https://other.test"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": NOW - 61},
        {"exp": None},
        {"iat": NOW + 3600},
        {"iat": None},
        {"sub": None},
    ],
)
async def test_a_claim_that_is_not_what_was_asked_for(house: House, told: dict[str, Any]) -> None:
    house.identity.told = told
    with pytest.raises(NotSignedIn):
        await house.said()


async def test_a_signature_that_is_not_theirs(house: House) -> None:
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    head = {"alg": "RS256", "kid": "k1"}
    tricks = (
        lambda claims: jwt.encode(head, claims, other),
        house.identity.signed_with_its_public_key,
        _unsigned,
        lambda _claims: "a.b.c",
        lambda _claims: "",
        lambda claims: jwt.encode({"alg": "RS512", "kid": "k1"}, claims, house.identity.key, algorithms=["RS512"]),
    )
    for trick in tricks:
        house.identity.sign = trick
        with pytest.raises(NotSignedIn):
            await house.said()
    house.identity.sign = None
    assert await house.said() == "s-1"


def _unsigned(claims: dict[str, Any]) -> str:
    from base64 import urlsafe_b64encode

    import orjson

    parts = [urlsafe_b64encode(orjson.dumps(one)).decode().rstrip("=") for one in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


@pytest.mark.parametrize(
    "other", [{"state": "x"}, {"state": ""}, {"iss": "https://other.test"}, {"code": ""}, {"code": "x"}]
)
async def test_an_answer_that_belongs_to_another_sign_in(house: House, other: dict[str, str]) -> None:
    """Another state is somebody else's; another issuer is a mix-up (RFC 9207)."""
    with pytest.raises(NotSignedIn):
        await house.said(**other)


async def test_a_code_that_somebody_else_caught_is_worth_nothing(house: House) -> None:
    flow, theirs = Flow.new(NOW, "enter", ""), Flow.new(NOW, "enter", "")
    came = house.identity.enter(await house.provider.address(flow, anew=False))
    with pytest.raises(NotSignedIn):
        await house.provider.subject(theirs, {**came, "state": theirs.state}, NOW, anew=False)


async def test_showing_anew_takes_a_sign_in_after_it_was_asked(house: House) -> None:
    assert await house.said(anew=True) == "s-1"
    for auth_time in (NOW - 3600, None, "yesterday"):
        house.identity.told = {"auth_time": auth_time}
        with pytest.raises(NotSignedIn):
            await house.said(anew=True)


async def test_how_sure_it_was_is_asked_where_the_house_says_so(house: House) -> None:
    house.provider.settings = SETTINGS.model_copy(update={"acr": "mfa"})
    with pytest.raises(NotSignedIn):
        await house.said()
    house.identity.told = {"acr": "mfa"}
    assert await house.said() == "s-1"


async def test_one_that_is_down_is_said_to_be_away_in_our_words(house: House) -> None:
    house.identity.down = True
    with pytest.raises(Unavailable) as caught:
        await house.said()
    assert "sign in with your password here" in caught.value.message
    assert "canary" not in str(caught.value)
    house.identity.down = False
    assert await house.said() == "s-1"


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://other.test"},
        {"token_endpoint": "http://id.hotline.test/token"},
        {"token_endpoint": "https://127.0.0.1/token"},
        {"jwks_uri": "https://nowhere.test/keys"},
        {"jwks_uri": None},
        {"authorization_endpoint": 7},
    ],
)
async def test_what_it_publishes_leads_nowhere_that_the_guard_does_not_let_out(
    house: House, published: dict[str, Any]
) -> None:
    house.identity.published = published
    with pytest.raises(RouterError) as caught:
        await house.said()
    assert isinstance(caught.value, Unavailable)


async def test_what_it_publishes_is_asked_once_and_a_new_key_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await house.said()
    assert house.identity.calls.count("/keys") == house.identity.calls.count("/.well-known/openid-configuration") == 1
    house.identity.key = RSAKey.generate_key(2048, {"kid": "k2"})
    with pytest.raises(NotSignedIn):
        await house.said()
    monkeypatch.setattr(module, "_KEYS_AGAIN", 0.0)
    assert await house.said() == "s-1"
    assert house.provider.settings.issuer == ISSUER


async def test_strangers_who_come_while_it_is_asked_wait_for_that_answer(house: House) -> None:
    flow = Flow.new(NOW, "enter", "")
    for down in (True, False):
        house.identity.down, house.identity.calls = down, []
        came = await asyncio.gather(
            *(house.provider.address(flow, anew=False) for _ in range(50)), return_exceptions=True
        )
        assert {type(one) for one in came} == ({Unavailable} if down else {str})
        assert len(house.identity.calls) == 1
