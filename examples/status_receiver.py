"""How a receiver of status webhooks knows that they are ours: Python's standard library is enough.

`whsec_…` is the secret that the hotline gave you. Answer 2xx once you have kept it; anything else has it sent again,
with the same `webhook-id`, so keep the ids that you have seen. See docs/status.md.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

#: Seconds by which the time of a signature may be off, so that an old message cannot be played again later.
TOLERANCE = 300


def verified(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> dict[str, Any]:
    """Return what the hotline says. Raise ValueError for anything that it did not sign, or not now."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (at.isascii() and at.isdigit()) or abs((time.time() if now is None else now) - int(at)) > TOLERANCE:
        raise ValueError("the time of the signature is missing, or too far from ours")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    ours = "v1," + base64.b64encode(mac).decode()
    # While a secret is replaced there are two signatures, one of each.
    if not any(hmac.compare_digest(ours, one) for one in given.get("webhook-signature", "").split()):
        raise ValueError("nobody who has our secret signed this")
    said: dict[str, Any] = json.loads(body)
    return said
