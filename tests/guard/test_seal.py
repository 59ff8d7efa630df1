"""Sealed fields open only in their place, under their key; equal texts show as equal and nothing else does."""

import ast
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import router
from router.casework.case import marks
from router.errors import CannotStart, Damaged
from router.guard.seal import LASTING, CaseKey, Keyring, Lasting, Masters, derive

MASTER, OLDER = b"m" * 32, b"o" * 32
RING = Keyring.open(MASTER)
FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(field=FIELDS, plain=st.binary(max_size=500))
def test_what_was_sealed_opens(field: str, plain: bytes) -> None:
    key, wrapped = RING.new_case_key("case-1")
    assert RING.unwrap("case-1", wrapped).open(field, key.seal(field, plain)) == plain


def test_another_process_with_the_same_master_opens_it() -> None:
    key, wrapped = RING.new_case_key("case-1")
    assert Keyring.open(MASTER).unwrap("case-1", wrapped).open("url", key.seal("url", b"x")) == b"x"


def test_the_same_bytes_never_look_the_same_twice() -> None:
    key, _ = RING.new_case_key("case-1")
    assert len({key.seal("url", b"x") for _ in range(100)}) == 100


@given(at=st.integers(0, 44), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_found(at: int, bit: int) -> None:
    key, _ = RING.new_case_key("case-1")
    sealed = bytearray(key.seal("url", b"https://a.test/"))
    assert len(sealed) == 45
    sealed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        key.open("url", bytes(sealed))


@given(at=st.integers(0, 65), bit=st.integers(0, 7))
def test_a_changed_bit_of_a_wrapped_key_is_found(at: int, bit: int) -> None:
    _, wrapped = RING.new_case_key("case-1")
    changed = bytearray(wrapped)
    assert len(changed) == 66
    changed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        RING.unwrap("case-1", bytes(changed))


@pytest.mark.parametrize("cut", [0, 1, 2, 13, 14, 29])
def test_cut_bytes_are_damaged_not_a_crash(cut: int) -> None:
    key, wrapped = RING.new_case_key("case-1")
    with pytest.raises(Damaged):
        key.open("url", key.seal("url", b"x")[:cut])
    with pytest.raises(Damaged):
        RING.unwrap("case-1", wrapped[:cut])


def moved_to_another_field(key: CaseKey, other: CaseKey) -> bytes:
    return key.open("memo", key.seal("url", b"x"))


def moved_to_another_case(key: CaseKey, other: CaseKey) -> bytes:
    return other.open("url", key.seal("url", b"x"))


@pytest.mark.parametrize("move", [moved_to_another_field, moved_to_another_case])
def test_a_ciphertext_cannot_be_moved(move: Callable[[CaseKey, CaseKey], bytes]) -> None:
    with pytest.raises(Damaged):
        move(RING.new_case_key("case-1")[0], RING.new_case_key("case-2")[0])


def test_a_case_id_and_a_key_version_are_bound_even_under_the_same_key() -> None:
    secret = os.urandom(32)
    sealed = CaseKey("case-1", secret).seal("url", b"x")
    for other in (CaseKey("case-2", secret), CaseKey("case-1", secret, version=2)):
        with pytest.raises(Damaged):
            other.open("url", sealed)


def test_a_wrapped_key_is_bound_to_its_case() -> None:
    _, wrapped = RING.new_case_key("case-1")
    with pytest.raises(Damaged):
        RING.unwrap("case-2", wrapped)


def test_a_master_that_is_not_held_is_named_as_the_reason() -> None:
    _, wrapped = Keyring.open(OLDER).new_case_key("case-1")
    with pytest.raises(Damaged, match="master key that is not held"):
        RING.unwrap("case-1", wrapped)


def test_former_masters_still_open_what_they_wrapped() -> None:
    key, wrapped = Keyring.open(OLDER).new_case_key("case-1")
    both = Keyring.open(MASTER, OLDER)
    assert both.unwrap("case-1", wrapped).open("url", key.seal("url", b"x")) == b"x"
    _, anew = both.new_case_key("case-1")
    RING.unwrap("case-1", anew)  # wrapped by the newest


def test_many_keys_at_once_are_all_different() -> None:
    made = RING.new_case_keys([f"case-{n}" for n in range(300)])
    sealed = [key.seal("url", b"x") for key, _ in made]
    assert len({wrapped for _, wrapped in made}) == 300
    for n, (_, wrapped) in enumerate(made):
        assert RING.unwrap(f"case-{n}", wrapped).open("url", sealed[n]) == b"x"
    with pytest.raises(Damaged):
        made[0][0].open("url", sealed[1])


def test_a_blind_index_shows_equality_and_nothing_else() -> None:
    assert RING.blind("url", "https://a.test/") == Keyring.open(MASTER).blind("url", "https://a.test/")
    different = {
        RING.blind("url", "https://a.test/"),
        RING.blind("url", "https://a.test/b"),
        RING.blind("host", "https://a.test/"),
        Keyring.open(OLDER).blind("url", "https://a.test/"),
    }
    assert len(different) == 4
    assert {len(blind) for blind in different} == {20}


def test_during_a_rotation_a_text_is_looked_for_under_every_master() -> None:
    both = Keyring.open(MASTER, OLDER)
    assert both.blinds("url", "x") == [RING.blind("url", "x"), Keyring.open(OLDER).blind("url", "x")]
    assert both.blind("url", "x") == RING.blind("url", "x")


def test_a_digest_tells_the_same_body_from_another() -> None:
    digest = RING.digest(b"body")
    assert RING.is_digest(b"body", digest)
    assert not RING.is_digest(b"bodY", digest)
    assert not Keyring.open(OLDER).is_digest(b"body", digest)
    assert Keyring.open(OLDER, MASTER).is_digest(b"body", digest)


def test_a_database_recognises_its_master() -> None:
    value = RING.check_value()
    assert RING.accepts(value)
    assert Keyring.open(OLDER, MASTER).accepts(value)
    assert not Keyring.open(OLDER).accepts(value)
    assert not RING.accepts(value[:-1] + bytes([value[-1] ^ 1]))
    assert not RING.accepts(b"")


def test_purposes_do_not_share_keys() -> None:
    purposes = ("id", "wrap", "audit", "check", "digest", "blind/url", "blind/host")
    keys = {derive(MASTER, purpose) for purpose in purposes}
    assert len(keys) == len(purposes)
    assert MASTER not in keys


def test_the_derivation_is_the_one_of_rfc_5869() -> None:
    # Computed by hand from RFC 5869 section 2: PRK = HMAC(32 zero bytes, master); OKM = HMAC(PRK, info | 1).
    import hmac

    extracted = hmac.digest(bytes(32), MASTER, "sha256")
    assert derive(MASTER, "wrap") == hmac.digest(extracted, b"referral-router/1/wrap\x01", "sha256")


def test_the_audit_signature_verifies_under_the_exported_key() -> None:
    RING.audit_key().verify(RING.sign_audit(b"root"), b"root")


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 33])
def test_a_master_of_the_wrong_length_cannot_start(key: bytes) -> None:
    with pytest.raises(CannotStart, match="32 bytes"):
        Keyring.open(key)


def test_no_key_shows_in_a_representation() -> None:
    key, _ = RING.new_case_key("case-1")
    assert MASTER.hex() not in repr(RING) + repr(key) + repr(vars(Keyring))
    assert repr(MASTER) not in repr(RING._current)


def test_a_record_is_sealed_for_its_row_alone() -> None:
    ring, other = Keyring.open(b"a" * 32), Keyring.open(b"b" * 32)
    sealed = ring.seal_record("stops.reason", "all", b"canary")
    assert ring.open_record("stops.reason", "all", sealed) == b"canary"
    assert b"canary" not in sealed
    assert sealed != ring.seal_record("stops.reason", "all", b"canary")
    for field, row, held in (("x", "all", ring), ("stops.reason", "route:x", ring), ("stops.reason", "all", other)):
        with pytest.raises(Damaged):
            held.open_record(field, row, sealed)
    assert Keyring.open(b"b" * 32, b"a" * 32).open_record("stops.reason", "all", sealed) == b"canary"


@given(st.binary(max_size=60))
def test_no_other_bytes_are_a_record(sealed: bytes) -> None:
    with pytest.raises(Damaged):
        Keyring.open(b"a" * 32).open_record("f", "r", sealed)


def test_what_is_compared_outlives_the_master_and_opens_nothing() -> None:
    old, new = b"o" * 32, b"n" * 32
    before = Keyring.open(old)
    after = Keyring(Masters(new, (), Lasting.of(old)))
    for purpose in LASTING:
        if purpose.startswith("blind/"):
            kind = purpose.removeprefix("blind/")
            assert after.blind(kind, "x") == before.blind(kind, "x")
            assert after.blinds(kind, "x") == [before.blind(kind, "x")]
    assert after.is_digest(b"x", before.digest(b"x"))
    assert after.accepts(before.check_value())
    assert after.audit_key().public_bytes_raw() == before.audit_key().public_bytes_raw()
    assert after.open_lasting("f", "1", before.seal_lasting("f", "1", b"line")) == b"line"
    _, wrapped = before.new_case_key("c")
    with pytest.raises(Damaged):
        after.unwrap("c", wrapped)
    with pytest.raises(Damaged):
        after.open_record("f", "1", before.seal_record("f", "1", b""))


def test_every_kind_of_a_blind_index_in_the_code_outlives_a_rotation() -> None:
    """One that is not named here would match nothing any more after the first rotation."""
    used = {
        str(node.args[0].value)
        for path in Path(router.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in {"blind", "blinds"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    named = {marks._URL, marks._HOST, marks._ACCOUNT}
    assert {f"blind/{kind}" for kind in used | named} == {one for one in LASTING if one.startswith("blind/")}
