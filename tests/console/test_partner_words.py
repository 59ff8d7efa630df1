"""Every act and every reason of ICCAM's has words; what a partner says in its own stands for itself."""

from router.console.partner_words import ACTION, ACTION_REASON, LEAVES, LEAVES_PART
from schemas.exchange import AssessmentStatement, HostingStatement, ReferralMessage
from schemas.vocabulary import ActionReason, ActionType


def test_each_act_and_each_reason_has_its_words() -> None:
    assert set(ACTION) == {one.value for one in ActionType}
    assert set(ACTION_REASON) == {one.value for one in ActionReason}


def test_no_two_reasons_read_alike() -> None:
    assert len(set(ACTION_REASON.values())) == len(ACTION_REASON)


def test_each_field_that_leaves_and_each_part_of_one_has_its_word() -> None:
    assert set(ReferralMessage.model_fields) <= set(LEAVES)
    parts = {name for word in (HostingStatement, AssessmentStatement) for name in word.model_fields}
    assert parts == set(LEAVES_PART)
