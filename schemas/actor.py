"""Who acts: a person, a source, a peer, or the router itself. Names of permissions are `guard/access`'s."""

from enum import StrEnum

from schemas.word import Word


class Role(StrEnum):
    """What a person is here for. Administrators and auditors see no URLs; nobody grants themselves a role."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Actor(Word):
    """One who acts. `id` is what the audit chain keeps: `person:anna`, `source:form`, `peer:offlimits-nl`, `policy`."""

    id: str
    role: Role | None = None
    permissions: frozenset[str] = frozenset()
    source: str | None = None  #: a source's token may only report as that source


#: The router's own acts: what a rule or a clock did.
ROUTER = Actor(id="router")
