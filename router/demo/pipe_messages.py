"""What the parent and an instance of the simulated world say to each other, one JSON line at a time over a pipe.

This is no interface of the product: it exists so that the demo can set up instances and move their time, which no
operator can do to a real one.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from schemas.actor import Role
from schemas.partner import Partner
from schemas.word import Given, Name, Word


class Placement(Given):
    """The first line: where an instance stands in the world."""

    settings: dict[str, Any]  #: of `router.settings.Settings`
    began: float  #: when the story began by the machine's clock, in seconds since the epoch
    addresses: dict[str, int]  #: public address -> the port of loopback that stands for it
    encrypted: int  #: file descriptor of the listening socket for HTTPS
    plain: int | None = None  #: the same for plain HTTP, for a browser on this machine


class Ready(Word):
    """The instance's first answer: it listens."""

    key_id: str  #: under which peers pin its key
    public_key: str
    token: str  #: of a supervisor who may reveal


class Advance(Given):
    """Let time jump."""

    do: Literal["advance"] = "advance"
    seconds: float


class Secret(Given):
    """What a partner's settings refer to by name."""

    name: str
    value: str
    is_base64: bool = False  #: of what is no text


class Govern(Given):
    """Take a policy and partners, as `policy publish` and `partners import` do."""

    do: Literal["govern"] = "govern"
    policy: str | None = None  #: None keeps the one the router starts with
    partners: tuple[Partner, ...]  #: replace those of the same name; all others stay
    secrets: tuple[Secret, ...] = ()


class Invite(Given):
    """Make a one-time sign-in link; the answer's text is its path. Who has no account yet gets one."""

    do: Literal["invite"] = "invite"
    who: Name = "demo"
    role: Role = Role.SUPERVISOR


class Stop(Given):
    """End. The end of the pipe means the same, so that no instance outlives the demo."""

    do: Literal["stop"] = "stop"


Command = Annotated[Advance | Govern | Invite | Stop, Field(discriminator="do")]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


class Done(Word):
    """The answer to a command."""

    ok: bool
    text: str = ""
