"""`alarm test | show | set`: whether alarms reach somebody, and whom."""

from pathlib import Path
from typing import Any

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, finish, show, verb
from router.cli.proposals import told


@verb
def ring_test(data: Data = None, as_json: AsJson = False) -> int:
    """Ring a test at every receiver. Exit 1 unless each took it, or when there is none."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.post("alarm", "test"))["items"]
        lines = [f"{'good ' if one['ok'] else 'WRONG'}  {one['way']}: {one['text']}" for one in found]
        good = bool(found) and all(one["ok"] for one in found)
        nobody = ["Nobody would be told; write [alarm] and run `alarm set FILE`."]
        show({"ok": good, "items": found}, as_json=as_json, lines=lines or nobody)
        return OK if good else NO

    return finish(run())


@verb
def show_alarm(data: Data = None, as_json: AsJson = False) -> int:
    """Say whom alarms reach, which ways fail, and how many ring."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("alarm")
        lines = [f"ways: {', '.join(found['ways']) or 'none'}", f"failing: {', '.join(found['failing']) or 'none'}"]
        lines += [f"ringing: {found['ringing']}", f"heartbeat: {'yes' if found['heartbeat'] else 'no'}"]
        show(found, as_json=as_json, lines=lines)
        return OK

    return finish(run())


@by_person
def set_alarm(
    file: Path = typer.Argument(metavar="FILE", help="A TOML file with the table [alarm], as in router.toml."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Propose other receivers, whole. `router.toml` is read at the first start only."""

    async def run() -> int:
        given = _read(file)
        async with open_client(data) as client:
            found = await client.post("alarm", **given)
        done = f"version {found['version']} is in force; run `alarm test`"
        show(found, as_json=as_json, lines=told(found, otherwise=done))
        return OK

    return finish(run())


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    from router.errors import BadInput

    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("alarm")
    except (OSError, ValueError):
        table = None
    if not isinstance(table, dict):
        raise BadInput("This is no TOML file with a table [alarm]; see examples/router.toml.", field="file")
    return table
