import pytest
from pydantic import Field

from router.errors import BadInput
from router.partners.base import DialectSettings, Reason
from router.partners.configs import Configs
from schemas.partner import Partner, PartnerKind


class Nested(DialectSettings):
    token: str = Field(min_length=5)


class Plain(DialectSettings):
    url: str
    nested: Nested


def partner(**config: object) -> Partner:
    return Partner(name="nl", title="Offlimits", kind=PartnerKind.HOTLINE, config=config)


def test_settings_are_read_once_per_directory_version() -> None:
    configs = Configs(Plain)
    one = partner(url="a", nested={"token": "secret"})
    first = configs.of(one)
    assert configs.of(one) is first
    changed = partner(url="b", nested={"token": "secret"})
    assert configs.of(changed).url == "b"


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"nested": {"token": "secret"}}, "url"),
        ({"url": "a", "nested": {"token": "bad"}}, "nested.token"),
        ({"url": "a", "nested": {"token": "secret"}, "more": 1}, "more"),
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(config: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        Configs(Plain).of(partner(**config))
    error = refused.value
    assert error.field == f"partners.nl.config.{field}"
    assert error.reason == Reason.MISCONFIGURED
    assert "bad" not in error.message
    assert error.__context__ is None  # pydantic's own error holds the values
