"""Who may receive: one entry of the partner directory, and the directory itself."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from schemas.network import PrivateNetwork
from schemas.vocabulary import Assessment
from schemas.word import Country, Line, Name, Note, Word


class PartnerKind(StrEnum):
    """What a partner is; the policy's words `hotline:X` and `police` look here."""

    HOTLINE = "hotline"
    POLICE = "police"
    PROVIDER = "provider"
    HUB = "hub"


class Agreement(Word):
    """What allows us to send: ends on a date, after which nothing leaves."""

    until: date | None = None
    transfer_basis: Line | None = None
    transfer_until: date | None = None


class Window(Word):
    """A daily span in UTC in which a partner is not called: maintenance. It may pass midnight."""

    start: time
    end: time


class Pace(Word):
    """How much a partner takes. Rates are requests; caps are referrals."""

    per_second: Annotated[float, Field(gt=0)] = 50.0
    burst: Annotated[int, Field(gt=0)] = 50
    in_flight: Annotated[int, Field(gt=0)] = 8
    daily_cap: Annotated[int, Field(gt=0)] | None = None
    closed: tuple[Window, ...] = ()


class Partner(Word):
    """One who may receive. `config` belongs to the dialect, which alone reads it."""

    name: Name
    title: Line
    kind: PartnerKind
    countries: tuple[Country, ...] = ()  #: whom it serves
    default: bool = False  #: the one that `hotline:COUNTRY` means when several serve a country
    inhope: bool = False
    dialect: Name = "router"
    config: dict[str, Any] = Field(default_factory=dict)
    enabled: bool = False
    disabled_reason: Note | None = None
    checked_on: date | None = None  #: when `partners check` last reached it
    networks: Annotated[tuple[PrivateNetwork, ...], Field(max_length=16)] = ()  #: closed ones where its address may be
    agreement: Agreement = Agreement()
    accepts: tuple[Assessment, ...] = (Assessment.BASELINE,)
    severity: Name | None = None  #: the scheme in which it gets the severity, by the policy's table; None: as stated
    pace: Pace = Pace()
    fields: tuple[str, ...] | None = None  #: which fields leave; None is the dialect's own list
    public_site: str | None = None
    source: str | None = None  #: where we know it from


class Directory(Word):
    """All partners and who serves which territory, as one version."""

    version: int = 0
    partners: tuple[Partner, ...] = ()
    territories: dict[Country, Country] = Field(
        default_factory=dict
    )  #: territory -> the country whose hotline serves it
    assumed: dict[Country, Note] = Field(
        default_factory=dict
    )  #: territories whose entry above is only an assumption, and why: people confirm

    def named(self, name: str) -> Partner | None:
        """Return the partner of that name, or None."""
        return next((p for p in self.partners if p.name == name), None)
