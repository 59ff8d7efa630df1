"""While an embargo holds, nothing of a location, host or account leaves or is looked up, whatever way out there is.

Of what police asked to tell nobody yet it is the same: one gate holds both (`test_either_holds_every_way_out`).

The ways out are found in the code, not remembered: every call by which a room above reaches anybody outside stands in
`WAYS`, with the test below that shows it held, or with why no case is in it. Who adds a call, a method of a dialect, an
inbox or a tracer, or an answer to a source or a peer, has to say here how an embargo holds it.

The other sides are real: routers over HTTPS, a name server, a hub, a CDN, a police folder, on loopback. Each test first
shows that they hear of a location that nothing holds, so that hearing nothing means something.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from router.api import make_api
from router.api.protocol.access import rule_of
from router.casework import context
from router.casework.case.embargo import in_force
from router.casework.case.gate import HeldBack
from router.casework.context import Bell, Governance, House, Prober, Room, Tracer
from router.casework.decide import unseen
from router.casework.deliver.held import go_on
from router.casework.desk import case_acts, referral_acts
from router.casework.intake import take as intake
from router.delivery import ask
from router.delivery import send as delivery
from router.guard.access import SOURCE, Needs, Permission
from router.guard.signin.provider import Provider
from router.hosting.origin import OriginLookup
from router.partners.base import Dialect
from router.partners.inbox import Inbox
from router.partners.reminding import Reminds
from router.store.base import Change, Transition
from router.store.schema.tables import alarms, audit, embargo_hits
from router.world.story import HOME, NETHERLANDS, Host
from schemas.actor import Role
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, FORM, Casebook, casebook
from tests.casework.follow_up.checks import due
from tests.cloudflare import ADDRESS as CDN_ADDRESS
from tests.cloudflare import HOST as CDN
from tests.cloudflare import Cloudflare
from tests.embargoes import embargo, ended
from tests.hosting.dns.faulty_server import faulty_server
from tests.loopback import Loopback
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, peer, pin, report
from tests.police_desk import police_desk
from tests.probing import asking
from tests.stories.test_behind_a_cdn import opened as behind_a_cdn
from tests.stories.test_behind_a_cdn import worked
from tests.stories.test_nobody_alone import somebody, way_in

ROUTER = Path(__file__).resolve().parents[2] / "router"
#: Rooms through which a call goes out; whoever calls them from above is what stands in `WAYS`.
BENEATH: Final = {"partners", "hosting", "guard", "world", "demo", "data", "store", "delivery", "serving"}
#: What somebody who reaches outside is called where it is used.
REACHES: Final = {
    "ask",
    "inbox",
    "cdn",
    "tracer",
    "_tracer",
    "prober",
    "bell",
    "dialect",
    "egress",
    "origins",
    "provider",
    "room",
}
NO_CASE: Final = "about no case"
EITHER: Final = "tests/stories/test_either_holds_every_way_out.py"
#: Each call that goes out: (file, call) -> the test that shows it held, or why nothing of a case is in it.
WAYS: Final[Mapping[tuple[str, str], str]] = {
    ("casework/case/traces.py", "ctx.tracer.trace"): "test_peers_and_name_servers",
    ("casework/locate/origin_lookup.py", "cdn.origin"): "test_a_cdn",
    ("casework/deliver/send.py", "attempt"): "test_peers_and_name_servers",
    ("casework/deliver/status_news.py", "attempt"): "tests/casework/deliver/test_status_news.py",
    ("casework/deliver/send.py", "ask.withdraw"): "test_peers_and_name_servers",
    ("casework/follow_up/partner_status.py", "ask.status"): "test_peers_and_name_servers",
    ("casework/follow_up/rounds.py", "ask.status"): "test_peers_and_name_servers",
    ("casework/follow_up/after_restore.py", "ask.status"): "tests/casework/follow_up/test_after_restore.py",
    ("casework/follow_up/after_restore.py", "ask.find"): "tests/casework/follow_up/test_after_restore.py",
    ("casework/follow_up/remind.py", "ask.remind"): "tests/casework/follow_up/test_remind.py",
    ("casework/follow_up/probe.py", "prober.head"): "test_the_reported_host_itself",
    ("casework/follow_up/report_back.py", "inbox.tell"): EITHER,
    ("casework/desk/handed_over.py", "ask.find"): EITHER,
    ("worker/moving.py", "self.tracer.trace"): "test_peers_and_name_servers",  # that of `traces.py`, counted
    ("api/locate.py", "tracer.trace"): "test_peers_and_name_servers",
    ("cli/locate/workers.py", "self._tracer.trace"): "tests/cli/locate/test_embargoed.py",
    ("cli/locate/workers.py", "pipes.ask.send"): "a pipe to a process of our own",
    ("casework/intake/hub_inbox.py", "inbox.read"): "what the hub itself gives to us is read before anybody knows it",
    (
        "casework/intake/hub_inbox.py",
        "inbox.acknowledge",
    ): "a receipt, as every source gets: its lack would tell",
    ("casework/intake/hub_lists.py", "inbox.page"): NO_CASE,
    ("casework/govern/partner_check.py", "ask.check"): NO_CASE,
    ("casework/govern/partner_check.py", "ask.rehearse"): NO_CASE,
    ("casework/follow_up/letters.py", "dialect.letters"): "what a unit wrote to us is read, and nothing is said",
    ("casework/read/letters.py", "dialect.letters"): "what a unit wrote to us is read, and nothing is said",
    ("casework/alarm/drill.py", "ctx.bell.letter"): NO_CASE,
    ("casework/alarm/drill.py", "ctx.bell.webhook"): NO_CASE,
    ("casework/alarm/ring.py", "ctx.bell.letter"): "an alarm has no field for a location (test_an_alarm_says_nothing)",
    ("casework/alarm/ring.py", "ctx.bell.webhook"): "an alarm has no field for a location (test_an_alarm_says_nothing)",
    ("casework/govern/audit_letter.py", "ctx.bell.letter"): NO_CASE,
    ("casework/desk/viewing/taken.py", "ctx.room.sealed"): "tests/casework/desk/viewing/test_taken.py",
    ("casework/people/oidc.py", "provider.address"): NO_CASE,
    ("casework/people/oidc.py", "provider.subject"): NO_CASE,
    ("worker/ringing.py", "self.ctx.bell.beat"): NO_CASE,
}
#: What can be asked of whoever stands outside. A method more is a way out more.
METHODS: Final[Mapping[type, set[str]]] = {
    Dialect: {"send", "status", "withdraw", "tell", "find", "letters", "rehearse", "check"},
    Reminds: {"remind"},
    Inbox: {"page", "read", "acknowledge", "tell"},
    OriginLookup: {"origin"},
    Tracer: {"trace"},
    Prober: {"head"},
    Bell: {"webhook", "letter", "beat"},
    Room: {"sealed"},
    Provider: {"address", "subject", "_claims", "_exchanged", "_found", "_ask_published", "_key_set", "_asked"},
}
#: What sources and peers are answered: endpoint -> how an embargo is kept from it.
ANSWERED: Final[Mapping[str, str]] = {
    "POST /v1/reports": "a receipt: our number, and nothing of a case",
    "POST /v1/reports/batch": "a receipt: our number, and nothing of a case",
    "POST /v1/reports/{report_id}/assessment": "a receipt: our number, and nothing of a case",
    "GET /v1/reports/{number:path}": "test_nobody_learns_of_an_embargo.py",
    "POST /v1/locate": "test_peers_and_name_servers",
    "POST /v1/inbox/referrals": "a receipt: our number, and nothing of a case",
    "POST /v1/inbox/status": "test_nobody_learns_of_an_embargo.py",
    "POST /v1/inbox/test": "judged by its form alone: nothing is asked of the store",
}


def calls_out() -> Iterator[tuple[str, str]]:
    """Every call in the rooms above by which somebody outside is reached."""
    names = {name for methods in METHODS.values() for name in methods}
    for path in sorted(ROUTER.rglob("*.py")):
        place = path.relative_to(ROUTER)
        if place.parts[0] in BENEATH or place.name in {"app.py", "app_tracer.py", "app_data.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            *owner, name = called.split(".")
            if (owner and owner[-1] in REACHES and name in names) or called == "attempt":
                yield place.as_posix(), called


def test_every_way_out_is_known() -> None:
    assert set(calls_out()) == set(WAYS), "say in WAYS how an embargo holds it"
    for kind, methods in METHODS.items():
        found = {name for name, value in vars(kind).items() if inspect.iscoroutinefunction(value)}
        assert found == methods, f"{kind.__name__} reaches outside in another way: say in WAYS how an embargo holds it"
    given = {
        kind
        for kind in vars(context).values()
        if inspect.isclass(kind) and kind.__module__ == context.__name__ and getattr(kind, "_is_protocol", False)
    }
    assert given - {Governance, House} <= set(METHODS), "say of it in METHODS what it can ask of whoever stands outside"
    asked = {name for name, value in vars(ask).items() if inspect.iscoroutinefunction(value) and name[0] != "_"}
    assert asked == {"status", "withdraw", "find", "tell", "remind", "rehearse", "check"}
    sent = {name for name, value in vars(delivery).items() if inspect.iscoroutinefunction(value) and name[0] != "_"}
    assert sent == {"attempt"}
    shown = {how for how in WAYS.values() if how.startswith("test_")}
    assert shown <= {name for name in globals() if name.startswith("test_")}


def test_nobody_above_makes_a_connection() -> None:
    """What makes connections is used by the rooms beneath, by who puts them together, and by the bell."""
    makers = {"router.guard.egress", "router.guard.mail", "aiohttp", "socket", "httpx2"}
    found = {
        path.relative_to(ROUTER).as_posix()
        for path in sorted(ROUTER.rglob("*.py"))
        if path.relative_to(ROUTER).parts[0] not in BENEATH
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import)
        and {getattr(node, "module", None), *(one.name for one in node.names)} & makers
    }
    assert found == {
        "app.py",  # puts the rooms together
        "app_data.py",
        "app_tracer.py",
        "casework/alarm/bell.py",
    }


async def test_every_answer_to_a_source_or_a_peer_is_known(tmp_path: Path) -> None:
    async with casebook(tmp_path) as book:
        app = make_api(book.ctx)
        found = set()
        for context in iter_route_contexts(app.routes):
            rule = rule_of(context)
            if isinstance(rule, Needs) and rule.permission in SOURCE | {Permission.INBOX}:
                found |= {f"{method} {context.path}" for method in context.methods or ()}
    assert found == set(ANSWERED), "say how an embargo is kept from what is answered there"


def asked_about(town: Neighbourhood) -> list[tuple[str, str]]:
    """What the name server was asked about the host."""
    assert town.names is not None
    return [one for one in town.names.asked if one[0].endswith("tulip.test")]


async def reported(home: Neighbour, path: str, reference: str, **more: Any) -> str:
    taken = await intake.take(home.router.ctx, report(f"http://pages.tulip.test/{path}", reference, **more), ANALYSTS)
    return taken.items[0].case


async def test_peers_and_name_servers(tmp_path: Path) -> None:
    """A referral, its being taken back, the check and the question after days, and a question where it is hosted."""
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        way_in(town) as egress,
    ):
        ctx = home.router.ctx
        await pin(home.router, [peer(dutch, inhope=True)])
        await pin(dutch.router, [peer(home)])
        checked, taken_back = await reported(home, "zero", "A-0"), await reported(home, "one", "A-1")
        await home.turn(4)
        assert len(await dutch.inbox()) == 2
        assert asked_about(town), "before it, everybody heard"
        sent = {row["case_id"]: row["id"] for row in await home.referrals()}
        said = await embargo(ctx, "host", "tulip.test", days=20)
        assert {left.referral for left in said.left} == set(sent.values())
        assert town.names is not None
        town.names.asked.clear()
        dutch.mood.reached.clear()

        await reported(home, "two", "A-2")
        at_risk = await reported(home, "three", "A-3", urgency="live")
        await home.turn(4)
        await referral_acts.recall(ctx, sent[taken_back], ANNA, "not theirs")
        await home.turn(2)
        town.clock.advance(timedelta(days=6))
        await home.turn(3)
        asking = await somebody(egress, home, "dora", Role.ANALYST)
        (line,) = (await asking.must("POST", "/v1/locate", 200, inputs=["http://pages.tulip.test/one"]))["items"]
        assert line["error"] == {"code": "embargo", "text": "Held; ask anna."}

        assert asked_about(town) == []
        assert not dutch.mood.reached.is_set()
        assert len(await dutch.inbox()) == 2
        cases = {row["id"]: row for row in await home.cases()}
        assert (cases[at_risk]["state"], cases[at_risk]["desk_code"]) == (CaseState.DESK, "embargo")
        assert cases[at_risk]["desk_alarm"] is not None
        assert cases[checked]["desk_code"] is None, "what is held is not reminded"
        assert {row["case_id"] for row in await home.rows(select(embargo_hits))} == set(cases)

        await ended(ctx, said.embargo.id)
        await go_on(ctx)
        await home.turn(6)
        assert asked_about(town)
        assert dutch.mood.reached.is_set()
        states = {row["id"]: row["state"] for row in await home.referrals()}
        assert states[sent[taken_back]] == ReferralState.RECALLED
        town.clock.advance(timedelta(minutes=1))
        await home.turn(2)
        assert len(await dutch.inbox()) > 2


async def test_a_name_that_leads_to_the_host(tmp_path: Path) -> None:
    """Its alias is known once name servers were asked; then nothing leaves, nor is asked again."""
    zone = (Host("www.alias.test", alias="pages.tulip.test"),)
    async with (
        neighbourhood(tmp_path, zone) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
    ):
        ctx = home.router.ctx
        await pin(home.router, [peer(dutch, inhope=True)])
        await pin(dutch.router, [peer(home)])
        said = await embargo(ctx, "host", "tulip.test")
        taken = await intake.take(ctx, report("http://www.alias.test/a", "A-1"), ANALYSTS)
        await home.turn(4)
        (case,) = await home.cases()
        assert case["hosting_country"] == "NL", "it was traced once"
        assert town.names is not None
        town.names.asked.clear()
        with pytest.raises(HeldBack):
            await case_acts.retrace(ctx, taken.items[0].case, ANNA, "again")
        town.clock.advance(timedelta(days=6))
        await home.turn(4)
        assert (await dutch.inbox(), town.names.asked) == ([], [])
        (row,) = await home.referrals()
        assert (row["state"], row["last_reason"]) == (ReferralState.WAITING, "embargo")
        await ended(ctx, said.embargo.id)
        await go_on(ctx)
        await home.turn(4)
        assert len(await dutch.inbox()) == 1


async def test_a_cdn(tmp_path: Path) -> None:
    """Nobody asks the CDN for the origin behind its edge."""
    net = Loopback(tmp_path)
    cdn = await Cloudflare({"shop.test": ["3.120.0.1"]}).open(net)
    async with faulty_server() as names, behind_a_cdn(tmp_path, names, net) as router:
        names.put("shop.test", "A", "104.16.1.1")
        names.put(CDN, "A", CDN_ADDRESS)
        await embargo(router.ctx, "url", "https://shop.test/page")
        case = await worked(router)
        assert case["state"] == CaseState.RECEIVED
        assert names.asked["shop.test"] == 0
        (one,) = await in_force(router.ctx)
        await ended(router.ctx, one.id)
        await go_on(router.ctx)
        for _ in range(3):
            await router.worker().turn()
        before = len(cdn.requests)
        assert before == 1, "without it the CDN is asked"
    await net.close()


async def test_the_police_by_their_folder(tmp_path: Path) -> None:
    """An embargo may be asked by the police themselves: their own way is held as well, and people tell them by hand."""
    async with police_desk(tmp_path) as desk:
        (case_id,) = await desk.taken("https://forum.test/page")
        said = await embargo(desk.book.ctx, "host", "forum.test")
        for _ in range(4):
            await desk.turn()
            desk.book.later(minutes=10)
        assert desk.unit.bundles() == []
        assert list((tmp_path / "unit").rglob("*.p7m")) == []
        await ended(desk.book.ctx, said.embargo.id)
        await go_on(desk.book.ctx)
        await desk.handed_over(case_id)
        assert len(desk.unit.bundles()) == 1


async def test_the_reported_host_itself(tmp_path: Path) -> None:
    """Where the operator lets it be asked: not while an embargo holds the case, and once it is over."""
    (tmp_path / "net").mkdir()
    async with casebook(tmp_path) as book, asking(book, tmp_path / "net") as host:
        case_id = await due(book)
        said = await embargo(book.ctx, "host", "example.test")
        for _ in range(3):
            await book.step(case_id)
            book.later(days=1)
        assert host.heard == []
        await ended(book.ctx, said.embargo.id)
        await book.step(case_id)
        assert len(host.heard) == 1
        book.later(days=8)
        await book.step(case_id)
        assert len(host.heard) == 2


async def test_nobody_answers_the_alarm(tmp_path: Path) -> None:
    """Where the police are told when nobody answers, they are not, and the desk does not say that they were."""
    async with casebook(tmp_path) as book:
        policy = book.rules.policy_.model_copy(update={"unseen_to": "federal-police"})
        book.rules.policy_ = policy
        await embargo(book.ctx, "host", "example.test")
        case_id = await book.take(actor=FORM, urgency="live")
        await book.step(case_id)
        await ringing_is_heard(book)
        book.later(hours=12)
        assert await unseen.hand_over(book.ctx) == 0
        case = await book.case(case_id)
        assert await book.referrals(case_id) == []
        assert "cannot be told: an embargo holds it; call anna" in case["desk_text"]
        await unseen.hand_over(book.ctx)
        said = [row for row in await book.rows(audit) if row["act"] == "embargo.hit" and "hand_over" in row["detail"]]
        assert len(said) == 1


async def ringing_is_heard(book: Casebook) -> None:
    """The alarm rang, as its row says it."""
    (row,) = await book.rows(alarms)
    rang = Change(alarms, {"id": row["id"]}, {"told": '{"webhook": 1}'}, row["version"])
    await book.ctx.store.commit(Transition(book.ctx.now(), (rang,)))
