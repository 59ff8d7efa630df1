"""The dialect as the router uses it: outcomes, what is kept, what comes back, and what never leaves."""

from datetime import timedelta

import pytest

from router.errors import BadInput, NoAnswer
from router.partners import DIALECTS
from router.partners.base import (
    Accepted,
    Deferred,
    EffectClass,
    OwnAction,
    Progressed,
    Reason,
    Refused,
    SentReferral,
    Unknown,
)
from router.partners.iccam.dialect import IccamDialect
from router.world.iccam.rules import STRICT, AssignedBy, Rules
from router.world.iccam.staff import Analyst
from router.world.iccam.trouble import Kind, Trouble
from schemas.exchange import ActionStatement
from schemas.vocabulary import ActionType, Urgency
from tests.partners.iccam.sender import Sender, a_hub
from tests.partners.iccam.stage import START, Near
from tests.referrals import CANARY, a_message

NUMBER = 7_000_001


@pytest.fixture
async def dialect(at: Near) -> IccamDialect:
    return IccamDialect(at.tools)


def test_it_stands_in_the_visible_table() -> None:
    assert DIALECTS["iccam"] is IccamDialect


@pytest.mark.parametrize(
    "rules", [Rules(), STRICT, Rules(assigned_by=AssignedBy.HOSTING)], ids=["lax", "strict", "host"]
)
async def test_a_referral_is_accepted_when_its_country_has_it(at: Near, dialect: IccamDialect, rules: Rules) -> None:
    at.hub.rules = rules
    sender = Sender(at, dialect)
    outcome = await sender.to_the_end()
    assert isinstance(outcome, Accepted)
    assert outcome.receipt == "900001/7000001"
    by_host = rules.assigned_by is AssignedBy.HOSTING
    assert sender.steps == (["reported", "given"] if by_host else ["reported", "told", "asked", "given"])
    assert at.hub.contents[NUMBER].assigned_country == "NL"


async def test_every_step_that_is_kept_has_its_words(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    assert set(sender.steps) <= set(dialect.steps)
    doubling = {step for step in (None, *dialect.steps) if dialect.effect_after(step) is EffectClass.RECONCILABLE}
    assert doubling == {None, "ready"}  # before the report is made


async def test_who_only_waits_for_the_hub_stays_at_its_step(at: Near, dialect: IccamDialect) -> None:
    at.hub.rules = Rules(acts_settle=600)
    sender = Sender(at, dialect)
    while "told" not in sender.steps:
        await sender.turn()
    outcome = await sender.turn()
    assert isinstance(outcome, Progressed)
    assert outcome.progress.step == "told"
    assert outcome.next_at is not None
    assert outcome.next_at > at.clock.now()


async def test_a_step_says_the_reports_number_and_the_country(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    outcome = await sender.turn()
    assert isinstance(outcome, Progressed)
    said = dialect.steps[outcome.progress.step].text.format_map(outcome.progress.said)
    assert said == "With ICCAM as report 900001, not yet assigned to NL."


async def test_a_lost_report_is_looked_for_and_found(at: Near, dialect: IccamDialect) -> None:
    at.server.troubles.order(Trouble(Kind.DROP_AFTER, "rest/reports", "POST"))
    sender = Sender(at, dialect)
    assert isinstance(await sender.turn(), Unknown)
    at.hub.reassign(NUMBER, None)  # the hub is late with listing it
    looked = await sender.turn()
    assert isinstance(looked, Deferred)
    assert (looked.reason, looked.counted) == (Reason.LOOKED_FOR, False)
    at.hub.reassign(NUMBER, "BE")
    assert isinstance(await sender.to_the_end(), Accepted)
    assert len(at.hub.reports) == 1


async def test_a_lost_report_that_cannot_be_found_is_for_people_and_sent_again_at_their_word(
    at: Near, dialect: IccamDialect
) -> None:
    at.server.troubles.order(Trouble(Kind.DROP_BEFORE, "rest/reports", "POST"))
    sender = Sender(at, dialect)
    outcome = await sender.to_the_end()
    assert isinstance(outcome, Unknown)
    assert outcome.for_people
    assert sender.message.referral_id in outcome.text
    assert at.paths.count("POST rest/reports") == 1
    sender.in_doubt = False  # a person looked, and it is not there
    assert isinstance(await sender.to_the_end(), Accepted)
    assert len(at.hub.reports) == 1


async def test_what_the_hub_gave_to_another_country_is_there_and_says_so(at: Near, dialect: IccamDialect) -> None:
    at.hub.rules = Rules(reassigned={"NL": "FR"})
    outcome = await Sender(at, dialect).to_the_end()
    assert isinstance(outcome, Accepted)
    assert (outcome.receipt or "").startswith("900001/")
    assert (outcome.holder, outcome.progress is not None) == ("FR", True)


async def test_what_the_hub_gave_back_to_us_is_for_people(at: Near, dialect: IccamDialect) -> None:
    at.hub.rules = Rules(reassigned={"NL": "BE"})
    outcome = await Sender(at, dialect).to_the_end()
    assert isinstance(outcome, Refused)
    assert all(word in outcome.text for word in ("900001", "BE", "NL"))


async def test_an_urgent_one_goes_first_and_all_share_one_login(at: Near, dialect: IccamDialect) -> None:
    plain, urgent = Sender(at, dialect), Sender(at, dialect, message=a_message(urgency=Urgency.IMMINENT_RISK))
    for sender in (plain, urgent):
        assert isinstance(await sender.to_the_end(), Accepted)
    assert at.paths.count("POST Authentication") == 1
    assert at.paths.count("GET rest/classifications") == 1


async def test_settings_that_changed_are_used_from_the_next_call_on(at: Near, dialect: IccamDialect) -> None:
    await Sender(at, dialect).turn()
    with pytest.raises(BadInput):
        await Sender(at, dialect, partner=a_hub(certificate="nothing")).turn()
    await Sender(at, dialect, partner=a_hub(token_settle=0)).turn()
    assert at.paths.count("POST Authentication") == 2


# ---------------------------------------------------------------- what comes back


async def test_the_other_hotlines_acts_come_back(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    dutch, content = Analyst(at.hub, "NL"), at.hub.contents[NUMBER]
    dutch.report_to_lea(content)
    dutch.report_to_isp(content)
    dutch.not_illegal(content, 18)
    (status,) = await dialect.status(sender.partner, [sender.sent]) or []
    assert status.known
    assert [one.action for one in status.actions] == [
        ActionType.REPORTED_TO_LEA,
        ActionType.REPORTED_TO_ISP,
        ActionType.NOT_ILLEGAL,
    ]
    assert status.actions[-1].reason == "VirtualMaterial"


async def test_a_content_that_moved_on_comes_back_as_moved(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    Analyst(at.hub, "NL").move(at.hub.contents[NUMBER], "DE", "198.51.100.20")
    (status,) = await dialect.status(sender.partner, [sender.sent]) or []
    assert [(one.action, one.moved_to) for one in status.actions] == [(ActionType.MOVED, "DE")]


async def test_what_the_hub_has_not_is_not_known(at: Near, dialect: IccamDialect) -> None:
    (status,) = await dialect.status(a_hub(), [SentReferral("x" * 36)]) or []
    assert not status.known


@pytest.mark.parametrize("path", ["rest/action-types", "rest/content"])
async def test_a_hub_that_does_not_answer_says_nothing(at: Near, dialect: IccamDialect, path: str) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    at.server.troubles.order(Trouble(Kind.STATUS, path, status=503))
    with pytest.raises(NoAnswer):
        await IccamDialect(at.tools).status(sender.partner, [sender.sent])


# ---------------------------------------------------------------- taking back, telling, checking


async def test_what_nobody_else_has_stays_with_us(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.turn()
    (outcome,) = await dialect.withdraw(sender.partner, [sender.sent]) or []
    assert isinstance(outcome, Accepted)
    assert at.hub.contents[NUMBER].assigned_country == "BE"


async def test_what_a_hotline_has_is_taken_back_by_hand(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    (given, unknown) = await dialect.withdraw(sender.partner, [sender.sent, SentReferral("x" * 36)]) or []
    assert isinstance(given, Refused)
    assert "NL" in given.text
    assert isinstance(unknown, Refused)


async def test_our_acts_are_told_once(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.turn()
    await sender.turn()
    act = OwnAction("1", sender.sent, ActionStatement(action=ActionType.REPORTED_TO_LEA, at=START))
    for _ in range(2):
        assert await dialect.tell(sender.partner, [act]) == [Accepted(str(NUMBER))]
    assert [one["actionType"] for one in at.hub.contents[NUMBER].actions] == [1]
    nowhere = OwnAction("2", SentReferral("x" * 36), act.action)
    assert isinstance((await dialect.tell(sender.partner, [nowhere]) or [None])[0], Refused)


async def test_an_act_whose_answer_was_lost_is_told_again_later(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.turn()
    await sender.turn()
    at.server.troubles.order(Trouble(Kind.DROP_AFTER, "actions"))
    act = OwnAction("1", sender.sent, ActionStatement(action=ActionType.REMOVED, at=START))
    assert isinstance((await dialect.tell(sender.partner, [act]) or [None])[0], Deferred)
    assert await dialect.tell(sender.partner, [act]) == [Accepted(str(NUMBER))]
    assert len(at.hub.contents[NUMBER].actions) == 1


async def test_a_check_proves_certificate_and_login_and_says_nothing_of_a_case(at: Near, dialect: IccamDialect) -> None:
    await Sender(at, dialect).turn()
    at.files["iccam.password"] = b"changed"
    found = await dialect.check(a_hub())
    assert (found.ok, found.reason) == (False, Reason.NOT_AUTHENTICATED)
    at.files["iccam.password"] = b"0012345"
    found = await dialect.check(a_hub())
    assert found.ok
    assert "good until" in found.text
    assert not (await dialect.check(a_hub(url="https://nobody.test/"))).ok
    assert not (await dialect.check(a_hub(certificate_password=None))).ok
    assert len(at.hub.reports) == 1


# ---------------------------------------------------------------- what never leaves


async def test_only_declared_fields_reach_the_hub(at: Near, dialect: IccamDialect) -> None:
    narrow = a_hub().model_copy(update={"fields": ("hosting",)})
    sender = Sender(at, dialect, partner=narrow)
    await sender.to_the_end()
    said = b" ".join(call.body + call.query.encode() for call in at.server.calls)
    assert CANARY.encode() in said  # the location itself
    kept_back = ("-handle", "-password", "-user", "-referrer", " note")
    assert [secret for secret in kept_back if f"{CANARY}{secret}".encode() in said] == []


async def test_a_login_leaves_where_it_is_named_and_only_there(at: Near, dialect: IccamDialect) -> None:
    wide = a_hub().model_copy(update={"fields": ("hosting", "ways_in", "ways_in.login")})
    for partner in (a_hub(), wide):
        await Sender(at, dialect, partner=partner).turn()
    plain, named = (call.body for call in at.server.calls if call.path == "rest/reports")
    assert f"{CANARY}-password".encode() not in plain
    assert f"{CANARY}-password".encode() in named


async def test_no_secret_stands_in_what_is_kept_or_said(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    outcomes = [await sender.turn() for _ in range(3)]
    at.server.troubles.order(Trouble(Kind.STATUS, "rest/", status=400, times=50))
    outcomes += [await sender.turn() for _ in range(2)]
    said = f"{outcomes!r} {sender.progress!r}"
    assert isinstance(outcomes[0], Progressed)
    assert not any(word in said for word in (CANARY, "0012345", "iccam.test", "of the bundle"))
    assert sender.progress is not None
    assert CANARY.encode() not in sender.progress.data


async def test_until_when_our_certificate_is_good_is_read_from_its_file(at: Near, dialect: IccamDialect) -> None:
    until = dialect.good_until(a_hub())
    assert until is not None
    assert until > at.clock.now()
    with pytest.raises(BadInput, match="password of our certificate"):
        IccamDialect(at.tools).good_until(a_hub(certificate_password="iccam.password"))


async def test_a_check_names_a_wrong_password_and_a_certificate_that_has_ended(at: Near, dialect: IccamDialect) -> None:
    found = await dialect.check(a_hub(certificate_password="iccam.password"))
    assert not found.ok
    assert "password of our certificate" in found.text
    at.clock.advance(timedelta(days=365_250))
    found = await dialect.check(a_hub())
    assert not found.ok
    assert "ended on" in found.text


async def test_what_people_reported_by_the_web_page_is_found_and_followed(at: Near, dialect: IccamDialect) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    for written in ("900001/7000001", "7000001", " 900001 # 7000001 "):
        found = await dialect.find(a_hub(), written)
        assert isinstance(found, Accepted)
        assert found.progress is not None
        (status,) = await dialect.status(a_hub(), [SentReferral("r", written, found.progress)]) or []
        assert (status.known, status.returned) == (True, False)


@pytest.mark.parametrize("written", ["7999999", "900001/7999999", "by telephone", "", "7" * 40])
async def test_what_the_hub_does_not_have_is_said(at: Near, dialect: IccamDialect, written: str) -> None:
    sender = Sender(at, dialect)
    await sender.to_the_end()
    assert isinstance(await dialect.find(a_hub(), written), Refused)
