"""One thing that is wrong with a partner's entry, or with the whole directory: about whom, in which field, what."""

from typing import NamedTuple


class Mistake(NamedTuple):
    """Never holds the value that was given, which may be a secret."""

    about: str  #: `partner NAME`, `territories.CC`, `key ID`, or the directory
    field: str  #: dotted, from the partner's entry on; empty where it is about none
    text: str
    code: str = ""  #: a stable name for the texts that a form shows in other languages

    def __str__(self) -> str:
        """Return it as one line for people."""
        return ": ".join(filter(None, (self.about, self.field, self.text)))
