"""How grave something is, by schemes that a hotline writes down; nothing is mapped but by its own table."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.word import Given, Line, Name


class SeverityValue(Given):
    """One value of one scheme."""

    scheme: Name
    value: Line


class SeverityStep(Given):
    """One row of the hotline's own table: what one scheme's value is in another."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Annotated[SeverityValue, Field(alias="from")]
    to: SeverityValue


class SeverityRules(Given):
    """By which schemes analysts say how grave something is. Nothing is mapped but by the hotline's own table."""

    schemes: Annotated[
        dict[Name, Annotated[tuple[Line, ...], Field(min_length=1, max_length=100)]], Field(max_length=20)
    ] = Field(default_factory=dict)  #: each with its values, the mildest first
    table: Annotated[tuple[SeverityStep, ...], Field(alias="map", max_length=1000)] = ()

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        for name, values in self.schemes.items():
            if len(set(values)) < len(values):
                raise ValueError(f"the scheme {name} lists a value twice")
        for row in self.table:
            for one in (row.from_, row.to):
                if one.value not in self.schemes.get(one.scheme, ()):
                    raise ValueError(f"the table names {one.scheme} {one.value}, which `schemes` do not list")
        pairs = [(row.from_.scheme, row.from_.value, row.to.scheme) for row in self.table]
        if len(set(pairs)) < len(pairs):
            raise ValueError("the table says two things of one value")
        return self

    def mapped(self, scheme: str, value: str, to: str) -> str | None:
        """Return what a value is in another scheme by the hotline's table, None where it says nothing."""
        if scheme == to:
            return value
        rows = (row for row in self.table if (row.from_.scheme, row.from_.value, row.to.scheme) == (scheme, value, to))
        return next((row.to.value for row in rows), None)

    def gravest(self, scheme: str, values: Sequence[str]) -> str | None:
        """Return the gravest of these values of a scheme, None of one that the policy does not list."""
        order = self.schemes.get(scheme, ())
        known = [one for one in values if one in order]
        return max(known, key=order.index, default=None)
