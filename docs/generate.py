"""Write the tables that are made from the code, or say which of them is out of date.

    python docs/generate.py            # writes docs/generated/*.md
    python docs/generate.py --check    # writes nothing; exits 1 when a file differs

The pictures of the console take a browser and half a minute: `python -m docs.screenshots`.
"""

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

# Run as a script, Python looks for modules beside it instead of where the project is.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from router.casework.case.acts import ACTS, ActKind, Surface
from router.guard.access import LOCAL_OPERATOR, ROLES, SOURCE, Permission
from schemas.actor import Role
from schemas.states import CASE, REFERRAL

FOLDER: Final = Path(__file__).resolve().parent / "generated"
_MADE: Final = "<!-- Made by docs/generate.py; change the code instead, then run `make docs`. -->"
_State = TypeVar("_State", bound=StrEnum)


def states() -> str:
    """Return both tables of `schemas/states.py`: as drawings, and as what may happen in each state."""
    parts = [_MADE, "# States: what can happen where"]
    for title, table in (("A case", _by_name(CASE)), ("A referral", _by_name(REFERRAL))):
        parts += [f"## {title}", _drawing(table), _listing(table)]
    return "\n\n".join(parts) + "\n"


def roles() -> str:
    """Return who may do what, from `router/guard/access.py`."""
    holders = {**{role.value: ROLES[role] for role in Role}, "source": SOURCE, "local operator": LOCAL_OPERATOR}
    rows = [[f"`{one}`", *("yes" if one in held else "" for held in holders.values())] for one in Permission]
    notes = (
        "Roles belong to people; a person's token holds at most what their role holds. A source is a system that\n"
        "reports. The local operator is whoever runs a verb on the machine itself, and nobody else makes\n"
        "sign-in links (`account:invite`): a link lets its holder in as the person. `inbox` is what the signature\n"
        "of a partner's router allows, and nobody else holds it."
    )
    return "\n\n".join([_MADE, "# Who may do what", _table(["permission", *holders], rows), notes]) + "\n"


def acts() -> str:
    """Return everything that people can do, from `router/casework/case/acts.py`."""
    rows = [
        [f"`{act.name}`", act.on.value, f"`{act.needs}`", *(_where(act, surface) for surface in Surface)]
        for act in ACTS
    ]
    notes = (
        "Every act asks for a reason, sealed with the case, and is refused when what its author saw moved on. Which\n"
        "of them a case offers is computed by the same table: what is offered is accepted."
    )
    return "\n\n".join([_MADE, "# What people can do", _table(["act", "to a", "needs", *Surface], rows), notes]) + "\n"


def _where(act: ActKind, surface: Surface) -> str:
    return f"no: {act.absent[surface]}" if surface in act.absent else "yes"


#: File name -> what it should hold.
DOCUMENTS: Final[dict[str, Callable[[], str]]] = {"acts.md": acts, "states.md": states, "roles.md": roles}


def outdated(folder: Path) -> list[str]:
    """Return the names of the files that are missing or not what the code says."""
    return [
        name
        for name, text in DOCUMENTS.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text()
    ]


def write(folder: Path) -> None:
    """Write every file anew."""
    folder.mkdir(exist_ok=True)
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text(), encoding="utf-8")


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write, or check and say what differs; return the exit code."""
    if "--check" not in arguments:
        write(folder)
        return 0
    found = outdated(folder)
    for name in found:
        sys.stderr.write(f"docs/generated/{name}: outdated; run `make docs` and read the difference\n")
    return 1 if found else 0


def _by_name(table: dict[_State, dict[str, _State]]) -> dict[str, dict[str, str]]:
    return {state.value: {event: after.value for event, after in row.items()} for state, row in table.items()}


#: What may happen to a thing that is over.
_AFTER_THE_END = {"reopen"}


def _drawing(table: dict[str, dict[str, str]]) -> str:
    lines = [f"    {state} --> {after}: {event}" for state, row in table.items() for event, after in row.items()]
    ends = [f"    {state} --> [*]" for state, row in table.items() if not set(row) - _AFTER_THE_END]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, *ends, "```"])


def _listing(table: dict[str, dict[str, str]]) -> str:
    rows = [
        [f"`{state}`", ", ".join(f"{event} → `{after}`" for event, after in row.items()) or "nothing: it is over"]
        for state, row in table.items()
    ]
    return _table(["state", "what may happen, and what follows"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
