"""Who lies among resolvers, each on loopback and each in its own way, and what is remembered of it."""

from collections.abc import Callable
from pathlib import Path

import dns.edns
import dns.message
import dns.rcode
import dns.rrset
import pytest

from router.hosting.dns.honesty import Examined, Liars, examine, written
from tests.hosting.dns.faulty_server import FaultyServer

THERE, MISSING = "www.test", "nobody.test"


@pytest.fixture
def honest(server: FaultyServer) -> FaultyServer:
    server.put(THERE, "A", "3.120.0.1")
    return server


async def of(server: FaultyServer) -> Examined:
    (found,) = await examine([("127.0.0.1", server.port)], [THERE], MISSING)
    assert found.server == f"127.0.0.1:{server.port}"
    return found


async def test_one_that_knows_what_exists_and_denies_what_does_not_tells_the_truth(honest: FaultyServer) -> None:
    assert (await of(honest)).ok


async def test_without_a_name_of_ours_the_missing_one_is_made_up_and_never_the_same(honest: FaultyServer) -> None:
    for _ in range(2):
        (found,) = await examine([("127.0.0.1", honest.port)], [THERE])
        assert found.ok
    made_up = {asked.split()[0] for asked in honest.asked} - {THERE}
    assert len(made_up) == 2
    assert all(name.endswith(f".{THERE}") for name in made_up)


def marked(reply: dns.message.Message) -> None:
    reply.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(dns.edns.EDECode.BLOCKED)])


def denied(reply: dns.message.Message) -> None:
    reply.answer = []
    reply.set_rcode(dns.rcode.NXDOMAIN)
    reply.authority = [dns.rrset.from_text("test.", 60, "IN", "SOA", "a. b. 1 2 3 4 5")]


def led_astray(reply: dns.message.Message) -> None:
    reply.set_rcode(dns.rcode.NOERROR)
    reply.answer = [dns.rrset.from_text(f"{MISSING}.", 60, "IN", "A", "3.120.0.99")]


def to_nowhere(reply: dns.message.Message) -> None:
    reply.answer = [dns.rrset.from_text(f"{THERE}.", 60, "IN", "A", "0.0.0.0")]


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        (THERE, denied, "says that www.test, which exists, has no public address"),
        (THERE, to_nowhere, "says that www.test, which exists, has no public address"),
        (THERE, marked, "says itself that it filters www.test"),
        (MISSING, led_astray, "gives an address to a name that nobody has"),
        (MISSING, marked, "says itself that it filters a name that nobody has"),
    ],
)
async def test_each_way_of_lying_is_told(
    honest: FaultyServer, name: str, edit: Callable[[dns.message.Message], None], said: str
) -> None:
    honest.edits[name] = edit
    found = await of(honest)
    assert (found.ok, found.lies, found.text) == (False, True, said)


async def test_silence_is_no_lie(honest: FaultyServer) -> None:
    honest.faults[THERE] = "servfail"
    found = await of(honest)
    assert (found.ok, found.lies, found.text) == (False, False, "did not answer")


async def test_a_no_without_its_zone_is_no_lie_and_no_proof(honest: FaultyServer) -> None:
    honest.faults[MISSING] = "nxdomain"
    found = await of(honest)
    assert (found.ok, found.lies) == (False, False)
    assert "no case ever closes" in found.text


def test_who_lied_is_remembered_until_it_is_found_not_to(tmp_path: Path) -> None:
    liars = Liars(tmp_path / "resolvers.json", ("192.0.2.1:53", "192.0.2.2:53"))
    assert liars.now() == ()
    liars.keep([Examined("192.0.2.1:53", ok=False, text="x", lies=True), Examined("192.0.2.2:53", ok=True, text="")])
    assert liars.now() == ("192.0.2.1:53",)
    liars.keep([Examined("192.0.2.1:53", ok=False, text="did not answer")])
    assert liars.now() == ("192.0.2.1:53",)
    assert Liars(liars.path, ("192.0.2.2:53",)).now() == ()  # configured no more
    liars.keep([Examined("192.0.2.1:53", ok=True, text="")])
    assert liars.now() == ()


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_damaged_file_remembers_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "resolvers.json").write_text(text)
    assert Liars(tmp_path / "resolvers.json", ("192.0.2.1:53",)).now() == ()


def test_servers_are_written_as_in_the_settings() -> None:
    assert (written(("192.0.2.1", 53)), written(("::1", 5353))) == ("192.0.2.1:53", "[::1]:5353")
