"""Each field of a report reaches the partner, or stands in the list of what never leaves: none is dropped silently."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast, get_args

import pytest
from pydantic import BaseModel

from router.casework.case.pages import pages_of
from router.casework.case.record import last_trace, open_case
from router.casework.deliver.message import Around, message
from router.casework.intake import peer_inbox
from router.casework.intake import take as intake
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.partners.base import Tools
from router.partners.fields import LOGIN, PEER, STAYS
from router.partners.router import RouterDialect
from schemas.exchange import ReferralBundle, ReferralMessage
from schemas.pages import CasesWanted
from schemas.report import Numbers, ReportGiven
from schemas.severity import SeverityRules
from schemas.trace import Trace
from tests.casebook import ANALYSTS, START, Casebook, casebook, partner

#: One value for each field of a report, by its path, that nothing else in a message has.
GIVEN: Final[dict[str, Any]] = {
    "source": "analysts",
    "reference": "marked-reference",
    "received_at": "2026-11-20T07:06:05Z",
    "received_at_known": False,
    "items.location": "marked room",
    "items.kind": "app_room",
    "items.reference": "marked-item",
    "items.parent": "marked-page",
    "items.assessment.value": "baseline",
    "items.assessment.assessed_by": "marked-other-analyst",
    "items.assessment.assessed_at": "2026-11-21T05:04:03Z",
    "items.labels.scheme": "marked-scheme",
    "items.labels.version": "3.1-marked",
    "items.labels.value": "marked-label",
    "items.labels.by": "marked-labeller",
    "items.labels.at": "2026-11-21T04:03:02Z",
    "items.severity.scheme": "marked-scale",
    "items.severity.value": "marked-severity",
    "items.severity.by": "marked-grader",
    "items.severity.at": "2026-11-21T03:02:01Z",
    "items.last_seen.by": "marked-looker",
    "items.last_seen.at": "2026-11-21T02:01:00Z",
    "items.ways_in.referrer": "https://marked-referrer.test/",
    "items.ways_in.steps": ["marked step", "another marked step"],
    "items.ways_in.login.username": "marked-username",
    "items.ways_in.login.password": "marked-password",
    "items.ways_in.required_country": "JP",
    "items.site_type": "image_board",
    "items.commerciality": "commercial",
    "items.payment_methods": ["liberty_reserve", "western_union"],
    "items.age": "pre_pubescent",
    "items.gender": "female",
    "items.account.platform": "marked platform",
    "items.account.handle": "marked-handle",
    "items.account.country": "CA",
    "items.account.ip": "3.120.0.77",
    "items.account.role": "suspect",
    "assessment.value": "national",
    "assessment.assessed_by": "marked-analyst",
    "assessment.assessed_at": "2026-11-21T06:05:04Z",
    "urgency": "imminent_risk",
    "memo": "marked memo",
    "note_to_partner": "marked note",
}


def leaves(word: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every field of a word that holds a value, by its path; lists and what may be missing are looked into."""
    for name, field in word.model_fields.items():
        inside = next(_words(field.annotation), None)
        if inside is None:
            yield f"{path}{name}"
        else:
            yield from leaves(inside, f"{path}{name}.")


def _words(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _words(argument)


#: What only an item has that was assessed by itself: then its report's assessment is not its own.
OF_ITS_OWN: Final = "items.assessment."


def whole_report(
    *, own: bool = False, reference: str = "marked-reference", others: Mapping[str, Any] = MappingProxyType({})
) -> ReportGiven:
    """A report with every field; its item has an assessment of its `own`, or not. `others` stand in for values here."""
    report: dict[str, Any] = {}
    for path, value in (GIVEN | {"reference": reference} | dict(others)).items():
        if path.startswith(OF_ITS_OWN) and not own:
            continue
        *above, last = path.split(".")
        here = report
        for part in above:
            here = here.setdefault(part, {})
        here[last] = value
    report["items"] = [report["items"] | {"labels": [report["items"]["labels"]]}]
    return ReportGiven.model_validate_json(json.dumps(report))


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        scales = SeverityRules(schemes={"marked-scale": ("mild", "marked-severity")})
        opened.rules.policy_ = opened.rules.policy_.model_copy(update={"severity": scales})
        yield opened


async def told(book: Casebook, case_id: str) -> ReferralMessage:
    """The message that a referral of the case would carry."""
    opened = await open_case(book.ctx, await book.case(case_id))
    trace = await last_trace(book.ctx, opened) or Trace(host=None, traced_at=START, verdict=book.world.verdict)
    return message(
        book.ctx, opened, trace, {"id": "0" * 36, "supersedes": None, "route": "hotline-abroad", "is_copy": 0}
    )


async def envelope(book: Casebook, case_id: str) -> str:
    """What the router's dialect makes of the case for a peer whose list names all that can leave."""
    peer = partner("hotline-nl", "NL", dialect="router", fields=(*PEER, LOGIN))
    return RouterDialect(cast("Tools", None)).freeze(await told(book, case_id), peer).decode()


def test_each_field_of_a_report_has_a_value_here() -> None:
    assert set(GIVEN) == set(leaves(ReportGiven)), "a new field needs a value, and a way to the partner or its reason"
    assert set(STAYS) <= set(GIVEN)
    assert all(STAYS.values())


async def test_each_field_reaches_the_partner_or_stands_in_the_list_of_what_never_leaves(book: Casebook) -> None:
    taken = await intake.take(book.ctx, whole_report(), ANALYSTS)
    sent = await envelope(book, taken.items[0].case)
    for path, value in GIVEN.items():
        if path.startswith(OF_ITS_OWN):
            continue
        parts = value if isinstance(value, list) else [value]
        arrived = [json.dumps(part) in sent for part in parts]
        assert arrived == [path not in STAYS] * len(parts), path


async def test_what_an_item_was_assessed_as_by_itself_reaches_the_partner(book: Casebook) -> None:
    taken = await intake.take(book.ctx, whole_report(own=True), ANALYSTS)
    sent = (await told(book, taken.items[0].case)).assessment.model_dump(mode="json")
    assert sent["value"] == GIVEN["items.assessment.value"]
    assert sent["assessed_at"] == GIVEN["items.assessment.assessed_at"]
    assert GIVEN["items.assessment.assessed_by"] not in await envelope(book, taken.items[0].case)


async def test_a_file_leaves_with_its_page_as_the_referrer_and_by_the_page_s_own_name(book: Casebook) -> None:
    file = await intake.take(book.ctx, whole_report(), ANALYSTS)
    page = await book.take("https://page.test/", "marked-page")
    opened = await open_case(book.ctx, await book.case(file.items[0].case))
    trace = Trace(host=None, traced_at=START, verdict=book.world.verdict)
    around = Around(await pages_of(book.ctx, opened))
    sent = message(book.ctx, opened, trace, {"id": "0" * 36, "supersedes": None, "route": "r", "is_copy": 0}, around)
    assert sent.pages == (page,)
    assert "https://page.test/" in [one.referrer for one in sent.ways_in]
    there = peer_inbox._report(sent, "hotline-nl").items[0]
    assert (there.reference, there.parent) == (opened.id, page)


async def test_what_a_later_report_says_reaches_the_partner_too(book: Casebook) -> None:
    case_id = await book.take("marked room", item={"kind": "app_room"})
    taken = await intake.take(book.ctx, whole_report(), ANALYSTS)
    assert taken.items[0].case == case_id
    sent = await envelope(book, case_id)
    items = {path for path in GIVEN if path.startswith("items.") and not path.startswith(OF_ITS_OWN)}
    later = items | {"note_to_partner", "urgency"}
    for path in sorted(later - {"items.account.role"} - STAYS.keys()):
        parts = GIVEN[path] if isinstance(GIVEN[path], list) else [GIVEN[path]]
        assert all(json.dumps(part) in sent for part in parts), path


async def test_a_peer_that_takes_the_message_can_send_it_on_whole(book: Casebook) -> None:
    """What came from a peer, with two ways in, leaves again with both."""
    taken = await intake.take(book.ctx, whole_report(), ANALYSTS)
    sent = await told(book, taken.items[0].case)
    other = sent.ways_in[0].model_copy(update={"referrer": "https://another-referrer.test/"})
    report = peer_inbox._report(sent.model_copy(update={"ways_in": (*sent.ways_in, other)}), "hotline-nl")
    assert [one.ways_in for one in report.items] == [*sent.ways_in, other]
    assert report.source == "hotline-nl"
    first = report.items[0]
    assert [one.model_dump(exclude={"by"}) for one in first.labels] == [dict(one) for one in sent.labels]
    assert first.severity is not None
    assert (first.severity.scheme, first.severity.value, first.severity.by) == (
        "marked-scale",
        "marked-severity",
        "hotline-nl",
    )
    assert first.last_seen is not None
    assert first.last_seen.at == sent.last_seen
    kept = {"site_type", "commerciality", "payment_methods", "age", "gender", "account"}
    assert all(getattr(report.items[0], name) == getattr(sent, name) for name in kept)


async def test_our_number_and_its_source_s_reach_the_partner_and_whoever_it_sends_it_on_to(book: Casebook) -> None:
    taken = await intake.take(book.ctx, whole_report(), ANALYSTS)
    sent = await told(book, taken.items[0].case)
    ours = Numbers(hotline=book.ctx.me, dossier=taken.dossier, reference="marked-reference")
    assert sent.numbers == (ours,)
    theirs = Numbers(hotline="hotline-nl", dossier="NL-7", reference="nl-ref")
    from_peer = sent.model_copy(
        update={
            "referral_id": "1" * 36,
            "origin": "hotline-nl",
            "path": ("hotline-nl",),
            "location": "another room",
            "numbers": (theirs,),
        }
    )
    bundle = ReferralBundle(sender="hotline-nl", recipient=book.ctx.me, referrals=(from_peer,))
    (answer,) = (await peer_inbox.take_referrals(book.ctx, bundle, "hotline-nl", ANALYSTS)).answers
    (case,) = (
        await lists.list_cases(book.ctx, CasesWanted(number=answer.receipt))
    ).items  # what they quote is our number
    onward = await told(book, case.id)
    assert onward.numbers == (Numbers(hotline=book.ctx.me, dossier=answer.receipt), theirs)
    assert [one.told for one in (await case_file(book.ctx, case.id)).items] == [(theirs,)]
