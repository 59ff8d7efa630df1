"""The name server speaks the protocol: dnspython as the client is the judge, of its faults too."""

import asyncio
import struct

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import pytest

from router.world.dns import NameServer
from router.world.zone import Fault, Record, story_zone

TIMEOUT = 0.3


def query(name: str, kind: str = "A", *, payload: int = 1232) -> dns.message.Message:
    return dns.message.make_query(name, kind, use_edns=0, payload=payload)


async def over_udp(server: NameServer, asked: dns.message.Message) -> dns.message.Message:
    return await dns.asyncquery.udp(asked, "127.0.0.1", port=server.port, timeout=TIMEOUT)


async def over_tcp(server: NameServer, asked: dns.message.Message) -> dns.message.Message:
    return await dns.asyncquery.tcp(asked, "127.0.0.1", port=server.port, timeout=5)


def resolver(server: NameServer) -> dns.asyncresolver.Resolver:
    made = dns.asyncresolver.Resolver(configure=False)
    made.nameservers = ["127.0.0.1"]
    made.port = server.port
    made.lifetime = 2
    return made


async def test_a_resolver_follows_the_alias_to_both_kinds_of_address(name_server: NameServer) -> None:
    v4 = await resolver(name_server).resolve("albums.maple.test", "A")
    v6 = await resolver(name_server).resolve("albums.maple.test", "AAAA")
    assert [str(answer) for answer in (*v4, *v6)] == ["35.182.20.20", "2604:a880:cad:d0::10"]
    assert v4.canonical_name.to_text() == "lb.rockies.test."


async def test_what_does_not_exist_is_nxdomain(name_server: NameServer) -> None:
    with pytest.raises(dns.resolver.NXDOMAIN):
        await resolver(name_server).resolve("gone.vanished.test", "A")


async def test_a_name_without_address_is_nodata_with_its_ttl(name_server: NameServer) -> None:
    answer = await over_udp(name_server, query("empty.test"))
    assert (answer.rcode(), answer.answer, len(answer.authority)) == (dns.rcode.NOERROR, [], 1)
    with pytest.raises(dns.resolver.NoAnswer):
        await resolver(name_server).resolve("empty.test", "A")


async def test_it_speaks_with_authority_and_echoes_the_question(name_server: NameServer) -> None:
    asked = query("pages.tulip.test")
    answer = await over_udp(name_server, asked)
    assert answer.flags & dns.flags.AA
    assert answer.question == asked.question


async def test_a_move_counts_from_the_next_question_on(name_server: NameServer) -> None:
    before = await resolver(name_server).resolve("drift.mill.test", "A")
    name_server.zone.move("drift.mill.test", ("188.166.50.50",))
    after = await resolver(name_server).resolve("drift.mill.test", "A")
    assert ([str(one) for one in before], [str(one) for one in after]) == (["159.203.10.20"], ["188.166.50.50"])


async def test_questions_are_remembered(name_server: NameServer) -> None:
    await over_udp(name_server, query("pages.tulip.test", "AAAA"))
    assert name_server.asked == [("pages.tulip.test", "AAAA")]


async def test_text_records_are_served(name_server: NameServer) -> None:
    name_server.zone.add(Record("origin.asn.test", "TXT", '"64500 | 188.166.0.0/16 | NL"'))
    (answer,) = await resolver(name_server).resolve("origin.asn.test", "TXT")
    assert answer.strings == (b"64500 | 188.166.0.0/16 | NL",)


@pytest.mark.parametrize(("fault", "code"), [(Fault.SERVFAIL, dns.rcode.SERVFAIL), (Fault.REFUSED, dns.rcode.REFUSED)])
async def test_a_broken_server_says_so(name_server: NameServer, fault: Fault, code: dns.rcode.Rcode) -> None:
    name_server.zone.faults["pages.tulip.test"] = fault
    assert (await over_udp(name_server, query("pages.tulip.test"))).rcode() == code


async def test_a_silent_server_is_silent_for_that_name_only(name_server: NameServer) -> None:
    name_server.zone.faults["pages.tulip.test"] = Fault.DROP
    with pytest.raises(dns.exception.Timeout):
        await over_udp(name_server, query("pages.tulip.test"))
    assert (await over_udp(name_server, query("box.tulip.test"))).answer


@pytest.mark.parametrize("fault", [Fault.WRONG_ID, Fault.WRONG_QUESTION])
async def test_a_spoofed_answer_is_not_one(name_server: NameServer, fault: Fault) -> None:
    name_server.zone.faults["pages.tulip.test"] = fault
    with pytest.raises(dns.query.BadResponse):
        await over_udp(name_server, query("pages.tulip.test"))


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.CUT])
async def test_a_mutilated_answer_cannot_be_read(name_server: NameServer, fault: Fault) -> None:
    name_server.zone.faults["pages.tulip.test"] = fault
    with pytest.raises(dns.exception.DNSException):
        await over_udp(name_server, query("pages.tulip.test"))


async def test_a_truncated_answer_is_whole_over_tcp(name_server: NameServer) -> None:
    name_server.zone.faults["pages.tulip.test"] = Fault.TRUNCATED
    short = await over_udp(name_server, query("pages.tulip.test"))
    whole = await over_tcp(name_server, query("pages.tulip.test"))
    assert (bool(short.flags & dns.flags.TC), short.answer) == (True, [])
    assert whole.answer[0][0].to_text() == "188.166.40.20"


async def test_a_server_may_have_no_tcp(name_server: NameServer) -> None:
    name_server.zone.faults["pages.tulip.test"] = Fault.TRUNCATED_ALWAYS
    with pytest.raises(EOFError):
        await over_tcp(name_server, query("pages.tulip.test"))


async def test_five_thousand_addresses_come_over_tcp(name_server: NameServer) -> None:
    short = await over_udp(name_server, query("crowd.test"))
    v4 = await over_tcp(name_server, query("crowd.test"))
    v6 = await over_tcp(name_server, query("crowd.test", "AAAA"))
    assert short.flags & dns.flags.TC
    assert len(v4.answer[0]) + len(v6.answer[0]) == 5000


async def test_one_stream_carries_several_questions(name_server: NameServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", name_server.port)
    for name in ("pages.tulip.test", "box.tulip.test"):
        wire = query(name).to_wire()
        writer.write(struct.pack("!H", len(wire)) + wire)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        assert dns.message.from_wire(await reader.readexactly(length)).answer
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("wire", [b"", b"\x00", b"\xff" * 12, b"\x00" * 12])
def test_nonsense_is_not_answered(wire: bytes) -> None:
    assert NameServer(story_zone()).answer(wire, stream=False) is None


async def test_it_listens_on_loopback_only_and_stops() -> None:
    async with NameServer(story_zone()) as server:
        assert server.address == f"127.0.0.1:{server.port}"
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection("127.0.0.1", server.port)
