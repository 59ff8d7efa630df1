"""What went wrong, as RFC 9457 says it: it names the field and the next step, and never echoes the input."""

from schemas.word import Word


class FieldProblem(Word):
    """One thing that is wrong with what was sent."""

    field: str  #: JSON pointer (RFC 6901) into the body, or `query/NAME`, `path/NAME`, `header/NAME`
    message: str


class Problem(Word):
    """The body of every answer that is not a success (`application/problem+json`)."""

    type: str  #: `urn:referral-router:problem:CODE`, stable
    title: str
    status: int
    detail: str  #: what happened and what to do next
    reason: str  #: a finer code than `type`, stable
    errors: tuple[FieldProblem, ...] = ()
    request: str | None = None  #: name this to the operator; the log knows it
