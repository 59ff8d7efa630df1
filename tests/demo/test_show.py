"""The screen says what became of each report, and takes nothing in it for markup."""

import io

import pytest
from rich.console import Console

from router.demo.judge import Check, Evidence
from router.demo.show import Show


@pytest.fixture
def screen() -> tuple[Show, io.StringIO]:
    out = io.StringIO()
    return Show(Console(file=out, width=200)), out


def text(screen: tuple[Show, io.StringIO]) -> str:
    return screen[1].getvalue()


def test_the_banner_comes_first_and_says_simulation(screen: tuple[Show, io.StringIO]) -> None:
    screen[0].banner()
    assert "SIMULATION: no real data, nothing but loopback is contacted" in text(screen)


def test_a_referred_case_shows_country_partner_and_receipt(
    screen: tuple[Show, io.StringIO], first_day: Evidence
) -> None:
    screen[0].case("W-2026-1001", first_day.home["case-W-2026-1001"])
    assert "W-2026-1001" in text(screen)
    assert "country NL, 98.0% sure" in text(screen)
    assert "to iccam: accepted, receipt receipt-case-W-2026-1001" in text(screen)


def test_a_case_on_the_desk_shows_why(screen: tuple[Show, io.StringIO], first_day: Evidence) -> None:
    screen[0].case("W-2026-1010", first_day.home["case-W-2026-1010"])
    assert "on the desk (doubtful): the evidence does not agree" in text(screen)


def test_a_closed_case_shows_what_that_rests_on(screen: tuple[Show, io.StringIO], last_day: Evidence) -> None:
    screen[0].case("W-2026-1001", last_day.home["case-W-2026-1001"])
    assert "closed: removed a partner says so" in text(screen)


def test_evidence_is_told_in_short_and_each_claim_once(screen: tuple[Show, io.StringIO], first_day: Evidence) -> None:
    file = first_day.home["case-W-2026-1001"]
    claims = [("ranges", "NL"), ("geolocation", "NL"), ("delegation", "US"), ("asn", "US"), ("ranges", "NL")]
    evidence = [{"source": source, "claim": {"country": country, "basis": "x"}} for source, country in claims]
    file["trace"] = {"addresses": [{"evidence": evidence}], "verdict": {"reasons": []}}
    screen[0].case("W-2026-1001", file)
    assert "ranges NL, geolocation NL, delegation US, 1 more" in text(screen)


def test_without_evidence_the_reason_is_told(screen: tuple[Show, io.StringIO], first_day: Evidence) -> None:
    file = first_day.home["case-W-2026-1012"]
    file["trace"] = {"addresses": [], "verdict": {"reasons": [{"text": "a hidden service"}]}}
    screen[0].case("W-2026-1012", file)
    assert "no_host: a hidden service" in text(screen)


def test_a_referral_that_waits_says_why(screen: tuple[Show, io.StringIO], first_day: Evidence) -> None:
    file = first_day.home["case-W-2026-1001"]
    file["referrals"][0].update(receipt=None, state="waiting", last_text="The partner is busy.")
    screen[0].case("W-2026-1001", file)
    assert "to iccam: waiting. The partner is busy." in text(screen)


def test_a_referral_of_several_steps_says_how_far_it_is(screen: tuple[Show, io.StringIO], first_day: Evidence) -> None:
    file = first_day.home["case-W-2026-1001"]
    done = {"step": "made", "text": "The report is made; it is filed next.", "since": "2026-11-22T09:00:00Z"}
    file["referrals"][0].update(receipt=None, state="waiting", last_text=None, progress=done)
    screen[0].case("W-2026-1001", file)
    assert "to iccam: waiting. The report is made; it is filed next." in text(screen)


def test_text_from_outside_is_no_markup(screen: tuple[Show, io.StringIO], first_day: Evidence) -> None:
    file = first_day.home["case-W-2026-1010"]
    file["desk"]["text"] = "[red]look[/red] [/] here"
    screen[0].case("[bold]", file)
    assert "[red]look[/red] [/] here" in text(screen)


def test_every_check_and_the_sum_are_shown(screen: tuple[Show, io.StringIO]) -> None:
    checks = [Check("it arrived", ok=True), Check("it arrived once", ok=False)]
    screen[0].checks(checks)
    screen[0].verdict(checks)
    assert [line.strip() for line in text(screen).splitlines()] == [
        "ok     it arrived",
        "FAILED it arrived once",
        "1 of 2 expectations were not met",
    ]


def test_all_is_well(screen: tuple[Show, io.StringIO]) -> None:
    screen[0].verdict([Check("it arrived", ok=True)])
    assert "all 1 expectations were met" in text(screen)


def test_addresses_stay_on_one_line(first_day: Evidence) -> None:
    out = io.StringIO()
    link = "http://127.0.0.1:4711/sign-in/" + "x" * 120
    Show(Console(file=out, width=60)).addresses([("sign in (once)", link), ("API", "x")])
    assert f"  sign in (once)  {link}\n  API             x\n" in out.getvalue()
