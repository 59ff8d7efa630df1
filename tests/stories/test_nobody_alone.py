"""Nobody alone sends a location to an address of their choosing, through any number of accounts or tokens they made.

Over real HTTPS: an administrator and a supervisor each try every way they have to lead referrals to a machine of their
own. It hears nothing, and the real partner gets what is its own. With a second person, by their own hand, it is led
there: what is asserted can fail.
"""

import json
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from router.casework.intake import take as intake
from router.casework.people import tokens
from router.guard.egress import Egress, HttpAnswer
from router.guard.target import Purpose
from router.world.story import CANADA, HOME, NETHERLANDS
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, peer, pin, report


@dataclass
class Hand:
    """One person at the API of a router, by a token of their own making."""

    egress: Egress
    home: Neighbour
    name: str
    token: str
    refused: list[str] = field(default_factory=list)

    async def ask(self, method: str, path: str, **given: Any) -> HttpAnswer:
        """Make one request over HTTPS."""
        answer = await self.egress.request(
            method,
            f"https://{self.home.site.host}{path}",
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            body=json.dumps(given).encode() if method != "GET" else None,
            deadline=20.0,
            cap=4_000_000,
            purpose=Purpose.PARTNER,
        )
        if answer.status == 403:
            self.refused.append(f"{method} {path}")
        return answer

    async def must(self, method: str, path: str, status: int, **given: Any) -> Any:
        """Make one that is answered so."""
        answer = await self.ask(method, path, **given)
        assert answer.status == status, (path, answer.status, answer.body[:500])
        return json.loads(answer.body) if answer.body else None


def way_in(town: Neighbourhood) -> Egress:
    """The way to the routers of this world, as anybody has it."""
    sites = {one.site.host: one.site.address for one in town.routers.values()}

    async def resolve(host: str) -> list[Any]:
        return [ip_address(sites[host])]

    return Egress(resolve, dial=town.dial, ca_file=town.authority.certificate)


async def somebody(egress: Egress, home: Neighbour, name: str, role: Role) -> Hand:
    """A person with an account, who made a token on the console."""
    account = await tokens.add_account(home.router.ctx, name, role, ROUTER)
    made = await tokens.create_token(home.router.ctx, TokenGiven(name="own", account=name), account.actor)
    return Hand(egress, home, name, made.token)


def repointed(dutch: Neighbour, attacker: Neighbour) -> dict[str, Any]:
    """The Dutch hotline's entry with the attacker's machine and key in it."""
    entry = peer(dutch, inhope=True).model_dump(mode="json")
    entry["config"] |= {"url": f"https://{attacker.site.host}"}
    entry["config"]["keys"] = [{"id": attacker.router.signer.key_id, "public": attacker.router.signer.public}]
    return entry


async def lend(eve: Hand, victim: str) -> None:
    """Try to act through others: those there are, and those made for it."""
    await eve.must("POST", "/v1/accounts", 201, name=f"{eve.name}-2", role="supervisor")
    await eve.must("POST", f"/v1/accounts/{victim}/role", 200, role="supervisor")
    for account in (victim, f"{eve.name}-2"):
        await eve.must("POST", "/v1/tokens", 403, name="lent", account=account)
        await eve.must("POST", f"/v1/accounts/{account}/invite", 403)
    await eve.must("POST", f"/v1/accounts/{eve.name}/role", 403, role="supervisor")


async def lead_away(hand: Hand, dutch: Neighbour, attacker: Neighbour) -> None:
    """Try to lead what is referred to the attacker's machine, and to be one's own second person."""
    wanted, name = repointed(dutch, attacker), dutch.site.partner
    assert (await hand.must("PUT", f"/v1/partners/{name}", 200, **wanted))["proposed"] == [f"partner:{name}"]
    added = peer(attacker).model_dump(mode="json") | {"countries": ["NL"], "default": False}
    await hand.must("PUT", f"/v1/partners/{attacker.site.partner}", 200, **added)
    await hand.must("POST", f"/v1/partners/{attacker.site.partner}/enable", 200, reason="they are ours")
    known = json.loads((await hand.ask("GET", "/v1/partners")).body)
    others = [one for one in known["partners"] if one["name"] != name]
    await hand.must("POST", "/v1/partners", 200, **{**known, "partners": [*others, wanted]})
    again = (await hand.must("POST", "/v1/tokens/mine", 201, name="another of mine"))["token"]
    for token in (hand.token, again):
        other = Hand(hand.egress, hand.home, hand.name, token)
        for subject in (f"partner:{name}", f"partner:{attacker.site.partner}"):
            await other.must("POST", f"/v1/proposals/{subject}/confirm", 403)
            await other.must("POST", f"/v1/proposals/{subject}/break-glass", 409, reason="in a hurry")
    await hand.must("POST", "/v1/alarm", 201, webhook=[{"url": f"https://{attacker.site.host}/"}])
    await hand.must("POST", "/v1/proposals/alarm/confirm", 403)
    await hand.must("POST", "/v1/proposals/alarm/break-glass", 403, reason="in a hurry")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SUPERVISOR])
async def test_alone_nothing_is_led_away_and_with_a_second_person_it_is(tmp_path: Path, role: Role) -> None:
    async with (
        neighbourhood(tmp_path) as town,
        town.moving_in(HOME) as home,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(CANADA) as attacker,
        way_in(town) as egress,
    ):
        await pin(home.router, [peer(dutch, inhope=True)])
        await pin(dutch.router, [peer(home)])
        first, second = [await somebody(egress, home, name, role) for name in ("eve", "sam")]
        await somebody(egress, home, "victim", Role.ANALYST)
        if role is Role.ADMINISTRATOR:
            await lend(first, "victim")
        await lead_away(first, dutch, attacker)
        await intake.take(home.router.ctx, report("http://pages.tulip.test/one", "A-1"), ANALYSTS)
        await home.turn(4)
        assert len(await dutch.inbox()) == 1
        assert not attacker.mood.reached.is_set()

        (case,) = await home.cases()
        answer = await first.ask("POST", f"/v1/cases/{case['id']}/refer", partner=attacker.site.partner, reason="there")
        assert answer.status in {403, 404, 409, 422}
        await home.turn(4)
        assert not attacker.mood.reached.is_set()

        await second.must("POST", f"/v1/proposals/partner:{dutch.site.partner}/confirm", 200)
        home.router.ctx.governance.forget()  # type: ignore[attr-defined] # followed within a second; not here
        await intake.take(home.router.ctx, report("http://pages.tulip.test/two", "A-2"), ANALYSTS)
        await home.turn(4)
        assert attacker.mood.reached.is_set(), "the way that two people opened is a way"
