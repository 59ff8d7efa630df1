"""A trail as a court reads it: whole, in its language, with a key that OpenSSL reads."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from router.console.language import load
from router.console.trail.paper import HousePapers
from schemas.decision import RouteWhy
from schemas.trail import (
    CourtLanguage,
    Trail,
    TrailAttempt,
    TrailCase,
    TrailClock,
    TrailEntry,
    TrailLeft,
    TrailOrder,
    TrailReveal,
)

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUSE = HousePapers(Ed25519PrivateKey.generate())


def trail(language: CourtLanguage = CourtLanguage.EN, **more: object) -> Trail:
    entry = TrailEntry(
        number=1, at=AT, local="2026-11-22T10:00:00+01:00", by="S1", act="case.closed", detail={"outcome": "removed"},
        referral="r-1", typed=True, program="0.2.0", policy=3, epoch="e", seq=7, hash="abcd",
    )  # fmt: skip
    older = entry.model_copy(update={"number": 2, "damaged": True, "program": None, "policy": None, "hash": "ef01"})
    tried = TrailAttempt(started_at=AT, ended_at=AT, outcome="accepted", reason="accepted")
    left = TrailLeft(
        referral="r-1", partner="hotline-nl", state="accepted", created_at=AT, first_sent_at=AT, accepted_at=AT,
        receipt="NL-7", sha256="5ha", keyed="k3y", attempts=(tried,),
    )  # fmt: skip
    said = Trail(
        id="t-1", language=language, house="hotline-be", program="0.2.0", policy=3, made_at=AT,
        order=TrailOrder(reference="BR.1", court="the court", asked_by="S1", asked_at=AT, confirmed_by="S2"),
        case=TrailCase(
            id="c-1", dossiers=("A1",), sources=("form",), received_at=AT, opened_at=AT, state="closed",
            assessment="baseline", hosting_country="NL", closed_at=AT, outcome="removed",
        ),
        clock=TrailClock(zone="Europe/Brussels", partners=3, behind_seconds=4.0),
        entries=(entry, older), left=(left,), revealed=(TrailReveal(by="S1", at=AT),), checkpoint={"root": "r00t"},
    )  # fmt: skip
    return said.model_copy(update=more)


@pytest.mark.parametrize("language", list(CourtLanguage))
def test_all_that_it_holds_stands_in_its_text(language: CourtLanguage) -> None:
    text = HOUSE.text(trail(language))
    for value in ("BR.1", "the court", "S1", "S2", "c-1", "A1", "abcd", "ef01", "5ha", "k3y", "NL-7", "r00t", "+01:00"):
        assert value in text, value
    assert "case.closed" in text


def test_it_speaks_the_courts_language() -> None:
    titles = {one: HOUSE.text(trail(one)).splitlines()[0] for one in CourtLanguage}
    assert len(set(titles.values())) == 4
    assert titles[CourtLanguage.NL] == "SPOOR VAN EEN ZAAK"
    assert "Nederland" in HOUSE.text(trail(CourtLanguage.NL))
    assert "Niederlande" in HOUSE.text(trail(CourtLanguage.DE))
    assert len({HOUSE.instructions(trail(one)) for one in CourtLanguage}) == 4


def test_a_decision_says_why_in_the_courts_language_where_the_policy_or_the_router_has_it() -> None:
    facts = "hosting_country is NL"
    why = (
        RouteWhy(route="a", reason="zij zitten daar", language="nl", translations={"fr": "ils y sont"}, because=facts),
        RouteWhy(route="b", because=facts),
        RouteWhy(route="root", reason="No rule of the policy decides this case.", because="another form"),
    )
    entry = trail().entries[0].model_copy(update={"act": "case.decided", "why": why})
    said = {one: HOUSE.text(trail(one, entries=(entry,))) for one in CourtLanguage}
    for language, words in {
        CourtLanguage.NL: ("a: zij zitten daar\n", "Geen enkele regel van het beleid beslist over deze zaak.\n"),
        CourtLanguage.FR: ("a: ils y sont\n", "Aucune règle de la politique ne décide de ce dossier.\n"),
        CourtLanguage.DE: ("a: zij zitten daar (nl)\n", "Keine Regel der Richtlinie entscheidet über diesen Fall.\n"),
        CourtLanguage.EN: ("a: zij zitten daar (nl)\n", "root: No rule of the policy decides this case.\n"),
    }.items():
        assert all(one in said[language] for one in (*words, ": another form\n")), language
    assert "rule of the policy b: the policy gives no reason for this rule\n" in said[CourtLanguage.EN]
    assert said[CourtLanguage.DE].count("Land des Hostings: Niederlande\n") == 2


def test_the_order_of_a_court_is_no_order_of_a_list() -> None:
    said = {one: HOUSE.text(trail(one)) for one in CourtLanguage}
    for language, word in zip(
        CourtLanguage, ("Bevel van de rechter", "Ordonnance", "Gerichtliche Anordnung", "Court order"), strict=True
    ):
        assert f"  {word}: BR.1\n" in said[language], language
        tongue = load()[language]
        assert tongue.gettext("Order") != word  # how a list is sorted


def test_a_clock_that_is_ahead_is_not_behind_by_less_than_nothing() -> None:
    for seconds, words in ((4.0, "4 seconds behind"), (-0.5, "0.5 seconds ahead of"), (0.0, "0 seconds behind")):
        clock = TrailClock(zone="Europe/Brussels", partners=3, behind_seconds=seconds)
        assert f"Europe/Brussels; {words} the middle one of 3" in HOUSE.text(trail(clock=clock)), seconds


def test_what_is_not_known_is_said() -> None:
    text = HOUSE.text(trail(clock=TrailClock(zone="UTC", partners=0, doubt="it was moved"), left=(), revealed=()))
    assert all(
        said in text
        for said in ("answer tells how far this clock is from others", "it was moved", "Nothing left.", "Nobody.")
    )
    assert "not kept then" in text
    assert "this entry is not what was written" in text
    unsent = trail().left[0].model_copy(update={"sha256": None, "keyed": None, "attempts": (), "receipt": None})
    assert "nothing was fixed to be sent" in HOUSE.text(trail(left=(unsent,)))


def test_its_key_is_read_and_its_signature_holds() -> None:
    public = load_pem_public_key(HOUSE.public_key())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(HOUSE.sign(b"said"), b"said")
    assert len(HOUSE.fingerprint()) == 64
