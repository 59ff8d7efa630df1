"""The digest that tells whether a file is the one we mean."""

import hashlib
from pathlib import Path


def digest(file: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
