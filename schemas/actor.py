"""Who acts: a person, a source, a peer, or the router itself. Names of permissions are `guard/access`'s."""

from enum import StrEnum

from schemas.word import Word


class Role(StrEnum):
    """What a person is here for. Administrators and auditors see no URLs; nobody grants themselves a role."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    OFFICER = "data_protection_officer"
    ADMINISTRATOR = "administrator"
    WELLBEING = "wellbeing"  #: how people are: how often each looked, and nothing of any case


class Actor(Word):
    """One who acts. `id` is what the audit chain keeps: `person:anna`, `source:form`, `peer:offlimits-nl`, `policy`.

    Whoever shows a token that somebody else made for them is both: `person:anna/local:root`.
    """

    id: str
    role: Role | None = None
    account: str | None = None  #: the name of the person's account
    issuer: str | None = None  #: who made the token that is shown, where that was not the person
    alone: bool = False  #: the machine's own user while nobody serves: there is no second person to ask
    elsewhere: bool = False  #: outside the networks in which locations are shown (`reveal_from`)
    unmandated: bool = False  #: their mandate to see locations is not in force
    permissions: frozenset[str] = frozenset()
    source: str | None = None  #: a source's token may only report as that source


def person(name: str, role: Role, permissions: frozenset[str], issuer: str | None = None) -> Actor:
    """Return a person as one who acts, by their own hand or with a token that `issuer` made for them."""
    own = f"person:{name}"
    issuer = None if issuer == own else issuer
    return Actor(
        id=own if issuer is None else f"{own}/{issuer}",
        role=role,
        permissions=permissions,
        account=name,
        issuer=issuer,
    )


#: The router's own acts: what a rule or a clock did.
ROUTER = Actor(id="router")
