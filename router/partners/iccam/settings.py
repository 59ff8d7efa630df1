"""How we reach a hub, and how it knows us."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, HttpUrl, UrlConstraints

from router.errors import BadInput
from router.guard.client_certificate import ClientCertificate
from router.partners.base import DialectSettings, Reason, Tools
from router.partners.secret_name import SecretName
from schemas.alarm import After
from schemas.word import Country, Line

#: Seconds that the public client waits after a login before it uses the token (by its comment of September 2023).
TOKEN_SETTLE: Final = 2.0
Rate = Annotated[float, Field(gt=0, le=50)]


class Mode(StrEnum):
    """What is reported of a page."""

    PAGES = "pages"  #: each location by itself; the hub fetches a page, and finds the files on it
    CONTENTS = "contents"  #: a page and the files on it that were reported with it, each with its own assessment


class IccamConfig(DialectSettings):
    """Settings of a partner that speaks `iccam`. Secrets are named, never written here."""

    url: Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"])]  #: the API's root; with a port of its own if any
    country: Country  #: ours, as the hub knows us
    username: Line  #: the login of our system, which stands in every analyst's field
    password: SecretName
    certificate: SecretName  #: the PKCS #12 file as the hub's office sent it, or the certificate's PEM file
    certificate_key: SecretName | None = None  #: the key's PEM file, where `certificate` is one
    certificate_password: SecretName | None = None  #: of the PKCS #12 file, or of the key
    token_settle: Annotated[float, Field(ge=0, le=30)] = TOKEN_SETTLE  #: seconds
    intake: bool = False  #: whether its inbox is read
    #: Whether we tell the hub that we have what we took. Until go-live another tool may own the inbox: then nothing is
    #: told, and our cases of it only watch.
    acknowledge: bool = False
    mode: Mode = Mode.PAGES
    gather: After = timedelta(minutes=1)  #: with `contents`: how long a page and its files are waited for
    push_per_second: Rate = 1.0  #: calls to report and to act
    pull_per_second: Rate = 1.0  #: calls to read what happened

    def at(self, path: str) -> str:
        """Return the address of a path below the root."""
        return f"{str(self.url).rstrip('/')}/{path}"


def certificate(config: IccamConfig, tools: Tools) -> ClientCertificate:
    """Read our certificate. Raise BadInput for a missing file, a wrong password, or what is no certificate."""
    content = tools.secret_file(config.certificate)
    password = None if config.certificate_password is None else tools.secret(config.certificate_password)
    if config.certificate_key is None:
        return ClientCertificate.from_p12(content, password or "")
    return ClientCertificate.from_pem(content, tools.secret_file(config.certificate_key), password)


def check_is_valid(found: ClientCertificate, now: datetime) -> None:
    """Raise BadInput when the certificate has ended: the hub would break off after our first words had left."""
    if found.until <= now:
        raise BadInput(
            f"Our certificate for the hub ended on {found.until:%d.%m.%Y}; ask the hub's office for the new one",
            reason=Reason.MISCONFIGURED,
        )
