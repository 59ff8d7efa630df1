"""Our public address leads to us: asked over real HTTPS as a peer asks, and told apart from everything else there."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.app import check_public_url
from router.app_tracer import make_resolver, way_out
from router.clock import SystemClock
from router.partners.base import Tools
from router.partners.keys import Signer
from router.partners.own_address import check_own_address
from router.settings import Settings
from router.world.story import HOME, NETHERLANDS
from tests.neighbours import Neighbour, Neighbourhood, neighbourhood


def known_as(one: Neighbour, **changed: object) -> Settings:
    return Settings.load(**(one.router.settings.model_dump(exclude_none=True) | changed))


async def test_it_is_ours_somebody_elses_or_nobodys(tmp_path: Path) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(NETHERLANDS, clock=SystemClock()) as dutch,
        town.moving_in(HOME, clock=SystemClock()) as home,
    ):
        await town.introduce()
        assert (await check_public_url(home.router.settings, town.dial)).ok
        await _is_not_ours(town, home, dutch)
        await _cannot_be_reached(town, home)


async def _is_not_ours(town: Neighbourhood, home: Neighbour, dutch: Neighbour) -> None:
    theirs = await check_public_url(known_as(home, public_url=f"https://{dutch.site.host}"), town.dial)
    assert not theirs.ok
    assert "a router answers there that goes by another name" in theirs.text
    path = await check_public_url(known_as(home, public_url=f"https://{home.site.host}/router"), town.dial)
    assert not path.ok
    other_name = await check_public_url(known_as(home, name="hotline-xx"), town.dial)
    assert not other_name.ok
    nobody = await check_public_url(known_as(home, public_url="https://nobody.example"), town.dial)
    assert not nobody.ok
    assert "correct `public_url`" in nobody.text
    private = await check_public_url(known_as(home, public_url="https://192.168.1.4"), town.dial)
    assert not private.ok


async def _cannot_be_reached(town: Neighbourhood, home: Neighbour) -> None:
    """Many networks let nobody out and in again, so that is no fault; it is said."""
    del town.ports[home.site.address]
    found = await check_public_url(home.router.settings, town.dial)
    assert found.ok
    assert "cannot be reached from this machine" in found.text


@pytest.mark.parametrize("name", ["", "2"])
async def test_nobody_but_the_holder_of_our_key_is_told_that_it_is_us(tmp_path: Path, name: str) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(NETHERLANDS, clock=SystemClock()) as dutch,
        town.moving_in(HOME, clock=SystemClock()) as home,
    ):
        await town.introduce()
        stranger = Signer(home.router.signer.key_id + name, Ed25519PrivateKey.generate())
        clock = SystemClock()
        resolver = make_resolver(home.router.settings, clock)
        async with way_out(home.router.settings, resolver, town.dial) as egress:
            tools = Tools(egress, clock, home.router.settings.name, (stranger,))
            found = await check_own_address(tools, str(home.router.settings.public_url))
        await resolver.aclose()
        assert not found.ok
        assert dutch.router.signer.key_id != stranger.key_id
