"""What is said of a policy's text is known to the pages: whatever a new rule of it refuses is asked for here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import schemas
from router.console.said import policy_text
from router.guard.mask import scrub
from router.policy import load
from tests.console.said.said_by import CODE, made, said_by, shape

SCHEMAS = Path(str(schemas.__file__)).parent
#: Whose refusals a policy is read with.
WORDS = ("closing", "duration", "follow_up", "policy", "retention", "severity", "site", "word")


def refusals() -> Iterator[str]:
    """Yield every text by which the words of a policy refuse a value."""
    for word in WORDS:
        for node in ast.walk(ast.parse((SCHEMAS / f"{word}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                text = made(node.exc.args[0])
                if text is not None:
                    yield text


def yielded() -> Iterator[str]:
    """Yield every text that is told beside its place."""
    for room in ("faults", "translations"):
        for node in ast.walk(ast.parse((CODE / "policy" / f"{room}.py").read_text(encoding="utf-8"))):
            match node:
                case ast.Yield(value=ast.Tuple(elts=[_, text])) | ast.Yield(value=ast.JoinedStr() as text):
                    yield str(made(text))


#: Where the very text is another one than its template: a value of two parts, and a clause of its own at the end.
AS = {
    "the table names {} {}, which `schemes` do not list": "the table names {}, which `schemes` do not list",
    "no rule has this reason; write it as its rule does{}": "no rule has this reason; write it as its rule does",
}


def test_whatever_is_wrong_with_a_policy_is_said_on_the_pages() -> None:
    known = {shape(one) for one in policy_text.WRONG}
    told = [*refusals(), *yielded(), *load._SENTENCES.values()]
    assert len(told) > 40
    assert [one for one in told if AS.get(one, one) not in known] == []


def test_what_the_pages_know_is_still_said() -> None:
    """What pydantic and the reader of TOML say is held to by `tests/console/rules/test_faults.py`."""
    written = {shape(one) for one in said_by("policy", "casework/govern/rules", "bounds.py")}
    said = {*refusals(), *yielded(), *written, *AS.values()}
    theirs = re.compile(
        r"must (?:be|have) |\{\} \(|.*\?$|unknown key|is not valid TOML|write |\{\}, or true|it |nothing of"
    )
    ours = [one for one in map(shape, policy_text.WRONG) if not theirs.match(one)]
    assert [one for one in ours if one not in said] == []


def test_a_page_takes_nothing_out_of_what_is_ours() -> None:
    """Whatever looks like a location is taken out of what is told of a text that somebody typed."""
    assert [one for one in policy_text.WRONG if scrub(one) != one] == []
