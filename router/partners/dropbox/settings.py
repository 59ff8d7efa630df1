"""How a police unit is reached, what it opens bundles with, and how long we wait for its receipt."""

from datetime import time, timedelta, tzinfo
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from router.partners.base import DialectSettings
from router.partners.secret_name import SecretName
from schemas.alarm import Address, After, Duration, Relay
from schemas.law import DatedLaw
from schemas.word import Line, Word

Language = Literal["nl", "fr", "de", "en"]
Pem = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]


def _is_absolute(path: str) -> str:
    if not PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError("write the folder's whole path, from the root on")
    return path


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("this is no time zone; use a name such as 'Europe/Brussels'") from None
    return name


Folder = Annotated[str, StringConstraints(min_length=2, max_length=1000), AfterValidator(_is_absolute)]


class Way(Word):
    """One way to a unit: exactly one of the three."""

    folder: Folder | None = None  #: carried on by the unit, or by its portal; it holds the file `MARK` (`folder`)
    mail: Address | None = None
    telephone: Line | None = None  #: whom a person calls

    @model_validator(mode="before")
    @classmethod
    def _is_one(cls, given: Any) -> Any:
        if not isinstance(given, dict) or len(given) != 1:
            raise ValueError("a way is one of folder, mail and telephone")
        return given


class DropboxConfig(DialectSettings):
    """Settings of a partner that speaks `dropbox`. Secrets are named, never written here."""

    ways: Annotated[tuple[Way, ...], Field(min_length=1, max_length=4)]  #: in the order in which they are tried
    seal: Literal["cms", "openpgp"] = "cms"
    certificate: Pem  #: the unit's, to which a bundle is encrypted: X.509 in PEM, or its armoured OpenPGP key
    signing: SecretName  #: our key that signs bundles: the PKCS #12 file, or the secret key as `gpg` exports it
    signing_password: SecretName | None = None
    #: The code that the unit read in its test bundle (`partners rehearse`). Without it nothing goes there: it proves
    #: that the unit opens what is encrypted to `certificate`, so a new certificate asks for a new one.
    rehearsed: Line | None = None
    relay: Relay | None = None  #: the house's mail relay, for a way by mail
    language: Language = "en"
    zone: Annotated[str, AfterValidator(_is_zone)] = "UTC"  #: of the times on the readable page, beside UTC
    gather: After = timedelta(minutes=1)  #: how long a report's items are waited for, to go in one bundle
    daily_at: time = time(5)  #: in UTC: when what crawlers reported goes, in one list
    next_way_after: After = timedelta(hours=1)  #: how long a way may fail until the next is taken; at risk at once
    receipt_within: Duration = timedelta(hours=24)  #: until then the unit says that it has it; else people ask
    receipt_within_at_risk: Duration = timedelta(minutes=15)
    answers: Folder | None = None  #: where the unit puts its answers, if it does
    #: With which certificate (PEM) or OpenPGP key (armoured) it signs them; unsigned ones are for people.
    answers_signed_by: Pem | None = None
    #: On which law a hand-over to this unit rests; without a row of its day, what the policy says holds.
    law: Annotated[tuple[DatedLaw, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _letters_need_a_relay(self) -> Self:
        if self.relay is None and any(way.mail for way in self.ways):
            raise ValueError("a way by mail needs a `relay`: the house's own mail server")
        return self

    @property
    def carried(self) -> tuple[Way, ...]:
        """Return the ways that need no person, in their order."""
        return tuple(way for way in self.ways if way.telephone is None)

    @property
    def telephone(self) -> str | None:
        """Return whom people call, if that is a way."""
        return next((way.telephone for way in self.ways if way.telephone is not None), None)

    @property
    def local(self) -> tzinfo:
        """Return the time zone of the readable page."""
        return ZoneInfo(self.zone)
