"""One unit as we hold it: its settings, its key and ours, and the bundle that is closed for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeAlias
from uuid import UUID

from router.errors import BadInput
from router.partners.base import Reason, Tools
from router.partners.dropbox.answers import Answers
from router.partners.dropbox.bundle import Heading, bundle, entity
from router.partners.dropbox.cms import CmsSeal, cms_seal
from router.partners.dropbox.openpgp import OpenPgpSeal, openpgp_seal
from router.partners.dropbox.settings import DropboxConfig
from router.partners.keys import Signer
from schemas.exchange import NOWHERE
from schemas.law import law_on
from schemas.partner import Partner
from schemas.reply_code import code_of, referral_of

_NOT_REHEARSED: Final = (
    "The unit has not shown yet that it can open what is encrypted to this key: send it a test bundle "
    "(`partners check {name} --rehearse`), and set `rehearsed` to the code that it reads there"
)


Seal: TypeAlias = CmsSeal | OpenPgpSeal


class Unit:
    """One unit, under the settings in force."""

    def __init__(self, partner: Partner, config: DropboxConfig, tools: Tools) -> None:
        """Read its keys. Raise BadInput for one that cannot be used or has ended."""
        self.config = config
        self.partner = partner
        self._tools = tools
        self._place = f"partners.{partner.name}.config"
        self._seal = self._read_seal()
        self.answers = Answers(config, partner.name)
        self.failing_since: datetime | None = None  #: since when the way to it fails, as far as this process knows

    @property
    def until(self) -> datetime:
        """Return when the first of the keys ends (aware)."""
        return self._seal.until

    @property
    def code(self) -> str:
        """Return the code of the unit's test bundle: nobody can tell it who did not open one made for this key."""
        said = self._signer.private.sign(f"rehearse:{self.partner.name}:{self._seal.fingerprint}".encode())
        return code_of(str(UUID(bytes=sha256(said).digest()[:16])))

    def test_bundle(self, now: datetime) -> tuple[str, bytes]:
        """Return a bundle about no real place, by whose reply code the unit shows that it opened it, and its name."""
        name = referral_of(self.code)
        assert name is not None
        heading = self._heading(name, now, test=True)
        item = {"referral_id": name, "location": NOWHERE}
        return name, self._seal.close(entity(bundle(name, heading, [item], None), heading, self._signer))

    def check_usable(self) -> None:
        """Raise BadInput while nothing may go to the unit: a key has ended, or no test bundle was answered."""
        self._seal = self._read_seal() if self.until <= self._tools.clock.now() else self._seal
        given = self.config.rehearsed
        if given is None or referral_of(given) != referral_of(self.code):
            raise BadInput(
                _NOT_REHEARSED.format(name=self.partner.name),
                field=f"{self._place}.rehearsed",
                reason=Reason.MISCONFIGURED,
            )

    def file(self, name: str) -> str:
        """Return the name of a bundle's file: the id of its first referral, which says nothing."""
        return f"{name}{self._seal.suffix}"

    def sealed(
        self,
        name: str,
        items: Sequence[Mapping[str, Any]],
        now: datetime,
        *,
        told: Mapping[str, str] | None = None,
        law: str | None = None,
    ) -> bytes:
        """Return a bundle, signed and encrypted; `law` is what the policy says it rests on."""
        heading = self._heading(name, now)
        heading = replace(heading, law=heading.law or law)
        return self._seal.close(entity(bundle(name, heading, items, told), heading, self._signer))

    def _heading(self, name: str, now: datetime, *, test: bool = False) -> Heading:
        return Heading(
            sender=self._tools.me,
            unit=self.partner.title,
            prepared_at=now,
            encrypted_to=self._seal.fingerprint,
            signed_by=self._seal.signed_by,
            language=self.config.language,
            zone=self.config.local,
            opened_with=self._seal.opened_with(name),
            law=law_on(now.date(), self.config.law),
            test=test,
        )

    @property
    def _signer(self) -> Signer:
        if not self._tools.signers:
            raise BadInput("The router has no key of its own to sign with", field=f"{self._place}.signing")
        return self._tools.signers[0]

    def _read_seal(self) -> Seal:
        return _seal(self.partner, self.config, self._tools, self._tools.clock.now())


def good_until(partner: Partner, config: DropboxConfig, tools: Tools) -> datetime:
    """Return when the first of a unit's key and ours ends, or has ended (aware). Raise BadInput for unusable ones."""
    return _seal(partner, config, tools, None).until


def _seal(partner: Partner, config: DropboxConfig, tools: Tools, now: datetime | None) -> Seal:
    password = None if config.signing_password is None else tools.secret(config.signing_password)
    signing = tools.secret_file(config.signing)
    make = cms_seal if config.seal == "cms" else openpgp_seal
    return make(config.certificate, signing, password, now, f"partners.{partner.name}.config")
