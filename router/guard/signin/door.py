"""What signing in works with in one process: the house's settings, the pool of passwords, and how often one may try."""

from dataclasses import dataclass, field
from typing import Final

from router.guard.signin.attempts import Attempts
from router.guard.signin.passwords import Passwords
from router.guard.signin.provider import Provider
from schemas.signin import ExposureSettings, SignInSettings

#: Tries of one account, and from one address (a house's people share one), in a quarter of an hour. OWASP: a handful
#: for an account; with 10 every 15 minutes a six-digit code that is guessed stands for years.
_OF_AN_ACCOUNT: Final = 10
_FROM_AN_ADDRESS: Final = 60
_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class Door:
    """The door of a router. Made once."""

    settings: SignInSettings = field(default_factory=SignInSettings)
    passwords: Passwords = field(default_factory=Passwords)
    exposure: ExposureSettings = field(default_factory=ExposureSettings)
    provider: Provider | None = None  #: whom the house has say who somebody is
    by_account: Attempts = field(default_factory=lambda: Attempts(_OF_AN_ACCOUNT, _SECONDS))
    by_provider: Attempts = field(default_factory=lambda: Attempts(_FROM_AN_ADDRESS, _SECONDS))  #: also an address's
    by_address: Attempts = field(default_factory=lambda: Attempts(_FROM_AN_ADDRESS, _SECONDS))
