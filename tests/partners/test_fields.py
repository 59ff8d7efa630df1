import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.partners.fields import ALWAYS, KNOWN, PEER, WEBHOOK, allowed, select, to_bytes
from schemas.exchange import ReferralMessage
from schemas.report import Account
from schemas.vocabulary import AccountRole
from tests.referrals import CANARY, a_message


def test_the_reporter_and_the_memo_cannot_be_named() -> None:
    for name in ("memo", "reporter", "source", "analyst", "ways_in.password", ""):
        with pytest.raises(BadInput) as refused:
            allowed([name], "nl")
        assert refused.value.field == f"partners.nl.fields.{name}"


def test_no_field_of_a_message_could_hold_them() -> None:
    names = set(ReferralMessage.model_fields)
    assert not any(word in name for name in names for word in ("memo", "reporter", "analyst", "citizen"))


def test_no_default_list_has_a_login() -> None:
    assert {"ways_in.login"}.isdisjoint({*PEER, *WEBHOOK, *ALWAYS})


def test_an_endpoint_we_know_less_of_gets_no_account_and_no_note() -> None:
    text = str(select(a_message(), allowed(WEBHOOK, "police")))
    assert "-handle" not in text
    assert f"{CANARY} note" not in text


@given(st.sets(st.sampled_from(sorted(KNOWN))))
def test_what_is_not_listed_never_leaves(listed: set[str]) -> None:
    message = a_message()
    found = select(message, allowed(listed, "nl"))
    assert set(found) <= listed | set(ALWAYS)
    assert ("password" in str(found)) == ({"ways_in", "ways_in.login"} <= listed)
    assert {"referral_id", "location", "path"} <= set(found)


def test_what_is_unknown_is_left_out() -> None:
    bare = a_message(ways_in=(), account=None, note=None, site_type=None)
    assert not {"ways_in", "account", "note", "site_type", "age"} & set(select(bare, allowed(PEER, "nl")))


@pytest.mark.parametrize(("role", "leaves"), [(role, role is AccountRole.SUSPECT) for role in AccountRole])
def test_only_a_suspects_account_leaves(role: AccountRole, leaves: bool) -> None:
    account = Account(platform="chat", handle="somebody", role=role)
    assert ("account" in select(a_message(account=account), allowed(PEER, "nl"))) == leaves


def test_what_leaves_to_a_peer_is_a_message_again() -> None:
    message = a_message()
    frozen = to_bytes(select(message, allowed([*PEER, "ways_in.login"], "nl")))
    assert ReferralMessage.model_validate_json(frozen).model_dump() == message.model_dump()


def test_equal_documents_are_equal_bytes() -> None:
    one, other = {"b": {"y": 1, "x": "\u00e9"}, "a": 0.5}, {"a": 0.5, "b": {"x": "\u00e9", "y": 1}}
    assert to_bytes(one) == to_bytes(other) == b'{"a":0.5,"b":{"x":"\xc3\xa9","y":1}}'
