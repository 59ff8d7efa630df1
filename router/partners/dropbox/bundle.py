"""What is in a bundle: the same truth three times over (JSON, a readable page, a manifest), and our signature on it.

The four are one MIME entity, which the seal signs and encrypts whole: every mail program shows it, and without one it
is text. The manifest is signed with the router's own key as well, so that what was handed over can be proved by a key
that is published, after the certificates of today have ended.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Any, Final

import orjson

from router.guard.mask import defang
from router.partners.dropbox.page import page
from router.partners.keys import Signer
from schemas.reply_code import code_of

VERSION: Final = 1
JSON_NAME: Final = "bundle.json"
PAGE_NAME: Final = "bundle.txt"
MANIFEST_NAME: Final = "manifest.json"
SIGNATURE_NAME: Final = "manifest.sig"
_ORDER: Final = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2


@dataclass(frozen=True, slots=True)
class Heading:
    """What a bundle says above its items."""

    sender: str
    unit: str
    prepared_at: datetime  #: aware
    encrypted_to: str
    signed_by: str
    language: str
    zone: tzinfo
    opened_with: tuple[str, ...]  #: command lines
    law: str | None = None
    test: bool = False


def bundle(
    name: str, heading: Heading, items: Sequence[Mapping[str, Any]], told: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a bundle's JSON. `told` says by whom and when its unit was told by telephone already, if it was."""
    copied = all(item.get("copy") for item in items) and bool(items)
    said: dict[str, Any] = {
        "bundle_version": VERSION,
        "bundle": name,
        "from": heading.sender,
        "to": heading.unit,
        "prepared_at": heading.prepared_at.astimezone(UTC).isoformat(timespec="seconds"),
        "encrypted_to": heading.encrypted_to,
        "signed_by": heading.signed_by,
        "asked": "for_information" if copied else "take_over",
        "provider_contacted": False,
        "items": [_item(one) for one in items],
    }
    more = {"law": heading.law, "told": dict(told) if told else None, "test": heading.test or None}
    return said | {key: value for key, value in more.items() if value is not None}


def _item(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{key: value for key, value in given.items() if key != "copy"},
        "reply_code": code_of(given["referral_id"]),
        "location_shown": defang(given["location"]),
    }


def entity(said: Mapping[str, Any], heading: Heading, signer: Signer) -> bytes:
    """Return a bundle as one MIME entity (CRLF lines): page, JSON, manifest and our signature on that."""
    text = page(said, heading.opened_with, heading.language, heading.zone).encode()
    document = orjson.dumps(said, option=_ORDER)
    manifest = _manifest({JSON_NAME: document, PAGE_NAME: text})
    signature = b64encode(signer.private.sign(manifest)).decode()
    whole = EmailMessage(policy=SMTP)
    whole.set_content(text.decode(), cte="8bit")
    whole.add_attachment(document, "application", "json", filename=JSON_NAME)
    whole.add_attachment(manifest, "application", "json", filename=MANIFEST_NAME)
    whole.add_attachment(f"{signer.key_id} {signature}\n", filename=SIGNATURE_NAME)
    first = whole.get_payload(0)
    assert isinstance(first, EmailMessage)
    first.add_header("Content-Disposition", "inline", filename=PAGE_NAME)
    return whole.as_bytes(policy=SMTP)


def _manifest(files: Mapping[str, bytes]) -> bytes:
    """Digests are of each file with line ends as they leave here (LF); a mail program may show others."""
    listed = [
        {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()} for name, content in files.items()
    ]
    return orjson.dumps({"files": listed}, option=_ORDER)
