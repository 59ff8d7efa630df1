"""The options that many verbs share, so that they are called the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The router's data directory. [default: data]")
]
Database = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="sqlite:///PATH or postgresql://… instead of router.db.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the case and in the audit chain.")
]
Version = Annotated[
    int | None, typer.Option("--version", metavar="N", help="The version you saw; refused when it has moved on since.")
]
