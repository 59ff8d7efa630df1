import json

import pytest

from router.clock import SystemClock
from router.errors import BadInput
from router.partners.base import Accepted, Reason, SentReferral, Tools, Unknown
from router.partners.webhook import WebhookDialect
from tests.loopback import Loopback
from tests.partners.conformance_http import HttpPromises, HttpStage
from tests.partners.endpoint import HOST, OLD, SECRET, Endpoint, partner, secret
from tests.referrals import a_message


@pytest.fixture
async def endpoint(net: Loopback) -> Endpoint:
    server = Endpoint()
    await net.serve(HOST, server.take)
    return server


@pytest.fixture
async def stage(net: Loopback, endpoint: Endpoint) -> HttpStage:
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (), secret)
    return HttpStage(WebhookDialect(tools), partner(receipt_pointer="/receipt"), endpoint, net, [SECRET, "ssss"])


class TestWebhook(HttpPromises):
    @pytest.fixture
    def stage(self, stage: HttpStage) -> HttpStage:
        return stage


async def test_without_a_template_the_fields_travel_as_data(stage: HttpStage, endpoint: Endpoint) -> None:
    message = a_message()
    await stage.dialect.send(stage.partner, [stage.envelope(message)])
    (body,) = endpoint.bodies
    assert body["type"] == "referral"
    assert body["data"]["location"] == message.location
    assert endpoint.seen[0].headers["webhook-id"] == message.referral_id
    assert endpoint.seen[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/a%2Fb", "/a%2fb/%61?x=%2F&y=%26+%20", "//a/", "/?", "/%E2%82%AC?", "/a;b=%3B"])
async def test_the_address_is_called_as_it_is_written(stage: HttpStage, endpoint: Endpoint, path: str) -> None:
    await stage.dialect.send(partner(url=f"https://{HOST}{path}"), [stage.envelope()])
    assert endpoint.seen[0].raw_path == path.removesuffix("?")


async def test_a_template_is_filled_and_nothing_is_computed(stage: HttpStage, endpoint: Endpoint) -> None:
    template = {
        "ref": "$referral_id",
        "what": {"url": "$location", "age": "$age", "tags": ["fixed", "$urgency", 7, None, True]},
        "price": "5 $",
    }
    shaped = partner(template=template)
    message = a_message()
    frozen = stage.dialect.freeze(message, shaped)
    assert json.loads(frozen) == {
        "ref": message.referral_id,
        "what": {"url": message.location, "age": None, "tags": ["fixed", "none", 7, None, True]},
        "price": "5 $",
    }


@pytest.mark.parametrize("name", ["note", "account", "memo", "location.host", "ways_in.login"])
async def test_a_template_cannot_reach_what_the_partner_does_not_get(stage: HttpStage, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        stage.dialect.freeze(a_message(), partner(template={"x": [f"${name}"]}))
    assert refused.value.field == f"partners.police.config.template.{name}"
    assert refused.value.reason == Reason.MISCONFIGURED


async def test_while_a_secret_is_replaced_the_old_one_still_signs(stage: HttpStage, endpoint: Endpoint) -> None:
    endpoint.secret = OLD
    both = partner(secrets=["police", "police-old"])
    (outcome,) = await stage.dialect.send(both, [stage.envelope()])
    assert isinstance(outcome, Accepted)


@pytest.mark.parametrize(
    ("settings", "headers", "answer", "receipt"),
    [
        ({}, {}, b"", None),
        ({"receipt_header": "X-Case"}, {"X-Case": "P-1"}, b"", "P-1"),
        ({"receipt_header": "X-Case"}, {}, b"", None),
        ({"receipt_header": "X-Case"}, {"X-Case": "x" * 301}, b"", None),
        ({"receipt_pointer": "/case/id"}, {}, b'{"case":{"id":"P-2"}}', "P-2"),
        ({"receipt_pointer": "/0/a~1b~0"}, {}, b'[{"a/b~":17}]', "17"),
        ({"receipt_pointer": "/case/id"}, {}, b'{"case":[]}', None),
        ({"receipt_pointer": "/case"}, {}, b'{"case":{"id":1}}', None),
        ({"receipt_pointer": "/case"}, {}, b'{"case":""}', None),
        ({"receipt_pointer": "/case"}, {}, b'{"case":"a\\u0000b"}', None),
        ({"receipt_pointer": "/7"}, {}, b"[1]", None),
        ({"receipt_pointer": "/case"}, {}, b"<html>", None),
        ({"receipt_pointer": "/case"}, {}, b"5", None),
    ],
)
async def test_the_receipt_is_the_partners_own_or_there_is_none(
    stage: HttpStage,
    endpoint: Endpoint,
    settings: dict[str, str],
    headers: dict[str, str],
    answer: bytes,
    receipt: str | None,
) -> None:
    endpoint.headers, endpoint.answer = headers, answer
    (outcome,) = await stage.dialect.send(partner(**settings), [stage.envelope()])
    if receipt or not settings:
        assert outcome == Accepted(receipt)
    else:
        assert isinstance(outcome, Unknown)
        assert outcome.reason is Reason.NO_RECEIPT


async def test_where_both_places_are_named_either_will_do(stage: HttpStage, endpoint: Endpoint) -> None:
    both = partner(receipt_header="X-Case", receipt_pointer="/receipt")
    envelope = stage.envelope()
    assert await stage.dialect.send(both, [envelope]) == [Accepted(f"P-{envelope.referral_id}")]
    endpoint.headers = {"X-Case": "P-1"}
    assert await stage.dialect.send(both, [envelope]) == [Accepted("P-1")]


async def test_a_webhook_cannot_be_asked_and_takes_nothing_back(stage: HttpStage) -> None:
    assert await stage.dialect.status(stage.partner, [SentReferral("x")]) is None
    assert await stage.dialect.withdraw(stage.partner, [SentReferral("x")]) is None


async def test_a_check_finds_a_secret_that_cannot_sign(stage: HttpStage, net: Loopback) -> None:
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (), lambda _: "whsec_short")
    found = await WebhookDialect(tools).check(stage.partner)
    assert not found.ok
    assert "whsec_short" not in found.text


@pytest.mark.parametrize("status", [301, 410, 500])
async def test_a_check_finds_an_endpoint_that_takes_nothing(stage: HttpStage, endpoint: Endpoint, status: int) -> None:
    endpoint.status = status
    assert not (await stage.dialect.check(stage.partner)).ok


@pytest.mark.parametrize("said", [None, {"event": "proof", "case": None}])
async def test_a_test_is_told_from_a_referral_by_what_was_agreed_on(
    stage: HttpStage, endpoint: Endpoint, said: dict[str, object] | None
) -> None:
    given = partner(receipt_pointer="/receipt") if said is None else partner(template={"x": "$location"}, test=said)
    assert stage.dialect.knows_a_test(given)
    assert (await stage.dialect.rehearse(given)).ok, "a yes to a test has no receipt"
    assert endpoint.bodies == [said or {"type": "referral.test", "data": {}}]


async def test_where_no_test_was_agreed_on_nothing_is_sent(stage: HttpStage, endpoint: Endpoint) -> None:
    given = partner(template={"x": "$location"})
    assert not stage.dialect.knows_a_test(given)
    assert not (await stage.dialect.rehearse(given)).ok
    assert endpoint.seen == []


async def test_a_test_finds_a_signature_that_the_partner_does_not_believe(stage: HttpStage, endpoint: Endpoint) -> None:
    endpoint.secret = "whsec_" + "A" * 32
    found = await stage.dialect.rehearse(stage.partner)
    assert (found.ok, found.reason) == (False, Reason.NOT_AUTHENTICATED)
