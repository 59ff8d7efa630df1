import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.cli.client.api import open_client
from router.cli.client.governance import GovernanceClient
from router.data.directory import shipped_directory
from router.data.policies import default_policy
from router.errors import NotFound, PolicyInvalid
from schemas.governed import Published


@pytest.fixture
async def office(data: str) -> AsyncIterator[GovernanceClient]:
    async with open_client(Path(data)) as client:
        yield GovernanceClient(client)


async def test_the_policy_in_force_is_the_shipped_one(office: GovernanceClient) -> None:
    version, policy = await office.policy()
    assert version == 1
    assert policy.home == "BE"


async def test_a_policy_is_published_and_then_in_force(office: GovernanceClient) -> None:
    text = default_policy("BE").replace('follow_up = "5d"', 'follow_up = "6d"')
    assert await office.publish(text) == Published(version=2)
    version, policy = await office.policy()
    assert (version, policy.follow_up.days) == (2, 6)


@pytest.mark.parametrize("text", ["version = 1\n", "nonsense", 'version = 1\nhome = "XX"\n'])
async def test_a_wrong_policy_is_refused_and_the_old_one_stays(office: GovernanceClient, text: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        await office.publish(text)
    assert caught.value.message
    assert (await office.policy())[0] == 1


async def test_replaying_nothing_changes_nothing(office: GovernanceClient) -> None:
    assert await office.replay(default_policy("BE"), 10) == []


async def test_no_decision_on_a_case_that_is_not_there(office: GovernanceClient) -> None:
    with pytest.raises(NotFound):
        await office.last_decision("01999999-0000-7000-8000-000000000000")


async def test_the_directory_comes_back_as_it_was_put_in_force(office: GovernanceClient) -> None:
    shipped = shipped_directory()
    assert (await office.directory()).partners == shipped.partners
    fewer = shipped.model_copy(update={"partners": shipped.partners[:-1]})
    version = (await office.import_directory(fewer)).version
    async with asyncio.timeout(10):
        found = await office.directory()
        while found.version != version:
            await asyncio.sleep(0.1)
            found = await office.directory()
    assert found == fewer.model_copy(update={"version": version})


async def test_nobody_enabled_nobody_reached(office: GovernanceClient) -> None:
    assert await office.check_partners(None) == []


async def test_a_partner_that_is_not_there(office: GovernanceClient) -> None:
    with pytest.raises(NotFound):
        await office.check_partners("nobody")


async def test_a_partner_without_settings_is_not_reached(office: GovernanceClient) -> None:
    name = (await office.directory()).partners[0].name
    (found,) = await office.check_partners(name)
    assert (found.partner, found.ok) == (name, False)
    assert found.text
