"""The policies that ship with the router: the Belgian protocol, and a plain one for a hotline of any other country."""

import re
from pathlib import Path
from typing import Final

from schemas.word import Country

_FOLDER: Final = Path(__file__).parent / "policy"
#: The policy of a Belgian hotline, as agreed with its police in 2017.
BELGIAN_PROTOCOL: Final = _FOLDER / "belgian-protocol.toml"
#: What a hotline elsewhere starts with, until it writes down its own agreement with its police.
PLAIN: Final = _FOLDER / "plain.toml"

_HOME: Final = re.compile(r'^home = "[A-Z]{2}"$', re.MULTILINE)
#: The countries abroad in the plain policy's tests, and whom they make room for when one of them is home.
_ABROAD: Final = {"US": "NL", "QA": "AQ"}


def default_policy(home: Country) -> str:
    """Return the text of the policy that a fresh router of that country starts with."""
    if home == "BE":
        return BELGIAN_PROTOCOL.read_text(encoding="utf-8")
    text = PLAIN.read_text(encoding="utf-8")
    if home in _ABROAD:
        text = re.sub(rf'{home}"', f'{_ABROAD[home]}"', text)
    return _HOME.sub(f'home = "{home}"', text, count=1)
