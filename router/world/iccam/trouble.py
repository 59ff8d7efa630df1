"""Faults on order: the n-th call of a kind is refused, dropped, cut or answered late."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What goes wrong."""

    STATUS = "status"  #: answered with `status`, and nothing is done
    LOGGED_OUT = "logged_out"  #: every token is forgotten before the call is judged, so it is answered 401
    DROP_BEFORE = "drop_before"  #: the connection closes without an answer, and nothing is done
    DROP_AFTER = "drop_after"  #: it is done, then the connection closes without an answer
    CUT = "cut"  #: it is done, and half of the answer arrives
    GARBAGE = "garbage"  #: it is done, and the answer is no JSON


@dataclass(slots=True)
class Trouble:
    """One fault. It meets calls whose method is `method` (any, when empty) and whose path holds `path`."""

    kind: Kind
    path: str = ""  #: in lower case
    method: str = ""
    skip: int = 0  #: so many such calls go well first
    times: int = 1
    status: int = 503
    retry_after: str | None = None  #: the header of a 429 or 503, as it stands
    body: bytes = b""
    delay: float = 0  #: real seconds before the call is looked at

    def meets(self, method: str, path: str) -> bool:
        """Return whether this call is the one, and count it."""
        if self.times <= 0 or self.path not in path or self.method not in {"", method}:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Troubles:
    """The faults that are ordered, in the order in which they are tried."""

    ordered: list[Trouble] = field(default_factory=list)

    def order(self, trouble: Trouble) -> None:
        """Add one."""
        self.ordered.append(trouble)

    def next(self, method: str, path: str) -> Trouble | None:
        """Return the fault that this call meets, if any. `path` is in lower case."""
        return next((one for one in self.ordered if one.meets(method, path)), None)
