"""People who may sign in: what an account is given, what is shown of it, and the link that lets its person in."""

from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from schemas.actor import Role
from schemas.word import Given, Name, Word


class AccountGiven(Given):
    """Body of `POST /v1/accounts`."""

    name: Name
    role: Role


class RoleGiven(Given):
    """Body of `POST /v1/accounts/{name}/role`."""

    role: Role


class AccountView(Given):
    """An account as it is listed."""

    name: str
    role: Role
    closed_at: AwareDatetime | None = None


class Invitation(Given):
    """The answer of `POST /v1/accounts/{name}/invite`: the only time the link is shown."""

    account: str
    path: str  #: of the console, wherever people open it: `/signin/rr_link_…`
    ends_at: AwareDatetime


class SignInGiven(Given):
    """Body of `POST /v1/signin`, and the form of the sign-in page: one of each, and no answer says which was wrong."""

    name: Annotated[str, StringConstraints(max_length=300)] = ""
    password: Annotated[str, StringConstraints(max_length=1000)] = ""
    code: Annotated[str, StringConstraints(max_length=100)] = ""


class SignOut(Given):
    """Body of `POST /v1/sessions/end` and `POST /v1/accounts/{name}/sign-out`: one session, or all there are."""

    session: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None


class SessionView(Given):
    """Where somebody is signed in."""

    id: str  #: lets nobody in
    by: str | None  #: link, token, password+app, password+code; null in those of an older version
    address: str | None  #: from where
    started_at: AwareDatetime
    seen_at: AwareDatetime
    ends_at: AwareDatetime  #: the end of the shift; earlier when nobody uses it
    current: bool = False  #: it is the one that asks


class SignedOut(Given):
    """How many sessions were ended."""

    ended: int


class LinkAsked(Word):
    """Somebody who lost what they sign in with asks to come in by a link: a supervisor says that it is them."""

    id: str
    account: str
    asked_at: AwareDatetime
    ends_at: AwareDatetime


class News(Word):
    """What somebody is told at their next page: how somebody came in as `account`."""

    code: str
    account: str
    at: AwareDatetime  #: when, or when last
    times: int = 1  #: since they last said that they know; of themselves each is told apart
