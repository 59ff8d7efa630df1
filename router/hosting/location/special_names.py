"""Names that the public DNS does not serve, each with the reason why there is nothing to ask.

Which addresses are outside the public internet is the guard's to say (`guard/addresses.py`): what we may not connect to
is no host either.
"""

from typing import Final

#: Last labels that the public DNS does not serve, and why there is nothing to ask. `.test` is missing on purpose: the
#: operator's resolver decides, and the simulated world lives there.
_TOP_LABELS: Final = {
    "onion": "onion",  # RFC 7686
    "i2p": "i2p",
    "localhost": "private_address",  # RFC 6761
    "local": "private_name",  # RFC 6762
    "internal": "private_name",  # reserved by ICANN in 2024
    "lan": "private_name",
    "invalid": "not_a_name",  # RFC 6761
    "example": "not_a_name",  # RFC 6761
    "alt": "other_root",  # RFC 9476
    "bit": "other_root",  # names kept in a block chain or an overlay network: a DNS answer would say "gone"
    "eth": "other_root",
    "crypto": "other_root",
    "loki": "other_root",
    "gnu": "other_root",
}


def no_host_reason(name: str) -> str | None:
    """Return why DNS has nothing to say of `name` (lower-case ASCII), or None when it can be asked."""
    _, dot, top = name.rpartition(".")
    reason = _TOP_LABELS.get(top)
    if reason is not None:
        return reason
    if not dot:
        return "not_a_name"
    return "private_name" if name.endswith(".home.arpa") else None  # RFC 8375
