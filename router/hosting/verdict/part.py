"""Which part each evidence source plays in the verdict, and whether that was measured: declared by the source itself.

The rule (`pattern`) names the sources that it hears, in its order. What it does not name counts for nothing, whatever
it says. A source that says nothing of its part, or something else than the rule, keeps the router from starting: else
its word would be left out in silence, or be believed as if somebody had counted how often it is right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from router.errors import CannotStart
from router.hosting.verdict import pattern


class Part(StrEnum):
    """What a claim can do in the rule."""

    SPECIAL = "special"  #: says that the address is no public one
    EDGE = "edge"  #: says that it is a CDN's, so that the host behind it is unknown
    RANGE = "range"  #: the operator's own list, with its regions
    ASSIGNMENT = "assignment"  #: what was written for this very block
    GEOLOCATION = "geolocation"  #: a vendor's estimate
    REGISTRY = "registry"  #: where the holder of the whole block is registered
    NETWORK = "network"  #: where the announcing network is registered


class Measured(StrEnum):
    """Whether somebody counted, on truth data, how often the source is right in its part (ADR 0006)."""

    YES = "yes"
    #: A source that plays the same part was. It is believed like one seen in few networks, and a reason says so.
    LIKE_ANOTHER = "like_another"
    #: It is shown, and neither counts nor confirms: it plays no part.
    NO = "no"


@dataclass(frozen=True, slots=True)
class Role:
    """What a source declares of the evidence that it gives under one name."""

    parts: tuple[Part, ...]
    measured: Measured


#: What a new source declares until it was measured (`benchmarks/calibrate.py`).
SHOWN: Final = Role((), Measured.NO)
#: Part -> the sources that the rule hears for it, the first one first.
HEARD: Final[Mapping[Part, tuple[str, ...]]] = {
    Part.SPECIAL: pattern.SPECIAL_SOURCES,
    Part.EDGE: pattern.EDGE_SOURCES,
    Part.RANGE: pattern.RANGE_SOURCES,
    Part.ASSIGNMENT: pattern.ASSIGNMENT_SOURCES,
    Part.GEOLOCATION: pattern.GEOLOCATION_SOURCES,
    Part.REGISTRY: pattern.REGISTRY_SOURCES,
    Part.NETWORK: pattern.NETWORK_SOURCES,
}


class Declaring(Protocol):
    """A source, as far as its part is concerned."""

    @property
    def name(self) -> str:
        """Its short name."""
        ...

    @property
    def roles(self) -> Mapping[str, Role]:
        """Its role under each name that its evidence has as `source`."""
        ...


def check(sources: Iterable[Declaring]) -> None:
    """Raise CannotStart for a source that does not declare its part, or another one than the rule gives it."""
    seen: set[str] = set()
    for source in sources:
        roles: Mapping[str, Role] = getattr(source, "roles", {})
        if not roles:
            raise CannotStart(
                f"The evidence source '{source.name}' does not say which part it plays in the verdict and whether that "
                "was measured; declare its `roles` (`SHOWN` until it was)."
            )
        for name, role in roles.items():
            if (wrong := _wrong(name, role)) is not None:
                raise CannotStart(f"The evidence source '{name}' {wrong}")
        if twice := seen & roles.keys():
            raise CannotStart(f"Two evidence sources speak as '{min(twice)}'; give one of them another name.")
        seen |= roles.keys()


def _wrong(name: str, role: Role) -> str | None:
    heard = {part for part, names in HEARD.items() if name in names}
    if role.measured is Measured.NO and (role.parts or heard):
        return "was not measured, so it plays no part: take its name out of the rule (`pattern`), or measure it."
    if role.measured is not Measured.NO and (not role.parts or set(role.parts) != heard):
        said, has = ", ".join(sorted(role.parts)) or "nothing", ", ".join(sorted(heard)) or "nothing"
        return f"declares {said} as its part, and the rule (`pattern`) hears it for {has}; make them the same."
    if (role.measured is Measured.LIKE_ANOTHER) != (name in pattern.UNMEASURED):
        return "is listed otherwise in `pattern.UNMEASURED` than it declares itself; make them the same."
    return None
