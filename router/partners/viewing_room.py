"""The closed room in which people look: how a session's file is encrypted to its OpenPGP key, and signed by ours.

It is no partner and has no dialect: nothing is sent there, people carry the file. What closes a bundle for a police
unit closes it for the room (`dropbox/openpgp`).
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from router.errors import BadInput, Conflict
from router.partners.dropbox.openpgp import OpenPgpSeal, openpgp_seal
from schemas.viewing import ViewingSettings

_NO_KEY: Final = (
    "No key of a viewing room is set: put its OpenPGP key into the folder `secrets` of the data directory, and name "
    "the file as `certificate` in [viewing] of router.toml. Until then a session can be worked on screen."
)
_UNUSABLE: Final = "Nothing was exported: {why}. Look at [viewing] in router.toml; `doctor` says what it finds there."


class ViewingRoom:
    """One room, by the house's settings; its keys are read each time, so that new ones need no restart."""

    def __init__(
        self, settings: ViewingSettings, secret_file: Callable[[str], bytes], secret: Callable[[str], str]
    ) -> None:
        """Take the settings; no key is read yet."""
        self.settings, self._secret_file, self._secret = settings, secret_file, secret

    async def sealed(self, content: bytes, now: datetime) -> tuple[bytes, str]:
        """Return it closed for the room, and its key's fingerprint. Raise Conflict (`room_key`) saying what to do."""
        seal = await asyncio.to_thread(self._seal, now)
        return await asyncio.to_thread(seal.close, content), seal.fingerprint

    def good_until(self, now: datetime) -> datetime | None:
        """Return when the first of its keys ends (aware); None where no room is set. Raise Conflict as `sealed`."""
        return None if self.settings.certificate is None else self._seal(now).until

    def _seal(self, now: datetime) -> OpenPgpSeal:
        said = self.settings
        if said.certificate is None:
            raise Conflict(_NO_KEY, reason="room_key")
        try:
            certificate = self._secret_file(said.certificate).decode(errors="replace")
            signing = None if said.signing is None else self._secret_file(said.signing)
            password = None if said.signing_password is None else self._secret(said.signing_password)
            return openpgp_seal(certificate, signing, password, now, "viewing", "viewing room")
        except BadInput as error:
            raise Conflict(_UNUSABLE.format(why=error.message.rstrip(".")), reason="room_key") from None
