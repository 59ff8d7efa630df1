import ast

from router.console.findings import retold
from router.console.language import load
from router.console.said import audit
from router.console.sentences import sentence
from router.guard import verify
from tests.console.said.said_by import CODE, HOLE, made, shape


def found() -> set[str]:
    """What the verifier finds, with `{}` where something is filled in."""
    tree = ast.parse((CODE / "guard" / "verify.py").read_text(encoding="utf-8"))
    texts = {str(made(one)) for one in ast.walk(tree) if isinstance(one, ast.Constant | ast.JoinedStr)}
    return {sentence(one) for one in texts} | {verify._RESTORED}


def test_it_is_what_the_verifier_finds() -> None:
    assert {shape(one) for one in (*audit.SAID, *audit.FILLED)} - found() == set()


def test_whatever_the_verifier_finds_is_said_in_every_language() -> None:
    tree = ast.parse((CODE / "guard" / "verify.py").read_text(encoding="utf-8"))
    texts: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="_finding") | ast.Name(id="ChainFinding"), args=[*_, said]):
                texts.add(str(made(said)))
            case ast.Assign(targets=[ast.Name(id="text")], value=said):
                texts.add(str(made(said)))
    known = {shape(one) for one in (*audit.SAID, *audit.FILLED)}
    assert {sentence(one) for one in texts - {"text"}} - known == set()


def test_what_is_to_be_done_about_it_is_said_too() -> None:
    text = f"checkpoint 7 is not the one that was kept; {verify._RESTORED.format(7)}"
    for code, tongue in load().items():
        told = retold(tongue, sentence(text))
        assert told is not None
        assert "audit.anchor" in told
        assert ("backup back" in told) == (code == "en")
        assert not HOLE.search(told)
