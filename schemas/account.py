"""People who may sign in: what an account is given, what is shown of it, and the link that lets its person in."""

from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from schemas.actor import Role
from schemas.word import Given, Name


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
