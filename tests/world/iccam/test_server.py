"""The hub on HTTPS: whose certificate is let in, what is noted of each call, and what stands before the paths."""

import ssl
from datetime import UTC, datetime

import aiohttp
import pytest

from router.world.ca import Authority, ClientLeaf
from router.world.iccam.hub import Hub
from router.world.iccam.server import IccamServer
from tests.world.iccam.caller import Caller


async def is_let_in(port: int, context: ssl.SSLContext) -> bool:
    caller = Caller(port, context)
    try:
        return (await caller.login()).status == 200
    except aiohttp.ClientError:
        return False
    finally:
        await caller.close()


async def test_only_a_client_with_a_certificate_of_the_hubs_authority_is_heard(
    server: IccamServer, authority: Authority, client_context: ssl.SSLContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bare, foreign, expired = (authority.client_context() for _ in range(3))
    Authority(tmp_path_factory.mktemp("other")).issue_client("hotline-a.test", "pw").load_into(foreign)
    authority.issue_client("old.test", "pw", datetime(2026, 1, 1, tzinfo=UTC)).load_into(expired)
    assert [await is_let_in(server.port, one) for one in (client_context, bare, foreign, expired)] == [True] + [
        False
    ] * 3
    assert [call.path for call in server.calls] == ["Authentication"]


async def test_a_hub_that_lets_strangers_in_is_not_started(authority: Authority, hub: Hub) -> None:
    with pytest.raises(ValueError, match="client certificate"):
        IccamServer(hub, authority.issue("127.0.0.1").server_context())


async def test_a_call_is_noted_as_it_came(caller: Caller, server: IccamServer, client: ClientLeaf) -> None:
    await caller.raw("PUT", "rest/Content/1/hotline-reference?reference=a+b%26c", {"Authorization": "Bearer t"}, b"{ }")
    (call,) = server.calls
    assert (call.method, call.path) == ("PUT", "rest/Content/1/hotline-reference")
    assert (call.query, call.parameters, call.body) == ("reference=a+b%26c", {"reference": "a b&c"}, b"{ }")
    assert (call.token, call.client) == ("t", "hotline-a.test")
    assert {name.lower() for name in call.headers} == {"host", "authorization", "content-length"}


async def test_the_root_may_lie_below_a_path(authority: Authority, hub: Hub, client_context: ssl.SSLContext) -> None:
    context = authority.issue("127.0.0.1").server_context(clients=authority.certificate)
    async with IccamServer(hub, context, prefix="/api/") as server:
        caller = Caller(server.port, client_context)
        said = [(await caller.call("GET", path)).status for path in ("api/rest/countries", "rest/countries")]
        login = await caller.call("POST", "api/Authentication", {"username": "a", "password": "b"})
        await caller.close()
    assert (said, login.status, server.calls[0].path) == ([401, 404], 401, "rest/countries")
