"""A verb that is done by a person, by name: it takes their own token, from an option, the environment or a file.

The machine's user operates the router without one; what is done to a case, and what takes two people, needs it.
"""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.output import verb

#: The environment's name of the option.
VARIABLE: Final = "ROUTER_TOKEN"
_GIVEN: ContextVar[str | None] = ContextVar("token", default=None)
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN|@FILE",
        envvar=VARIABLE,
        show_envvar=False,
        help=f"Your own token, or @ and the file it is in. [else: {VARIABLE}]",
    ),
]


def held() -> str | None:
    """Return the token that this verb was given."""
    return _GIVEN.get()


def by_person(run: Callable[..., int]) -> Callable[..., None]:
    """Return a verb as `output.verb` makes it, with the option `--token` beside its own."""

    @functools.wraps(run)
    def acting(*args: Any, token: str | None = None, **given: Any) -> int:
        before = _GIVEN.set(_read(token))
        try:
            return run(*args, **given)
        finally:
            _GIVEN.reset(before)

    made = verb(acting)
    own = inspect.signature(run, eval_str=True)
    more = inspect.Parameter("token", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Token)
    made.__signature__ = own.replace(parameters=[*own.parameters.values(), more])  # type: ignore[attr-defined] # typer reads it
    made.__annotations__ = {**run.__annotations__, "token": Token}
    return made


def _read(given: str | None) -> str | None:
    """Return the token itself. Raise BadInput for a file that cannot be read: no verb goes on as somebody else."""
    from router.errors import BadInput

    if given is None or not given.startswith("@"):
        return given or None
    try:
        return Path(given[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadInput("There is no such file with a token; `tokens create` makes one.", field="token") from None
