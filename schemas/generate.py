"""Write the JSON Schema of every word that crosses a border, or check that what is written is current.

`python -m schemas.generate` writes `schemas/json/`; with `--check` it writes nothing and exits 1 on any difference. A
change in these files is a change for others: partners, integrators and the files operators keep.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from schemas.casefile import CaseFile
from schemas.decision import Decision
from schemas.exchange import InboxAnswers, ReferralBundle, StatusAnswers, StatusQuery
from schemas.partner import Directory
from schemas.problem import Problem
from schemas.report import ReportGiven, ReportTaken
from schemas.trace import TraceLine

FOLDER: Final = Path(__file__).parent / "json"
#: File name -> the word it describes.
BORDER: Final[dict[str, type[BaseModel]]] = {
    "case-file": CaseFile,
    "decision": Decision,
    "directory": Directory,
    "inbox-answers": InboxAnswers,
    "problem": Problem,
    "referral-bundle": ReferralBundle,
    "report": ReportGiven,
    "report-taken": ReportTaken,
    "status-answers": StatusAnswers,
    "status-query": StatusQuery,
    "trace-line": TraceLine,
}


def documents() -> dict[str, str]:
    """Return what each file should hold, by its name."""
    return {f"{name}.json": _document(word) for name, word in BORDER.items()}


def _document(word: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **word.model_json_schema()}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def differences(folder: Path) -> list[str]:
    """Return one line for each file that is missing, outdated or no longer a word of the border."""
    expected = documents()
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    lines = [f"{name}: missing" for name in expected.keys() - present.keys()]
    lines += [f"{name}: describes no word of the border" for name in present.keys() - expected.keys()]
    lines += [f"{name}: outdated" for name in expected.keys() & present.keys() if expected[name] != present[name]]
    return sorted(lines)


def write(folder: Path) -> None:
    """Make the folder hold exactly the current documents."""
    folder.mkdir(exist_ok=True)
    expected = documents()
    for path in folder.glob("*.json"):
        if path.name not in expected:
            path.unlink()
    for name, text in expected.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write, or check and say what differs; return the exit code."""
    if "--check" not in arguments:
        write(folder)
        return 0
    found = differences(folder)
    for line in found:
        sys.stderr.write(f"schemas/json/{line}; run `python -m schemas.generate` and read the difference\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
