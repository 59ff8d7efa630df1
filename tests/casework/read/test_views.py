"""From rows to what people read: masked always, and with exactly the acts that the table of states allows."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.case.record import Opened, open_case
from router.casework.read import views
from router.casework.read.numbers import FirstReports
from router.errors import BadInput
from router.guard.seal import CaseKey, Keyring
from router.hosting.location.url import read
from router.store.schema.tables import attempts
from schemas.casefile import CaseSecrets, DeskCode, Proposal
from schemas.locator import LocationKind
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment
from tests.casebook import FORM, Casebook
from tests.office import MASTER
from tests.referrals import CANARY

KEY: CaseKey = Keyring.open(MASTER).new_case_key("c")[0]
HANDLES = [LocationKind.ACCOUNT, LocationKind.CHANNEL_INVITE, LocationKind.APP_ROOM, LocationKind.P2P]
#: Anything that can stand beside a canary; not its own first and last characters, which a mask may show.
AROUND = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="ca3f"), max_size=12)


def opened(kind: LocationKind, canonical: str) -> Opened:
    return Opened({"kind": kind.value}, KEY, CaseSecrets(canonical=canonical), ())


@given(kind=st.sampled_from(HANDLES), before=AROUND, after=AROUND)
def test_no_handle_shows_through_its_mask(kind: LocationKind, before: str, after: str) -> None:
    try:
        locator = read(f"{before}{CANARY}{after}", kind)
    except BadInput:
        return
    shown = views.masked(opened(locator.kind, locator.canonical))
    assert not [part for part in pieces(CANARY, 4) if part in shown.lower()]


@given(path=AROUND, query=AROUND)
def test_no_path_query_fragment_or_userinfo_shows_through_its_mask(path: str, query: str) -> None:
    for location in (
        f"https://example.test/{path}{CANARY}?{query}",
        f"https://example.test/{path}?{query}{CANARY}",
        f"https://example.test/#{CANARY}{query}",
        f"https://{CANARY}:{CANARY}@example.test/",
    ):
        try:
            locator = read(location, LocationKind.URL)
        except BadInput:  # what stands around it makes two locations of it
            continue
        shown = views.masked(opened(locator.kind, locator.canonical))
        assert not [part for part in pieces(CANARY, 4) if part in shown]


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(len(text) - size + 1))


@pytest.mark.parametrize(
    ("kind", "canonical", "shown"),
    [
        (LocationKind.URL, "https://www.example.test/page", "hxxps://•••[.]ex•••le[.]test/…"),
        (LocationKind.ACCOUNT, "jeanne.dupont:1234", "je•••34 (account)"),
        (LocationKind.CHANNEL_INVITE, "jeanne.dupont:1234", "je•••34 (channel_invite)"),
        (LocationKind.ACCOUNT, "https://platform.test/jeanne", "hxxps://pl•••rm[.]test/…"),
        (LocationKind.APP_ROOM, "room", "r••• (app_room)"),
    ],
)
def test_a_colon_makes_no_scheme_of_half_a_name(kind: LocationKind, canonical: str, shown: str) -> None:
    assert views.masked(opened(kind, canonical)) == shown


async def test_a_case_in_one_row(book: Casebook) -> None:
    case_id = await book.decided()
    shown = views.summary(await open_case(book.ctx, await book.case(case_id)), ["hotline-nl"])
    assert (shown.id, shown.state, shown.partners) == (case_id, CaseState.REFERRED, ("hotline-nl",))
    assert (shown.hosting_country, shown.confidence, shown.desk) == ("NL", 0.99, None)
    assert shown.opened_at == book.clock.now()
    assert "/page" not in shown.model_dump_json()


async def test_a_place_on_the_desk_names_whom_one_key_reaches(book: Casebook) -> None:
    row = await open_case(book.ctx, await book.case(await book.decided(actor=FORM)))
    both = tuple(
        Proposal(assessment=one, partners=("hotline-nl",)) for one in (Assessment.BASELINE, Assessment.NATIONAL)
    )
    entry = views.desk_entry(row, both, FirstReports(reports=3))
    assert entry is not None
    assert (entry.code, entry.proposal, entry.reports) == (DeskCode.NOT_ASSESSED, ("hotline-nl",), 3)
    assert entry.proposals == both
    without = views.desk_entry(row, ())
    assert without is not None
    assert without.proposal == ()


async def test_a_case_that_is_not_with_people_has_no_place_there(book: Casebook) -> None:
    assert views.desk_entry(await open_case(book.ctx, await book.case(await book.decided())), ()) is None


async def test_a_referral_tells_its_tries_in_order(book: Casebook) -> None:
    case_id = await book.accepted()
    row = await book.referral(case_id)
    shown = views.referral_view(
        row, "Dutch hotline", views.OfReferral(await book.rows(attempts)), {"state": CaseState.REFERRED}
    )
    assert (shown.partner_title, shown.state, shown.is_copy) == ("Dutch hotline", ReferralState.ACCEPTED, False)
    assert [(one.outcome, one.receipt) for one in shown.attempts] == [("accepted", row["receipt"])]
    assert shown.accepted_at == book.clock.now()
    assert shown.acts == ("override", "recall")


@pytest.mark.parametrize(
    ("reason", "asked", "shown"),
    [
        ("by_hand", DeskCode.WITHDRAW, ReferralState.WITHDRAWING),
        ("by_hand", None, ReferralState.WITHDRAWING),
        ("confirmed_by_hand", None, ReferralState.RECALLED),
        (None, DeskCode.WITHDRAW, ReferralState.RECALLED),
    ],
)
async def test_what_nobody_confirmed_is_never_shown_as_recalled(
    book: Casebook, reason: str | None, asked: DeskCode | None, shown: ReferralState
) -> None:
    row = await book.referral(await book.accepted()) | {"state": "recalled", "last_reason": reason}
    view = views.referral_view(
        row,
        "Dutch hotline",
        views.OfReferral(),
        {"state": CaseState.DESK, "desk_asked": asked, "desk_text": "", "desk_since": 1, "desk_due": 2},
    )
    assert (view.state, view.unconfirmed) == (shown, shown is ReferralState.WITHDRAWING)
