"""What is given to a partner on the first day: who we are, where we are called, our key, and what leaves."""

from pydantic import AwareDatetime

from schemas.trail import Paper
from schemas.word import Country, Word


class SheetKey(Word):
    """By what a partner knows us: all of it is public."""

    id: str
    public: str  #: Ed25519, 32 bytes in base64: what a partner pins
    fingerprint: str  #: SHA-256 of the key as DER, in hexadecimal: what people read to each other


class Sheet(Word):
    """The sheet; made from the settings in force, and signed."""

    house: str  #: our name among peers
    country: Country
    contact: str | None  #: whom a partner's staff call; None where the settings name nobody
    url: str | None  #: as a partner is to call it, to the letter: it is part of what is signed
    addresses: tuple[str, ...]
    protocol: str
    key: SheetKey
    entry: str | None  #: our entry for a partner that runs this program, as its `partners add` reads it
    sends: tuple[str, ...]  #: fields of a referral that a partner may get
    never: dict[str, str]  #: fields of a report that never leave, and why
    made_at: AwareDatetime


class SheetFiles(Word):
    """The answer of `GET /v1/partners/sheet`: the sheet, and the files to hand over, each with its signature."""

    sheet: Sheet
    files: tuple[Paper, ...]
