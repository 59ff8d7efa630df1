"""What the words of the figures mean, by version: `router/data/figures.toml`, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import router.data
from router.errors import BadInput
from schemas.published import Audience

NEWEST: Final = "v1"
_FILE: Final = Path(router.data.__file__).parent / "figures.toml"


@dataclass(frozen=True, slots=True)
class Definitions:
    """One version of them."""

    version: str
    eea: frozenset[str]
    means: Mapping[str, str]  #: each measure and word in a sentence
    measures: Mapping[str, tuple[str, ...]]  #: all that is counted, and by what
    audiences: Mapping[str, Mapping[str, tuple[str, ...]]]  #: what of it others get than the house

    def shown(self, audience: Audience) -> Mapping[str, tuple[str, ...]]:
        """Return what an audience gets: measures, and by what each is broken down."""
        return self.measures if audience is Audience.INTERNAL else self.audiences[audience]


@cache
def _written() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def definitions(version: str = NEWEST) -> Definitions:
    """Return a version of the definitions. Raise BadInput for one that there is not."""
    written = _written()
    if version not in written:
        known = ", ".join(sorted(written))
        raise BadInput(f"There is no such version of the definitions; write one of: {known}.", field="definitions")
    given = written[version]
    measures = {name: tuple(one["by"]) for name, one in given["measure"].items()}
    return Definitions(
        version=version,
        eea=frozenset(given["eea"]),
        means={name: one["says"] for name, one in given["measure"].items()} | given["words"],
        measures=measures,
        audiences={name: {measure: tuple(by) for measure, by in shown.items()} for name, shown in given["for"].items()},
    )
