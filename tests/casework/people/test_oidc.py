from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import news, oidc, sessions, signed_in
from router.casework.people.accounts import change_role, close_account
from router.casework.people.oidc import Mode
from router.casework.people.sessions import OpenedSession
from router.casework.people.tokens import account_named, add_account
from router.clock import StoryClock
from router.errors import Conflict, NotFound, NotSignedIn, TooOften, Unavailable
from router.guard.signin.provider import Provider
from router.store.schema.tables import oidc_subjects
from router.store.schema.tables import sessions as table
from schemas.actor import ROUTER, Role
from schemas.signin import SignInSettings
from tests.identity import BACK, HOST, SECRET, SETTINGS, Identity
from tests.loopback import Loopback
from tests.office import office

HERE = "192.0.2.7"


@dataclass
class House:
    ctx: Context
    identity: Identity

    async def there(
        self, mode: Mode, session: sessions.Session | None = None, subject: str = "s-1"
    ) -> tuple[Mode, OpenedSession | None]:
        """Go to the provider and come back."""
        address, kept = await oidc.begin(self.ctx, mode, HERE, session)
        return await oidc.finish(self.ctx, kept, self.identity.enter(address, subject), HERE)

    async def begun(self, name: str = "anna") -> sessions.Session:
        return (await sessions.begin(self.ctx, (await account_named(self.ctx, name)).actor)).session

    def pass_(self, **by: float) -> None:
        assert isinstance(self.ctx.clock, StoryClock)
        self.ctx.clock.advance(timedelta(**by))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    net = Loopback(tmp_path)
    async with office(tmp_path / "store") as ctx:
        for name, role in (("anna", Role.ANALYST), ("bob", Role.SUPERVISOR)):
            await add_account(ctx, name, role, ROUTER)
        identity = Identity(lambda: int(ctx.clock.now().timestamp()))
        await net.serve(HOST, identity.answer)
        provider = Provider(SETTINGS, BACK, await net.egress(), {"oidc": SECRET}.__getitem__)
        try:
            yield House(replace(ctx, door=replace(ctx.door, provider=provider)), identity)
        finally:
            await net.close()


async def test_it_says_who_and_the_role_is_given_here(house: House) -> None:
    house.identity.told = {"roles": ["administrator"], "role": "administrator", "preferred_username": "bob"}
    await house.there(Mode.CONNECT, await house.begun())
    _, opened = await house.there(Mode.ENTER)
    assert opened is not None
    assert (opened.session.actor.id, opened.session.actor.role, opened.session.by) == (
        "person:anna",
        Role.ANALYST,
        "provider",
    )


async def test_whom_it_knows_and_nobody_here_is_connected_with_stays_outside(house: House) -> None:
    """Also under the name of an account: only its person connects it."""
    for subject in ("s-2", "anna", "bob"):
        with pytest.raises(NotSignedIn, match="no account here is connected"):
            await house.there(Mode.ENTER, subject=subject)
    assert await house.ctx.store.rows(select(table)) == []


async def test_one_of_theirs_is_one_of_ours(house: House) -> None:
    await house.there(Mode.CONNECT, await house.begun())
    for name, subject in (("bob", "s-1"), ("anna", "s-2")):
        with pytest.raises(Conflict):
            await house.there(Mode.CONNECT, await house.begun(name), subject)
    assert len(await house.ctx.store.rows(select(oidc_subjects))) == 1


async def test_a_closed_account_is_connected_with_nobody(house: House) -> None:
    await house.there(Mode.CONNECT, await house.begun())
    await close_account(house.ctx, "anna", ROUTER)
    with pytest.raises(NotSignedIn):
        await house.there(Mode.ENTER)
    assert await house.ctx.store.rows(select(oidc_subjects)) == []


async def test_what_is_disconnected_lets_nobody_in(house: House) -> None:
    session = await house.begun()
    await house.there(Mode.CONNECT, session)
    await oidc.disconnect(house.ctx, session.account)
    with pytest.raises(NotSignedIn):
        await house.there(Mode.ENTER)


async def test_a_session_is_fresh_again_by_its_own_person_only(house: House) -> None:
    anna, bob = await house.begun(), await house.begun("bob")
    await house.there(Mode.CONNECT, anna)
    house.pass_(minutes=29)
    await house.there(Mode.FRESH, anna)
    rows = {bytes(row["digest"]): row["fresh_at"] for row in await house.ctx.store.rows(select(table))}
    assert rows[anna.digest] == house.ctx.now()
    assert rows[bob.digest] < house.ctx.now()
    with pytest.raises(NotSignedIn):
        await house.there(Mode.FRESH, bob)
    house.identity.told = {"auth_time": int(house.ctx.clock.now().timestamp()) - 3600}
    with pytest.raises(NotSignedIn):
        await house.there(Mode.FRESH, anna)


async def test_what_the_browser_keeps_is_sealed_lasts_ten_minutes_and_is_for_one_sign_in(house: House) -> None:
    address, kept = await oidc.begin(house.ctx, Mode.ENTER, HERE)
    other, _ = await oidc.begin(house.ctx, Mode.ENTER, HERE)
    came = house.identity.enter(address)
    assert came["state"] not in kept
    for wrong in ("", "x", "é", kept[:-8], kept[4:] + "AAAA"):
        with pytest.raises(NotSignedIn):
            await oidc.finish(house.ctx, wrong, came, HERE)
    with pytest.raises(NotSignedIn):
        await oidc.finish(house.ctx, kept, house.identity.enter(other), HERE)
    house.pass_(minutes=10, seconds=1)
    with pytest.raises(NotSignedIn, match="took too long"):
        await oidc.finish(house.ctx, kept, came, HERE)


async def test_a_sign_in_that_begins_fills_nothing(house: House) -> None:
    for _ in range(20):
        await oidc.begin(house.ctx, Mode.ENTER, HERE)
    assert await house.ctx.store.rows(select(oidc_subjects)) == []
    assert house.identity.calls == ["/.well-known/openid-configuration"]


async def test_one_that_is_down_leaves_the_other_ways(house: House) -> None:
    house.identity.down = True
    with pytest.raises(Unavailable, match="password here"):
        await oidc.begin(house.ctx, Mode.ENTER, HERE)
    await house.begun()


async def test_a_house_without_one_says_so(house: House) -> None:
    with pytest.raises(NotFound):
        await oidc.begin(replace(house.ctx, door=replace(house.ctx.door, provider=None)), Mode.ENTER, HERE)


@pytest.mark.parametrize("ended", ["signed out", "another role", "idle"])
async def test_a_session_that_was_ended_meanwhile_connects_nothing(house: House, ended: str) -> None:
    """Whoever took a screen over for a minute would come back by their own account there."""
    address, kept = await oidc.begin(house.ctx, Mode.CONNECT, HERE, await house.begun())
    if ended == "signed out":
        await signed_in.sign_out(house.ctx, "anna", ROUTER)
    elif ended == "another role":
        await change_role(house.ctx, "anna", Role.VIEWER, ROUTER)
    else:
        house.ctx = replace(house.ctx, door=replace(house.ctx.door, settings=SignInSettings(idle=timedelta(minutes=5))))
        house.pass_(minutes=6)
    with pytest.raises(NotSignedIn):
        await oidc.finish(house.ctx, kept, house.identity.enter(address), HERE)
    assert await house.ctx.store.rows(select(oidc_subjects)) == []


@pytest.mark.parametrize("step", ["begin", "finish"])
async def test_strangers_have_it_asked_so_often_and_the_form_for_a_password_stays_open(house: House, step: str) -> None:
    address, kept = await oidc.begin(house.ctx, Mode.ENTER, "198.51.100.1")
    given = house.identity.enter(address) | {"code": "caught"}
    said = []
    for _ in range(70):
        try:
            if step == "begin":
                await oidc.begin(house.ctx, Mode.ENTER, HERE)
            else:
                await oidc.finish(house.ctx, kept, given, HERE)
        except (NotSignedIn, TooOften) as error:
            said.append(type(error))
    assert said.count(TooOften) == 10
    assert house.identity.calls.count("/token") == (60 if step == "finish" else 0)
    assert house.ctx.door.by_address.take(HERE, house.ctx.clock.now().timestamp()) == 0


async def test_a_house_that_signs_in_all_day_is_never_slowed(house: House) -> None:
    await house.there(Mode.CONNECT, await house.begun())
    for _ in range(100):
        await house.there(Mode.ENTER)


async def test_a_new_way_in_ends_the_other_sessions_and_keeps_the_one_that_asked(house: House) -> None:
    """Whoever connected theirs from a session of another would stay, and so would who was there before."""
    mine, other = await house.begun(), await house.begun()
    await house.there(Mode.CONNECT, mine)
    assert [one.id for one in await signed_in.signed_in(house.ctx, "anna")] == [mine.id]
    assert other.id != mine.id
    told = await news.news_of(house.ctx, mine.account.id)
    assert [one.code for one in told] == ["connected"]
    assert await news.news_of(house.ctx, mine.account.id, mine.id) == []
