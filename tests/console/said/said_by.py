"""What the rooms of the router say, for the tests here."""

import ast
from pathlib import Path

import router

CODE = Path(str(router.__file__)).parent


def said_by(*places: str) -> set[str]:
    """Every text literal of the code in files, or below folders, of the router."""
    found: set[str] = set()
    for place in places:
        path = CODE / place
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found
