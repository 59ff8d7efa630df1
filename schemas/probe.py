"""What became of asking a reported host, by one HEAD, whether it is still there.

Of the answer only its status is read, so nothing here says what is on the page: a machine can prove that a host is
gone, never that its content is.
"""

from enum import StrEnum

from schemas.word import Instant, Word


class ProbeFinding(StrEnum):
    """How a probe ended. Each differs in consequence, and they are never merged."""

    ANSWERED = "answered"  #: a server answered, whatever its status
    NO_HTTP = "no_http"  #: it took the connection, and no answer could be read: silence, garbage, failed encryption
    REFUSED = "refused"  #: every address of its name refused the connection: nobody listens there
    UNREACHABLE = "unreachable"  #: no connection in time: it is gone, keeps us out, or our own network is at fault
    NOT_CALLED = "not_called"  #: nothing left: its name has no address, or one that the guard lets nobody call


#: Somebody is there: these contradict a check that found no host.
THERE = frozenset({ProbeFinding.ANSWERED, ProbeFinding.NO_HTTP})


class Probed(Word):
    """How one probe ended."""

    finding: ProbeFinding
    status: int | None = None  #: of the answer, as sent; a redirect is an answer, and is not followed


class Referrer(StrEnum):
    """Whether a probe showed the page from which the location was reached."""

    SENT = "sent"
    WITHHELD = "withheld"  #: it carries a session, an invitation or a token, or is none that a browser would show
    NONE = "none"  #: none is known


class ProbeView(Word):
    """A probe as the case's page shows it."""

    at: Instant
    finding: ProbeFinding | None  #: None: it was cut, and may have arrived
    status: int | None = None
    referrer: Referrer
