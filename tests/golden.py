"""Golden files: what others rely on, word for word. A difference is a change of contract, and must be meant.

`WRITE_CONTRACTS=1 pytest …` writes them anew; the difference is then read in review.
"""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent / "contracts"
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DOSSIER: Final = re.compile(r'"dossier": "([0-9A-Z]{9})"')
_TOKEN: Final = re.compile(r"rr_live_[\w-]{48}")


def golden(name: str, found: Any) -> None:
    """Compare with the golden file of that name."""
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    path = FOLDER / f"{name}.json"
    if os.environ.get("WRITE_CONTRACTS") == "1":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(path.read_text(encoding="utf-8")), f"contracts/{name}.json no longer holds"


def named(text: str) -> str:
    """Return text with each random id replaced by the order in which it first appeared."""
    seen: dict[str, str] = {}
    text = _ID.sub(lambda found: seen.setdefault(found[0], f"<id {len(seen) + 1}>"), text)
    numbers: dict[str, str] = {}
    text = _DOSSIER.sub(lambda found: f'"dossier": "{_nth(numbers, found[1])}"', text)
    return _TOKEN.sub("<token>", text)


def _nth(numbers: dict[str, str], number: str) -> str:
    return numbers.setdefault(number, f"<dossier {len(numbers) + 1}>")
