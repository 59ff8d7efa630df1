"""A case closes, moves, or goes to another country only on what proves it, whatever name servers and partners say.

Random lives of a referred case: at each check a real name server on loopback answers with any response code, extended
error, flags and sections, for IPv4 and for IPv6, and each of two partners that accepted it says something; then time
passes. The oracle below is written from RFC 2308, RFC 8914, RFC 6891 and ICCAM's list of reasons, and calls nothing of
the product. It is held in both directions: what it does not prove closes nothing, and what it proves does.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import currently_in_test_context, given, note, settings
from hypothesis import strategies as st

from router.casework.desk import case_acts
from router.data import DataSets
from router.hosting.dns.mux import Mux
from router.hosting.dns.resolve import ChainResolver
from router.hosting.known_names import KnownHosts
from router.hosting.sources import EmbeddedSources, build
from router.hosting.trace import Sources, Tracer
from router.store.base import Row
from router.store.schema.tables import follow_ups
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.states import CaseState, ReferralState
from schemas.trace import OnlineMode, Trace
from schemas.vocabulary import ActionType
from tests.casebook import ANNA, Casebook, casebook
from tests.hosting.dns.faulty_server import FaultyServer, faulty_server

HOST = "pages.proof.test"
ADDRESSES: Final = {"NL": "188.166.40.20", "CA": "35.182.20.20"}
#: RFC 8914: 3 and 19 repeat an old answer; 4 is forged, 15 blocked, 16 censored, 17 filtered, 18 prohibited.
NOT_THE_ZONES_WORD: Final = frozenset({3, 4, 15, 16, 17, 18, 19})
#: ICCAM's actionReason by id: of those that stand beside Unavailable, what somebody says who looked and found it gone.
GONE_REASONS: Final = {2: "ContentNotFound", 8: "LinkExpired", 9: "Error404NotFoundOrSiteDown"}
GONE_REASONS |= {13: "ContentRemovedBeforeAssessment"}
#: And of those who could not look, or who say something else.
OTHER_REASONS: Final = (
    "ReferrerNotKnownOrIncorrect", "UnableToAccess", "PasswordProtected", "AccountDisabled", "LegallyUnableToAccess",
    "PremiumAccountNecessary", "MissingPartsToOpenFile", "Other", "Error503OrContentTemporarilyUnavailable",
    "3", "4", "5", "6", "7", "11", "12", "we do not know", None,
)  # fmt: skip
ZONES: Final = {"host": f"{HOST}.", "parent": "proof.test.", "root": ".", "filter": "rpz.block.", "near": "of.test."}


@dataclass(frozen=True)
class Reply:
    """What the name server answers to one question."""

    code: int = 0
    errors: tuple[int, ...] = ()
    authoritative: bool = False
    recursive: bool = True
    zone: str | None = "parent"  #: whose SOA stands in it
    country: str | None = None  #: an address there


@dataclass(frozen=True)
class Word:
    """What one partner says: nothing, or an act with its reason."""

    action: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Check:
    """One check: both replies, both partners' words, and how long after it the next look is."""

    ipv4: Reply
    ipv6: Reply
    words: tuple[Word, Word]


def write(reply: dns.message.Message, said: Reply, kind: str) -> None:
    """Make the reply say that."""
    reply.answer.clear()
    reply.authority.clear()
    reply.flags &= ~(dns.flags.AA | dns.flags.RA)
    reply.flags |= (dns.flags.AA if said.authoritative else 0) | (dns.flags.RA if said.recursive else 0)
    reply.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(one) for one in said.errors])
    reply.set_rcode(dns.rcode.Rcode(said.code))
    if said.country is not None and kind == "A":
        reply.answer.append(dns.rrset.from_text(f"{HOST}.", 60, "IN", "A", ADDRESSES[said.country]))
    elif said.zone is not None:
        soa = "ns.test. host.test. 1 3600 600 86400 90"
        reply.authority.append(dns.rrset.from_text(ZONES[said.zone], 300, "IN", "SOA", soa))


# ------------------------------------------------------------------ the oracle: nothing of the product in it


def proves_absence(reply: Reply, kind: str) -> bool:
    """The name's own zone says that there is nothing of this kind (RFC 2308: its SOA at or above the name)."""
    if reply.code not in (0, 3) or (reply.country is not None and kind == "A"):
        return False
    return reply.zone in ("host", "parent", "root") and not NOT_THE_ZONES_WORD & set(reply.errors)


def proves_gone(check: Check) -> bool:
    return proves_absence(check.ipv4, "A") and proves_absence(check.ipv6, "AAAA")


def proves_elsewhere(check: Check) -> bool:
    """An address in another country, and nobody says that it is forged, filtered or old; IPv6 may not be filtered."""
    there = check.ipv4
    clean = there.code == 0 and there.country == "CA" and not NOT_THE_ZONES_WORD & set(there.errors)
    return clean and not NOT_THE_ZONES_WORD & set(check.ipv6.errors)


def ends(word: Word) -> bool:
    return word.action == "Removed" or (word.action == "Unavailable" and word.reason in GONE_REASONS.values())


# ------------------------------------------------------------------ lives

CODES = st.sampled_from([0, 0, 3, 3, 3, 2, 5, 16, 19, 23])
ERRORS = st.sampled_from([(), (), (), (3,), (4,), (15,), (16,), (17,), (18,), (19,), (22,), (23, 17), (0,)])
REPLIES = st.builds(
    Reply,
    CODES,
    ERRORS,
    st.booleans(),
    st.sampled_from([True, True, False]),
    st.sampled_from(["parent", "parent", "host", "root", "filter", "near", None]),
    st.sampled_from([None, None, "NL", "CA"]),
)
GONE = Reply(code=3)
#: Half of the checks are near to a proof: three lies in a row are never drawn by chance.
NEARLY = st.sampled_from([GONE, GONE, replace(GONE, code=0), replace(GONE, zone="host"), replace(GONE, zone="filter")])
NEARLY |= st.builds(lambda error: replace(GONE, errors=(error,)), st.sampled_from([3, 4, 15, 16, 17, 18, 19, 22]))
NEARLY |= st.sampled_from([replace(GONE, zone=None), replace(GONE, code=19), replace(GONE, code=16)])
WORDS = st.one_of(
    st.just(Word()),
    st.just(Word("Removed")),
    st.builds(Word, st.just("Unavailable"), st.sampled_from([*GONE_REASONS.values(), *OTHER_REASONS])),
    st.builds(Word, st.sampled_from(["ReportedToISP", "ReportedToLEA", "NotIllegal"])),
)
SILENT = st.just((Word(), Word()))
#: Replies are drawn apart from words: a life in which partners soon end it shows nothing of name servers.
BY_DNS = st.lists(st.builds(Check, NEARLY | REPLIES, NEARLY | REPLIES, SILENT), min_size=3, max_size=5)
SAME = st.builds(lambda one: [Check(one, one, (Word(), Word()))] * 3, NEARLY)
BY_WORDS = st.lists(
    st.builds(Check, st.just(Reply(country="NL")), REPLIES, st.tuples(WORDS, WORDS)), min_size=1, max_size=3
)
BOTH = st.lists(st.builds(Check, REPLIES | NEARLY, REPLIES, st.tuples(WORDS, WORDS)), min_size=2, max_size=4)


@cache
def shipped() -> tuple[EmbeddedSources, KnownHosts]:
    return build(DataSets.open()), KnownHosts.load()


@dataclass
class Asking:
    """Traces by that name server, with nothing kept from one check to the next."""

    book: Casebook
    server: FaultyServer
    last: Trace | None = field(default=None)

    async def trace(self, locator: Any, **how: Any) -> Trace:
        resolver = ChainResolver(Mux([("127.0.0.1", self.server.port)], timeout=5.0))
        embedded, known = shipped()
        try:
            tracer = Tracer(Sources(embedded, known, resolver), self.book.clock, mode=OnlineMode.NEVER)
            self.last = await tracer.trace(locator)
        finally:
            await resolver.aclose()
        return self.last

    def offline(self, locator: Any) -> Trace:
        return self.book.world.offline(locator)


@asynccontextmanager
async def referred() -> AsyncIterator[tuple[Casebook, FaultyServer, str]]:
    """A case that two partners accepted, and the name server that is asked for its host."""
    with TemporaryDirectory() as folder:
        async with casebook(Path(folder)) as book, faulty_server() as server:
            server.put(HOST, "A", ADDRESSES["NL"])
            book.ctx = replace(book.ctx, tracer=cast("Any", Asking(book, server)))
            case_id = await book.accepted(location=f"https://{HOST}/page")
            await case_acts.refer(book.ctx, case_id, ANNA, "they know the site", partner="hotline-ca")
            await book.send("hotline-ca")
            yield book, server, case_id


async def live(checks: Sequence[Check]) -> None:
    async with referred() as (book, server, case_id):
        rows = await book.referrals(case_id)
        assert [row["state"] for row in rows] == [ReferralState.ACCEPTED] * 2
        await _checked(book, server, case_id, rows, checks)


async def _checked(
    book: Casebook, server: FaultyServer, case_id: str, rows: Sequence[Row], checks: Sequence[Check]
) -> None:
    gone, acts, last = 0, [[], []], [Word(), Word()]  # type: tuple[int, list[list[ActionStatement]], list[Word]]
    for number, check in enumerate(checks, start=1):
        if currently_in_test_context():
            note(f"{number}: {check}")
        await _until_next_check(book)
        server.edits[HOST] = _edit(check)
        for at, word in enumerate(check.words):
            if word.action is not None:
                last[at] = word if word.action in ("Removed", "Unavailable", "NotIllegal") else last[at]
                acts[at].append(_statement(book, word))
        book.partner.says = [
            ReferralStatus(referral_id=row["id"], known=True, actions=tuple(said))
            for row, said in zip(rows, acts, strict=True)
        ]
        before = len(await book.referrals(case_id))
        case = await book.step(case_id)
        gone = gone + 1 if proves_gone(check) else 0
        by_partners, elsewhere = all(map(ends, last)), proves_elsewhere(check)
        if case["state"] == CaseState.CLOSED:
            assert by_partners or gone >= 3, f"closed on check {number} without proof: {case['rests_on']}"
            return
        assert len(await book.referrals(case_id)) == before, "nothing new leaves by a check"
        if case["moved_from"] is not None:
            assert elsewhere, f"moved on check {number} without proof"
            return
        # Whoever called baseline material not illegal has put a question to people, and it closes on their answer.
        asked = case["desk_code"] is not None and any(one.action == "NotIllegal" for said in acts for one in said)
        assert asked or elsewhere or not by_partners, f"everybody ended it by check {number}, and it is still open"
        assert asked or gone < 3, f"gone {gone} times by check {number}, and it is still open"
        assert case["desk_code"] is not None or proves_gone(check), "what proves nothing is for people"


async def _until_next_check(book: Casebook) -> None:
    (open_check,) = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    wait = (open_check["due_at"] - book.ctx.now()) / 1_000_000
    assert wait >= timedelta(hours=24).total_seconds(), "checks are a day apart, or more"
    book.later(seconds=wait)


def _edit(check: Check) -> Any:
    def edit(reply: dns.message.Message) -> None:
        kind = dns.rdatatype.to_text(reply.question[0].rdtype)
        write(reply, check.ipv4 if kind == "A" else check.ipv6, kind)

    return edit


def _statement(book: Casebook, word: Word) -> ActionStatement:
    assert word.action is not None
    return ActionStatement(action=ActionType(word.action), at=book.clock.now(), reason=word.reason)


@pytest.mark.timeout(300)
@settings(max_examples=50, deadline=None)
@given(SAME | BY_DNS)
def test_by_what_name_servers_say(checks: list[Check]) -> None:
    asyncio.run(live(checks))


@pytest.mark.timeout(300)
@settings(max_examples=40, deadline=None)
@given(BY_WORDS)
def test_by_what_partners_say(checks: list[Check]) -> None:
    asyncio.run(live(checks))


@pytest.mark.timeout(300)
@settings(max_examples=25, deadline=None)
@given(BOTH)
def test_by_both_at_once(checks: list[Check]) -> None:
    asyncio.run(live(checks))


LIES = [
    *(replace(GONE, errors=(error,)) for error in sorted(NOT_THE_ZONES_WORD)),
    *(replace(GONE, zone=zone) for zone in ("filter", "near", None)),
    *(replace(GONE, code=code) for code in (2, 5, 16, 19)),
]


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_the_same_lie_three_times_closes_nothing(lie: Reply) -> None:
    asyncio.run(live([Check(lie, lie, (Word(), Word()))] * 3))
    asyncio.run(live([Check(lie, GONE, (Word(), Word()))] * 3))


@pytest.mark.parametrize("reason", OTHER_REASONS)
def test_no_other_reason_and_no_single_partner_closes_it(reason: str | None) -> None:
    there, said = Reply(country="NL"), Word("Unavailable", reason)
    asyncio.run(live([Check(there, GONE, (said, said)), Check(there, GONE, (Word("Removed"), said))]))


#: An address in another country that is no word of the zone's own servers of now.
NO_MOVES = [
    *(Reply(errors=(error,), country="CA") for error in sorted(NOT_THE_ZONES_WORD)),
    *(Reply(code=code, country="CA") for code in (2, 3, 5, 16, 19)),
]


@pytest.mark.parametrize("reply", NO_MOVES, ids=str)
def test_an_address_that_nobody_vouches_for_moves_nothing(reply: Reply) -> None:
    asyncio.run(live([Check(reply, replace(GONE, code=0), (Word(), Word()))]))


@pytest.mark.parametrize("error", sorted(NOT_THE_ZONES_WORD))
def test_nor_does_one_beside_which_the_other_family_is_filtered_or_old(error: int) -> None:
    asyncio.run(live([Check(Reply(country="CA"), replace(GONE, code=0, errors=(error,)), (Word(), Word()))]))


@pytest.mark.parametrize("error", [3, 19])
@pytest.mark.parametrize("code", [2, 5, 16])
def test_nor_does_one_beside_which_the_other_family_failed_over_to_what_is_old(code: int, error: int) -> None:
    failed = replace(GONE, code=code, errors=(error,))
    asyncio.run(live([Check(Reply(country="CA"), failed, (Word(), Word()))]))


@pytest.mark.parametrize("between", [Reply(country="NL"), replace(GONE, zone="filter"), Reply(code=2)], ids=str)
def test_what_answers_in_between_begins_the_count_anew(between: Reply) -> None:
    gone, other = Check(GONE, GONE, (Word(), Word())), Check(between, GONE, (Word(), Word()))
    asyncio.run(live([gone, gone, other, gone, gone, gone]))


def test_one_family_that_is_gone_is_half_a_proof() -> None:
    silent = Reply(code=2)
    asyncio.run(live([Check(GONE, silent, (Word(), Word()))] * 3))
    asyncio.run(live([Check(silent, GONE, (Word(), Word()))] * 3))


@pytest.mark.parametrize("what", ["it moves", "a partner sends it back"])
async def test_what_is_decided_anew_in_between_begins_the_count_anew(what: str) -> None:
    gone, moved = Check(GONE, GONE, (Word(), Word())), Check(Reply(country="CA"), GONE, (Word(), Word()))
    async with referred() as (book, server, case_id):
        for number in range(1, 6):
            await _until_next_check(book)
            news = number == 3
            server.edits[HOST] = _edit(moved if news and what == "it moves" else gone)
            back = [ReferralStatus(referral_id=(await book.referrals(case_id))[0]["id"], known=True, returned=True)]
            book.partner.says = back if news and what != "it moves" else []
            case = await book.step(case_id)
            if news:
                assert case["state"] == CaseState.LOCATED
                await book.step(case_id)
        assert case["state"] != CaseState.CLOSED, "gone twice since"
        await _until_next_check(book)
        assert (await book.step(case_id))["state"] == CaseState.CLOSED
