"""Every endpoint for every role: who lacks its permission is refused, who holds it comes through, none in between."""

from typing import Any

import pytest

from router.guard.access import ROLES, SOURCE_BY_DEFAULT
from schemas.actor import Role
from tests.api.protocol.test_access import BY_TOKEN, asked

WHO = {str(role): ROLES[role] for role in Role} | {"source": SOURCE_BY_DEFAULT}
#: Of those who may ask, some are refused for what they ask, which a body that says nothing does not.
NOT_FOR_THE_ROLE = {401, 403, 405, 500}


@pytest.mark.parametrize("who", sorted(WHO))
async def test_each_endpoint_asks_for_its_permission_and_no_more(served: Any, unknown: str, who: str) -> None:
    wrong = []
    client = await (served.as_source() if who == "source" else served.as_role(Role(who)))
    async with client:
        for route, needed in sorted(BY_TOKEN.items()):
            method, path = asked(route, unknown)
            answer = await client.request(method, path, json={})
            may = needed in WHO[who]
            if (answer.status_code in NOT_FOR_THE_ROLE) if may else answer.status_code != 403:
                wrong.append((route, needed, answer.status_code))
    assert wrong == []
