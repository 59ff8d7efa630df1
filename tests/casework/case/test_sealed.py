"""Sealed words open where they were sealed, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.case import sealed as vault
from router.errors import Damaged, NotFound
from router.guard.seal import CaseKey, Keyring
from router.store.base import Remove, Transition
from router.store.schema.tables import case_keys
from schemas.casefile import CaseSecrets, ItemSecrets
from schemas.report import Account, WaysIn
from tests.casebook import Casebook
from tests.office import MASTER

KEYRING = Keyring.open(MASTER)
KEY = KEYRING.new_case_key("c-1")[0]
OTHER = KEYRING.new_case_key("c-2")[0]
SECRETS = CaseSecrets(canonical="https://example.test/page", host="example.test", flags=("carries_email",))


def test_a_word_comes_back_as_it_was() -> None:
    assert vault.case_secrets(KEY, "c-1", vault.seal(KEY, vault.CASE, "c-1", SECRETS)) == SECRETS


@pytest.mark.parametrize(
    ("key", "field", "row"), [(OTHER, vault.CASE, "c-1"), (KEY, vault.ITEM, "c-1"), (KEY, vault.CASE, "c-2")]
)
def test_it_opens_in_no_other_case_field_or_row(key: CaseKey, field: str, row: str) -> None:
    sealed = vault.seal(KEY, vault.CASE, "c-1", SECRETS)
    with pytest.raises(Damaged):
        vault.unseal(key, field, row, sealed, CaseSecrets)


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(vault.seal(KEY, vault.CASE, "c-1", SECRETS))
    sealed[-1] ^= 1
    with pytest.raises(Damaged):
        vault.case_secrets(KEY, "c-1", bytes(sealed))


TEXT = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40).filter(lambda t: t == t.strip())


@given(TEXT, st.none() | TEXT, st.none() | st.builds(WaysIn, steps=st.lists(st.just("click"), max_size=3).map(tuple)))
def test_fields_sealed_quickly_read_like_the_word(reference: str, memo: str | None, ways: WaysIn | None) -> None:
    """Intake seals validated fields without building the word first; what is read must be the same."""
    account = Account(platform="chat", handle="h", country="NL")
    fields = {
        "reference": reference,
        "location": "l",
        "memo": memo,
        "ways_in": ways,
        "account": account,
        "payment_methods": (),
    }
    quick = vault.seal_fields(KEY, vault.ITEM, "i-1", fields)
    slow = vault.seal(KEY, vault.ITEM, "i-1", ItemSecrets(**fields))
    assert vault.item_secrets(KEY, "i-1", quick) == vault.item_secrets(KEY, "i-1", slow) == ItemSecrets(**fields)


async def test_keys_are_given_for_the_cases_that_still_have_one(book: Casebook) -> None:
    one, two = await book.take(), await book.take("https://other.test/", "r-2")
    assert set(await vault.keys_of(book.ctx, [one, two, "no such case", one])) == {one, two}
    assert await vault.keys_of(book.ctx, []) == {}


async def test_an_erased_case_opens_no_more(book: Casebook) -> None:
    case_id = await book.take()
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, {"case_id": case_id}),)))
    with pytest.raises(NotFound, match="erased"):
        await vault.key_of(book.ctx, case_id)
