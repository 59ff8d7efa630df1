import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import router.cli
from router import errors
from router.cli import output
from router.cli.output import complain, counted, printable, say, show
from router.errors import BadInput, CannotStart, Conflict, NotFound, RouterError, StoreUnavailable

#: A number in a text with a word beside it that is written for several, whatever the number is.
_ALWAYS_SEVERAL = re.compile(
    r"\{(?:len\(|sum\(|[^}\"]*\b(?:total|count|limit|lines)\b)[^}\"]*\} [a-z]+s\b"
    r"|\"(?:[^\"]* )?\{\} (?:[a-z]+ )?[a-z]+s\b"
)
_NO_COUNT = re.compile(r"\{len\(items\)\} does it|field_size_limit|\{\} (?:[a-z]+ )?(?:is|was|has|does|stands|signs)\b")


def failing(error: BaseException) -> int:
    raise error


# 0 ok, 1 the answer is no, 2 wrong use, 3 could not run.
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("Name a file."), 2),
        (NotFound("No such case."), 2),
        (Conflict("It moved on."), 3),
        (CannotStart("A newer schema."), 3),
        (StoreUnavailable("The disk is full."), 3),
        (errors.PolicyInvalid("Line 3."), 3),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(
    capsys: pytest.CaptureFixture[str], error: RouterError, code: int
) -> None:
    assert output.ending(lambda: failing(error)) == code
    seen = capsys.readouterr()
    assert seen.err == f"{error.message}\n"
    assert seen.out == ""


@pytest.mark.parametrize(
    ("field", "message", "said"),
    [
        ("/country", "Not one.", "country: Not one."),
        ("/country", "`/country`: not one (and 1 more)", "country: not one (and 1 more)"),
        ("query/state", "`query/state`: not one", "state: not one"),
        ("path/case_id", "`path/case_id`: this is not an id", "case: this is not an id"),
        ("/items/0/location", "`/items/0/location`: not one", "`/items/0/location`: not one"),
        ("name", "The setting `name` cannot be used.", "The setting `name` cannot be used."),
        ("", "It is not JSON.", "It is not JSON."),
    ],
)
def test_the_field_is_named_once_and_as_the_verb_names_it(
    capsys: pytest.CaptureFixture[str], field: str, message: str, said: str
) -> None:
    output.ending(lambda: failing(BadInput(message, field=field)))
    assert capsys.readouterr().err == f"{said}\n"


def test_ctrl_c_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert output.ending(lambda: failing(KeyboardInterrupt())) == 3
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_verbs_own_code_is_kept(code: int) -> None:
    assert output.ending(lambda: code) == code


def test_a_fault_of_ours_is_named_without_its_words_and_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert output.ending(lambda: failing(KeyError("https://secret.test/"))) == 3
    said = capsys.readouterr().err
    assert "KeyError at test_output.py:" in said
    assert "secret" not in said
    assert said.count("\n") == 1


def test_json_is_the_answer_alone(capsys: pytest.CaptureFixture[str]) -> None:
    output.show({"a": "é"}, as_json=True, lines=["for people"])
    seen = capsys.readouterr().out
    assert json.loads(seen) == {"a": "é"}
    assert "é" in seen
    output.show({"a": 1}, as_json=False, lines=["for", "people"])
    assert capsys.readouterr().out == "for\npeople\n"


def test_a_table_is_aligned() -> None:
    rows = [{"id": "a", "to": ["x", "y"]}, {"id": "long one", "to": None}]
    assert output.table(rows, {"case": "id", "partners": "to"}) == [
        "case      partners",
        "a         x y",
        "long one  -",
    ]


def test_the_asynchronous_part_gives_its_answer() -> None:
    async def work() -> str:
        return "done"

    assert output.finish(work()) == "done"


ORDERS = "\x00\x07\x1b\x7f\x85\x9b\u200e\u202e\u2066\u2028\r"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_terminal_obeys_what_is_printed(text: str) -> None:
    shown = printable(text)
    assert all(one in "\t\n" or not (unicodedata.category(one) == "Cc" or one in ORDERS) for one in shown)
    assert json.loads(printable(json.dumps(text, ensure_ascii=False))) == text


def test_every_way_to_print_writes_orders_out(capsys: pytest.CaptureFixture[str]) -> None:
    show({"a": ORDERS}, as_json=True, lines=())
    show({}, as_json=False, lines=[ORDERS])
    say(ORDERS)
    complain(ORDERS)
    printed = capsys.readouterr()
    assert not set(ORDERS) & set(printed.out + printed.err)
    assert json.loads(printed.out.splitlines()[0]) == {"a": ORDERS}


def test_a_plain_text_is_printed_as_it_is() -> None:
    text = "seksuele misbruikbeelden, à, 表, العربية, 🙂\tx"
    assert printable(text) == text


@pytest.mark.parametrize(("number", "said"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (1516, "1,516 cases")])
def test_one_is_one(number: int, said: str) -> None:
    assert counted(number, "case") == said


def test_a_word_may_have_a_form_of_its_own_for_several() -> None:
    assert [counted(number, "entry", "entries") for number in (1, 3)] == ["1 entry", "3 entries"]


def test_no_verb_says_one_of_several() -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in Path(router.cli.__file__).parent.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _ALWAYS_SEVERAL.search(line) and not _NO_COUNT.search(line)
    ]
    assert found == []
