"""The newest root of the audit chain, kept where whoever rewrites the database does not write as well.

Beside the keys there is a file that holds one line, or more when the database once lost what it had signed: such a line
stays. A receiver, who should not be the operator, gets every line in a folder of theirs, a file a month. A line is
JSON, `{"number", "at", "root", "signature"}` of one checkpoint, so that anybody with our public key can verify it.

Or they get a letter a day (`mail`), with the newest line in it; `audit.mailed` beside the keys notes how that went.

Nothing here ever fails a commit: an anchor that cannot be kept is logged, and `doctor` says so.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from router.errors import BadInput
from router.guard.audit import Checkpoint, to_be_signed
from router.guard.log import get_log
from router.guard.verify import Anchor

FILE: Final = "audit.anchor"
MAILED: Final = "audit.mailed"
_LOST: Final = "lost"
#: Microseconds between two letters, between two tries of one, and after which a receiver without one is not served.
_DAY: Final = 86_400_000_000
_AGAIN: Final = 900_000_000
#: Checkpoints that a receiver may be behind: another process of ours may be giving them the last ones.
_BEHIND: Final = 5
_log = get_log("audit")


@dataclass(frozen=True, slots=True)
class Anchors:
    """What is kept outside the database. `name` is ours among peers, and the beginning of the receiver's files."""

    path: Path
    name: str
    receiver: Path | None = None
    mail: str | None = None  #: the address of a receiver by letter

    def all(self) -> list[Anchor]:
        """Return every root that is kept here: the newest, and those that the database has lost."""
        return [_anchor(line) for line in self._lines()]

    def newest(self) -> Anchor | None:
        """Return the newest root that the database is still to have."""
        return max((_anchor(line) for line in self._lines() if not line.get(_LOST)), default=None)

    def lost(self) -> list[Anchor]:
        """Return the roots that the database once had and has no more."""
        return [_anchor(line) for line in self._lines() if line.get(_LOST)]

    def is_behind(self) -> bool:
        """Tell whether the receiver has not got the newest root; each is given as it is made."""
        kept, received = self.newest(), self.received()
        return received is None or (kept is not None and received.number + _BEHIND < kept.number)

    def keep(self, made: Checkpoint) -> None:
        """Keep a checkpoint's root in place of an older one, and give it to the receiver."""
        line = line_of(made)
        try:
            with self._locked():
                kept = [one for one in self._lines() if one.get(_LOST) or one["number"] > made.number]
                if all(one.get(_LOST) for one in kept):
                    self._write([*kept, line])
        except OSError as error:
            _log.error("anchor_not_kept", number=made.number, exc_info=error)
        self._give(line, made.at)

    def lose(self, anchor: Anchor) -> None:
        """Note that the database no longer has what it signed; the line stays, and every verification says so."""
        _log.error("audit_rewritten", number=anchor.number)
        try:
            with self._locked():
                self._write([line | {_LOST: True} if _anchor(line) == anchor else line for line in self._lines()])
        except OSError as error:
            _log.error("anchor_not_kept", number=anchor.number, exc_info=error)

    def put_back(self, signed: int) -> None:
        """Keep only what is in a backup whose last checkpoint has this number: it may be a copy of an older moment.

        For a folder that nobody serves yet.
        """
        self._write([line for line in self._lines() if int(line["number"]) <= signed])

    def received(self) -> Anchor | None:
        """Return the newest root that the receiver has; None without a receiver, or when they have none."""
        files = sorted(self.receiver.glob(f"{self.name}-*.ndjson")) if self.receiver is not None else []
        try:
            lines = files[-1].read_text(encoding="utf-8").splitlines() if files else []
            return _anchor(json.loads(lines[-1])) if lines else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def take_letter(self, now: int) -> dict[str, Any] | None:
        """Return the line to be mailed now (business time, microseconds); None when none is due or another took it."""
        if self.mail is None:
            return None
        try:
            with self._locked():
                known, lines = self._mailed(), [line for line in self._lines() if not line.get(_LOST)]
                newest = max(lines, key=lambda line: int(line["number"]), default=None)
                due = max(
                    known["sent"] + _DAY if known["sent"] else 0, known["tried"] + _AGAIN if known["tried"] else 0
                )
                if newest is None or newest["number"] <= known["number"] or now < due:
                    return None
                self._note({**known, "tried": now})
                return newest
        except OSError as error:
            _log.error("anchor_not_given", exc_info=error)
            return None

    def letter_went(self, line: dict[str, Any], now: int, *, taken: bool) -> None:
        """Note whether the relay took the letter."""
        try:
            with self._locked():
                known = self._mailed()
                went = (
                    {"sent": now, "number": line["number"], "failed": 0} if taken else {"failed": known["failed"] + 1}
                )
                self._note({**known, **went})
        except OSError as error:
            _log.error("anchor_not_given", number=line["number"], exc_info=error)

    def letter_is_missing(self) -> bool:
        """Tell whether the receiver by letter has none yet, or the last one was not taken."""
        known = self._mailed()
        return self.mail is not None and (not known["sent"] or known["failed"] > 0)

    def _mailed(self) -> dict[str, int]:
        fresh = {"tried": 0, "sent": 0, "number": 0, "failed": 0}
        try:
            found = json.loads((self.path.with_name(MAILED)).read_text(encoding="utf-8"))
            return {name: int(found[name]) for name in fresh}
        except (OSError, ValueError, KeyError, TypeError):
            return fresh

    def _note(self, known: dict[str, int]) -> None:
        _write_whole(self.path.with_name(MAILED), [json.dumps(known)])

    def _give(self, line: dict[str, Any], at: int) -> None:
        if self.receiver is None:
            return
        month = datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m")
        try:
            with (self.receiver / f"{self.name}-{month}.ndjson").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            _log.error("anchor_not_given", number=line["number"], exc_info=error)

    def _lines(self) -> list[dict[str, Any]]:
        try:
            return list(_parsed(self.path.read_text(encoding="utf-8").splitlines()))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.error("anchor_unreadable", exc_info=error)
            return []

    def _write(self, lines: Iterable[dict[str, Any]]) -> None:
        _write_whole(self.path, map(json.dumps, lines))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process of several at a time change the file."""
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _write_whole(path: Path, lines: Iterable[str]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)


def line_of(made: Checkpoint) -> dict[str, Any]:
    """Return what is kept of a checkpoint."""
    return {"number": made.number, "at": made.at, "root": made.root.hex(), "signature": made.signature.hex()}


def read(text: str, public_key: Ed25519PublicKey) -> list[Anchor]:
    """Return the roots of an exported file, a receiver's, or a letter. Raise BadInput for what we never signed.

    A letter has lines of its own around the root's; they begin with no brace.
    """
    found = []
    lines = text.splitlines()
    rooted = [line for line in lines if line.startswith("{")]
    try:
        for line in _parsed(rooted or lines):
            signed = to_be_signed(line["number"], line["at"], bytes.fromhex(line["root"]))
            public_key.verify(bytes.fromhex(line["signature"]), signed)
            found.append(_anchor(line))
    except (ValueError, KeyError, TypeError, InvalidSignature):
        raise BadInput(
            "This file holds what this router never signed; take what `audit export` wrote, or a file of the receiver.",
            field="anchor",
        ) from None
    return found


def _parsed(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.strip():
            parsed = json.loads(line)
            _anchor(parsed)
            yield parsed


def _anchor(line: dict[str, Any]) -> Anchor:
    return Anchor(int(line["number"]), bytes.fromhex(line["root"]), int(line["at"]))
