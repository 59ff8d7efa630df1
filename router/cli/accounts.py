"""`accounts list | add | role | close | invite | sessions | sign-out`: who may sign in, as what, and no longer."""

from typing import Annotated, Any

import typer

from router.cli.client.api import ApiClient, open_client
from router.cli.options import ROLES, AsJson, Data
from router.cli.output import OK, finish, show, table, verb

_COLUMNS = {"account": "name", "role": "role", "closed": "closed_at"}
_SESSIONS = {"session": "id", "by": "by", "from": "address", "since": "started_at", "last used": "seen_at"}
_OUT = "their sessions, tokens and unused links ended with it."

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The person's name here, such as ann.")]
RoleName = Annotated[str, typer.Argument(metavar=ROLES, help="What for.")]


@verb
def list_accounts(data: Data = None, as_json: AsJson = False) -> int:
    """List accounts, the closed ones too."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("accounts"))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _COLUMNS) if found else ["None."])
        return OK

    return finish(run())


@verb
def add_account(name: Account, role: RoleName, data: Data = None, as_json: AsJson = False) -> int:
    """Add a person. `accounts invite` then lets them in."""

    async def run() -> int:
        async with open_client(data) as client:
            made = await client.post("accounts", name=name, role=role)
        show(made, as_json=as_json, lines=[f"{name} is {role}; let them in with: accounts invite {name}"])
        return OK

    return finish(run())


@verb
def change_role(name: Account, role: RoleName, data: Data = None, as_json: AsJson = False) -> int:
    """Give a person another role. They are signed out, and their tokens end."""

    async def run() -> int:
        async with open_client(data) as client:
            changed = await client.post("accounts", name, "role", role=role)
        show(changed, as_json=as_json, lines=[f"{name} is {role} from now on; {_OUT}"])
        return OK

    return finish(run())


@verb
def close_account(name: Account, data: Data = None, as_json: AsJson = False) -> int:
    """Close an account for good. Its person is out at once."""

    async def run() -> int:
        async with open_client(data) as client:
            closed = await client.post("accounts", name, "close")
        show(closed, as_json=as_json, lines=[f"The account {name} is closed for good; {_OUT}"])
        return OK

    return finish(run())


@verb
def list_sessions(name: Account, data: Data = None, as_json: AsJson = False) -> int:
    """List where a person is signed in on the console."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("accounts", name, "sessions"))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _SESSIONS) if found else ["None."])
        return OK

    return finish(run())


@verb
def sign_out(
    name: Account,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="One session, as `accounts sessions` names it.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Sign a person out on the console, everywhere unless told. Their tokens stay."""

    async def run() -> int:
        async with open_client(data) as client:
            done = await client.post("accounts", name, "sign-out", session=session)
        show(done, as_json=as_json, lines=[f"Sessions ended: {done['ended']}."])
        return OK

    return finish(run())


@verb
def invite_account(name: Account, data: Data = None, as_json: AsJson = False) -> int:
    """Print a one-time sign-in link for a person."""

    async def run() -> int:
        async with open_client(data) as client:
            link = await invite(client, name)
        seen = f"From where it was used, and whether alone: accounts sessions {name}"
        show({"account": name, "sign_in": link}, as_json=as_json, lines=[signing_in(name, link), seen])
        return OK

    return finish(run())


async def admitted(client: ApiClient, name: str, role: str | None) -> str:
    """Return a sign-in link for a person, whose account is made when missing, as a supervisor unless told.

    Raise Conflict when the account is there and has another role than told: a link never changes it.
    """
    from router.errors import Conflict

    known: dict[str, Any] = {one["name"]: one for one in (await client.get("accounts"))["items"]}
    if name not in known:
        await client.post("accounts", name=name, role=role or "supervisor")
    elif role is not None and role != (has := known[name]["role"]):
        raise Conflict(f"{name} is {has}, not {role}; `accounts role {name} {role}` changes that.", field="role")
    return await invite(client, name)


async def invite(client: ApiClient, name: str) -> str:
    """Return a one-time sign-in link for a person. Raise NotFound, NotAllowed."""
    return f"{client.address}{(await client.post('accounts', name, 'invite'))['path']}"


def signing_in(name: str, link: str) -> str:
    """Return what to say of a link."""
    return f"{name} signs in within 15 minutes, once `serve` runs, at: {link}"
