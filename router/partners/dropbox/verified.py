"""Whether a unit signed its answer: a detached signature is read to verify the text that it covers, and goes.

What a unit pinned decides how: the certificate of CMS (RFC 8551) is asked of `openssl`, as `cryptography` has no
verification of that; the key of OpenPGP (RFC 3156) of `gpg`. Each works in a child that can neither take long nor grow,
in a folder of its own that goes with the call, and asks nobody.
"""

import re
import resource
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import load_pem_x509_certificate

from router.errors import BadInput
from router.partners.base import Reason

LONGEST_SIGNATURE: Final = 16 * 1024
_CMS: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_OPENPGP: Final = frozenset({"application/pgp-signature"})
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
#: The child that verifies: seconds of the wall clock, of its processor, and bytes of memory.
_WAIT: Final = 5
_SECONDS: Final = 5
_MEMORY: Final = 512 * 1024 * 1024
_GPG: Final = ("gpg", "--batch", "--no-tty", "--quiet", "--no-options", "--no-autostart", "--disable-dirmngr")
#: What `gpg` says of a signature that does not count (GnuPG's doc/DETAILS): its key has ended, say.
_DOUBTS: Final = frozenset({"BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of signature: the parts that hold it, and how one is verified in a folder."""

    parts: frozenset[str]
    verify: Callable[[Path], bool]


def signed_part(message: bytes, parsed: Message, leaves: Iterator[tuple[str, bytes]], signed_by: str) -> bytes | None:
    """Return a signed mail's first part when the pinned key (PEM, or armoured OpenPGP) signed exactly that.

    `leaves` are the content type and content of each part that holds any.
    """
    kind = _OF_PGP if is_openpgp(signed_by) else _OF_CMS
    signature = next((one for type_, one in leaves if type_ in kind.parts and len(one) <= LONGEST_SIGNATURE), None)
    signed = _first_part(message, parsed)
    if signed is None or signature is None:
        return None
    with TemporaryDirectory(prefix="answer") as folder:
        at = Path(folder)
        (at / "signature").write_bytes(signature)
        (at / "signer").write_text(signed_by, encoding="utf-8")
        (at / "signed").write_bytes(signed)
        return signed if kind.verify(at) else None


def is_openpgp(key: str) -> bool:
    """Tell whether a pinned key is one of OpenPGP, and no certificate."""
    return "-----BEGIN PGP PUBLIC KEY BLOCK-----" in key


def check_key(signed_by: str, field: str) -> None:
    """Raise BadInput for a pinned key by which no answer could ever be believed; `field` names the setting."""
    if is_openpgp(signed_by):
        with TemporaryDirectory(prefix="answer") as folder:
            is_read = _taken(Path(folder), signed_by)
    else:
        try:
            is_read = bool(load_pem_x509_certificate(signed_by.encode()).public_key())
        except (ValueError, UnsupportedAlgorithm):
            is_read = False
    if not is_read:
        raise BadInput(
            "The key by which the unit's answers are believed cannot be read; give its certificate as PEM text, or its "
            "armoured OpenPGP key (which needs `gpg` on this machine)",
            field=field,
            reason=Reason.MISCONFIGURED,
        )


def _first_part(message: bytes, parsed: Message) -> bytes | None:
    """Return the bytes of the first of the two parts of a `multipart/signed`, as they were signed."""
    boundary = parsed.get_boundary()
    if parsed.get_content_type() != "multipart/signed" or not boundary:
        return None
    between = rb"\n--" + re.escape(boundary.encode(errors="replace")) + rb"(?:--)?[ \t]*(?:\n|\Z)"
    parts = re.split(between, message.replace(b"\r\n", b"\n"))
    return parts[1].replace(b"\n", b"\r\n") if len(parts) >= 3 else None


def _openssl(at: Path) -> bool:
    """Only the pinned certificate counts (`-nointern`, `-noverify`): whoever sends one along does not vouch for it."""
    line = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "signed"]
    done = _child(at, [*line, "-certfile", "signer", "-nointern", "-noverify", "-out", "/dev/null"])
    return done is not None and done.returncode == 0


def _gpg(at: Path) -> bool:
    """Only the pinned key counts: it is the only one of a ring that is made for this call."""
    line = [*_GPG, "--trust-model", "always", "--status-fd", "1", "--verify", "signature", "signed"]
    done = _child(at, line) if _taken(at, (at / "signer").read_text(encoding="utf-8")) else None
    if done is None or done.returncode != 0:
        return False
    said = {line.split()[1] for line in done.stdout.decode(errors="replace").splitlines() if line[:9] == "[GNUPG:] "}
    return "GOODSIG" in said and "VALIDSIG" in said and not said & _DOUBTS


def _taken(at: Path, key: str) -> bool:
    """Make the ring that holds this key alone; tell whether `gpg` took it."""
    (at / "signer").write_text(key, encoding="utf-8")
    done = _child(at, [*_GPG, "--import", "signer"])
    return done is not None and done.returncode == 0


def _child(at: Path, line: list[str]) -> subprocess.CompletedProcess[bytes] | None:
    """Run a program over files of our own making; None where it is not there, or takes too long."""
    env = {"PATH": _PATH, "GNUPGHOME": str(at), "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - a fixed line
            line, cwd=at, timeout=_WAIT, capture_output=True, check=False, preexec_fn=_bounded, env=env
        )
    except (OSError, subprocess.SubprocessError):
        return None


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


_OF_CMS: Final = _Kind(_CMS, _openssl)
_OF_PGP: Final = _Kind(_OPENPGP, _gpg)
