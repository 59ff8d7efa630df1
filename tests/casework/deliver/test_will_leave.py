"""What a page says will be sent is what is sent, field by field; nothing of it is shown before the location is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

import pytest

from router.casework.deliver.will_leave import fields_of, with_what_leaves
from router.casework.desk import case_acts, referral_acts
from router.casework.read.case_file import case_file
from router.errors import BadInput, Damaged
from router.partners.base import Accepted, Envelope, Outcome, Tools
from router.partners.router import RouterDialect
from schemas.acts import ThoughtGiven
from schemas.case_page import Leaving
from schemas.casefile import CaseFile
from schemas.partner import Partner
from schemas.vocabulary import Assessment
from tests.casebook import ANNA, FORM, Casebook, Scripted, partner
from tests.embargoes import embargo
from tests.referrals import CANARY

WHERE = f"https://{CANARY}.test/{CANARY}"
ITEM = {"ways_in": {"referrer": f"https://from.test/{CANARY}"}, "age": "infant"}


class Peer(RouterDialect):
    """The real dialect of a peer, but for the wire: what it would send is kept."""

    sent: ClassVar[list[bytes]] = []

    async def send(self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = 1.0) -> list[Outcome]:
        type(self).sent += [one.payload for one in envelopes]
        return [Accepted("receipt") for _ in envelopes]


@pytest.fixture
def peers(book: Casebook) -> Casebook:
    """A house whose Dutch partner is a peer router."""
    tools = Tools(cast("Any", None), book.clock, "hotline-be")
    Peer.sent = []
    book.ctx = replace(book.ctx, dialects={**book.ctx.dialects, "router": Peer(tools)})
    book.partners(partner("hotline-nl", "NL", dialect="router"))
    return book


async def file_of(book: Casebook, case_id: str, *, revealed: bool = True) -> CaseFile:
    by = {"reveal_to": ANNA, "reason": "to look"} if revealed else {}
    return await with_what_leaves(book.ctx, await case_file(book.ctx, case_id, **cast("Any", by)))


async def only(book: Casebook, case_id: str, *, revealed: bool = True) -> Leaving:
    (one,) = (await file_of(book, case_id, revealed=revealed)).leaving
    return one


async def test_the_payload_that_a_peer_gets_is_what_was_shown_before(peers: Casebook) -> None:
    case_id = await peers.decided(WHERE, item=ITEM, note_to_partner="look at page 2", memo=f"memo {CANARY}")
    shown = await only(peers, case_id)
    assert (shown.partner, shown.dialect, shown.frozen, shown.begun) == ("hotline-nl", "router", False, False)
    await peers.send()
    assert list(shown.fields) == fields_of(Peer.sent[0])
    said = {one.name: one.value for one in shown.fields}
    assert (said["location"], said["age"]) == (f"hxxps://{CANARY}[.]test/{CANARY}", "infant")
    assert not any("memo" in str(value) for value in said.values())


async def test_a_partner_with_a_list_of_its_own_is_shown_that_list(peers: Casebook) -> None:
    peers.partners(partner("hotline-nl", "NL", dialect="router", fields=("note",)))
    case_id = await peers.decided(WHERE, item=ITEM, note_to_partner="look at page 2")
    masked = await only(peers, case_id, revealed=False)
    names = {one.name for one in masked.fields}
    assert {"note", "location", "hosting"} - names <= {"hosting"}
    assert "age" not in names
    shown = await only(peers, case_id)
    await peers.send()
    assert list(shown.fields) == fields_of(Peer.sent[0])
    assert {one.name.partition(".")[0] for one in shown.fields} <= names | {"hosting"}


async def test_before_a_reveal_only_names_of_fields_are_shown(peers: Casebook) -> None:
    case_id = await peers.decided(WHERE, item=ITEM)
    file = await file_of(peers, case_id, revealed=False)
    assert CANARY not in file.model_dump_json()
    (one,) = file.leaving
    assert {field.value for field in one.fields} == {None}
    assert {"location", "age", "account"} <= {field.name for field in one.fields}, "whether this report has them or not"


async def test_what_was_fixed_is_shown_as_it_leaves(peers: Casebook) -> None:
    case_id = await peers.decided(WHERE)
    await peers.send()
    row = await peers.referral(case_id)
    await referral_acts.recall(peers.ctx, row["id"], ANNA, "wrong")
    assert (await file_of(peers, case_id)).leaving == ()


async def test_a_proposal_is_shown_as_it_would_be_sent_and_has_no_id_yet(peers: Casebook) -> None:
    case_id = await peers.decided(WHERE, actor=FORM)
    shown = await only(peers, case_id)
    assert (shown.referral, {"referral_id"} & {one.name for one in shown.fields}) == (None, set())
    await case_acts.send(peers.ctx, case_id, ANNA, "clear", assessment=Assessment.BASELINE)
    await peers.send()
    unlike = {"referral_id", "assessment.assessed_at", "assessment.assessed_by_role"}
    sent = [one for one in fields_of(Peer.sent[0]) if one.name not in unlike]
    assert [one for one in shown.fields if one.name not in unlike] == sent


async def thought(book: Casebook, case_id: str, **given: Any) -> Leaving:
    """What a person would have sent, as they see it before they send it."""
    one = await case_acts.thought_of(book.ctx, case_id, ANNA, ThoughtGiven(**given))
    file = await case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look")
    return next(found for found in (await with_what_leaves(book.ctx, file, one)).leaving if found.chosen)


async def sent_to_peer(book: Casebook, shown: Leaving) -> None:
    """Send it, and find what was shown before: but for what is known only once somebody has said it."""
    await book.send()
    unlike = {"referral_id", "assessment.assessed_at", "assessment.assessed_by_role"}
    sent = [one for one in fields_of(Peer.sent[0]) if one.name not in unlike]
    assert [one for one in shown.fields if one.name not in unlike] == sent


async def test_what_a_person_chooses_is_shown_before_it_is_sent_and_sent_as_it_was_shown(peers: Casebook) -> None:
    case_id = await peers.decided(WHERE, item=ITEM, actor=FORM)
    before = (await peers.case(case_id), await peers.referrals(case_id))
    shown = await thought(peers, case_id, partner="hotline-nl", assessment=Assessment.BASELINE)
    assert (shown.partner, shown.referral, shown.frozen) == ("hotline-nl", None, False)
    assert ({"assessment.value": "baseline"}.items()) <= {one.name: one.value for one in shown.fields}.items()
    assert (await peers.case(case_id), await peers.referrals(case_id)) == before
    file = await with_what_leaves(
        peers.ctx,
        await case_file(peers.ctx, case_id, reveal_to=ANNA, reason="to look"),
        await case_acts.thought_of(
            peers.ctx, case_id, ANNA, ThoughtGiven(country="NL", assessment=Assessment.BASELINE)
        ),
    )
    assert [(one.partner, one.chosen) for one in file.leaving] == [("hotline-nl", True)], "and not as a proposal too"
    await case_acts.refer(peers.ctx, case_id, ANNA, "theirs", partner="hotline-nl", assessment=Assessment.BASELINE)
    await sent_to_peer(peers, shown)


@pytest.mark.parametrize("named", [True, False])
async def test_in_the_place_of_another_it_says_so_before_it_is_sent(peers: Casebook, named: bool) -> None:
    case_id = await peers.decided(WHERE)
    (old,) = await peers.referrals(case_id)
    await referral_acts.override(peers.ctx, old["id"], ANNA, "first there", partner="hotline-ca")
    (row,) = [one for one in await peers.referrals(case_id) if one["partner"] == "hotline-ca"]
    more = {"instead_of": row["id"]} if named else {}
    shown = await thought(peers, case_id, partner="hotline-nl", **more)
    assert {"supersedes": row["id"]}.items() <= {one.name: one.value for one in shown.fields}.items()
    await case_acts.refer(peers.ctx, case_id, ANNA, "there after all", partner="hotline-nl")
    await sent_to_peer(peers, shown)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"partner": "hotline-nl"}, "assessment"),
        ({"assessment": Assessment.BASELINE}, "partner"),
        ({"partner": "nobody", "assessment": Assessment.BASELINE}, "partner"),
        ({"country": "JP", "assessment": Assessment.BASELINE}, "country"),
        ({"partner": "hotline-nl", "assessment": Assessment.NOT_ILLEGAL}, "assessment"),
    ],
)
async def test_what_the_act_would_refuse_is_refused_before(peers: Casebook, given: Any, field: str) -> None:
    case_id = await peers.decided(WHERE, actor=FORM)
    said = []
    for asked in (
        case_acts.thought_of(peers.ctx, case_id, ANNA, ThoughtGiven(**given)),
        case_acts.refer(peers.ctx, case_id, ANNA, "theirs", **given),
    ):
        with pytest.raises(BadInput) as refused:
            await asked
        said.append((refused.value.field, refused.value.message))
    assert said[0] == said[1]
    assert said[0][0] == field


async def test_nothing_will_be_sent_under_an_embargo(book: Casebook) -> None:
    case_id = await book.decided()
    await embargo(book.ctx, "host", "example.test")
    assert (await file_of(book, case_id)).leaving == ()


async def test_what_cannot_be_made_says_why(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(*_: object) -> bytes:
        raise Damaged("The template cannot be read.")

    case_id = await book.decided()
    monkeypatch.setattr(Scripted, "freeze", unusable)
    assert ((await only(book, case_id)).problem, (await only(book, case_id)).fields) == (
        "The template cannot be read.",
        (),
    )


def test_what_no_dialect_wrote_is_damaged() -> None:
    with pytest.raises(Damaged):
        fields_of(b"no JSON")
