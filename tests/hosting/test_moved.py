from collections.abc import Sequence
from ipaddress import ip_address

from router.hosting.judgement import IpParts, Judgement
from router.hosting.moved import moves
from schemas.trace import Address, Evidence, HostingBasis, Ip

ONE, OTHER, THIRD = (ip_address(f"5.1.0.{last}") for last in (1, 2, 3))


class Saying:
    """Data by which each address stands in one country; a doubt where none is named."""

    def __init__(self, countries: dict[Ip, str | None]) -> None:
        self._countries = countries

    def address(self, ip: Ip, also: Sequence[Evidence] = (), basis: HostingBasis = "location") -> Address:
        country = self._countries[ip]
        pattern = "all_agree" if country else "nothing"
        return Address(ip=str(ip), asn=64500, as_name="Example", country=country, confidence=0.99, pattern=pattern)

    def judged(self, asked: IpParts) -> Judgement | None:
        return None


def test_hosts_whose_country_differs_are_told_by_network() -> None:
    before = Saying({ONE: "NL", OTHER: "NL", THIRD: "DE"})
    after = Saying({ONE: "SE", OTHER: "NL", THIRD: None})
    found = moves(before, after, [(ONE,), (OTHER,), (THIRD,), (OTHER, THIRD)])
    assert (found.of, found.hosts) == (4, 3)
    assert {(one.asn, one.before, one.after) for one in found.moved} == {
        (64500, "NL", "SE"),
        (64500, "DE", None),
        (64500, None, "NL"),
    }, "a host in two countries is for people, and is not when one of them falls silent"


def test_the_same_data_move_nobody() -> None:
    data = Saying({ONE: "NL"})
    assert moves(data, data, [(ONE,)]).moved == ()
