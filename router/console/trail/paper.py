"""A trail as the court reads it, how its signatures are checked, and the signatures themselves.

Casework asks for these as `context.House`: the words are the console's, the key is the house's own (Ed25519, RFC 8032).
Languages are read when a trail is made, which is rare, and not when a router starts.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.decision import RouteWhy
from schemas.trail import Trail, TrailEntry, TrailLeft

if TYPE_CHECKING:
    from router.console.language import Tongue


class HousePapers:
    """Writes and signs the papers of the house."""

    def __init__(self, key: Ed25519PrivateKey, key_id: str = "", contact: str | None = None) -> None:
        """Sign with this key, by which peers know us too under that id; `contact` is whom their staff call."""
        self._key = key
        self.key_id = key_id
        self.contact = contact

    def text(self, said: Trail) -> str:
        """Return a trail as plain text in the court's language."""
        return "\n".join(_lines(_tongue(said), said)) + "\n"

    def instructions(self, said: Trail) -> str:
        """Return how the signatures are checked, in the court's language; what is to be typed stands as it is."""
        from router.console.trail.words import HOW

        tongue = _tongue(said)
        return "\n\n".join(tongue.gettext(one) for one in HOW) + "\n"

    def public_key(self) -> bytes:
        """Return our public key as PEM (RFC 8410), which OpenSSL reads."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def public(self) -> str:
        """Return the same as peers pin it: 32 bytes in base64."""
        return b64encode(self._key.public_key().public_bytes_raw()).decode()

    def fingerprint(self) -> str:
        """Return the SHA-256 of our public key as DER, in hexadecimal."""
        known = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return sha256(known).hexdigest()

    def sign(self, content: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""
        return self._key.sign(content)


def _tongue(said: Trail) -> "Tongue":
    from router.console.language import speaking

    return speaking(said.language)


def _lines(tongue: "Tongue", said: Trail) -> Iterator[str]:
    from router.console.trail.words import COUNT

    yield from (_label(tongue, "title"), "", _label(tongue, "about"), "")
    yield from _facts(tongue, _head(tongue, said))
    yield from ("", _label(tongue, "case"), *_facts(tongue, _case(tongue, said)))
    count = tongue.gettext(COUNT) % {"count": len(said.entries)}
    yield from ("", f"{_label(tongue, 'entries')} ({count}; {_label(tongue, 'in_zone')})", "")
    for one in said.entries:
        yield from _entry(tongue, one)
    yield from ("", _label(tongue, "left"), "")
    for left in said.left:
        yield from _left(tongue, left)
    yield from () if said.left else (f"  {_label(tongue, 'nothing')}",)
    yield from ("", _label(tongue, "revealed"), "")
    yield from (f"  {one.by}  {one.at.isoformat()}" for one in said.revealed)
    yield from () if said.revealed else (f"  {_label(tongue, 'nobody')}",)
    yield from ("", _label(tongue, "chain"), "")
    yield from (f"  {name}: {value}" for name, value in said.checkpoint.items())


def _label(tongue: "Tongue", name: str) -> str:
    from router.console.trail.words import LABEL

    return tongue.gettext(LABEL[name])


def _facts(tongue: "Tongue", given: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for name, value in given:
        if value not in (None, ""):
            yield f"  {_label(tongue, name)}: {value}"


def _head(tongue: "Tongue", said: Trail) -> Iterator[tuple[str, Any]]:
    yield from (("house", said.house), ("trail", said.id), ("order", said.order.reference), ("court", said.order.court))
    yield "asked_by", f"{said.order.asked_by}, {said.order.asked_at.isoformat()}"
    yield from (("confirmed_by", said.order.confirmed_by), ("made_at", said.made_at.isoformat()))
    yield from (("program", said.program), ("policy", said.policy), ("clock", _clock(tongue, said)))


def _clock(tongue: "Tongue", said: Trail) -> str:
    from router.console.trail.words import AHEAD, BEHIND

    clock = said.clock
    if clock.behind_seconds is None:
        off = _label(tongue, "no_clock")
    else:
        way = AHEAD if clock.behind_seconds < 0 else BEHIND
        off = tongue.gettext(way) % {"seconds": f"{abs(clock.behind_seconds):g}", "count": clock.partners}
    return "; ".join(one for one in (clock.zone, off, clock.doubt) if one)


def _case(tongue: "Tongue", said: Trail) -> Iterator[tuple[str, Any]]:
    from router.console.words import word

    case = said.case
    yield from (("case", case.id), ("dossiers", ", ".join(case.dossiers)), ("sources", ", ".join(case.sources)))
    yield from (("received_at", case.received_at.isoformat()), ("opened_at", case.opened_at.isoformat()))
    yield "state", tongue.gettext(word("case_state", case.state))
    yield "assessment", tongue.gettext(word("assessment", case.assessment))
    yield "hosting_country", tongue.country(case.hosting_country)
    yield "assigned_country", tongue.country(case.assigned_country)
    yield "closed_at", None if case.closed_at is None else case.closed_at.isoformat()
    yield "outcome", None if case.outcome is None else tongue.gettext(word("outcome", case.outcome))


def _entry(tongue: "Tongue", one: TrailEntry) -> Iterator[str]:
    from router.console.details import told
    from router.console.words import word

    yield f"{one.number:>5}. {one.at.isoformat()}  {one.local}  {one.by}"
    yield f"       {tongue.gettext(word('event', one.act))} ({one.act})"
    yield from (f"       {name}: {value}" for name, value in told(tongue, one.detail))
    for why in one.why:
        yield from _why(tongue, why)
    if one.typed:
        yield f"       {_label(tongue, 'typed')}"
    if one.damaged:
        yield f"       {_label(tongue, 'damaged')}"
    if one.referral:
        yield f"       {_label(tongue, 'referral')}: {one.referral}"
    program = one.program or _label(tongue, "unknown")
    policy = _label(tongue, "unknown") if one.policy is None else one.policy
    yield f"       {_label(tongue, 'program')}: {program}; {_label(tongue, 'policy')}: {policy}"
    yield f"       {one.epoch} {one.seq} {one.hash}"


def _why(tongue: "Tongue", one: RouteWhy) -> Iterator[str]:
    """Say why a route matched: what the policy that decided says of it, and the facts that it looked at."""
    from router.console.rules.because import why

    said = _label(tongue, "no_reason") if one.reason is None else _reason(tongue, one, one.reason)
    yield f"       {_label(tongue, 'route')} {one.route}: {said}"
    if one.because is not None:
        yield f"         {_label(tongue, 'looked_at')}: {why(tongue, one.because) or one.because}"


def _reason(tongue: "Tongue", one: RouteWhy, written: str) -> str:
    """Return a reason in the court's language where the policy or the router has it so; else as it is written."""
    from router.console.language import FALLBACK
    from router.console.sentences import sentence

    if tongue.code == one.language:
        return written
    if (found := one.translations.get(tongue.code)) is not None:
        return found
    ours = sentence(written)  # those of the policies that ship stand in the catalogues
    return tongue.gettext(ours) if one.language == FALLBACK and tongue.speaks(ours) else f"{written} ({one.language})"


def _left(tongue: "Tongue", one: TrailLeft) -> Iterator[str]:
    from router.console.words import word

    yield f"  {one.partner}  {tongue.gettext(word('referral_state', one.state))}  {one.created_at.isoformat()}"
    yield f"    {_label(tongue, 'referral')}: {one.referral}"
    for name in ("first_sent_at", "accepted_at"):
        if (at := getattr(one, name)) is not None:
            yield f"    {_label(tongue, name)}: {at.isoformat()}"
    if one.receipt:
        yield f"    {_label(tongue, 'receipt')}: {one.receipt}"
    yield f"    {_label(tongue, 'digest')}: {one.sha256 or _label(tongue, 'no_digest')}"
    if one.keyed:
        yield f"    {_label(tongue, 'keyed')}: {one.keyed}"
    for tried in one.attempts:
        outcome = tongue.gettext(word("attempt", tried.outcome))
        yield f"    {tried.started_at.isoformat()}  {outcome}: {tongue.gettext(word('attempt_reason', tried.reason))}"
