"""How many steps each kind of item takes: each is really done in a browser, by pointer and by keys, to its end.

`docs/desk.md` says what was counted (`WRITE_CONTRACTS=1`, in one process, writes it). `counted_before.json` is the same
walk (`stranger.py`) in the console of 02b7731f, the commit before several reasons at once; empty where it could not.
"""

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from router.casework.case.desk_entry import entry, take_off_desk
from router.casework.desk import case_acts, referral_acts, taking
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.casefile import DeskCode
from schemas.trace import Reason, Verdict, VerdictKind
from tests.browser.conftest import Desk
from tests.browser.stranger import Stranger
from tests.casebook import ANNA, Casebook
from tests.stories import test_every_offer_is_accepted as known

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DOC = Path(__file__).resolve().parents[2] / "docs" / "desk.md"
BEFORE = Path(__file__).with_name("counted_before.json")
#: So many tests, that each of them takes no minute of a machine to itself.
PARTS = 12
Situation = Callable[[Casebook], Awaitable[str]]


async def asked(book: Casebook, case_id: str, code: str, *about: str) -> str:
    """Ask people this of a case, and nothing else."""
    row = await book.case(case_id)
    off = take_off_desk()
    columns = {**off, **entry({**row, **off}, (DeskCode(code), ""), book.ctx.now(), *about), "state": "desk"}
    await book.ctx.store.commit(Transition(0, (Change(cases, {"id": case_id}, columns, row["version"]),)))
    return case_id


def asking(base: Situation, code: str, *, about: bool = False) -> Situation:
    async def put(book: Casebook) -> str:
        case_id = await base(book)
        referral = [(await book.referral(case_id))["id"]] if about else []
        return await asked(book, case_id, code, *referral)

    return put


async def nobodys(book: Casebook) -> str:
    """Assessed, and no partner has it."""
    case_id = await book.decided()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong")
    return case_id


async def doubtful(book: Casebook) -> str:
    book.world.verdict = Verdict(kind=VerdictKind.COUNTRY, country="NL", countries=("NL",), confidence=0.3)
    return await book.decided()


async def wrapped(book: Casebook) -> str:
    why = Reason(code="link_wrapper", text="It only carries another location.")
    book.world.verdict = Verdict(kind=VerdictKind.UNRESOLVED, reasons=(why,), leads_to="https://inner.test/a")
    return await book.decided()


async def asked_by_somebody(book: Casebook) -> str:
    case_id = await book.accepted()
    await case_acts.ask(book.ctx, case_id, ANNA, "look again")
    return case_id


@dataclass(frozen=True)
class Item:
    """One kind of item: how it comes about, and what is done; `ends` is whether nobody is asked then."""

    code: str
    begin: Situation
    acts: tuple[str, ...]
    chosen: dict[str, str] = field(default_factory=dict)
    ends: bool = True


_HELD, _SENT, _HOST = known.held, known.with_its_partner, known.without_a_host
_SEEN = ("reveal",)
_TO = {"partner": "hotline-ca"}
ITEMS: dict[str, Item] = {
    "not assessed: not illegal, once looked at": Item("not_assessed", known.not_assessed, (*_SEEN, "not-illegal")),
    "not assessed: illegal, sent as proposed, once looked at": Item(
        "not_assessed", known.not_assessed, (*_SEEN, "send"), {"assessment": "baseline"}
    ),
    "a child at risk: somebody is on it": Item("child_at_risk", known.at_risk, ("acknowledge",), ends=False),
    "a child at risk: the police were told by telephone": Item(
        "child_at_risk", known.at_risk, ("told-police",), ends=False
    ),
    "a child at risk: sent as proposed": Item("child_at_risk", known.at_risk, ("send",)),
    "called not illegal by one: the second person agrees": Item(
        "second_look", asking(known.not_assessed, "second_look"), (*_SEEN, "not-illegal")
    ),
    "proposed by a rule": Item("proposed", asking(doubtful, "proposed"), ("send",)),
    "the country is in doubt: sent as proposed": Item("doubtful", asking(doubtful, "doubtful"), ("send",)),
    "behind a CDN: where it stands": Item("edge_only", known.behind_an_edge, ("origin",)),
    "a short link: where it leads": Item("shortened", asking(_HOST, "shortened"), ("target",)),
    "a link that carries another: taken from it": Item("wrapped", asking(wrapped, "wrapped"), ("target",)),
    "seen long ago: still there": Item(
        "seen_long_ago", asking(nobodys, "seen_long_ago"), (*_SEEN, "look"), {"finding": "still_there"}
    ),
    "no rule says who: referred": Item("no_route", asking(nobodys, "no_route"), ("refer",), _TO),
    "the policy asks people: sent as proposed": Item("policy", asking(doubtful, "policy"), ("send",)),
    "nobody may receive it: referred": Item("no_recipient", asking(nobodys, "no_recipient"), ("refer",), _TO),
    "refused by its partner: referred": Item("refused", known.SITUATIONS["refused"], ("refer",), _TO),
    "every attempt failed: referred": Item("expired", asking(known.SITUATIONS["refused"], "expired"), ("refer",), _TO),
    "still not delivered: handed over by another way": Item(
        "undelivered",
        asking(known.SITUATIONS["deferred"], "undelivered", about=True),
        ("handed-over",),
        {"partner": "hotline-nl"},
    ),
    "it may have arrived: it did, by their number": Item(
        "unknown",
        asking(known.SITUATIONS["unknown"], "unknown", about=True),
        ("handed-over",),
        {"partner": "hotline-nl"},
    ),
    "a mail came back: written to by hand": Item("bounced", asking(_SENT, "bounced"), ("done",)),
    "five days later: gone": Item("look", known.to_be_looked_at, ("look",), {"finding": "gone"}),
    "five days later: closed with its outcome": Item("look", known.to_be_looked_at, ("close",), {"outcome": "removed"}),
    "the partner cannot see it: still there": Item(
        "access", asking(_SENT, "access"), ("look",), {"finding": "still_there"}
    ),
    "it moves to and fro: its partner goes on": Item("moved", asking(_SENT, "moved"), ("done",)),
    "taken back: the partner was told": Item("withdraw", known.to_be_told_by_hand, ("done",)),
    "the day of the police has come: gone": Item(
        "hold_over", asking(_SENT, "hold_over"), ("look",), {"finding": "gone"}
    ),
    "a letter of the police was read": Item("letter", asking(_SENT, "letter"), ("done",)),
    "the police let us write to the host: done": Item("released", asking(_SENT, "released"), ("done",)),
    "held without a date: let go": Item("stopped", asking(_HELD, "stopped", about=True), ("release",)),
    "the router failed on it: looked up again": Item("broken", asking(nobodys, "broken"), ("retrace",)),
    "taken back by staff: referred": Item("overruled", nobodys, ("refer",), _TO),
    "two sources disagree: assessed, once looked at": Item(
        "disagree", asking(nobodys, "disagree"), (*_SEEN, "assess"), {"assessment": "national"}
    ),
    "asked by a colleague: answered": Item("asked", asked_by_somebody, ("done",)),
    "another tool watches it: sent": Item("watching", asking(doubtful, "watching"), ("send",)),
    "under an embargo: closed": Item("embargo", asking(nobodys, "embargo"), ("close",), {"outcome": "unresolved"}),
    "the police ask to wait, a child at risk: closed": Item(
        "police_hold", asking(nobodys, "police_hold"), ("close",), {"outcome": "unresolved"}
    ),
    "any: not me, not today": Item("asked", asked_by_somebody, ("pass-on",), ends=False),
}


async def is_asked(book: Casebook, case_id: str, code: str) -> bool:
    row = await book.case(case_id)
    more = [one["code"] for one in json.loads(row.get("desk_more") or "[]")]
    return row["state"] == "desk" and code in (row["desk_code"], *more)


async def counted(desk: Desk, folder: Path, item: Item, acts: tuple[str, ...], *, by_keys: bool) -> int:
    """Do it, in a house of its own; return how many steps it took. Raise CouldNot."""
    async with known.opened(folder) as book:
        case_id = await item.begin(book)
        await held_by_bea(book, case_id)
        page = await desk.page_of(book, f"/cases/{case_id}")
        by = Stranger(page, by_keys, item.chosen)
        assert await is_asked(book, case_id, item.code)
        for act in acts:
            await by.do(act)
            said = page.locator("[role=alert]")
            assert not await said.count(), await said.all_inner_texts()
            assert page.url.endswith("/reveal") or f"done={act}" in page.url, page.url
        await page.context.close()
        assert await is_asked(book, case_id, item.code) is not item.ends
    return by.count


async def held_by_bea(book: Casebook, case_id: str) -> None:
    """She has it before her, as whoever asks for the next item has."""
    await taking.take(book.ctx, case_id, Actor(id="person:bea"))


def table() -> dict[str, list[str]]:
    """What docs/desk.md says of each kind: before by pointer and by keys, now by pointer and by keys."""
    lines = [line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    return {row[0]: row[1:] for row in rows}


def test_the_table_has_every_question_of_the_desk_and_what_was_counted_before() -> None:
    assert {item.code for item in ITEMS.values()} == set(DeskCode)
    before = json.loads(BEFORE.read_text(encoding="utf-8"))
    assert list(before) == list(ITEMS)
    said = {name: [str(one) for one in found] or ["could not"] * 2 for name, found in before.items()}
    assert {name: row[:2] for name, row in table().items()} == said


def written(name: str, now: list[str]) -> None:
    """Write a row anew."""
    row = table()[name]
    old, new = (f"| {' | '.join([name, *row[:2], *one])} |" for one in (row[2:], now))
    DOC.write_text(DOC.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_stranger_counts_what_the_table_says(tmp_path: Path, desk: Desk, part: int) -> None:
    for at, name in enumerate(list(ITEMS)[part::PARTS]):
        ways = [(tmp_path / f"{at}-{way}", way == "keys") for way in ("pointer", "keys")]
        now = [str(await counted(desk, folder, ITEMS[name], ITEMS[name].acts, by_keys=keys)) for folder, keys in ways]
        if os.environ.get("WRITE_CONTRACTS") == "1":
            written(name, now)
        assert table()[name][2:] == now, name
