"""Signing and encrypting with OpenPGP (RFC 4880) by `gpg`, in a child that can neither take long nor ask anybody.

GnuPG is what units that use OpenPGP have, and it makes what they can open. It works in a folder of its own that holds
the two keys for the length of one call; the router's own account has no key ring.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from router.errors import BadInput
from router.partners.base import Reason

_SECONDS: Final = 30
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_BASE: Final = ("gpg", "--batch", "--no-tty", "--quiet", "--no-options", "--pinentry-mode", "loopback")
#: Columns of `gpg --with-colons` (GnuPG's doc/DETAILS).
_VALID, _EXPIRES, _VALUE, _MAY = 1, 6, 9, 11
#: A key that never ends is asked about as one that ends then.
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OpenPgpSeal:
    """The unit's key and ours, both fit to be used."""

    fingerprint: str  #: of the unit's key
    signed_by: str  #: of ours; empty where nothing signs
    until: datetime  #: when the first of them ends (aware)
    _certificate: bytes = field(repr=False)
    _signing: bytes | None = field(repr=False)
    _password: str = field(repr=False)

    suffix: str = ".gpg"

    def opened_with(self, name: str) -> tuple[str, ...]:
        """Return the line with which a unit opens a bundle and checks our signature."""
        return (f"gpg --output {name}.eml --decrypt {name}.gpg",)

    def close(self, content: bytes) -> bytes:
        """Return what is signed by us and encrypted to the unit; what it says is written to no disk."""
        with _ring(self._certificate, *(() if self._signing is None else (self._signing,))) as ring:
            (ring / "password").write_text(self._password, encoding="utf-8")
            line = ["--trust-model", "always", "--recipient", self.fingerprint, "--output", "sealed"]
            if self.signed_by:
                line += ["--passphrase-file", "password", "--local-user", self.signed_by, "--sign"]
            _gpg(ring, [*line, "--encrypt"], content)
            return (ring / "sealed").read_bytes()


def openpgp_seal(
    certificate: str, signing: bytes | None, password: str | None, now: datetime | None, place: str, whose: str = "unit"
) -> OpenPgpSeal:
    """Return the seal for a unit, as `cms_seal` does; without `signing` nothing is signed. Raise BadInput."""
    unit = _key(certificate.encode(), "E", f"{place}.certificate", f"The {whose}'s key", now)
    ours = ("", _NEVER) if signing is None else _key(signing, "S", f"{place}.signing", "Our signing key", now)
    seal = OpenPgpSeal(unit[0], ours[0], min(unit[1], ours[1]), certificate.encode(), signing, password or "")
    if now is not None and signing is not None:
        _prove(seal, f"{place}.signing")
    return seal


def _prove(seal: OpenPgpSeal, field_: str) -> None:
    """Raise BadInput where our key cannot sign: its password is another one, or it holds no secret."""
    try:
        seal.close(b"")
    except BadInput:
        failed = True
    else:
        failed = False
    if failed:
        raise BadInput(
            "Our signing key cannot be used; give the secret key as `gpg --export-secret-keys` writes it, and its "
            "password",
            field=field_,
            reason=Reason.MISCONFIGURED,
        )


def _key(content: bytes, use: str, field_: str, what: str, now: datetime | None) -> tuple[str, datetime]:
    """Return the fingerprint of the one key in a file, and when what it is used for ends. Raise BadInput."""
    with TemporaryDirectory(prefix="keys") as folder:
        (Path(folder) / "key").write_bytes(content)
        try:
            listed = _gpg(Path(folder), ["--with-colons", "--fixed-list-mode", "--show-keys", "key"])
        except BadInput:
            listed = ""
    rows = [line.split(":") for line in listed.splitlines()]
    mains = [row for row in rows if row[0] in {"pub", "sec"}]
    prints = [row[_VALUE] for row in rows if row[0] == "fpr"]
    able = [row for row in rows if row[0] in {"pub", "sec", "sub", "ssb"} and use.lower() in row[_MAY]]
    if len(mains) != 1 or not prints or not able:
        raise BadInput(
            f"{what} cannot be read, or cannot {'encrypt' if use == 'E' else 'sign'}; give one OpenPGP key",
            field=field_,
            reason=Reason.MISCONFIGURED,
        )
    until = min(_end(mains[0]), max(_end(row) for row in able))
    if now is not None and (until <= now or mains[0][_VALID] in {"r", "d", "i"}):
        raise BadInput(
            f"{what} was good until {until:%d.%m.%Y} only, or was revoked; nothing is sent until there is one that is "
            "good today",
            field=field_,
            reason=Reason.MISCONFIGURED,
        )
    return prints[0], until


def _end(row: Sequence[str]) -> datetime:
    return datetime.fromtimestamp(int(row[_EXPIRES]), UTC) if row[_EXPIRES] else _NEVER


@contextmanager
def _ring(*keys: bytes) -> Iterator[Path]:
    with TemporaryDirectory(prefix="keys") as folder:
        ring = Path(folder)
        try:
            for number, key in enumerate(keys):
                (ring / f"key-{number}").write_bytes(key)
                _gpg(ring, ["--import", f"key-{number}"])
            yield ring
        finally:
            _end_agent(ring)


def _end_agent(ring: Path) -> None:
    """End the agent of this folder: what holds a secret key must not outlive it."""
    line = ["gpgconf", "--homedir", str(ring), "--kill", "all"]
    env = _environment(ring)
    subprocess.run(line, capture_output=True, check=False, timeout=_SECONDS, env=env)  # noqa: S603 - a fixed line


def _gpg(ring: Path, said: Sequence[str], data: bytes = b"") -> str:
    """Run `gpg` in a folder of its own, over what it reads.

    Raise BadInput, without its words: they may name whose keys these are.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a fixed line over files of our own making
            [*_BASE, *said],
            cwd=ring,
            env=_environment(ring),
            input=data,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        done = None
    if done is None or done.returncode != 0:
        raise BadInput("`gpg` is not there, or cannot use these keys", reason=Reason.MISCONFIGURED)
    return done.stdout.decode(errors="replace")


def _environment(ring: Path) -> dict[str, str]:
    return {"PATH": _PATH, "GNUPGHOME": str(ring), "LC_ALL": "C"}
