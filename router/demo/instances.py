"""Instances of this router as child processes of the demo.

They are started on sockets that already listen, told what to do over a pipe, and ended with it.
"""

import asyncio
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import router
from router.demo.dial import LOOPBACK
from router.demo.pipe_messages import Advance, Done, Govern, Invite, Placement, Ready, Stop
from router.errors import CannotStart
from router.world.story import Site

#: Seconds until an instance listens; half a second on an idle machine.
START_SECONDS: Final = 60.0
#: Seconds to end by itself before it is killed.
STOP_SECONDS: Final = 5.0
#: Connections that wait to be accepted.
_BACKLOG: Final = 128


def listening() -> socket.socket:
    """Return a socket that listens on a free port of loopback, for a child to inherit: nobody can take it between."""
    made = socket.create_server((LOOPBACK, 0), backlog=_BACKLOG)
    made.set_inheritable(True)
    return made


def port_of(listener: socket.socket) -> int:
    """Return the port a socket listens on."""
    port: int = listener.getsockname()[1]
    return port


@dataclass(slots=True)
class Instance:
    """One running instance."""

    site: Site
    ready: Ready
    log: Path
    _process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, site: Site, placement: Placement, log: Path) -> Self:
        """Start an instance and wait until it listens. Raise CannotStart."""
        descriptors = [one for one in (placement.encrypted, placement.plain) if one is not None]
        with log.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "router.demo.instance_process",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                pass_fds=descriptors,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the demo, which then ends its instances in order
            )
        try:
            line = await _exchange(process, placement.model_dump_json(), START_SECONDS)
            ready = Ready.model_validate_json(line)
        except asyncio.CancelledError:  # another instance did not start
            await _end(process)
            raise
        except (OSError, TimeoutError, ValueError):
            await _end(process)
            raise CannotStart(f"The simulated instance of {site.partner} did not start; {_last_words(log)}") from None
        return cls(site, ready, log, process)

    async def tell(self, command: Advance | Govern | Invite) -> str:
        """Give a command and return what it answers. Raise CannotStart with the instance's sentence when it fails."""
        try:
            done = Done.model_validate_json(await _exchange(self._process, command.model_dump_json(), START_SECONDS))
        except (OSError, TimeoutError, ValueError):
            raise CannotStart(f"The simulated instance of {self.site.partner} ended; {self.last_words()}") from None
        if not done.ok:
            raise CannotStart(f"{self.site.partner}: {done.text}")
        return done.text

    def last_words(self) -> str:
        """Return what it said last on its standard error."""
        return _last_words(self.log)

    async def stop(self) -> None:
        """End it: by the pipe, and by force when that does not help."""
        await _end(self._process)


def _environment() -> dict[str, str]:
    """Return our environment without the operator's own settings, which must not reach into the simulation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROUTER_")}
    here = str(Path(router.__file__).resolve().parents[1])
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (here, kept.get("PYTHONPATH"))))}


async def _exchange(process: asyncio.subprocess.Process, line: str, seconds: float) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line.encode() + b"\n")
    async with asyncio.timeout(seconds):
        await process.stdin.drain()
        return await process.stdout.readline()


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    with suppress(OSError):  # it may have ended already
        process.stdin.write(Stop().model_dump_json().encode() + b"\n")
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"its last words: {lines[-1]}" if lines else "it left no word"
