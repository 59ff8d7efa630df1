"""One-time codes of an authenticator app (RFC 6238: 6 digits, 30 seconds, SHA-1, as all apps make them).

A code works once: whoever calls keeps the step of the last one, and an earlier or the same step is none (section 5.2).
"""

import hmac
import io
from datetime import datetime
from typing import Final

import pyotp
import segno

#: Steps of 30 seconds by which a phone's clock may be off (RFC 6238 section 5.2 recommends one).
_DRIFT: Final = 1


def new_secret() -> str:
    """Return a fresh secret: 160 random bits in base32 (RFC 4226 section 4 asks for 128 at least)."""
    return pyotp.random_base32(32)


def address(secret: str, account: str, house: str) -> str:
    """Return what an app reads off the picture: `otpauth://totp/…`."""
    return pyotp.TOTP(secret, name=account, issuer=house).provisioning_uri()


def picture(text: str) -> str:
    """Return a text as a QR code: an SVG element without styles or scripts of its own."""
    out = io.BytesIO()
    form = {"scale": 5, "border": 4, "light": "white", "svgclass": None, "lineclass": None}
    segno.make(text, error="m").save(out, kind="svg", xmldecl=False, svgns=False, **form)
    return out.getvalue().decode()


def step_of(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """Return the step that a code is of; None for a wrong one, and for one no later than the last that was used.

    All steps are compared whatever the first says, so that the time it takes tells nothing.
    """
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    given = "".join(code.split())
    found = None
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), given.encode("utf-8", "replace"))
        if same and (last is None or step > last):
            found = step
    return found
