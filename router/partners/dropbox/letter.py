"""A bundle as a letter: encrypted whole, with a subject that says nothing, and an id that stays the same.

A receiver drops a second letter by its Message-ID, and the referral's id in the bundle; nobody sends a second one by
themselves once the first may have arrived.
"""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from schemas.alarm import Relay

#: The same for every letter, so that it says nothing of any.
SUBJECT: Final = "Encrypted message"


def letter(relay: Relay, to: str, name: str, file: str, content: bytes, now: datetime) -> EmailMessage:
    """Return the letter that carries a bundle; `name` is the bundle's, `file` that of the attachment."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = relay.sender, to, SUBJECT
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{name}@{relay.sender.rpartition('@')[2]}>"
    if file.endswith(".p7m"):
        sealed = {"smime-type": "enveloped-data", "name": file}
        made.set_content(content, "application", "pkcs7-mime", filename=file, params=sealed)
    else:
        made.set_content(content, "application", "octet-stream", filename=file)
    return made
