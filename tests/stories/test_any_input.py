"""Whatever the OpenAPI document allows, and what it does not: the API answers as documented and never with a fault."""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from router.api import make_api
from router.api.protocol.document import openapi
from router.casework.govern.versions import ensure_defaults
from router.casework.people.tokens import add_account, create_token
from router.casework.policy_process import TURN_SECONDS, WALL_SECONDS
from router.data.directory import shipped_directory
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from tests.office import office, shipped_policy

#: Signed requests are tried by hand (test_inbox); a generated one never has a signature that fits.
SKIPPED = r"^/v1/inbox/"
#: Seconds in which everything is answered: what takes longest is a policy, which a process of its own judges.
ANSWERED = TURN_SECONDS + WALL_SECONDS
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@schemathesis.serializer("application/x-ndjson")
def as_lines(context: Any, value: Any) -> bytes:
    """NDJSON as it comes: any text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@contextmanager
def served() -> Iterator[tuple[str, dict[Role, str]]]:
    """The API over real HTTP on loopback, in a thread of its own, with a token for each role."""
    listener = socket.create_server(("127.0.0.1", 0))
    ready, tokens, servers = threading.Event(), dict[Role, str](), list[uvicorn.Server]()

    async def serve(folder: Path) -> None:
        async with office(folder) as ctx:
            await ensure_defaults(ctx.store, ctx.clock, shipped_policy(), shipped_directory(), ROUTER)
            for role in Role:
                account = await add_account(ctx, f"a-{role}", role, ROUTER)
                issued = await create_token(ctx, TokenGiven(name="test", account=account.name), account.actor)
                tokens[role] = issued.token
            server = uvicorn.Server(uvicorn.Config(make_api(ctx), lifespan="off", log_config=None, access_log=False))
            servers.append(server)
            ready.set()
            await server.serve(sockets=[listener])

    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=lambda: asyncio.run(serve(Path(folder))))
        thread.start()
        try:
            assert ready.wait(30)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", tokens
        finally:
            for server in servers:
                server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def router() -> Iterator[tuple[str, dict[Role, str]]]:
    with served() as running:
        yield running


schema = schemathesis.openapi.from_dict(openapi(make_api(Any))).exclude(path_regex=SKIPPED)  # type: ignore[arg-type] # no context


# Forty endpoints with ten requests each, over HTTP to a store that syncs to disk: half a minute on a busy machine.
@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_input_is_answered_as_documented(case: Any, router: tuple[str, dict[Role, str]]) -> None:
    address, tokens = router
    role = Role.ADMINISTRATOR if case.path.startswith(("/v1/tokens", "/v1/sources")) else Role.SUPERVISOR
    headers = {"Authorization": f"Bearer {tokens[role]}"}
    case.call_and_validate(base_url=address, headers=headers, checks=CHECKS, timeout=ANSWERED)
