"""Bodies: what the public client sent is taken, what it never sent is refused by the name of its field."""

import json
from typing import Any

import pytest

from router.world.iccam.bodies import Action, Assessment, Body, Credentials, NewReport, TokenPair
from router.world.iccam.records import Refusal
from router.world.iccam.words import known_words
from tests.world.iccam.members import ASSESSMENT, LEA, location, new_report
from tests.world.iccam.scenarios import Exchange, scenarios

BODIES: dict[str, type[Body]] = {
    "Authentication": Credentials,
    "refresh": TokenPair,
    "reports": NewReport,
    "actions": Action,
    "assessment": Assessment,
}


def recorded() -> list[tuple[str, Exchange]]:
    """Every recorded body of a known kind."""
    calls = (exchange for exchanges in scenarios().values() for exchange in exchanges)
    return [(call.path.rpartition("/")[2], call) for call in calls if call.raw_body.startswith("{")]


@pytest.mark.parametrize("call", [call for _, call in recorded()], ids=lambda call: call.path.rpartition("/")[2])
def test_a_recorded_body_is_read_and_known_by_its_own_words(call: Exchange) -> None:
    body = BODIES[call.path.rpartition("/")[2]].read(call.raw_body.encode())
    assert body.as_sent() == json.loads(call.raw_body)


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        (NewReport, new_report(surprise=1), "surprise"),
        (NewReport, new_report(urls=[]), "urls"),
        (NewReport, new_report(hotlineReference=""), "hotlineReference"),
        (NewReport, new_report(hotlineReceivedDate="2026-11-29T09:15:00"), "hotlineReceivedDate"),
        (NewReport, new_report(location(hostingCountryCode="nl")), "urls.0.hostingCountryCode"),
        (NewReport, new_report(location(contentType=3)), "urls.0.contentType"),
        (NewReport, new_report(location(actions=[LEA])), "urls.0.actions"),
        (NewReport, new_report(location(assessment=ASSESSMENT | {"surprise": 1})), "urls.0.assessment.surprise"),
        (Assessment, ASSESSMENT | {"virtualContentCategorization": 2}, "virtualContentCategorization"),
        (Action, LEA | {"actionDate": "yesterday"}, "actionDate"),
        (Credentials, [], "body"),
    ],
)
def test_a_wrong_field_is_named(kind: type[Body], said: Any, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        kind.read(json.dumps(said).encode())
    assert (refused.value.status, list(refused.value.errors)) == (400, [field])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (NewReport.model_validate(new_report(sourceUrlSiteType=1)), "sourceUrlSiteType"),
        (NewReport.model_validate(new_report(sourceUrlCommerciality=9)), "sourceUrlCommerciality"),
        (NewReport.model_validate(new_report(sourceUrlPaymentMethods=[1, 99])), "sourceUrlPaymentMethods"),
        (NewReport.model_validate(new_report(location(), location("https://b.test/"))), "urls"),
        (NewReport.model_validate(new_report(location(isSourceUrl=False))), "urls"),
        (
            NewReport.model_validate(new_report(location(assessment=ASSESSMENT | {"classification": 3}))),
            "classification",
        ),
        (Assessment.model_validate(ASSESSMENT | {"ageCategorization": 5}), "ageCategorization"),
        (Assessment.model_validate(ASSESSMENT | {"genderCategorization": 0}), "genderCategorization"),
        (Action.model_validate(LEA | {"actionType": 0}), "actionType"),
        (Action.model_validate(LEA | {"reasonId": 1}), "reasonId"),
        (Action.model_validate(LEA | {"actionType": 4}), "reasonId"),
        (Action.model_validate(LEA | {"actionType": 6, "reasonId": 22}), "reasonId"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_the_hub_does_not_know_is_refused(body: NewReport | Assessment | Action, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        body.check(known_words())
    assert list(refused.value.errors) == [field]


def test_a_word_that_the_hub_learnt_is_taken() -> None:
    words = known_words()
    words["classifications"][3] = "Doubtful"
    words["action-types"][8] = "ReportedToSomebody"
    Assessment.model_validate(ASSESSMENT | {"classification": 3}).check(words)
    Action.model_validate(LEA | {"actionType": 8}).check(words)


def test_a_text_of_digits_may_come_as_a_number() -> None:
    """The public client turns a memo of "0123" into 123."""
    body = NewReport.read(json.dumps(new_report(memo=123, sourceUrlReferrer=12000)).encode())
    assert (body.memo, body.source_url_referrer) == ("123", "12000")


def test_a_password_does_not_show() -> None:
    assert "S3cret" not in repr(Credentials.model_validate({"username": "a", "password": "S3cret-pw"}))
