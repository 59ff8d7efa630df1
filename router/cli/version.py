"""`--version`: which program this is, and of which days its data sets are. For a report of a fault, and for scripts."""

from typing import Annotated

import typer

import router
from router.cli.options import AsJson
from router.cli.output import CANNOT_RUN, OK, complain, ending, sentence, show


def about(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and the data sets' dates.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer what stands before any verb: `--version`, with or without `--json`. Exit 2 for `--json` alone."""
    if version:
        raise typer.Exit(ending(lambda: print_version(as_json=as_json)))
    if as_json:
        context.fail("--json stands after a verb, or beside --version.")


def print_version(*, as_json: bool) -> int:
    """Print the version and the ISO date of each data set in force. Return 3 when the sets cannot be read.

    The version is printed even then: whoever asks for help with a broken installation needs it first.
    """
    from router.app_tracer import sets_in_force
    from router.data.datasets import SHIPPED, read_infos
    from router.errors import RouterError
    from router.settings import Settings

    sets, code = [], OK
    try:
        infos = read_infos(sets_in_force(Settings.load()) or SHIPPED)
        sets = [{"name": info.name, "date": info.date} for info in infos.values()]
    except RouterError as error:
        complain(sentence(error))
        code = CANNOT_RUN
    lines = [f"referral-router {router.__version__}", *(f"  {one['name']}: data of {one['date']}" for one in sets)]
    show({"version": router.__version__, "sets": sets}, as_json=as_json, lines=lines)
    return code
