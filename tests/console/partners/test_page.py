"""The directory in the console: how each partner stands, and the acts that pause one or have it called again."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.govern import pause
from router.casework.govern.partners.health import one_partner
from router.casework.govern.versions import import_directory
from router.partners.base import CheckResult, Tools
from router.partners.webhook import WebhookDialect
from router.store.schema.tables import audit
from schemas.actor import ROUTER, Role
from schemas.decision import Mode
from schemas.governed import WaitingCases, WaitingGroup
from schemas.partner import Directory, Partner
from tests.console.conftest import PARTNERS

ASSESSED = {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:30:00Z"}
HOSTILE = '"><script>alert(1)</script>'


async def test_every_partner_is_listed_with_how_it_stands(console: Any, supervisor: Any, read: Any) -> None:
    await console.case(source="analysts", assessment=ASSESSED)
    await supervisor.send("/partners/hotline-nl/pause", reason="they move their servers")
    page = read((await supervisor.get("/partners")).text)
    assert all(one.title in page.text for one in PARTNERS)
    assert "Paused by anna-supervisor" in page.text
    assert "they move their servers" in page.text
    assert "one referral waits" in page.text
    assert "/referrals?partner=hotline-nl&state=waiting" in [one.get("href") for one in page.all("a")]
    one = (await supervisor.get("/partners/hotline-nl")).text
    assert "50 calls a second, 8 at once" in one
    assert "/partners/hotline-nl/resume" in one
    assert "/partners/hotline-nl/pause" not in one


@pytest.mark.parametrize("role", list(Role))
async def test_who_sees_the_directory_and_who_acts_on_it(console: Any, role: Role) -> None:
    person = await console.person(role)
    sees = role is not Role.WELLBEING
    assert (await person.get("/partners")).status_code == (200 if sees else 403)
    page = await person.get("/partners/hotline-nl")
    assert page.status_code == (200 if sees else 403)
    acts = role is Role.SUPERVISOR
    assert ('action="/partners/hotline-nl/pause"' in page.text) is acts
    answer = await person.send("/partners/hotline-nl/pause", reason="they move")
    assert answer.status_code == (303 if acts else 403)
    assert bool(await pause.pauses(console.ctx)) is acts
    if role is Role.ADMINISTRATOR:  # sees no case and no referral, so no link leads there
        assert "/referrals" not in page.text


async def test_a_pause_asks_for_a_reason_names_what_it_holds_up_and_is_made_once(console: Any, supervisor: Any) -> None:
    await console.case(source="analysts", assessment=ASSESSED)
    page = (await supervisor.get("/partners/hotline-nl")).text
    assert "This holds up:" in page
    assert "one referral waits" in page.partition("This holds up:")[2]
    refused = await supervisor.send("/partners/hotline-nl/pause")
    assert refused.status_code == 422
    assert "Type a reason" in refused.text
    assert (await supervisor.send("/partners/hotline-nl/pause", reason="first")).headers["location"] == (
        "/partners/hotline-nl?done=pause"
    )
    again = await supervisor.send("/partners/hotline-nl/pause", reason="second")
    assert (again.status_code, [one.reason for one in (await pause.pauses(console.ctx)).values()]) == (409, ["first"])
    done = await supervisor.send("/partners/hotline-nl/resume", reason="they moved")
    assert done.headers["location"] == "/partners/hotline-nl?done=resume"
    assert await pause.pauses(console.ctx) == {}
    assert (await supervisor.send("/partners/hotline-nl/pause", reason="again")).status_code == 303


async def test_what_is_no_partner_and_no_act(supervisor: Any) -> None:
    assert (await supervisor.get("/partners/nobody")).status_code == 404
    assert (await supervisor.send("/partners/nobody/pause", reason="x")).status_code == 404
    assert (await supervisor.send("/partners/hotline-nl/burn", reason="x")).status_code == 404


async def test_a_form_of_another_session_pauses_nobody(console: Any, supervisor: Any, analyst: Any) -> None:
    supervisor.csrf = analyst.csrf
    assert (await supervisor.send("/partners/hotline-nl/pause", reason="x")).status_code == 403
    assert await pause.pauses(console.ctx) == {}


async def test_markup_in_what_a_partner_or_a_colleague_wrote_is_text(console: Any, supervisor: Any) -> None:
    odd: Partner = PARTNERS[0].model_copy(
        update={"title": HOSTILE, "enabled": False, "disabled_reason": HOSTILE, "public_site": HOSTILE}
    )
    console.ctx.governance.directory_ = Directory(version=2, partners=(odd, *PARTNERS[1:]))
    await pause.pause(console.ctx, "hotline-ca", _anna(), HOSTILE)
    for path in ("/partners", "/partners/hotline-nl", "/partners/hotline-ca"):
        page = (await supervisor.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def _anna() -> Any:
    from tests.office import person

    return person("anna", Role.SUPERVISOR)


async def test_the_cases_that_waited_for_a_partner_are_shown_and_decided_anew_on_one_key(
    console: Any, supervisor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No case waited" in (await supervisor.get("/partners/hotline-nl/waiting")).text
    assert 'href="/partners/hotline-nl/waiting"' in (await supervisor.get("/stops")).text
    group = WaitingGroup(code="no_recipient", partners=("hotline-nl",), mode=Mode.AUTOMATIC, count=2)

    async def two(_: Any, name: str) -> WaitingCases:
        return WaitingCases(partner=name, total=2, items=(group,))

    monkeypatch.setattr("router.casework.govern.waiting_cases.waiting_cases", two)
    page = (await supervisor.get("/partners/hotline-nl/waiting")).text
    assert "2 cases" in page
    assert "leaves by itself" in page
    assert (await supervisor.send("/partners/hotline-nl/decide-waiting", reason="")).status_code == 422
    answer = await supervisor.send("/partners/hotline-nl/decide-waiting", reason="they have a key now")
    assert answer.headers["location"] == "/partners/hotline-nl?done=decide-waiting"
    viewer = await console.person(Role.VIEWER)
    assert "/decide-waiting" not in (await viewer.get("/partners/hotline-nl/waiting")).text


@dataclass
class Rung:
    """A dialect that is only called: what it was asked for, and what it answers."""

    ok: bool = True
    calls: list[str] = field(default_factory=list)

    def made(self) -> Any:
        rung = self

        class Bell(WebhookDialect):
            async def check(self, partner: Partner) -> CheckResult:
                rung.calls.append(f"check {partner.name}")
                return CheckResult(ok=rung.ok, text="It answered." if rung.ok else "Nobody answered <b>.")

            def knows_a_test(self, partner: Partner) -> bool:
                return False

        class WithTest(Bell):
            def knows_a_test(self, partner: Partner) -> bool:
                return True

            async def rehearse(self, partner: Partner) -> CheckResult:
                rung.calls.append(f"test {partner.name}")
                return CheckResult(ok=True, text="A test bundle was sent.")

        nothing: Any = None
        return Bell(Tools(nothing, nothing, "us")), WithTest(Tools(nothing, nothing, "us"))


async def test_a_partner_is_reached_and_a_test_is_offered_only_where_there_is_a_word_for_one(
    console: Any, supervisor: Any
) -> None:
    rung = Rung()
    without, with_test = rung.made()
    console.ctx = replace(console.ctx, dialects={"router": without, "dropbox": with_test})
    console.app.state.ctx = console.ctx
    unit = PARTNERS[2].model_copy(update={"dialect": "dropbox"})
    await import_directory(console.ctx.store, console.ctx.clock, Directory(partners=(*PARTNERS[:2], unit)), ROUTER)
    console.ctx.governance.directory_ = Directory(partners=(*PARTNERS[:2], unit))
    page = (await supervisor.get("/partners/hotline-nl")).text
    assert "/test-it" not in page
    assert "No test referral: no word for one is known of their system (router)" in page
    assert "/partners/federal-police/test-it" in (await supervisor.get("/partners/federal-police")).text
    await supervisor.send("/partners/hotline-nl/pause", reason="they move")
    assert "It answered." in (await supervisor.send("/partners/hotline-nl/reach-it")).text
    assert await pause.pauses(console.ctx) == {}
    assert (await one_partner(console.ctx, "hotline-nl")).answered_at == console.ctx.clock.now()
    assert "Reached." in (await supervisor.send("/partners/federal-police/test-it")).text
    refused = await supervisor.send("/partners/hotline-nl/test-it")  # by hand: nothing leaves, nothing is noted as sent
    assert "Not reached." in refused.text
    assert rung.calls == ["check hotline-nl", "test federal-police"]
    acts = await console.ctx.store.rows(select(audit.c.detail).where(audit.c.act == "partner.rehearsed"))
    assert len(acts) == 1
    rung.ok = False
    failed = (await supervisor.send("/partners/hotline-nl/reach-it")).text
    assert "Nobody answered &lt;b&gt;." in failed
    assert (await supervisor.send("/partners/hotline-nl/burn-it")).status_code == 404
    assert (await supervisor.send("/partners/nobody/reach-it")).status_code == 404
    analyst = await console.person(Role.ANALYST)
    assert (await analyst.send("/partners/hotline-nl/reach-it")).status_code == 403
