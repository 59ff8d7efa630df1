"""Logins: many tokens live at a time, a refresh takes the pair, and a wrong password says nothing more than no."""

from datetime import timedelta

import pytest

from router.clock import StoryClock
from router.world.iccam.bodies import Credentials, TokenPair
from router.world.iccam.hub import Hub
from router.world.iccam.records import Refusal
from router.world.iccam.rules import Rules
from router.world.iccam.tokens import Tokens
from tests.world.iccam.members import DE, NL


def credentials(username: str, password: object) -> Credentials:
    return Credentials.model_validate({"username": username, "password": password})


@pytest.fixture
def tokens(hub: Hub) -> Tokens:
    return Tokens(hub)


def test_many_tokens_of_one_login_are_good_at_once(tokens: Tokens) -> None:
    given = [tokens.login(credentials(NL.username, NL.password))["bearerToken"] for _ in range(30)]
    given.append(tokens.login(credentials(DE.username, DE.password))["bearerToken"])
    assert [tokens.hotline(token).country for token in given] == ["NL"] * 30 + ["DE"]


def test_a_password_of_digits_may_come_as_a_number(hub: Hub) -> None:
    """The public client sends it so; then it must have no zero in front, or the login fails as it does there."""
    hub.hotlines = {"NL": type(NL)(43, "NL", "Hotline A", NL.username, "12345")}
    assert Tokens(hub).login(credentials(NL.username, 12345))


@pytest.mark.parametrize(("username", "password"), [(NL.username, "wrong"), ("nobody", NL.password), ("", "")])
def test_a_wrong_login_is_refused(tokens: Tokens, username: str, password: str) -> None:
    with pytest.raises(Refusal) as refused:
        tokens.login(credentials(username, password))
    assert refused.value.status == 401


def test_a_member_without_a_login_has_only_analysts(hub: Hub) -> None:
    hub.hotlines = {"FR": type(NL)(31, "FR", "Hotline F")}
    with pytest.raises(Refusal):
        Tokens(hub).login(credentials("", ""))


def test_a_pair_is_refreshed_and_nothing_less(tokens: Tokens) -> None:
    first = tokens.login(credentials(NL.username, NL.password))
    pair = {name: first[name] for name in ("bearerToken", "refreshToken")}
    second = tokens.refresh(TokenPair.model_validate(pair))
    assert second["bearerToken"] != first["bearerToken"]
    assert tokens.hotline(second["bearerToken"]) is tokens.hotline(first["bearerToken"])
    for wrong in ({"bearerToken": "unknown"}, {"refreshToken": "wrong"}):
        with pytest.raises(Refusal):
            tokens.refresh(TokenPair.model_validate(pair | wrong))


def test_a_token_ends_by_time_by_logout_and_by_a_restart(tokens: Tokens, hub: Hub, clock: StoryClock) -> None:
    hub.rules = Rules(token_seconds=60)
    by_logout, by_restart, by_time = (
        tokens.login(credentials(NL.username, NL.password))["bearerToken"] for _ in range(3)
    )
    tokens.logout(by_logout)
    tokens.logout("")  # as the public client does; nothing happens
    clock.advance(timedelta(seconds=59))
    tokens.hotline(by_time)
    clock.advance(timedelta(seconds=1))
    for token in (by_logout, by_time):
        with pytest.raises(Refusal):
            tokens.hotline(token)
    hub.rules = Rules()
    assert tokens.hotline(tokens.login(credentials(NL.username, NL.password))["bearerToken"]) is NL
    tokens.forget()
    with pytest.raises(Refusal):
        tokens.hotline(by_restart)
