"""The lock files answer every question that pip asks, so that nothing published later can be taken instead.

Asked without a network, from what the locked distributions say of themselves. pip before 23.3 takes `coverage[toml]`
for something else than `coverage`: where the lock pins only the latter, it looks for the newest of the former, and then
refuses that one because it has no hash. So the day on which a locked distribution publishes a version, a fresh machine
fails. It cannot happen when each requirement that holds in some environment is pinned there with its extras.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
#: (sys_platform, os_name, platform_system)
SYSTEMS = (
    ("linux", "posix", "Linux"),
    ("darwin", "posix", "Darwin"),
    ("win32", "nt", "Windows"),
    ("emscripten", "posix", "Emscripten"),
)
#: What the lock files promise: every Python from 3.11 on (the first and a later patch of it), every system.
ENVIRONMENTS = tuple(
    {
        "python_version": full.rpartition(".")[0],
        "python_full_version": full,
        "implementation_name": implementation.lower(),
        "implementation_version": full,
        "platform_python_implementation": implementation,
        "sys_platform": system,
        "os_name": kind,
        "platform_system": name,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
    }
    for full, implementation, (system, kind, name), machine in product(
        ("3.11.0", "3.11.15", "3.12.0", "3.13.0", "3.14.0", "3.15.0"),
        ("CPython", "PyPy"),
        SYSTEMS,
        ("x86_64", "aarch64", "arm64", "AMD64"),
    )
)


class Gap(NamedTuple):
    """What somebody asks for and the lock does not pin."""

    asked_by: str
    requirement: str


def holds(requirement: Requirement, environment: Mapping[str, str], extras: Iterable[str] = ()) -> bool:
    """Whether a requirement counts there, for a distribution that is installed with some extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras))


def gaps(
    pins: Iterable[Requirement],
    roots: Iterable[Requirement],
    requires: Mapping[str, Iterable[Requirement]],
    environments: Iterable[Mapping[str, str]] = ENVIRONMENTS,
) -> set[Gap]:
    """Return what the requirements files (`roots`) and the locked distributions ask for and `pins` do not answer."""
    found = set()
    for environment in environments:
        here = {canonicalize_name(pin.name): pin for pin in pins if holds(pin, environment)}
        asked = [("the requirements file", one) for one in roots if holds(one, environment)]
        for name, pin in here.items():
            asked += [(name, one) for one in requires.get(name, ()) if holds(one, environment, pin.extras)]
        for name, one in asked:
            answer = here.get(canonicalize_name(one.name))
            if not (
                answer and one.extras <= answer.extras and one.specifier.contains(version(answer), prereleases=True)
            ):
                found.add(Gap(name, str(one)))
    return found


def version(pin: Requirement) -> str:
    return next(iter(pin.specifier)).version


def pinned(lock: str) -> tuple[Requirement, ...]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return tuple(Requirement(line) for line in re.findall(r"^([a-zA-Z][^\\\n]*?) *\\?$", text, re.MULTILINE))


def wanted(file: str) -> Iterator[Requirement]:
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from wanted(line.removeprefix("-r ").strip())
        elif line and not line.startswith("#"):
            yield Requirement(line)


@cache
def installed(name: str) -> tuple[str, tuple[Requirement, ...]] | None:
    """Return the version that is installed and what it asks for. None: not installed."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return found.version, tuple(Requirement(one) for one in found.requires or ())


@pytest.mark.parametrize("lock", LOCKS)
def test_whatever_a_locked_distribution_asks_for_is_pinned_with_its_extras(lock: str) -> None:
    pins = pinned(lock)
    known = {canonicalize_name(pin.name): installed(pin.name) for pin in pins}
    requires = {name: found[1] for name, found in known.items() if found}
    assert len(requires) > 20
    assert sorted(gaps(pins, tuple(wanted(lock.replace(".lock", ".in"))), requires)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_judged_is_what_is_locked(lock: str) -> None:
    # Only what is locked for other systems alone cannot be read here: it must have no part in this one.
    here = [pin for pin in pinned(lock) if pin.marker is None or pin.marker.evaluate()]
    found = {pin.name: (one := installed(pin.name)) and one[0] for pin in here}
    assert found == {pin.name: version(pin) for pin in here}, "the environment is not the locked one: run `make test`"


def of(*lines: str) -> tuple[Requirement, ...]:
    return tuple(Requirement(line) for line in lines)


@pytest.mark.parametrize(
    ("pins", "roots", "requires", "missing"),
    [
        (("a==1", "b==1"), ("a",), {"a": ("b>=1",)}, []),
        (("a==1", "b==1"), ("a",), {"a": ("b[x]>=1",)}, ["b[x]>=1"]),
        (("a==1", "b[x]==1"), ("a",), {"a": ("b[x]>=1",)}, []),
        (("a==1", "b[x]==1"), ("a",), {"a": ("b[x,y]>=1",)}, ["b[x,y]>=1"]),
        (("a==1", "b==1"), ("a",), {"a": ("b[x]>=1; sys_platform == 'win32'",)}, ['b[x]>=1; sys_platform == "win32"']),
        (("a==1",), ("a",), {"a": ("b[x]>=1; python_version < '3.11'",)}, []),
        (("a==1",), ("a",), {"a": ("b[x]>=1; extra == 'y'",)}, []),
        (("a[y]==1",), ("a[y]",), {"a": ("b[x]>=1; extra == 'y'",)}, ['b[x]>=1; extra == "y"']),
        (("a==1",), ("a[y]",), {}, ["a[y]"]),
        (("a==1", "b==1 ; sys_platform == 'linux'"), ("a",), {"a": ("b",)}, ["b"]),
        (("a==1", "b==1"), ("a",), {"a": ("b>=2",)}, ["b>=2"]),
        (("A-b==1",), ("a_b",), {}, []),
    ],
)
def test_the_search_for_what_is_not_pinned_finds_it(
    pins: tuple[str, ...], roots: tuple[str, ...], requires: dict[str, tuple[str, ...]], missing: list[str]
) -> None:
    asked = {name: of(*lines) for name, lines in requires.items()}
    assert [gap.requirement for gap in sorted(gaps(of(*pins), of(*roots), asked))] == missing
