"""The chain, the tree and the checkpoint, against published vectors and an independent reading."""

import hashlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.audit import GENESIS, ChainEntry, checkpoint_root, link, make_checkpoint, merkle_root, to_be_signed
from router.guard.seal import Keyring

RING = Keyring.open(b"m" * 32)
ENTRY = ChainEntry("epoch-1", 1, 1_764_000_000_000_000, "person:anna", "held", "case-1", None, '{"n":1}', b"sealed")

#: The seven leaves and eight roots of the Certificate Transparency reference implementation's own tests, as used to
#: check RFC 6962 section 2.1 (the tree of the first n leaves, in hex).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("count", range(1, 9))
def test_the_root_is_that_of_the_reference(count: int) -> None:
    assert merkle_root([bytes.fromhex(leaf) for leaf in LEAVES[:count]]).hex() == ROOTS[count - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").digest()


def as_the_rfc_says(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word: split at the largest power of two smaller than n."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + as_the_rfc_says(leaves[:split]) + as_the_rfc_says(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == as_the_rfc_says(leaves)


def test_an_entry_can_be_linked_with_any_languages_json() -> None:
    sealed = hashlib.sha256(b"sealed").hexdigest()
    fields = ["epoch-1", 1, 1_764_000_000_000_000, "person:anna", "held", "case-1", None, '{"n":1}', sealed]
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    assert link(GENESIS, ENTRY) == hashlib.sha256(GENESIS + text.encode()).digest()


@pytest.mark.parametrize("name", ChainEntry._fields)
def test_every_field_of_an_entry_counts(name: str) -> None:
    other = 2 if isinstance(getattr(ENTRY, name), int) else b"x" if name == "sealed" else "x"
    assert link(GENESIS, ENTRY._replace(**{name: other})) != link(GENESIS, ENTRY)
    if name in {"case_id", "referral_id", "sealed"}:
        assert link(GENESIS, ENTRY._replace(**{name: None})) != link(GENESIS, ENTRY._replace(**{name: type(other)()}))


def test_the_entry_before_counts() -> None:
    assert link(b"x" * 32, ENTRY) != link(GENESIS, ENTRY)


def test_a_checkpoint_signs_the_heads_and_the_one_before() -> None:
    first = make_checkpoint(None, 5, {"b": (2, b"h" * 32), "a": (1, b"g" * 32)}, RING.sign_audit)
    second = make_checkpoint(first, 6, {"a": (3, b"k" * 32)}, RING.sign_audit)
    assert json.loads(first.heads) == {"a": [1, (b"g" * 32).hex()], "b": [2, (b"h" * 32).hex()]}
    assert (first.number, second.number) == (1, 2)
    assert second.root == checkpoint_root(first.root, json.loads(second.heads))
    assert second.root != checkpoint_root(GENESIS, json.loads(second.heads))
    RING.audit_key().verify(second.signature, to_be_signed(2, 6, second.root))


def test_what_is_signed_names_number_time_and_root() -> None:
    text = to_be_signed(3, 4, b"r" * 32)
    assert text.endswith(struct.pack(">qq", 3, 4) + b"r" * 32)
    assert len({text, to_be_signed(4, 4, b"r" * 32), to_be_signed(3, 5, b"r" * 32), to_be_signed(3, 4, b"s" * 32)}) == 4
