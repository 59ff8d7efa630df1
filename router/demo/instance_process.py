"""One instance of this router inside the simulated world: the process behind each hotline of the demo.

    python -m router.demo.instance_process

It is the same application as `serve` runs, with two things injected that no setting can: a clock that can jump, and a
`dial` that leads the world's public addresses to ports of loopback. The guard judges the public address first, as
always. Commands come as JSON lines on standard input (`pipe_messages.py`); its end ends the process.
"""

import asyncio
import base64
import socket
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from router.demo.dial import Dial
from router.demo.loopback_only import keep_to_loopback
from router.demo.pipe_messages import COMMAND, Advance, Done, Govern, Invite, Placement, Ready, Secret, Stop
from router.errors import RouterError

if TYPE_CHECKING:
    import uvicorn

    from router.app import Router
    from router.world.clock import JumpingClock

#: The one person of a simulated instance.
STAFF: Final = "demo"
#: Seconds that open connections get when the instance ends.
_GOODBYE: Final = 1


async def run() -> None:
    """Take the placement, serve until told to stop, and answer every command."""
    from router.world.clock import JumpingClock

    commands = await _standard_input()
    placement = Placement.model_validate_json(await commands.readline())
    keep_to_loopback(placement.settings.get("database"))
    clock = JumpingClock()
    clock.advance(timedelta(seconds=max(0.0, time.time() - placement.began)))  # starting took a while
    async with _serving(placement, clock) as (router, serving):
        _answer(await _introduce(router))
        while line := await _unless_over(commands.readline(), serving):
            command = COMMAND.validate_json(line)
            if isinstance(command, Stop):
                return
            _answer(await _obey(router, clock, command))


@asynccontextmanager
async def _serving(
    placement: Placement, clock: "JumpingClock"
) -> AsyncIterator[tuple["Router", list[asyncio.Task[None]]]]:
    """Open the router, its worker, and its web application on the sockets that were inherited, each a task."""
    from router.app import build
    from router.settings import Settings

    settings = Settings.load(**placement.settings)
    async with build(settings, clock=clock, dial=Dial(placement.addresses)) as router:
        app, worker = router.api(), router.worker()
        servers = [_server(app, ssl_certfile=settings.tls_certificate, ssl_keyfile=settings.tls_key), _server(app)]
        descriptors = [one for one in (placement.encrypted, placement.plain) if one is not None]
        serving = [
            asyncio.create_task(server.serve(sockets=[socket.socket(fileno=descriptor)]))
            for server, descriptor in zip(servers, descriptors, strict=False)
        ]
        serving.append(asyncio.create_task(worker.run()))
        try:
            yield router, serving
        finally:
            worker.stop()
            for server in servers:
                server.should_exit = True
            await asyncio.wait(serving)  # all of them, before the store is closed that the others still use
            await asyncio.gather(*serving)


def _server(app: Any, **tls: Any) -> "uvicorn.Server":
    import uvicorn

    config = uvicorn.Config(
        app,
        lifespan="off",  # the router is opened and closed here
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GOODBYE,
        **tls,
    )
    return uvicorn.Server(config)


async def _unless_over(reading: Coroutine[Any, Any, bytes], serving: list[asyncio.Task[None]]) -> bytes:
    """Return the next command; end as well when the worker or a server ended, which none of them does by itself."""
    line = asyncio.create_task(reading)
    await asyncio.wait({line, *serving}, return_when=asyncio.FIRST_COMPLETED)
    if line.done():
        return line.result()
    line.cancel()
    return b""  # leaving `_serving` raises what ended it


async def _introduce(router: "Router") -> Ready:
    """Say by which key peers know us, and let the demo in as a person who may do what a supervisor may."""
    from router.casework.people import tokens
    from schemas.actor import ROUTER, Role
    from schemas.acts import TokenGiven

    account = await tokens.add_account(router.ctx, STAFF, Role.SUPERVISOR, ROUTER)
    token = await tokens.create_token(router.ctx, TokenGiven(name="the demo's staff", account=STAFF), account.actor)
    return Ready(key_id=router.signer.key_id, public_key=router.signer.public, token=token.token)


async def _obey(router: "Router", clock: "JumpingClock", command: Advance | Govern | Invite) -> Done:
    try:
        match command:
            case Advance():
                clock.advance(timedelta(seconds=command.seconds))
                return Done(ok=True)
            case Govern():
                await _govern(router, command)
                return Done(ok=True)
            case Invite():
                return Done(ok=True, text=await _invite(router, command))
    except RouterError as error:
        return Done(ok=False, text=error.message)


async def _govern(router: "Router", command: Govern) -> None:
    """Pin the partners beside those that are known already, then publish the policy."""
    from router.casework.govern import versions
    from schemas.actor import ROUTER

    for secret in command.secrets:
        _keep(router.settings.data_dir, secret)
    ctx = router.ctx
    known = await ctx.governance.directory()
    replaced = {partner.name: partner for partner in (*known.partners, *command.partners)}
    directory = known.model_copy(update={"partners": tuple(replaced.values())})
    await versions.import_directory(ctx.store, ctx.clock, directory, ROUTER)
    if command.policy is not None:
        await versions.publish_policy(ctx.store, ctx.clock, command.policy, ROUTER)
    await ctx.clock.sleep(versions.FOLLOWED_WITHIN)  # after that it is in force everywhere


def _keep(data_dir: Path, secret: Secret) -> None:
    folder = data_dir / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / secret.name
    file.touch(mode=0o600)
    file.write_bytes(base64.b64decode(secret.value) if secret.is_base64 else secret.value.encode())


async def _invite(router: "Router", asked: Invite) -> str:
    from sqlalchemy import select

    from router.casework.people import sessions, tokens
    from router.store.schema.tables import accounts
    from schemas.actor import ROUTER

    if not await router.ctx.store.rows(select(accounts.c.id).where(accounts.c.name == asked.who)):
        await tokens.add_account(router.ctx, asked.who, asked.role, ROUTER)
    return f"/signin/{await sessions.issue_link(router.ctx, asked.who, ROUTER)}"


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _answer(word: Ready | Done) -> None:
    sys.stdout.write(word.model_dump_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run())
