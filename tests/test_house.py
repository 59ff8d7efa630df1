"""The rules of the house that no linter knows: sizes, names, mirrors, words, and what the lock files may say."""

import ast
import gc
import gzip
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("router", "schemas", "tests", "benchmarks", "docs")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_DECISION_LINES = 40
#: Files of one folder, `__init__.py` counted. More than this is not seen at a glance: a room inside it is missing.
MOST_FILES = 24
MOST_STEPS = 8  #: of router/casework itself, whose rooms are the steps of a report's way
#: A drawer for everything says nothing about what is in it.
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared", "base_utils"}
#: Files without a mirror test, each with its reason.
UNMIRRORED = (
    "router/store/migrations/",  # run and compared with the tables by tests/store/test_migrate.py
)
#: What must stay quick to start is imported inside functions.
HEAVY = ("router.app", "fastapi", "sqlalchemy", "aiohttp", "uvicorn", "alembic")
#: Terms that blame or belittle the child; the Luxembourg Guidelines say "child sexual abuse material".
#: Written in pieces, so that this file passes its own test.
OLD_TERMS = re.compile(
    "|".join(("child[ _-]?" + "porn", "kid[d]ie", "kinder" + "porno", "p[a]?edo" + "porn", "p[é]dopor" + "no")),
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:work|tmp|root|home)/\w")
#: How a room says what it must never do.
NEVER = re.compile(r"\b(?:never|nothing|nobody|no|not)\b", re.IGNORECASE)
#: An address of a package index or its mirror in a lock file would make it useless elsewhere.
INDEX_ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|file:", re.IGNORECASE)
#: What differs between two processes, or between two runs: test names made from it differ too.
UNSTABLE = {"frozenset", "now", "random", "set", "time.time", "today", "token_bytes", "token_hex", "urandom", "uuid4"}
#: A warning is silenced by its name, and with a reason after it.
UNNAMED_SILENCER = re.compile(
    r"#\s*(?:noqa(?!: [A-Z]+\d+(?:, [A-Z]+\d+)* +[-#] \S)|type:\s*ignore(?!\[[a-z, -]+\] +# \S)"
    r"|pragma: no cover\s*$|pyright:)"
)


@pytest.fixture(scope="module", autouse=True)
def what_was_read_is_forgotten() -> Iterator[None]:
    """A million nodes are walked by the collector for as long as they are kept, and no other file looks at them."""
    gc.disable()  # and three times while they are made
    yield
    gc.enable()
    for kept in (tree, nodes):
        kept.cache_clear()


def python_files(*folders: str) -> Iterator[Path]:
    yield from (ROOT / "main.py",)
    for folder in folders or CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the project that people read, by its name."""
    loose = [path for path in (*ROOT.glob("*.*"), ROOT / "Makefile", *(ROOT / ".ci").iterdir()) if path.is_file()]
    folders = [path for folder in (*CODE, "examples") for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in (*loose, *folders):
        if path.suffix in TEXT or path.parent.name == ".ci" or path.name == "Makefile":
            yield name(path), path.read_text(encoding="utf-8")


TEXT = {".py", ".toml", ".md", ".html", ".css", ".po", ".in", ".lock", ".json", ".ndjson", ".csv", ".sql", ".txt"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """A file as Python reads it, once for all the tests here."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything in a file, walked once."""
    return tuple(ast.walk(tree(path)))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes(path):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def test_files_can_be_read_in_one_sitting() -> None:
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {file: size for file, size in sizes.items() if size > MAX_FILE_LINES} == {}


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_no_file_is_a_drawer() -> None:
    vague = [name(path) for path in python_files() if VAGUE_NAMES & {path.stem, path.parent.name}]
    assert vague == []


def mirror(path: Path) -> Path:
    room = path.relative_to(ROOT / "router").parent
    return ROOT / "tests" / room / f"test_{path.stem}.py"


def test_every_file_of_the_product_has_its_mirror_test() -> None:
    files = [path for path in sorted((ROOT / "router").rglob("*.py")) if path.name != "__init__.py"]
    lonely = [name(path) for path in files if not name(path).startswith(UNMIRRORED) and not mirror(path).exists()]
    assert lonely == []


def test_every_room_says_what_it_is_for_and_what_it_never_does() -> None:
    rooms = [path for path in (ROOT / "router").rglob("__init__.py") if not name(path).startswith(UNMIRRORED)]
    docstrings = {name(path): ast.get_docstring(tree(path)) or "" for path in rooms}
    assert [room for room, docstring in docstrings.items() if not NEVER.search(docstring)] == []


def test_tests_are_no_packages() -> None:
    # importlib mode needs none, and two packages of one name would hide each other.
    assert [name(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


def unstable(values: ast.expr) -> bool:
    """Whether a table has an order or values that the next collection will not have. `sorted` mends an order."""
    if isinstance(values, ast.Call) and getattr(values.func, "id", "") == "sorted":
        return False
    if isinstance(values, (ast.Set, ast.SetComp)):
        return True
    called = [ast.unparse(node.func) for node in ast.walk(values) if isinstance(node, ast.Call)]
    return any(one in UNSTABLE or one.rpartition(".")[2] in UNSTABLE for one in called)


def test_tests_have_the_same_names_in_every_process() -> None:
    # Two processes that share the tests must agree on them, and a name that changes cannot be run again.
    found = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("tests")
        for node in nodes(path)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "parametrize" and len(node.args) > 1
        if unstable(node.args[1]) and not any(keyword.arg == "ids" for keyword in node.keywords)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("table", "caught"),
    [
        ("{'a', 'b'}", True),
        ("sorted({'a', 'b'})", False),
        ("{one.name for one in Role}", True),
        ("list(set(ROLES))", True),
        ("[datetime.now(UTC)]", True),
        ("[uuid4().hex]", True),
        ("[time.time()]", True),
        ("[time(11)]", False),
        ("[('a', 1), ('b', {2})]", False),
    ],
)
def test_the_search_for_tables_that_change_finds_them(table: str, caught: bool) -> None:
    assert unstable(ast.parse(table, mode="eval").body) == caught


@pytest.mark.parametrize("packed", [gzip.compress(b"{}")])
def test_bytes_that_nobody_can_read_name_no_test(packed: bytes, request: pytest.FixtureRequest) -> None:
    # The header of gzip has the time in it; tests/conftest.py names such a row after its column.
    assert request.node.name == "test_bytes_that_nobody_can_read_name_no_test[packed]"


def test_every_silenced_warning_is_named() -> None:
    unnamed = [
        f"{name(path)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if UNNAMED_SILENCER.search(line) and path != Path(__file__)
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: E501", True),
        ("x = 1  # noqa: E501 - a link", False),
        ("x = 1  # noqa: E501, S105 - a link", False),
        ("x = 1  # type: ignore", True),
        ("x = 1  # type: ignore[arg-type]", True),
        ("x = 1  # type: ignore[arg-type, misc] # what it refuses", False),
        ("x = 1  # pragma: no cover", True),
        ("x = 1  # pragma: no cover - only on Windows", False),
    ],
)
def test_the_search_for_unnamed_silencers_finds_them(line: str, caught: bool) -> None:
    assert bool(UNNAMED_SILENCER.search(line)) == caught


def test_no_room_is_a_crowd() -> None:
    rooms = {name(path.parent): len([*path.parent.glob("*.py")]) for path in (ROOT / "router").rglob("__init__.py")}
    allowed = {"router/casework": MOST_STEPS}
    assert {room: files for room, files in rooms.items() if files > allowed.get(room, MOST_FILES)} == {}


def test_the_map_of_the_use_cases_names_each_of_its_rooms_once() -> None:
    room = ROOT / "router/casework"
    text = (ast.get_docstring(tree(room / "__init__.py")) or "").partition("Where to look")[2]
    words = re.findall(r"\w+(?=:)", text)
    rooms = sorted(path.parent.name for path in room.glob("*/__init__.py"))
    assert len(rooms) > 10
    assert [(one, words.count(one)) for one in rooms if words.count(one) != 1] == []


#: The columns of a case that one file alone may write, and which; a referral's date has its own.
ONE_WRITER = {
    "desk_code": {"case/desk_entry.py"},
    "desk_text": {"case/desk_entry.py"},
    "desk_since": {"case/desk_entry.py"},
    "desk_due": {"case/desk_entry.py"},
    "next_at": {
        "case/next_look.py",
        "referral/row.py",
        "case/ringing.py",
        "alarm/house.py",
        "alarm/ring.py",
        "desk/acknowledge.py",  # of alarms
    },
}


def written_keys(path: Path) -> Iterator[str]:
    """The string keys of the dictionaries that a file writes, be it in a literal or by assignment."""
    for node in nodes(path):
        if isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
        elif (
            isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant)
        ):
            yield str(node.slice.value)


def test_the_desk_and_the_next_look_have_one_writer_each() -> None:
    room = ROOT / "router/casework"
    written = {(key, path.relative_to(room).as_posix()) for path in room.rglob("*.py") for key in written_keys(path)}
    assert {(key, file) for key, file in written if file not in ONE_WRITER.get(key, {file})} == set()
    assert {key for key, _ in written} >= set(ONE_WRITER)


def test_the_words_respect_the_child() -> None:
    assert [file for file, text in texts() if OLD_TERMS.search(text)] == []


def test_no_path_of_the_machine_it_was_written_on() -> None:
    assert [file for file, text in texts() if MACHINE_PATHS.search(text)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_pin_by_hash_and_name_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==[^\n]+\\\n    --hash=sha256:", text, re.MULTILINE)
    assert not INDEX_ADDRESS.search(text)
    assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE)) > 20


def locked(lock: str) -> dict[str, str]:
    pin = re.compile(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^ ;\\]+)", re.MULTILINE)
    return dict(pin.findall((ROOT / lock).read_text(encoding="utf-8")))


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {package: development.get(package) for package in runtime} == runtime


def direct_dependencies(*files: str) -> Iterator[str]:
    for file in files or ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if found := re.match(r"[A-Za-z][\w.-]*", line):
                yield found.group().lower().replace("_", "-")


def test_every_dependency_is_locked_and_has_its_reason() -> None:
    reasons = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8").lower().replace("_", "-")
    development = locked("requirements-dev.lock")
    wanted = set(direct_dependencies())
    assert [package for package in wanted if package not in development] == []
    assert sorted(package for package in wanted if f"| {package} |" not in reasons) == []


def imported(*folders: str) -> set[str]:
    """The top-level names that the code of some folders imports."""
    found = [node for path in python_files(*folders) for node in nodes(path)]
    plain = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    sources = {str(node.module) for node in found if isinstance(node, ast.ImportFrom)}
    return {found.partition(".")[0] for found in plain | sources}


@cache
def providers() -> Mapping[str, list[str]]:
    """Which distributions bring a top-level name; asking reads every installed package."""
    return packages_distributions()


def distributions(modules: set[str]) -> set[str]:
    known = providers()
    outside = modules - set(sys.stdlib_module_names) - {"router", "schemas", "main", "tests"}
    names = {distribution for module in outside for distribution in known.get(module, [module])}
    return {found.lower().replace("_", "-") for found in names}


def test_the_product_imports_only_what_it_declares() -> None:
    assert distributions(imported("router", "schemas")) - set(direct_dependencies("requirements.in")) == set()


def test_every_declared_dependency_is_used() -> None:
    used = distributions(imported("router", "schemas"))
    assert set(direct_dependencies("requirements.in")) - used == set()


def test_every_rule_left_out_says_why() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    codes = [line for line in lines if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert len(codes) > 20
    assert [line for line in codes if not re.search(r"# \S+", line)] == []


def test_every_engine_is_named_by_the_layers_contract() -> None:
    # import-linter takes no wildcard inside a module's name, so a third engine must be added by hand.
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"]: contract for contract in pyproject["tool"]["importlinter"]["contracts"]}
    named = set(contracts["only app.py names an engine"]["protected_modules"])
    engines = {f"router.store.{path.parent.name}.engine" for path in (ROOT / "router/store").glob("*/engine.py")}
    assert engines == named


def top_imports(path: Path) -> Iterator[str]:
    for node in tree(path).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_command_line_starts_without_the_application() -> None:
    slow = [
        f"{name(path)} imports {module}"
        for path in python_files("router/cli")
        for module in top_imports(path)
        if f"{module}.".startswith(tuple(f"{heavy}." for heavy in HEAVY))
    ]
    assert slow == []


def test_decisions_are_short_and_name_what_enforces_them() -> None:
    for path in (ROOT / "docs/decisions").glob("*.md"):
        lines = path.read_text(encoding="utf-8").rstrip().splitlines()
        tables = sum(line.startswith("|") for line in lines)
        assert len(lines) - tables <= MAX_DECISION_LINES, path.name
        assert lines[-1].startswith("Enforced by"), path.name


def test_the_command_line_prints_in_one_place() -> None:
    # What others wrote is printed too, and a terminal obeys some characters (router/cli/output.py writes them out).
    files = [path for path in (ROOT / "router" / "cli").rglob("*.py") if name(path) != "router/cli/output.py"]
    prints = [
        f"{name(path)}:{node.lineno}"
        for path in files
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert prints == []
