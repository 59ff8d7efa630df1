"""Page by page, every list shows exactly what is wanted, in its order, once, with its total, whatever is wanted."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import product
from random import Random
from typing import Any

import pytest

from router.casework.read import narrowed
from router.guard.seal import ID, Keyring
from router.store.base import Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, referrals
from router.store.writer import Writer
from schemas.pages import CasesWanted, DeskWanted, ReferralsWanted
from schemas.site import written
from tests.store.conftest import migrated_postgres, opened, postgres_url, store, url  # noqa: F401 - fixtures
from tests.store.samples import KEYRING, NOW, case, referral

HOUR = 3_600_000_000
SOURCES, COUNTRIES, PARTNERS = ("form", "api"), (None, "NL", "FR"), ("nl", "fr")
#: One host that many cases are of, one that few are, and cases without one; and how people write the first two.
HOSTS = tuple(KEYRING.blind("host", name) for name in ("many.test", "few.test"))
SITES = tuple(written(host[ID:]) for host in HOSTS)
DOMAIN = KEYRING.blind("host", "domain many.test")
REASONS = ("not_assessed", "refused")
COUNT, PAGE = 90, 17
#: Wishes that are tried of each list, of all there are; other ones in each way of finding them.
SOME = 10


def some(looks: str, *wishes: Any) -> list[tuple[Any, ...]]:
    """Some of all combinations, the empty one and the fullest one among them."""
    every = list(product(*wishes))
    return [every[0], every[-1], *Random(looks).sample(every, SOME)]  # noqa: S311 - the same in every run


@dataclass
class Reading:
    """As much of a context as lists need that open nothing."""

    store: Any
    keyring: Keyring = KEYRING
    zone: tzinfo = field(default=UTC)

    def now(self) -> int:
        return NOW


@pytest.fixture
async def ctx(store: Writer) -> Any:  # noqa: F811 - the fixture is meant
    random = Random(7)  # noqa: S311 - what there is; the same in every run
    adds = []
    for n in range(COUNT):
        state = random.choice(["received", "referred", "desk", "desk", "closed"])
        more: dict[str, Any] = {"hosting_country": random.choice(COUNTRIES), "source": random.choice(SOURCES)}
        more["host_bidx"] = random.choice((HOSTS[0], HOSTS[0], HOSTS[0], HOSTS[1], None))
        more["domain_bidx"] = random.choice((DOMAIN, b"", None))
        more["urgency"], more["rank"] = random.choice([("none", 2), ("none", 3), ("live", 0)])
        if state == "desk":
            since = NOW - random.randrange(5) * HOUR
            more |= {"desk_code": random.choice(REASONS), "desk_since": since, "desk_first_since": since}
            if random.random() < 0.4:
                more["desk_also"] = f",{random.choice(REASONS)}," if random.random() < 0.5 else ",look,moved,"
            more |= {"desk_due": NOW + random.randrange(-30, 30) * HOUR, "next_at": None}
        if state == "closed":
            more |= {"next_at": None, "outcome": "removed", "closed_at": NOW}
        one = new_id()
        adds.append(case(one, state=state, url_bidx=str(n).encode(), **more))
        for partner in random.sample(PARTNERS, random.randrange(3)):
            ended: dict[str, Any] = {"state": random.choice(["waiting", "refused", "accepted"])}
            if ended["state"] != "waiting":
                ended |= {"next_at": None, "receipt": "r"}
            ended |= {"attempts": random.randrange(2), "bundle": random.choice([None, "b"])}
            adds.append(referral(new_id(), case_id=one, partner=partner, **ended))
    await store.commit(Transition(NOW, adds=adds))
    return Reading(store)


@pytest.fixture(params=["plenty", "few", "windows"], autouse=True)
def looks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way in which a page is found: everything is few, some things are, or nothing is."""
    if request.param != "plenty":
        monkeypatch.setattr(narrowed, "LOOKED", {"few": 40, "windows": 7}[request.param])
        monkeypatch.setattr(narrowed, "LOOKED_ON_DESK", {"few": 30, "windows": 9}[request.param])
    return str(request.param)


async def through(page: Any, ctx: Any, wanted: Any) -> tuple[list[str], set[tuple[int, bool]]]:
    """All ids of a list, page by page, and the totals its pages told."""
    ids: list[str] = []
    totals, cursor = set(), None
    for _ in range(200):
        found = await page(ctx, wanted, cursor, PAGE)
        assert len(found.rows) <= PAGE
        ids += [row["id"] for row in found.rows]
        totals.add((found.total, found.more))
        cursor = found.next
        if cursor is None:
            return ids, totals
    raise AssertionError("the list never ends")


def _asked(row: Row, reason: str | None) -> bool:
    also = (row["desk_also"] or "").split(",") if row["desk_code"] else []
    return reason is None or reason in (row["desk_code"], *also)


def of_case(row: Row, wanted: CasesWanted | DeskWanted, sent: set[tuple[str, str]]) -> bool:
    return (
        _asked(row, wanted.reason)
        and wanted.source in (None, row["source"])
        and wanted.country in (None, row["hosting_country"])
        and (wanted.partner is None or (row["id"], wanted.partner) in sent)
        and (wanted.site is None or row["host_bidx"] == HOSTS[SITES.index(wanted.site)])
        and (not wanted.at_risk or (row["urgency"] != "none" and row["state"] != "closed"))
    )


async def everything(ctx: Any) -> tuple[list[Row], list[Row], set[tuple[str, str]]]:
    rows, sent = await ctx.store.rows(cases.select()), await ctx.store.rows(referrals.select())
    return rows, sent, {(row["case_id"], row["partner"]) for row in sent}


async def test_cases(ctx: Any, looks: str) -> None:
    rows, _, sent = await everything(ctx)
    states = (None, "received", "desk", "closed")
    wishes = (states, (None, *REASONS[:1]), (None, "api"), (None, "NL"), (None, "nl"), (None, *SITES), (False, True))
    for state, reason, source, country, partner, site, risk in some(looks, *wishes):
        asked = {"state": state, "reason": reason, "source": source, "country": country, "partner": partner}
        asked |= {"site": site}
        wanted = CasesWanted(**asked, at_risk=risk)
        right = [row["id"] for row in rows if state in (None, row["state"]) and of_case(row, wanted, sent)]
        ids, totals = await through(narrowed.page_of_cases, ctx, wanted)
        assert ids == sorted(right, reverse=True), wanted
        assert totals == {(len(right), False)}, wanted


async def test_referrals(ctx: Any, looks: str) -> None:
    _, rows, _ = await everything(ctx)
    every = some(looks, (None, "waiting", "accepted"), (None, "nl"), (False, True), (False, True))
    for state, partner, tried, bundled in every:
        wanted = ReferralsWanted(state=state, partner=partner, without_receipt=tried, bundled=bundled)
        right = [
            row
            for row in rows
            if state in (None, row["state"])
            and partner in (None, row["partner"])
            and (not tried or (row["attempts"] > 0 and row["state"] in ("waiting", "sending")))
            and (not bundled or row["bundle"])
        ]
        right.sort(key=lambda row: (row["case_id"] if partner else "", row["id"]), reverse=True)
        ids, totals = await through(narrowed.page_of_referrals, ctx, wanted)
        assert ids == [row["id"] for row in right], wanted
        assert totals == {(len(right), False)}, wanted


async def test_beyond_what_is_counted_a_total_says_at_least(ctx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowed, "LOOKED", 7)
    monkeypatch.setattr(narrowed, "COUNTED", 10)
    found = await narrowed.page_of_cases(ctx, CasesWanted(partner="nl"), None, 4)
    assert found.more
    assert found.total <= 10
    assert not (await narrowed.page_of_cases(ctx, CasesWanted(source="api"), None, 4)).more


async def test_the_cases_of_a_domain(ctx: Any) -> None:
    rows, _, _ = await everything(ctx)
    right = [row["id"] for row in rows if row["domain_bidx"] == DOMAIN]

    async def page(ctx: Any, _: Any, cursor: str | None, limit: int) -> narrowed.Found:
        return await narrowed.page_of_domain(ctx, [DOMAIN], cursor, limit)

    assert await through(page, ctx, None) == (sorted(right, reverse=True), {(len(right), False)})


async def test_what_lists_can_be_narrowed_by(ctx: Any) -> None:
    found = await narrowed.kinds(ctx, on_desk=True)
    assert (found.sources, found.countries) == (("api", "form"), ("FR", "NL"))
    assert found.reasons == ("look", "moved", *REASONS), "those beside the most urgent one as well"
