"""What the rooms of the router say, for the tests here."""

import ast
import re
from pathlib import Path

import router

#: What only a moment is refused for; a policy has none.
NEVER = {"MOMENT_FORM"}
HOLE = re.compile(r"{\w+}")
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


def shape(text: str) -> str:
    """A template, or what makes a text, with nothing but where something is filled in."""
    return HOLE.sub("{}", text).replace("{{", "{").replace("}}", "}")


def made(node: ast.expr) -> str | None:
    """The shape of what an expression says; None for one that says what another one has found."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in parts)
        case ast.Name(id=name) if name in NEVER:
            return None
    return ast.unparse(node)
