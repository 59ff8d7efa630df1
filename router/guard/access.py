"""Who may do what: the permissions, the roles that hold them, and the rule that every endpoint and page must name.

Deny by default. Administrators and auditors never hold `case:reveal`, so they see no URLs, and nobody grants themselves
a role. A web room puts a `Needs` or an `OpenToAll` among the dependencies of each of its routes; `check` refuses a
router with one that has neither, or that reads the body before it knows who is asking.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from types import MappingProxyType
from typing import Final, Protocol

from router.errors import CannotStart, NotAllowed
from schemas.actor import Actor, Role


class Permission(StrEnum):
    """One thing that can be allowed. The value is what a token's scopes name."""

    REPORT_SUBMIT = "report:submit"
    REPORT_READ = "report:read"  #: one's own reports, by id
    REPORT_ASSESS = "report:assess"
    CASE_READ = "case:read"  #: masked
    CASE_REVEAL = "case:reveal"  #: the location in full, logged with its reason
    REFERRAL_READ = "referral:read"
    REFERRAL_ACT = "referral:act"  #: hold, release, override, retry, recall, taken-back, receipt, answer
    CASE_SPAM = "case:spam"  #: close a case as spam, which nobody has to have seen
    #: send, refer, handed-over, not-ours, not-illegal, assess, ask, done, retrace, origin, target, look, close,
    #: reopen, take, pass-on, undo, decide-waiting
    DESK_ACT = "desk:act"
    ALARM_ACT = "alarm:act"  #: acknowledge, told-police
    STOP_ACT = "stop:act"  #: halt everything, a partner or a route
    EMBARGO_READ = "embargo:read"  #: that there is one, whom to ask, until when; in full for the few that it names
    EMBARGO_ACT = "embargo:act"  #: set one, and be one of the two who end it
    REQUEST_READ = "request:read"  #: that somebody asked about themselves, and by when they are to hear; not who
    REQUEST_ACT = "request:act"  #: open, read, extend and close such a request, and be one of the two who agree
    REQUEST_SEARCH = "request:search"  #: what is kept of whoever asked: for the data protection officer alone
    TRAIL_ACT = "trail:act"  #: ask for the trail of a case for a magistrate, be one of the two, and take it
    RETENTION_ACT = "retention:act"  #: erase what the policy's periods are over for, and hold a case beyond them
    LOCATE = "locate"  #: any host, whether it was reported or not; asks name servers
    POLICY_READ = "policy:read"
    POLICY_PROPOSE = "policy:propose"  #: draft a rule from an override, try a text, hand a draft to who publishes it
    POLICY_WRITE = "policy:write"
    PARTNER_READ = "partner:read"
    PARTNER_WRITE = "partner:write"
    AUDIT_READ = "audit:read"
    TOKEN_WRITE = "token:write"  # noqa: S105 - a permission's name
    TOKEN_OWN = "token:own"  # noqa: S105 - a permission's name
    ACCOUNT_WRITE = "account:write"
    PEOPLE_ACT = "people:act"  #: see who is here and with which mandate; tick off what somebody who left could know
    EXPOSURE_READ = "exposure:read"  #: how often each person looked, by day; everybody reads their own
    LINK_AGREE = "link:agree"  #: say that it is the person themselves who comes in by a link after a loss
    MANDATE_GIVE = "mandate:give"  #: until when a person may see locations; never to oneself
    ACCOUNT_INVITE = "account:invite"  #: a sign-in link: it gives its holder all that the account may do
    OPS_READ = "ops:read"  #: figures and metrics
    FIGURES_PUBLISH = "figures:publish"  #: freeze figures as an edition, which nobody can take back
    INBOX = "inbox"  #: what a peer's signature allows


_P = Permission

_VIEWER = frozenset({_P.CASE_READ, _P.REFERRAL_READ, _P.POLICY_READ, _P.PARTNER_READ, _P.OPS_READ, _P.TOKEN_OWN})
_ANALYST = _VIEWER | {
    _P.REPORT_SUBMIT,
    _P.REPORT_READ,
    _P.REPORT_ASSESS,
    _P.CASE_REVEAL,
    _P.REFERRAL_ACT,
    _P.DESK_ACT,
    _P.ALARM_ACT,
    _P.EMBARGO_READ,
    _P.LOCATE,
    _P.POLICY_PROPOSE,
}

#: What each role may do. A token of a person holds at most what the person's role holds.
ROLES: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER | {_P.ALARM_ACT},  # the duty officer at night may be one: says "I am on it", sees no URL
        Role.ANALYST: _ANALYST,
        Role.SUPERVISOR: _ANALYST
        | {
            _P.CASE_SPAM,
            _P.STOP_ACT,
            _P.EMBARGO_ACT,
            _P.REQUEST_READ,
            _P.REQUEST_ACT,
            _P.TRAIL_ACT,
            _P.RETENTION_ACT,
            _P.FIGURES_PUBLISH,
            _P.POLICY_WRITE,
            _P.PARTNER_WRITE,
            _P.AUDIT_READ,
            _P.PEOPLE_ACT,
            _P.MANDATE_GIVE,
            _P.LINK_AGREE,
        },
        Role.AUDITOR: _VIEWER | {_P.AUDIT_READ},
        # Named by an administrator, who holds none of this; searches what a second person agreed to, and sees no URL.
        Role.OFFICER: _VIEWER | {_P.AUDIT_READ, _P.REQUEST_READ, _P.REQUEST_ACT, _P.REQUEST_SEARCH},
        Role.WELLBEING: frozenset({_P.EXPOSURE_READ, _P.TOKEN_OWN}),
        Role.ADMINISTRATOR: frozenset(
            {
                _P.TOKEN_WRITE,
                _P.TOKEN_OWN,
                _P.ACCOUNT_WRITE,
                _P.PEOPLE_ACT,
                _P.PARTNER_READ,
                _P.PARTNER_WRITE,
                _P.POLICY_READ,
                _P.AUDIT_READ,
                _P.OPS_READ,
            }
        ),
    }
)

#: What the token of a source (an intake system, a crawler) may hold at most.
SOURCE: Final = frozenset({_P.REPORT_SUBMIT, _P.REPORT_READ, _P.REPORT_ASSESS, _P.LOCATE})
#: What it holds when nothing is said: looking hosts up asks name servers in our name, and is no part of reporting.
SOURCE_BY_DEFAULT: Final = SOURCE - {_P.LOCATE}

#: What a person does to a case, by name: it takes a person's own token wherever it is done.
IN_PERSON: Final = frozenset(
    {
        _P.CASE_REVEAL,
        _P.CASE_SPAM,
        _P.DESK_ACT,
        _P.REFERRAL_ACT,
        _P.ALARM_ACT,
        _P.REPORT_ASSESS,
        _P.EMBARGO_READ,
        _P.EMBARGO_ACT,
        _P.LINK_AGREE,
        _P.EXPOSURE_READ,
        _P.REQUEST_READ,
        _P.REQUEST_ACT,
        _P.REQUEST_SEARCH,
        _P.TRAIL_ACT,
        _P.TOKEN_OWN,
    }
)
#: Who runs a verb on this machine operates the router: they can read the data directory anyway, but what is seen of a
#: location and done to a case stays with people, by name. Sign-in links are made by no role: an administrator who makes
#: an analyst's link could use it, and would see URLs.
LOCAL_OPERATOR: Final = frozenset(Permission) - IN_PERSON - {_P.INBOX}
_NEEDS: Final = "This needs the permission `{permission}`; ask whoever gives out roles and tokens."
_IN_PERSON: Final = (
    "This is done by a person, by name: give your own token with --token or in ROUTER_TOKEN. Sign in and make one on"
    " the console (/me), or `tokens create NAME --mine` with one that you have."
)

_ELSEWHERE: Final = (
    "Locations are shown in the networks that the house has named, and you ask from elsewhere; go there, or ask"
    " somebody who is there."
)
#: What is said to somebody whose mandate to see locations ended, or who needs one and has none.
NO_MANDATE: Final = "Your mandate to see locations is not in force; a supervisor gives another, with its last day."


def without_mandate(actor: Actor) -> Actor:
    """Return somebody as they may act while no mandate of theirs is in force: they see no location."""
    if Permission.CASE_REVEAL not in actor.permissions:
        return actor
    allowed = actor.permissions - {Permission.CASE_REVEAL}
    return actor.model_copy(update={"permissions": allowed, "unmandated": True})


def seen_from(actor: Actor, address: str, networks: Sequence[str]) -> Actor:
    """Return somebody as they may act from an address: outside the networks named, if any, they see no location."""
    if not networks or is_inside(address, networks):
        return actor
    allowed = actor.permissions - {Permission.CASE_REVEAL}
    return actor.model_copy(update={"permissions": allowed, "elsewhere": Permission.CASE_REVEAL in actor.permissions})


def is_inside(address: str, networks: Sequence[str]) -> bool:
    """Tell whether an address is in one of these networks."""
    try:
        given = ip_address(address)
    except ValueError:
        return False
    if isinstance(given, IPv6Address) and given.ipv4_mapped is not None:
        given = given.ipv4_mapped  # a socket for both families names IPv4 like this (RFC 4291 section 2.5.5.2)
    return any(given in ip_network(one) for one in networks)


def require(actor: Actor, permission: str) -> None:
    """Raise NotAllowed unless the actor holds the permission."""
    if permission not in actor.permissions:
        if permission == Permission.CASE_REVEAL and actor.elsewhere:
            raise NotAllowed(_ELSEWHERE, reason="reveal_from")
        if permission == Permission.CASE_REVEAL and actor.unmandated:
            raise NotAllowed(NO_MANDATE, reason="mandate")
        if permission in IN_PERSON and actor.id.startswith("local:"):
            raise NotAllowed(_IN_PERSON, reason=permission)
        raise NotAllowed(_NEEDS.format(permission=permission), reason=permission)


@dataclass(frozen=True)
class Needs:
    """The rule of a route: only for those who hold the permission. Web rooms derive their own dependency from it."""

    permission: Permission


@dataclass(frozen=True)
class OpenToAll:
    """The rule of a route that asks nothing of the caller, and why that is right."""

    reason: str

    async def __call__(self) -> None:
        """Let everyone in: the rule is itself the dependency."""


class Ruled(Protocol):
    """A route as the check sees it: where it is, what it depends on, and whether it reads the body by itself."""

    @property
    def path(self) -> str:
        """Return the path of the route."""
        ...

    @property
    def rules(self) -> Iterable[object]:
        """Return everything the route calls before its own code."""
        ...

    @property
    def reads_body_first(self) -> bool:
        """Return whether the framework would read the body before the rules have spoken."""
        ...


def check(routes: Iterable[Ruled]) -> None:
    """Raise CannotStart for a route without exactly one rule, or one that reads the body before its rule has spoken."""
    for route in routes:
        named = [rule for rule in route.rules if isinstance(rule, Needs | OpenToAll)]
        if len(named) != 1:
            raise CannotStart(
                f"The route {route.path} names {len(named)} permissions; give it exactly one, or `OpenToAll` with a"
                " reason."
            )
        if isinstance(named[0], OpenToAll) and not named[0].reason:
            raise CannotStart(f"The route {route.path} is open to all without saying why; give its reason.")
        if route.reads_body_first:
            raise CannotStart(
                f"The route {route.path} would read the body before it knows who is asking; read it in the endpoint."
            )
