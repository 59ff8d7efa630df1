"""Who is asked about what, and what a silent source does."""

from collections.abc import Sequence
from ipaddress import ip_address

from router.errors import EvidenceUnavailable
from router.hosting.outside import MOST_ASKED, Outside
from schemas.trace import Address, Basis, Claim, Evidence, Ip, OnlineMode

SURE = Address(ip="3.120.0.1", country="DE", confidence=0.99)
DOUBTFUL = Address(ip="5.9.0.1", country="DE", confidence=0.6)
UNKNOWN = Address(ip="5.9.0.2")
EDGE = Address(ip="104.16.1.1", edge=True)


class Says:
    """Answers with one claim, and remembers what it was told."""

    def __init__(self, name: str, *, silent: bool = False) -> None:
        self.name = name
        self.silent = silent
        self.asked: dict[str, list[str]] = {}

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        self.asked[str(ip)] = [evidence.source for evidence in so_far]
        if self.silent:
            raise EvidenceUnavailable
        return (Evidence(source=self.name, claim=Claim(basis=Basis.REGISTRATION, country="US")),)


async def test_only_doubtful_addresses_are_asked_about() -> None:
    source = Says("rdap")
    answers = await Outside([source]).ask([SURE, DOUBTFUL, UNKNOWN, EDGE], OnlineMode.WHEN_DOUBTFUL)
    assert set(source.asked) == {"5.9.0.1", "5.9.0.2"}
    assert set(answers) == {ip_address("5.9.0.1"), ip_address("5.9.0.2")}


async def test_always_means_all_and_never_means_none() -> None:
    source = Says("rdap")
    assert len(await Outside([source]).ask([SURE, DOUBTFUL, EDGE], OnlineMode.ALWAYS)) == 3
    assert await Outside([source]).ask([DOUBTFUL], OnlineMode.NEVER) == {}


async def test_a_host_with_many_addresses_floods_nobody() -> None:
    source = Says("rdap")
    many = [Address(ip=f"5.9.0.{number}") for number in range(60)]
    await Outside([source]).ask(many, OnlineMode.ALWAYS)
    assert len(source.asked) == MOST_ASKED


async def test_a_later_source_builds_on_an_earlier_one() -> None:
    first, second = Says("rdap"), Says("geofeed")
    answers = await Outside([first, second]).ask([UNKNOWN], OnlineMode.ALWAYS)
    assert second.asked["5.9.0.2"] == ["rdap"]
    assert [evidence.source for evidence in answers[ip_address("5.9.0.2")].evidence] == ["rdap", "geofeed"]


async def test_a_silent_source_is_told_and_does_not_stop_the_others() -> None:
    answers = await Outside([Says("rdap", silent=True), Says("cymru")]).ask([UNKNOWN], OnlineMode.ALWAYS)
    answer = answers[ip_address("5.9.0.2")]
    assert answer.silent
    assert [evidence.source for evidence in answer.evidence] == ["cymru"]
