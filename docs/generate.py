"""Write the tables that are made from the code, or say which of them is out of date.

    python docs/generate.py            # writes docs/generated/*.md
    python docs/generate.py --check    # writes nothing; exits 1 when a file differs

The pictures of the console take a browser and half a minute: `python -m docs.screenshots`.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

# Run as a script, Python looks for modules beside it instead of where the project is.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from router.casework.case.acts import ACTS, ActKind, Surface
from router.guard.access import LOCAL_OPERATOR, ROLES, SOURCE, Permission
from router.store.schema.tables import metadata
from schemas.actor import Role
from schemas.casefile import CaseSecrets, ItemSecrets
from schemas.embargo import EmbargoSecrets
from schemas.requests import RequestSecrets
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
        "A reason that an act asks for is sealed, with its case or beside its entry of the audit, and shown there. An\n"
        "act is refused when what its author saw moved on. Which of them a case offers is computed by the same table:\n"
        "what is offered is accepted."
    )
    return "\n\n".join([_MADE, "# What people can do", _table(["act", "to a", "needs", *Surface], rows), notes]) + "\n"


def _where(act: ActKind, surface: Surface) -> str:
    return f"no: {act.absent[surface]}" if surface in act.absent else "yes"


#: Words that are kept as one sealed column, each field of which is somebody's data.
_SEALED: Final = (CaseSecrets, ItemSecrets, EmbargoSecrets, RequestSecrets)


def data_protection() -> str:
    """Return what is kept of whom, from `docs/data_protection.toml`. Raise ValueError for a field without its row."""
    said = tomllib.loads(_DATA_PROTECTION.read_text(encoding="utf-8"))
    parts = [_MADE, "# What is kept of whom"]
    for row in said["row"]:
        names = [f"`{name}`" for name in row["fields"]]
        facts = [
            ["fields", ", ".join(names)],
            ["purpose", row["purpose"]],
            ["basis", said["basis"][row["basis"]]],
            ["recipients", row["recipients"]],
            ["period", said["period"][row["period"]]],
        ]
        parts += [f"## {row['what']}", _table(["", ""], facts)]
    wrong = unplaced([name for row in said["row"] for name in row["fields"]])
    if wrong:
        raise ValueError(f"docs/data_protection.toml must have one row for each of: {', '.join(wrong)}")
    return "\n\n".join(parts) + "\n"


def unplaced(names: Sequence[str]) -> list[str]:
    """Return the fields that stand in no row or in several, and the names in rows that are no fields."""
    fields = list(_fields())
    placed = Counter[str]()
    idle: list[str] = []
    for name in names:
        meant = [field for field in fields if field == name or field.startswith(f"{name}.")]
        placed.update(meant)
        idle += [] if meant else [name]
    return [field for field in fields if placed[field] != 1] + idle


def _fields() -> Iterator[str]:
    """Yield every column that is stored, and every field of what is sealed."""
    for table in metadata.sorted_tables:
        yield from (f"{table.name}.{column.name}" for column in table.columns)
    for word in _SEALED:
        yield from (f"{word.__name__}.{name}" for name in word.model_fields)


_DATA_PROTECTION: Final = Path(__file__).resolve().parent / "data_protection.toml"
#: File name -> what it should hold.
DOCUMENTS: Final[dict[str, Callable[[], str]]] = {
    "acts.md": acts,
    "data-protection.md": data_protection,
    "roles.md": roles,
    "states.md": states,
}


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
