import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.intake.peer_messages import read, refusal
from router.errors import BadInput
from schemas.exchange import InboxAnswer, InboxAnswers, InboxResult
from tests.referrals import a_message

#: Values that no field takes, or that only some take.
ODD = [None, True, 7, 10**30, -1.5, "", "x" * 9000, "\u0000", "\u202e", [], ["x"] * 14, {}, {"a": {"b": []}}]


def a_raw(number: int, **more: Any) -> dict[str, Any]:
    given = a_message(referral_id=f"0199d2ff-0000-7000-8000-{number:012}").model_dump(mode="json", exclude_none=True)
    return {**given, **more}


FIELDS = [*sorted(set(a_raw(0)) - {"referral_id"}), "payment_methods", "ways_in", "surprise"]


def bundle(*raw: Any) -> bytes:
    return json.dumps({"sender": "hotline-nl", "recipient": "hotline-be", "referrals": raw}).encode()


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.sampled_from(ODD)), min_size=1, max_size=6))
def test_what_is_wrong_with_one_message_is_wrong_with_no_other(damage: list[tuple[str, Any]]) -> None:
    raws = [a_raw(at, **{field: value}) for at, (field, value) in enumerate(damage)] + [a_raw(99)]
    found = read(bundle(*raws))
    assert found.order == tuple(raw["referral_id"] for raw in raws)
    assert a_raw(99)["referral_id"] in {one.referral_id for one in found.referrals}
    assert len(found.referrals) + len(found.refused) == len(raws)
    for one in found.refused:
        assert (one.result, one.reason) == (InboxResult.REFUSED, "invalid_field")
        assert one.text


def test_answers_come_in_the_order_of_the_messages() -> None:
    found = read(bundle(a_raw(1), a_raw(2, payment_methods=["bitcoin"] * 14), a_raw(3), a_raw(1)))
    taken = tuple(InboxAnswer(referral_id=o.referral_id, result=InboxResult.ACCEPTED) for o in found.referrals)
    answers = found.answers(InboxAnswers(answers=taken)).answers
    assert [(one.referral_id[-1], one.result.value) for one in answers] == [
        ("1", "accepted"), ("2", "refused"), ("3", "accepted"),
    ]  # fmt: skip
    assert answers[1].text == "`/payment_methods`: this must have at most 13 items"


@pytest.mark.parametrize("raw", [7, None, [], {}, {"referral_id": 7}, {"referral_id": "x"}])
def test_a_message_that_cannot_be_answered_by_its_id_refuses_the_bundle(raw: Any) -> None:
    with pytest.raises(BadInput) as caught:
        read(bundle(a_raw(1), raw))
    assert caught.value.field == "/referrals/1/referral_id"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", bundle(), bundle(*[a_raw(n) for n in range(101)])])
def test_what_is_no_bundle_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        read(body)


def test_what_is_said_fits_into_an_answer() -> None:
    assert len(str(refusal("x", BadInput("y" * 1000)).text)) == 300


def test_what_a_later_version_says_is_kept_beside_and_costs_nothing() -> None:
    raws = [a_raw(1, seen_by="x", age="later_word"), a_raw(2), a_raw(3, kind="later_word")]
    body = json.dumps({"sender": "a", "recipient": "b", "referrals": raws, "batch": 7}).encode()
    found = read(body)
    first, second = found.referrals
    assert first == read(bundle(a_raw(1))).referrals[0]
    assert second == read(bundle(a_raw(2))).referrals[0]
    assert json.loads(found.unread[first.referral_id]) == {
        "referral": {"seen_by": "x", "age": "later_word"},
        "bundle": {"batch": 7},
    }
    assert json.loads(found.unread[second.referral_id]) == {"bundle": {"batch": 7}}
    assert [one.reason for one in found.refused] == ["invalid_field"]


def test_of_too_much_only_its_length_is_kept() -> None:
    found = read(bundle(a_raw(1, seen_by="x" * 20_000)))
    (kept,) = found.unread.values()
    assert json.loads(kept).keys() == {"too_long"}
