"""One case's whole file: masked for everybody, in full only for who may see it, and then logged before it is shown."""

from datetime import datetime, timedelta, timezone

import pytest

from router.casework.desk import case_acts, referral_acts
from router.casework.read.case_file import REVEAL, case_file
from router.clock import micros
from router.errors import BadInput, NotAllowed, NotFound
from router.store.base import Change, Transition
from router.store.schema.tables import audit, reports
from schemas.actor import Role
from schemas.severity import SeverityRules
from schemas.trace import Address, Basis, Claim, DnsOutcome, Evidence, NameRecord
from tests.casebook import ANNA, Casebook
from tests.office import person
from tests.referrals import CANARY

SCALES = SeverityRules(schemes={"house": ("light", "grave")})
WHERE = f"https://{CANARY}.test/{CANARY}"
ITEM = {
    "ways_in": {"referrer": f"https://from.test/{CANARY}", "login": {"username": CANARY, "password": CANARY}},
    "account": {"platform": "chat", "handle": CANARY, "role": "suspect", "country": "NL"},
}
TRACED = {
    "names": (NameRecord(name=f"{CANARY}.test", type="CNAME", target=f"{CANARY}.cdn.test", outcome=DnsOutcome.OK),),
    "registrable_domain": f"{CANARY}.test",
    "abuse_contact": f"abuse@{CANARY}.test",
}


async def filed(book: Casebook) -> str:
    book.world.known = TRACED
    case_id = await book.decided(WHERE, item=ITEM, memo=f"memo {CANARY}", note_to_partner=f"note {CANARY}")
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "police asked")
    return case_id


async def test_nothing_of_a_location_or_a_person_shows_in_a_masked_file(book: Casebook) -> None:
    file = await case_file(book.ctx, await filed(book))
    assert not file.revealed
    assert CANARY not in file.model_dump_json()
    assert "from.test" not in file.model_dump_json()


@pytest.mark.parametrize(("host", "hidden"), [("3.120.0.1", True), ("www.page.test", False)])
async def test_an_address_is_evidence_unless_it_is_what_was_reported(book: Casebook, host: str, hidden: bool) -> None:
    single = Evidence(
        source="ranges", claim=Claim(basis=Basis.LOCATION, country="DE"), prefix="3.120.0.1/32", detail="x"
    )
    wide = Evidence(source="delegation", claim=Claim(basis=Basis.REGISTRATION, country="US"), prefix="3.0.0.0/9")
    names = () if hidden else (NameRecord(name=host, type="A", target="3.120.0.1", outcome=DnsOutcome.OK),)
    address = Address(ip="3.120.0.1", country="DE", evidence=(single, wide))
    book.world.known = {"addresses": (address,), "names": names}
    case_id = await book.decided(f"http://{host}/")
    file = await case_file(book.ctx, case_id)
    assert file.trace is not None
    assert file.trace.addresses[0].ip == ("3[.]120[.]•••" if hidden else "3.120.0.1")
    assert ("3.120.0.1" in file.model_dump_json()) is not hidden
    assert [one.target for one in file.trace.names] == [one.target for one in names]
    assert [one.prefix for one in file.trace.addresses[0].evidence][1] == "3.0.0.0/9"
    whole = await case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look whether it is gone")
    assert whole.trace is not None
    assert whole.trace.addresses[0].ip == "3.120.0.1"


async def test_who_may_see_it_sees_it_whole_and_not_as_a_link(book: Casebook) -> None:
    case_id = await filed(book)
    file = await case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look whether it is gone")
    (item,) = file.items
    assert file.revealed
    assert file.location == item.location == f"hxxps://{CANARY}[.]test/{CANARY}"
    assert item.account is not None
    assert (item.account.handle, item.memo, item.note_to_partner) == (CANARY, f"memo {CANARY}", f"note {CANARY}")
    assert file.trace is not None
    assert file.trace.host == f"{CANARY}.test"


async def test_what_its_report_says_of_the_material_is_shown_on_reveal_and_nothing_of_it_before(book: Casebook) -> None:
    at = "2026-11-20T10:00:00Z"
    seen = {
        "age": "infant",
        "gender": "both",
        "payment_methods": ["visa", "bitcoin"],
        "last_seen": {"at": at, "by": "us"},
    }
    seen |= {"severity": {"scheme": "house", "value": "grave", "by": "us", "at": at}}
    book.rules.policy_ = book.rules.policy_.model_copy(update={"severity": SCALES})
    seen |= {"labels": [{"scheme": "ucs", "version": "3", "value": "self_generated", "by": "us", "at": at}]}
    case_id = await book.decided(item={**seen, "site_type": "forum", "commerciality": "commercial"})
    masked = await case_file(book.ctx, case_id)
    (item,) = masked.items
    assert (item.age, item.gender, item.payment_methods, item.labels) == (None, None, (), ())
    assert (item.severity, item.last_seen, masked.site_type, masked.commerciality) == (None, None, None, None)
    whole = await case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look whether it is gone")
    (item,) = whole.items
    assert (item.age, item.gender, list(item.payment_methods)) == ("infant", "both", ["visa", "bitcoin"])
    assert (item.severity and item.severity.value, item.last_seen and item.last_seen.by) == ("grave", "us")
    assert ([one.value for one in item.labels], whole.site_type) == (["self_generated"], "forum")
    assert whole.commerciality == "commercial"


async def test_a_persons_decision_does_not_hide_what_the_policy_said(book: Casebook) -> None:
    case_id = await book.decided()
    before = await case_file(book.ctx, case_id)
    assert (before.decision_by, before.policy_decision) == ("policy", None)
    await case_acts.refer(book.ctx, case_id, ANNA, "they too", partner="federal-police")
    after = await case_file(book.ctx, case_id)
    assert after.decision_by == ANNA.id
    assert before.decision is not None
    assert after.policy_decision == before.decision
    assert after.policy_decision.path != ()


async def test_a_reveal_is_in_the_audit_with_its_reason_sealed(book: Casebook) -> None:
    case_id = await filed(book)
    file = await case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look whether it is gone")
    (event,) = await book.rows(audit, audit.c.act == "case.revealed")
    assert (event["actor"], event["case_id"]) == (ANNA.id, case_id)
    assert "whether" not in event["detail"]
    assert [(one.act, one.typed) for one in file.timeline][-1] == ("case.revealed", "to look whether it is gone")


@pytest.mark.parametrize("role", [role for role in Role if REVEAL not in person("x", role).permissions])
async def test_a_role_that_sees_no_locations_is_refused_and_nothing_is_logged(book: Casebook, role: Role) -> None:
    case_id = await filed(book)
    with pytest.raises(NotAllowed):
        await case_file(book.ctx, case_id, reveal_to=person("eve", role), reason="curious")
    assert await book.rows(audit, audit.c.act == "case.revealed") == []


async def test_without_a_reason_nothing_is_revealed(book: Casebook) -> None:
    case_id = await filed(book)
    for reason in (None, "", "  "):
        with pytest.raises(BadInput):
            await case_file(book.ctx, case_id, reveal_to=ANNA, reason=reason)
    assert await book.rows(audit, audit.c.act == "case.revealed") == []


async def test_what_happened_is_told_in_order_with_what_people_typed(book: Casebook) -> None:
    file = await case_file(book.ctx, await filed(book))
    assert [one.act for one in file.timeline] == ["case.opened", "case.located", "case.decided", "referral.held"]
    assert [one.typed for one in file.timeline] == [None, None, None, "police asked"]
    assert "recipients: hotline-nl" in file.timeline[2].text


async def test_it_has_everything_that_was_decided_and_sent(book: Casebook) -> None:
    case_id = await book.accepted()
    await book.take(reference="r-2")
    file = await case_file(book.ctx, case_id)
    assert ([one.partner for one in file.referrals], file.summary.partners) == (["hotline-nl"], ("hotline-nl",))
    assert (file.decision_by, len(file.items), file.desk) == ("policy", 2, None)
    assert file.decision is not None
    assert file.decision.assigned_country == "NL"
    assert "refer" in file.acts


async def test_a_case_that_was_not_traced_yet_has_a_file(book: Casebook) -> None:
    file = await case_file(book.ctx, await book.take())
    assert (file.trace, file.decision, file.decision_by, file.referrals) == (None, None, None, ())


async def test_what_is_not_there_is_not_found(book: Casebook) -> None:
    with pytest.raises(NotFound):
        await case_file(book.ctx, "no such case")
    with pytest.raises(NotFound):
        await case_file(book.ctx, "no such case", reveal_to=ANNA, reason="why")


async def test_a_date_that_utc_cannot_name_does_not_close_the_file(book: Casebook) -> None:
    case_id = await book.decided()
    # As intake kept it before such a date was refused: an empty one, with an offset.
    first_year = micros(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    change = Change(reports, {"source": "analysts"}, {"received_at": first_year})
    await book.ctx.store.commit(Transition(1, (change,)))
    file = await case_file(book.ctx, case_id)
    assert '"received_at":"0001-01-01T00:00:00Z"' in file.model_dump_json()


@pytest.mark.parametrize("typed", ["{}", "see {} again", "({})", "{}{}", "hxxps {}", "{} \t x"])
async def test_a_typed_reason_shows_no_more_of_a_location_than_the_rest(book: Casebook, typed: str) -> None:
    case_id = await filed(book)
    words = (f"https://{CANARY}.test/{CANARY}", f"{CANARY}.test", CANARY, f"{CANARY.upper()}[.]test")
    await case_acts.retrace(book.ctx, case_id, ANNA, " ".join(typed.format(word, word) for word in words))
    assert CANARY not in (await case_file(book.ctx, case_id)).model_dump_json().lower()
    whole = await case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look whether it is gone")
    assert CANARY in str([one.typed for one in whole.timeline])
