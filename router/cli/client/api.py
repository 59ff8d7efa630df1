"""The way in for verbs: the API of the router that runs on this data directory, or else the same API in this process.

`serve` leaves `server.json` (0600) in the data directory: the address of an API on loopback and the secret that opens
it, for whoever may read the directory anyway. While it runs, no verb opens the database behind its back. Either way a
verb speaks to the same endpoints, so it gives the same answer and leaves the same audit entries.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from router.cli.client.person import held
from router.serving.held_open import nobody_serves

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from router.errors import RouterError
    from router.settings import Settings
    from schemas.actor import Actor

FILE: Final = "server.json"
SETTINGS_FILE: Final = "router.toml"
#: Seconds that the running router may take for one answer; a batch of a hundred thousand lines takes ten.
_PATIENCE: Final = 120.0
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What came back."""

    status: int
    body: bytes


class Caller(Protocol):
    """Makes one request."""

    @property
    def address(self) -> str:
        """Return where people open the console of this router."""
        ...

    async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
        """Return the answer. Raise Unavailable when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class ApiClient:
    """The API, whichever way it is reached."""

    caller: Caller

    @property
    def address(self) -> str:
        """Return where people open the console of this router."""
        return self.caller.address

    async def get(self, *parts: str, **query: Any) -> Any:
        """Return the JSON at a path. Raise the error that the answer stands for."""
        from urllib.parse import urlencode

        asked = {name: value for name, value in query.items() if value is not None}
        return await self._json("GET", _path(parts) + (f"?{urlencode(asked)}" if asked else ""), None)

    async def post(self, *parts: str, **given: Any) -> Any:
        """Send JSON to a path and return the JSON of the answer, or None. Raise the error it stands for."""
        import json

        said = {name: value for name, value in given.items() if value is not None}
        return await self._json("POST", _path(parts), json.dumps(said).encode())

    async def put(self, *parts: str, **given: Any) -> Any:
        """Put JSON at a path and return the JSON of the answer. Raise the error it stands for."""
        import json

        return await self._json("PUT", _path(parts), json.dumps(given).encode())

    async def delete(self, *parts: str) -> None:
        """Delete what is at a path. Raise the error that the answer stands for."""
        await self._json("DELETE", _path(parts), None)

    async def send(self, path: str, body: bytes, media_type: str) -> bytes:
        """Send a body as it is and return the answer's. Raise the error it stands for."""
        answer = await self.caller.ask("POST", path, body, media_type)
        return _checked(answer).body

    async def _json(self, method: str, path: str, body: bytes | None) -> Any:
        import json

        answer = _checked(await self.caller.ask(method, path, body, JSON))
        return json.loads(answer.body) if answer.body else None


def _path(parts: tuple[str, ...]) -> str:
    from urllib.parse import quote

    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def _checked(answer: ApiAnswer) -> ApiAnswer:
    if answer.status >= 400:
        raise error_of(answer)
    return answer


def error_of(answer: ApiAnswer) -> "RouterError":
    """Return the error that a problem document stands for, so that a verb ends as if it had happened here."""
    import json

    from router.errors import RouterError, Unavailable

    try:
        problem = json.loads(answer.body)
        code, detail = str(problem["type"]).rpartition(":")[2], str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        return Unavailable(f"The running router answered {answer.status} and not in our words; look at its log.")
    kind = next((one for one in _errors(RouterError) if one.code == code), RouterError)
    error = kind(detail, reason=problem.get("reason"))
    error.field = next((wrong.get("field") for wrong in problem.get("errors", ()) if wrong.get("field")), None)
    return error


def _errors(kind: "type[RouterError]") -> "list[type[RouterError]]":
    found = [kind]
    for child in kind.__subclasses__():
        if child.__module__ == kind.__module__:
            found += _errors(child)
    return found


@asynccontextmanager
async def open_client(data_dir: Path | None, *, in_person: bool = True) -> AsyncIterator[ApiClient]:
    """Open the API of the running router, or of one in this process. Raise CannotStart, StoreUnavailable.

    A verb that was given a person's token acts as that person, unless it asks for the machine's user.
    """
    from router.settings import Settings

    settings = Settings.load(data_dir=data_dir)
    token = held() if in_person else None
    running = running_server(settings.data_dir)
    if running is not None:
        yield ApiClient(running if token is None else replace(running, secret=token))
        return
    require_router(settings)
    from router.api import make_api
    from router.app import build

    who = token or local_operator(alone=nobody_serves(settings.data_dir))
    async with build(settings) as router:
        yield ApiClient(InProcess(make_api(router.ctx), who, address(settings)))


def require_router(settings: "Settings") -> None:
    """Raise CannotStart where there is no router; only `init` and `serve` make one, and nothing is made by mistake."""
    from router.errors import CannotStart

    if not any((settings.data_dir / file).exists() for file in (SETTINGS_FILE, "master.key")):
        raise CannotStart(f"There is no router in {settings.data_dir}; run `init` first, or name another with --data.")


def address(settings: "Settings", port: int | None = None) -> str:
    """Return where people open the console."""
    if settings.public_url:
        return str(settings.public_url).rstrip("/")
    scheme = "https" if settings.tls_certificate else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{port or settings.port}"


def local_operator(*, alone: bool = False) -> "Actor":
    """Return who runs a verb here: the user of the operating system, who operates the router and works on no case.

    `alone` says that nobody serves: then there is no second person to ask, and what they widen is in force at once.
    """
    import getpass

    from router.guard.access import LOCAL_OPERATOR
    from schemas.actor import Actor

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = str(os.getuid())
    return Actor(id=f"local:{name}", permissions=frozenset(str(one) for one in LOCAL_OPERATOR), alone=alone)


@dataclass(frozen=True, slots=True)
class Running:
    """The router that runs on this data directory, over loopback."""

    port: int
    secret: str
    address: str  #: where its console is; it may listen elsewhere than the settings say

    async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
        """Return the answer. Raise Unavailable."""
        import asyncio

        from router.errors import Unavailable

        try:
            return await asyncio.to_thread(self._ask, method, path, body, media_type)
        except OSError:
            raise Unavailable("The running router does not answer; look at its log, or start it again.") from None

    def _ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": media_type}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return ApiAnswer(response.status, response.read())
        except http.client.HTTPException as error:
            raise ConnectionError from error
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class InProcess:
    """The API inside this process, called as an actor, or as whoever a token belongs to."""

    app: "ASGIApp"
    who: "Actor | str"
    address: str

    async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
        """Return the answer."""
        from urllib.parse import unquote

        from router.api.protocol.access import IN_PROCESS

        where, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(where),
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"content-type", media_type.encode()), (b"host", b"localhost")],
            "client": None,
            "server": None,
            "state": {},
        }
        if isinstance(self.who, str):
            scope["headers"].append((b"authorization", f"Bearer {self.who}".encode()))
        else:
            scope[IN_PROCESS] = self.who
        sent: list[Mapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body or b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        return ApiAnswer(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))


def running_server(data_dir: Path) -> Running | None:
    """Return the router that runs on this data directory, or None. Raise CannotStart when others can read its file."""
    import json

    from router.errors import CannotStart

    path = data_dir / FILE
    try:
        if path.stat().st_mode & 0o077:
            raise CannotStart(f"{FILE} in the data directory can be read by others; run `chmod 600` on it.")
        known = json.loads(path.read_text(encoding="utf-8"))
        pid, running = int(known["pid"]), Running(int(known["port"]), str(known["secret"]), str(known["address"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return running if _alive(pid) else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def announce(data_dir: Path, port: int, secret: str, address: str) -> Path:
    """Leave the file that verbs look for, readable by us alone; return its path. `address` is the console's."""
    import json

    path = data_dir / FILE
    beside = path.with_name(f".{FILE}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"port": port, "secret": secret, "address": address, "pid": os.getpid()}, file)
    beside.replace(path)
    return path
