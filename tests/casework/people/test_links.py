import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from router.casework.context import Context
from router.casework.people import factors, links, news, sessions
from router.casework.people.tokens import account_named, add_account
from router.clock import StoryClock
from router.errors import NotAllowed, NotFound, NotSignedIn, RouterError, TooOften
from schemas.actor import ROUTER, Actor, Role
from schemas.signin import SignInSettings
from tests.office import office, person

MACHINE = Actor(id="local:root")
NAMED = SignInSettings(reveal_from=("192.0.2.0/24",))
BOSS, OTHER = person("boss", Role.SUPERVISOR), person("other", Role.SUPERVISOR)


@dataclass
class House:
    """Anna has an app and codes; a boss and another supervisor are there."""

    ctx: Context
    secret: str
    codes: tuple[str, ...]

    async def link(self, name: str = "anna", by: Actor = MACHINE) -> str:
        return await sessions.issue_link(self.ctx, name, by)

    async def news(self, name: str, session: str = "") -> list[str]:
        return [one.code for one in await news.news_of(self.ctx, (await account_named(self.ctx, name)).id, session)]

    async def refused(self, raw: str, code: str = "") -> RouterError:
        with pytest.raises(RouterError) as caught:
            await links.redeem(self.ctx, raw, "192.0.2.7", code)
        return caught.value


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with office(tmp_path) as ctx:
        for name in ("boss", "other"):
            await add_account(ctx, name, Role.SUPERVISOR, ROUTER)
        anna = await add_account(ctx, "anna", Role.SUPERVISOR, ROUTER)
        secret = await factors.begin_app(ctx, anna)
        codes = await factors.confirm_app(ctx, anna, pyotp.TOTP(secret).at(ctx.clock.now()))
        await news.know(ctx, anna.id)
        assert isinstance(ctx.clock, StoryClock)
        ctx.clock.advance(timedelta(seconds=30))
        yield House(ctx, secret, codes)


async def test_who_has_nothing_yet_comes_in_by_the_link_alone(house: House) -> None:
    first = (await links.redeem(house.ctx, await house.link("boss"))).session
    assert first.by == "link"
    assert await house.news("boss", first.id) == []
    assert await house.news("boss") == ["link"], "elsewhere they are told, and say whether it was them"
    assert (await house.news("other"), await house.news("anna")) == ([], []), "it is how an account begins"


@pytest.mark.parametrize("by", [MACHINE, OTHER])
async def test_of_a_later_one_alone_its_person_and_who_could_have_agreed_are_told(house: House, by: Actor) -> None:
    ben = await add_account(house.ctx, "ben", Role.ANALYST, ROUTER)
    await links.redeem(house.ctx, await house.link("ben", by))
    assert await house.news("other") == (["link"] if by is OTHER else [])
    session = (await links.redeem(house.ctx, await house.link("ben", by))).session
    assert await house.news("ben", session.id) == ["link"], "of the first, not of its own"
    assert await house.news("ben") == ["link", "link"]
    assert (await house.news("boss"), await house.news("anna")) == (["link"], ["link"])
    await news.know(house.ctx, ben.id, session.id)
    assert await house.news("ben") == ["link"], "who came in by it does not say that it is known"


async def test_one_who_may_not_agree_is_told_nothing(house: House) -> None:
    await add_account(house.ctx, "ben", Role.ANALYST, ROUTER)
    await add_account(house.ctx, "zoe", Role.ADMINISTRATOR, ROUTER)
    for _ in range(2):
        await links.redeem(house.ctx, await house.link("zoe"))
    assert await house.news("ben") == []
    assert await house.news("boss") == ["link"]


async def test_outside_the_named_networks_a_link_alone_asks_for_a_supervisors_yes(house: House) -> None:
    """A link is sent by mail: whoever reads it on the way would be the person, from anywhere in the world."""
    ctx = house.ctx = replace(house.ctx, door=replace(house.ctx.door, settings=NAMED))
    await add_account(ctx, "ben", Role.ANALYST, ROUTER)
    made = await house.link("ben")
    for address in ("198.51.100.1", "", "no address"):
        with pytest.raises(NotAllowed) as caught:
            await links.redeem(ctx, made, address)
        assert caught.value.reason == "from_here"
    assert await links.ask(ctx, made, "192.0.2.7") == made, "inside nobody is asked"
    raw = await links.ask(ctx, made, "198.51.100.1")
    (one,) = await links.asking(ctx)
    await links.agree(ctx, one.id, BOSS)
    assert (await links.redeem(ctx, raw, "198.51.100.1")).session.by == "link+yes"
    assert (await house.news("ben"), await house.news("boss")) == (["link+yes"], ["link+yes"])


async def test_inside_the_named_networks_or_with_a_factor_it_is_enough(house: House) -> None:
    ctx = house.ctx = replace(house.ctx, door=replace(house.ctx.door, settings=NAMED))
    await add_account(ctx, "ben", Role.ANALYST, ROUTER)
    assert (await links.redeem(ctx, await house.link("ben"), "192.0.2.7")).session.by == "link"
    opened = await links.redeem(ctx, await house.link(), "198.51.100.1", house.codes[0])
    assert opened.session.by == "link+code"


@pytest.mark.parametrize("way", ["app", "code"])
async def test_who_has_an_app_shows_it_or_a_recovery_code_and_is_told(house: House, way: str) -> None:
    raw = await house.link()
    assert (await house.refused(raw)).reason == "second"
    assert isinstance(await house.refused(raw, "000000"), NotSignedIn)
    code = pyotp.TOTP(house.secret).at(house.ctx.clock.now()) if way == "app" else house.codes[0]
    assert (await links.redeem(house.ctx, raw, "192.0.2.7", code)).session.by == f"link+{way}"
    assert await house.news("anna") == [f"link+{way}"]
    assert isinstance(await house.refused(raw, house.codes[1]), NotSignedIn), "the link is used"


async def test_who_lost_all_of_it_is_let_in_by_a_supervisors_yes_and_both_are_told(house: House) -> None:
    made = await house.link()
    assert await links.asking(house.ctx) == [], "nobody is asked before they ask"
    raw = await links.ask(house.ctx, made)
    assert await links.ask(house.ctx, raw) == raw, "asked once more, it stays"
    assert (await house.refused(raw)).reason == "asked"
    (one,) = await links.asking(house.ctx)
    assert (one.account, one.ends_at - house.ctx.clock.now()) == ("anna", timedelta(hours=1))
    await links.agree(house.ctx, one.id, BOSS)
    assert await links.asking(house.ctx) == []
    assert isinstance(await house.refused(made), NotSignedIn), "whoever made it does not come in by the yes"
    opened = await links.redeem(house.ctx, raw, "192.0.2.7")
    assert opened.session.by == "link+yes"
    assert (await house.news("anna"), await house.news("boss"), await house.news("other")) == (
        ["link+yes"],
        ["link+yes"],
        [],
    )
    await news.know(house.ctx, opened.session.account.id)
    assert (await house.news("anna"), await house.news("boss")) == ([], ["link+yes"])


async def test_neither_the_person_nor_who_made_the_link_nor_a_lent_token_says_yes(house: House) -> None:
    raw = await links.ask(house.ctx, await house.link(by=OTHER))
    (one,) = await links.asking(house.ctx)
    lent = BOSS.model_copy(update={"issuer": "local:root"})
    for who in (person("anna", Role.SUPERVISOR), OTHER, MACHINE, lent):
        with pytest.raises(NotAllowed):
            await links.agree(house.ctx, one.id, who)
    assert (await house.refused(raw)).reason == "asked"


async def test_a_yes_is_for_one_link_while_it_lasts(house: House) -> None:
    first, second = await links.ask(house.ctx, await house.link()), await house.link()
    (one,) = await links.asking(house.ctx)
    assert isinstance(house.ctx.clock, StoryClock)
    house.ctx.clock.advance(timedelta(minutes=59))
    await links.agree(house.ctx, one.id, BOSS)
    assert isinstance(await house.refused(second), NotSignedIn), "that one lived for a quarter of an hour"
    house.ctx.clock.advance(timedelta(minutes=1))
    assert isinstance(await house.refused(first), NotSignedIn)
    with pytest.raises(NotFound):
        await links.agree(house.ctx, one.id, OTHER)


async def test_guessing_at_a_link_that_was_found_is_slowed(house: House) -> None:
    raw = await house.link()
    answers = [type(await house.refused(raw, "000000")) for _ in range(12)]
    assert answers == [NotSignedIn] * 10 + [TooOften] * 2


async def test_of_two_who_have_a_link_and_ask_at_once_one_goes_on(house: House) -> None:
    raw = await house.link()
    answers = await asyncio.gather(*(links.ask(house.ctx, raw) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["NotSignedIn", "str"]
    assert isinstance(await house.refused(raw), NotSignedIn)


async def test_who_needs_no_yes_or_has_no_link_asks_nobody(house: House) -> None:
    raw = await house.link("boss")
    assert await links.ask(house.ctx, raw) == raw
    assert await links.asking(house.ctx) == []
    await links.redeem(house.ctx, raw)
    for gone in (raw, "rr_link_x", ""):
        with pytest.raises(NotSignedIn):
            await links.ask(house.ctx, gone)
