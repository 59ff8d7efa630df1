"""What the fusion knows of an address besides the claims: the network it lies in, and what kind of network that is.

Signals are properties of a network that bear on how far its claims can be trusted. They never name a country.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signals:
    """The network around an address. All fields are about the day of the embedded data."""

    asn: int | None = None
    as_name: str | None = None
    #: The AS belongs to an operator that publishes its hosting addresses: being in no list is then a doubt in itself.
    publishes: str | None = None
    #: An international transit network: its blocks are registered at its seat and stand anywhere.
    backbone: bool = False
    #: Countries in which a network spread over very many countries has hardly any address (`router/data/spread.py`).
    thin: frozenset[str] = frozenset()
    #: Countries that hold a good part of the network's space each (there too); none where nobody knows.
    places: frozenset[str] = frozenset()


NOTHING = Signals()
