"""Every error we raise on purpose, as one tree.

    RouterError                     the root; never raised itself
    ├─ BadInput           422       the caller can mend it; names the field or line
    ├─ NotSignedIn        401       no identity, or one that is no longer valid
    ├─ NotAllowed         403       known, but without the permission
    ├─ NotFound           404       no such thing, or not for this reader
    ├─ Conflict           409       the row moved on; read it again
    ├─ TooLarge           413       more than is taken at once
    ├─ PolicyInvalid      exit 3    the policy is wrong; the one in force stays
    ├─ CannotStart        exit 3    a wrong key, a newer schema, an unsafe database setting
    ├─ Damaged            500       a stored field or audit entry is not what was written
    └─ Unavailable        503       something we need is away; carries retry_after
       ├─ TooOften          429     asked more often than it may be
       ├─ EvidenceUnavailable       a source did not answer: lowers confidence, never guesses
       ├─ StoreUnavailable          the store cannot take or give rows now (full disk, lost connection)
       │  └─ StoreLost              its files were removed or replaced under us: only a new start helps
       ├─ EgressRefused             the guard does not let this connection out
       ├─ NotSent                   no connection, so nothing of the request left; harmless to send again
       └─ NoAnswer                  the request left and no complete answer came: it may have arrived

`api/protocol/problems.py` turns them into RFC 9457 documents, `cli/output.py` into one sentence and an exit code, and
the desk into a reason: nobody else knows a status or an exit code. A message names what to do next, and never carries
a URL, a host, an account, or another program's error text.
"""

from collections.abc import Sequence
from typing import ClassVar

from schemas.policy import PolicyProblem


class RouterError(Exception):
    """Something went wrong in a way we know."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 3
    title: ClassVar[str] = "Error"

    def __init__(self, message: str | None = None, *, field: str | None = None, reason: str | None = None) -> None:
        """Keep the sentence, the field it is about (a JSON pointer-like path), and a finer reason code."""
        super().__init__(message or type(self).__doc__ or self.title)
        self.message = str(self)
        self.field = field
        self.reason = reason or self.code


class BadInput(RouterError):
    """What was sent cannot be used; correct the named field and send it again."""

    code = "bad_input"
    status = 422
    exit_code = 2
    title = "The input cannot be used"


class NotSignedIn(RouterError):
    """Sign in, or send a valid token, and try again."""

    code = "not_signed_in"
    status = 401
    title = "Not signed in"


class NotAllowed(RouterError):
    """Your role does not allow this; ask a supervisor."""

    code = "not_allowed"
    status = 403
    title = "Not allowed"


class NotFound(RouterError):
    """There is no such thing here; check the id."""

    code = "not_found"
    status = 404
    exit_code = 2
    title = "Not found"


class Conflict(RouterError):
    """It changed in the meantime; read it again and decide anew."""

    code = "conflict"
    status = 409
    title = "Changed in the meantime"


class TooLarge(RouterError):
    """More was sent than is taken at once; send it in smaller parts."""

    code = "too_large"
    status = 413
    title = "Too large"


class PolicyInvalid(RouterError):
    """The policy is wrong; the one in force stays. Correct the named place and check it again."""

    code = "policy_invalid"
    status = 422
    title = "The policy is invalid"

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        reason: str | None = None,
        problems: Sequence[PolicyProblem] = (),
    ) -> None:
        """As `RouterError`; `problems` are all that were found, each with its place."""
        super().__init__(message, field=field, reason=reason)
        self.problems = tuple(problems)


class CannotStart(RouterError):
    """The router cannot start; see the sentence for what to mend."""

    code = "cannot_start"
    status = 503
    title = "Cannot start"


class Damaged(RouterError):
    """A stored field cannot be opened: it was changed, moved, or sealed under another key; restore it from a backup."""

    code = "damaged"
    title = "Stored data is damaged"


class Unavailable(RouterError):
    """Something that is needed is away; try again later."""

    code = "unavailable"
    status = 503
    title = "Unavailable"

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        reason: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """As `RouterError`; `retry_after` is in seconds."""
        super().__init__(message, field=field, reason=reason)
        self.retry_after = retry_after


class TooOften(Unavailable):
    """This was asked more often than it may be; ask again later."""

    code = "too_often"
    status = 429
    title = "Asked too often"


class EvidenceUnavailable(Unavailable):
    """An evidence source did not answer; the verdict stands on the others."""

    code = "evidence_unavailable"


class StoreUnavailable(Unavailable):
    """The store cannot be written or read now; nothing that was acknowledged is lost. Try again shortly."""

    code = "store_unavailable"
    title = "The store is unavailable"


class StoreLost(StoreUnavailable):
    """The database's files were removed or replaced while in use; stop, put them back, and start again."""

    code = "store_lost"
    title = "The database is gone"


class EgressRefused(Unavailable):
    """The guard does not let this connection out; check the address in the partner's settings."""

    code = "egress_refused"
    title = "Connection refused by the guard"


class NotSent(Unavailable):
    """No connection could be made, so nothing was sent; try again later."""

    code = "not_sent"


class NoAnswer(Unavailable):
    """It was sent, but no complete answer came back; it may have arrived, so ask before sending it again."""

    code = "no_answer"

    def __init__(
        self, message: str | None = None, *, reason: str | None = None, http_status: int | None = None
    ) -> None:
        """As `RouterError`; `http_status` is the answer's status line, when at least that much came."""
        super().__init__(message, reason=reason)
        self.http_status = http_status
