"""How people sign in here: how long a session lasts, from where locations are shown, and an OIDC provider."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from schemas.alarm import Duration, Written
from schemas.word import Name

_NOT_ONE: Final = "name a network such as 192.0.2.0/24 or 2001:db8::/48, or one address with /32 or /128"


def _a_network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(_NOT_ONE) from None


NamedNetwork = Annotated[str, StringConstraints(max_length=49), AfterValidator(_a_network)]


#: Whatever is set: a session that nobody has used for so long is over.
MOST_IDLE: Final = timedelta(hours=2)


class OidcSettings(Written):
    """The table `[signin.oidc]`: a provider that says who somebody is. Role and mandate are given here."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https://[^\s?#]{1,500}$")]
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    secret: Name  #: the file of the client's secret in the folder `secrets`
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]  #: what the house calls it
    #: signatures that are believed; never one by a secret that both sides know
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "Ed25519", "EdDSA"], ...] = ("RS256", "PS256", "ES256")
    acr: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None  #: how sure it must have been


class ExposureSettings(Written):
    """The table `[exposure]`: how much one person looks at. Nothing is limited unless the house says so."""

    a_day: Annotated[int, Field(ge=1, le=10_000)] | None = (
        None  #: reveals in a day of the house; then a pause until the next
    )
    an_hour: Annotated[int, Field(ge=1, le=1_000)] | None = None  #: reveals within an hour; then a pause
    pause: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(hours=8))] = timedelta(minutes=15)
    #: what a source says of an item that is told as grave before its location is shown, and no more: `age:infant`, or
    #: a label or a severity with its scheme and value, as `label:SCHEME:VALUE`, `severity:SCHEME:VALUE`
    grave: tuple[Annotated[str, StringConstraints(pattern=r"^(age|(label|severity):[^:]{1,100}):.{1,200}$")], ...] = (
        "age:infant",
    )


class SignInSettings(Written):
    """The table `[signin]` of `router.toml`."""

    #: OWASP's session guidance for high-value applications: 15-30 minutes idle
    idle: Annotated[Duration, Field(ge=timedelta(minutes=5), le=MOST_IDLE)] = timedelta(minutes=30)
    #: after so long a location is shown, and something sent, only to who shows again who they are
    fresh: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(hours=16))] = timedelta(hours=1)
    #: locations are shown to who asks from one of these; empty is from anywhere
    reveal_from: tuple[NamedNetwork, ...] = ()
    oidc: OidcSettings | None = None  #: a provider that people may sign in by, once they connected it themselves
    #: a reveal asks for a mandate of everybody; else only of who has had one
    mandates: bool = False
    #: a shift: a session ends after it however busy it was
    shift: Annotated[Duration, Field(ge=timedelta(hours=1), le=timedelta(hours=16))] = timedelta(hours=12)
