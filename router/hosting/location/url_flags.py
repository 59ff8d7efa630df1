"""What in a URL says more than where the material is: credentials, an e-mail address, a session, an inviter.

A partner abroad should not get these unseen, so the URL is flagged before it is sent. The list is
of parameter names in wide use; a flag is a warning to a person, not a proof.
"""

import re
from typing import Final
from urllib.parse import unquote

#: Of the part before the `@` one character is looked at: a search for all of it would begin anew at each of them.
_EMAIL: Final = re.compile(r"(?<=[a-z0-9._%+-])(?:@|%40)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)
_SESSION: Final = re.compile(
    r"[?&;#](?:php|asp\.net_|asp|j)?(?:sess(?:ion)?(?:_?(?:id|key|token))?|sid|s_?id)="
    r"|[?&;#](?:access_?token|auth(?:_?token)?|id_?token|refresh_?token|jwt|api_?key|cfid|cftoken|oauth_token)=",
    re.IGNORECASE,
)
_INVITER: Final = re.compile(
    r"[?&#](?:ref|refer|referr?er|referral|ref_?id|invite|invite_?code|invited_?by|inviter|aff|aff_?id|affiliate|igshid|igsh)=",
    re.IGNORECASE,
)
_INVITATION: Final = re.compile(
    r"/(?:invite|joinchat)/."
    r"|^(?:https?://)?(?:t\.me|telegram\.me)/\+."
    r"|^(?:https?://)?(?:discord\.gg|chat\.whatsapp\.com)/.",
    re.IGNORECASE,
)
#: What the name of a parameter holds whose value was made for somebody: issued, signed, or known of a visitor.
_ISSUED: Final = (
    "token", "signature", "ticket", "secret", "passw", "session", "credential", "invit", "nonce", "jwt", "mail", "user",
)  # fmt: skip
_ISSUED_AS: Final = frozenset(
    {
        "sig",
        "sign",
        "key",
        "hash",
        "code",
        "auth",
        "otp",
        "uid",
        "member",
        "account",
        "expires",
        "policy",
        "e",
        "u",
        "k",
    }
)
_PARTS: Final = re.compile(r"[?&;/#]")
#: A JSON web token wherever it stands (RFC 7519): its second part is the base64 of `{"` as well.
_JWT: Final = ".eyj"


def names_somebody(canonical: str) -> bool:
    """Tell whether a location may have been made for one visitor: more is held back than `flags` warns of.

    For a request of our own, by which whoever issued it would learn whose visit was reported.
    """
    if flags(canonical) or _JWT in canonical.lower():
        return True
    names = (unquote(part.partition("=")[0]).lower() for part in _PARTS.split(canonical) if "=" in part)
    return any(name in _ISSUED_AS or any(word in name for word in _ISSUED) for name in names)


def flags(canonical: str, userinfo: str = "") -> tuple[str, ...]:
    """Return the flags of a canonical location, in a fixed order.

    `userinfo` is what stands before the host (`name:password`), if anything does: `name@host` is no e-mail address, a
    name that holds an `@` itself is one.
    """
    found = []
    if userinfo:
        found.append("carries_userinfo")
        canonical = canonical.replace(f"{userinfo}@", "", 1)
    # Cheap tests first: most URLs end here, and this runs for each line of a bulk file.
    if "%40" in userinfo or (("@" in canonical or "%40" in canonical) and _EMAIL.search(canonical)):
        found.append("carries_email")
    assigns = "=" in canonical
    if assigns and _SESSION.search(canonical):
        found.append("carries_session")
    if (assigns and _INVITER.search(canonical)) or _INVITATION.search(canonical):
        found.append("carries_invite")
    return tuple(found)
