"""A police unit on disk, and the dialect that hands bundles to it: for the promises, and for each file's own test."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.errors import BadInput
from router.guard.egress import Egress
from router.partners.base import Dialect, Tools
from router.partners.dropbox.dialect import DropboxDialect
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.unit import Unit
from router.partners.keys import Signer
from router.world.police_unit import Identity, OpenedBundle, PoliceUnit, identity
from schemas.partner import Partner, PartnerKind
from tests.partners.conformance import Stage
from tests.partners.iccam.stage import WalkingClock
from tests.referrals import CANARY

START = WalkingClock().now()
#: An elliptic curve's: a key of RSA is proved each time that it is read, which takes 60 ms (`test_cms` reads one).
HOTLINE = identity("hotline.test", START, days=400, key=ec.generate_private_key(ec.SECP256R1()))
SIGNERS = (Signer("hotline-be-2026", Ed25519PrivateKey.from_private_bytes(b"7" * 32)),)
PASSWORD = "of the signing key"


def a_unit(folder: Path, now: datetime = START) -> PoliceUnit:
    """A unit that knows us. All of them have one key, which takes 80 ms to make: a stranger is a `PoliceUnit`."""
    return PoliceUnit(folder, now, HOTLINE.pem, key=_unit_key())


@cache
def _unit_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def tools(egress: Egress | None, clock: WalkingClock, hotline: Identity = HOTLINE) -> Tools:
    files = {"signing": hotline.p12(PASSWORD), "signing-password": PASSWORD.encode(), "smtp": b"relay-password"}

    def secret_file(name: str) -> bytes:
        if name not in files:
            raise BadInput("There is no such secret", field=name)
        return files[name]

    return Tools(egress, clock, "hotline-be", SIGNERS, lambda name: secret_file(name).decode(), secret_file)  # type: ignore[arg-type] # a folder needs no connection


def a_partner(config: Mapping[str, Any]) -> Partner:
    return Partner(
        name="federal-police",
        title="Federal Police",
        kind=PartnerKind.POLICE,
        countries=("BE",),
        dialect="dropbox",
        config=dict(config),
        enabled=True,
    )


def settings(unit: PoliceUnit, **more: Any) -> dict[str, Any]:
    return {
        "ways": [{"folder": str(unit.inbox)}],
        "certificate": unit.identity.pem,
        "signing": "signing",
        "signing_password": "signing-password",
        "answers": str(unit.answers),
        "answers_signed_by": unit.identity.pem,
        "language": "nl",
        "zone": "Europe/Brussels",
        **more,
    }


def rehearsed(partner: Partner, with_: Tools) -> Partner:
    """The partner's entry once its unit has answered its test bundle."""
    config = DropboxConfig.model_validate(partner.config)
    code = Unit(partner, config, with_).code
    return partner.model_copy(update={"config": {**partner.config, "rehearsed": code}})


@dataclass
class UnitStage(Stage):
    """The unit answers whatever it finds, each item with a number of its own."""

    unit: PoliceUnit
    clock: WalkingClock
    with_: Tools
    answers: bool = True
    numbers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def set_up(cls, folder: Path, egress: Egress | None = None, **config: Any) -> "UnitStage":
        clock = WalkingClock()
        unit = a_unit(folder, clock.now())
        with_ = tools(egress, clock)
        partner = rehearsed(a_partner(settings(unit, **config)), with_)
        return cls(DropboxDialect(with_), partner, unit, clock, with_)

    @property
    def effects(self) -> Mapping[str, int]:
        return Counter(referral for bundle in self.unit.bundles() for referral in bundle.items)

    @property
    def changes(self) -> int:
        return len(self.unit.files)

    @property
    def secrets(self) -> list[str]:
        return [PASSWORD, str(self.unit.inbox)]

    def away(self) -> None:
        shutil.rmtree(self.unit.inbox)
        self.unit.inbox.mkdir()  # a share that is not mounted: an empty folder of this machine

    def unusable(self) -> Partner:
        return self.partner.model_copy(update={"config": {**self.partner.config, "certificate": CANARY}})

    def anew(self) -> Dialect:
        return DropboxDialect(self.with_)

    def later(self, by: timedelta) -> None:
        self.clock.advance(by)
        if self.answers:
            self.answer()

    def answer(self) -> None:
        new = [item for bundle in self.unit.bundles() for item in bundle.items.values()]
        lines = {}
        for item in new:
            if item["referral_id"] not in self.numbers:
                self.numbers[item["referral_id"]] = f"FP/2026/{len(self.numbers):04d}"
                lines[item["reply_code"]] = self.numbers[item["referral_id"]]
        if lines:
            self.unit.answer(lines)

    def bundle(self) -> OpenedBundle:
        (found,) = self.unit.bundles()
        return found


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def frozen(payload: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payload)
    return found
