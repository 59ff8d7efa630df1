"""An answer that a unit signs with its OpenPGP key: what the pinned key signed counts, and nothing else does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.errors import BadInput
from router.partners.dropbox import verified
from router.partners.dropbox.answers import Answers
from router.partners.dropbox.inbound import read
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.verified import check_key
from router.world.police_unit import PoliceUnit
from schemas.reply_code import code_of
from tests.partners.dropbox.key_ring import Ring, key_ring, multipart
from tests.partners.dropbox.unit_stage import START, UnitStage, a_unit, settings

ID = "0190f7a1-0000-7000-8000-000000000001"
NO_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nno key\n-----END PGP PUBLIC KEY BLOCK-----"
TEXT = f"{code_of(ID)} FP 12/2026\r\n"


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    with key_ring(tmp_path_factory.mktemp("gpg") / "u", "unit@police.test") as made:
        yield made


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    with key_ring(tmp_path_factory.mktemp("gpg") / "s", "unit@police.test") as made:
        yield made


def test_what_the_pinned_key_signed_is_the_units_word(unit: Ring) -> None:
    reply = read(unit.signed(TEXT), unit.public)
    assert reply.is_signed
    assert reply.numbers() == {ID: "FP 12/2026"}
    assert reply.dropped == (), "a signature is read to verify the text, and not kept"


def test_it_is_the_receipt_that_the_unit_put_into_its_folder(unit: Ring, tmp_path: Path) -> None:
    police = a_unit(tmp_path)
    (police.answers / "1.eml").write_bytes(unit.signed(TEXT))
    config = DropboxConfig.model_validate(settings(police, answers_signed_by=unit.public))
    assert Answers(config, "federal-police").receipts([ID]) == {ID: "FP 12/2026"}


def test_another_word_or_another_key_is_not(unit: Ring, stranger: Ring, tmp_path: Path) -> None:
    genuine = unit.signed(TEXT)
    police = a_unit(tmp_path)
    for message, pinned in (
        (genuine.replace(b"12/2026", b"13/2026"), unit.public),
        (stranger.signed(TEXT), unit.public),
        (genuine, stranger.public),
        (genuine, police.identity.pem),
        (genuine, NO_KEY),
        (police.answer({code_of(ID): "1"}).read_bytes(), unit.public),
    ):
        assert not read(message, pinned).is_signed


def test_a_key_by_which_nothing_could_be_believed_is_named(unit: Ring, tmp_path: Path) -> None:
    for good in (unit.public, PoliceUnit(tmp_path, START).identity.pem):
        check_key(good, "config.answers_signed_by")
    for bad in ("no key", NO_KEY):
        with pytest.raises(BadInput) as refused:
            check_key(bad, "config.answers_signed_by")
        assert refused.value.field == "config.answers_signed_by"


async def test_partners_check_says_so(tmp_path: Path) -> None:
    stage = UnitStage.set_up(tmp_path, answers_signed_by=NO_KEY)
    found = await stage.dialect.check(stage.partner)
    assert not found.ok
    assert "answers are believed" in found.text


def test_a_signature_that_brings_its_own_text_signs_no_other(unit: Ring) -> None:
    part = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}".encode()
    for how in ("--sign", "--clearsign"):
        whole = unit.gpg("--passphrase", "", "--armor", how, data=b"other words\r\n")
        assert not read(multipart(part, whole), unit.public).is_signed
        own = unit.gpg("--passphrase", "", "--armor", how, data=part)
        assert not read(multipart(part.replace(b"12/", b"13/"), own), unit.public).is_signed


def test_a_key_that_has_ended_signs_nothing(tmp_path: Path) -> None:
    then = ("--passphrase", "", "--faked-system-time", "20200101T000000!")
    part = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}".encode()
    with key_ring(tmp_path / "old", "old@police.test") as ring:
        ring.gpg(*then, "--quick-generate-key", "ended@police.test", "ed25519", "sign", "1d")
        ended = ring.gpg("--armor", "--export", "ended@police.test").decode()
        signature = ring.gpg(*then, "--local-user", "ended@police.test", "--detach-sign", data=part)
    assert not read(multipart(part, signature), ended).is_signed


def test_a_signature_that_is_too_long_is_not_read(unit: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "LONGEST_SIGNATURE", 100)
    assert not read(unit.signed(TEXT), unit.public).is_signed


def test_the_child_is_bounded_and_its_folder_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in for `openssl` says under which limits it runs, and where; then it never ends."""
    police = a_unit(tmp_path / "unit")
    message = police.answer({code_of(ID): "1"}).read_bytes()
    assert read(message, police.identity.pem).is_signed
    program = tmp_path / "openssl"
    program.write_text(f"#!/bin/sh\n(ulimit -v; ulimit -t; pwd; ls) > {tmp_path}/said\nexec sleep 60\n")
    program.chmod(0o700)
    monkeypatch.setattr(verified, "_PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(verified, "_WAIT", 1)
    began = time.monotonic()
    assert not read(message, police.identity.pem).is_signed
    assert time.monotonic() - began < 20
    memory, seconds, folder, *files = (tmp_path / "said").read_text().split()
    assert (int(memory), int(seconds)) == (512 * 1024, 5)
    assert files == ["signature", "signed", "signer"]
    assert not Path(folder).exists()


def test_without_the_program_nothing_is_signed(unit: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    message, public = unit.signed(TEXT), unit.public
    monkeypatch.setattr(verified, "_PATH", "/nonexistent")
    monkeypatch.setattr(verified, "_GPG", ("gpg-that-is-not-there",))
    assert not read(message, public).is_signed
