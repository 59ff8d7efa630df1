"""The options that many verbs share, so that they are called the same everywhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from router.cli.output import CANNOT_RUN, complain


def _is_there(given: Path | None) -> Path | None:
    """Refuse a directory that is not there: a verb that only looks must not make one by a slip of the hand."""
    if given is not None and not given.is_dir():
        complain(f"There is no directory {given}; name the router's with --data, or make one with `init`.")
        raise typer.Exit(CANNOT_RUN)
    return given


def unlisted(words: Sequence[str]) -> tuple[list[str], str] | None:
    """Return a command line without its database's address, and that address, when it carries a password.

    Every user of the machine reads the command line of every process (`ps`).
    """
    from router.settings import holds_password

    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == "--database":
            given = value if equals else next(iter(words[at + 1 :]), "")
            if holds_password(given):
                return [*words[:at], *words[at + (1 if equals else 2) :]], given
    return None


#: What an account may be for, as a person types it.
ROLES: Final = "viewer|analyst|supervisor|auditor|data_protection_officer|wellbeing|administrator"
_HELP = "The router's data directory. [default: data]"
#: Of the verbs that make a router where there is none.
NewData = Annotated[Path | None, typer.Option("--data", metavar="DIR", help=_HELP)]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help=_HELP, callback=_is_there)]
#: How `unlisted` hands the option on, out of the process list.
HANDED_ON: Final = "REFERRAL_ROUTER_DATABASE_OPTION"
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar=HANDED_ON,
        show_envvar=False,
        help="sqlite:///PATH, postgresql://…, or file:PATH, which holds one; instead of router.db.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[
    str | None,
    typer.Option(
        "--number",
        metavar="NUMBER",
        help="Only of the report with this number, ours, its source's, the police's or a hub's; or a reply code.",
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the case and in the audit chain.")
]
Version = Annotated[
    int | None, typer.Option("--version", metavar="N", help="The version you saw; refused when it has moved on since.")
]
Cursor = Annotated[
    str | None, typer.Option("--cursor", metavar="CURSOR", help="Go on where the last page ended: its `next`.")
]
Why = Annotated[str | None, typer.Option("--reason", metavar="CODE", help="Only what people have for this reason.")]
Source = Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="Only what this source reported first.")]
Country = Annotated[str | None, typer.Option("--country", metavar="CC", help="Only what is hosted in this country.")]
ToPartner = Annotated[str | None, typer.Option("--partner", metavar="PARTNER", help="Only what was referred to it.")]
Site = Annotated[str | None, typer.Option("--site", metavar="TAG", help="Only of this host, by its tag.")]
AtRisk = Annotated[bool, typer.Option("--at-risk", help="Only open cases with a child in danger.")]
