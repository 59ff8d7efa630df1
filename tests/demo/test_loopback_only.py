"""The lock holds against sockets that no guard sees. It cannot be undone, so a process of its own tries everything."""

import json
import subprocess
import sys

TRY = """
import http.client, json, socket, sys
from router.demo.loopback_only import keep_to_loopback
acts, database = json.loads(sys.argv[1])
keep_to_loopback(database)
def tried(act):
    try:
        eval(act)
    except ConnectionRefusedError as refused:
        return "refused" if "keeps to loopback" in str(refused) else "nobody there"
    return "allowed"
print(json.dumps([tried(act) for act in acts]))
"""
UDP = "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
TCP = "socket.socket()"


def tried(*acts: str, database: str | None = None) -> dict[str, str]:
    """What became of each act in a locked process."""
    given = json.dumps([acts, database])
    done = subprocess.run([sys.executable, "-c", TRY, given], capture_output=True, text=True, check=True)
    return dict(zip(acts, json.loads(done.stdout), strict=True))


def test_nothing_leaves_the_machine() -> None:
    said = tried(
        f'{TCP}.connect(("192.0.2.1", 443))',
        f'{TCP}.connect_ex(("192.0.2.1", 443))',
        f'{UDP}.connect(("192.0.2.1", 53))',
        f'{UDP}.sendto(b"x", ("192.0.2.1", 53))',
        f'{UDP}.sendto(b"x", 0, ("192.0.2.1", 53))',
        f'{UDP}.sendmsg([b"x"], [], 0, ("192.0.2.1", 53))',
        'socket.socket(socket.AF_INET6).connect(("2001:db8::1", 443))',
        'socket.getaddrinfo("somewhere.test", 443)',
        'socket.gethostbyname("somewhere.test")',
        'http.client.HTTPConnection("192.0.2.1").connect()',
    )
    assert [act for act, answer in said.items() if answer != "refused"] == []


def test_this_machine_can_be_reached() -> None:
    said = tried(
        f'{UDP}.sendto(b"x", ("127.0.0.1", 9))',
        f'{UDP}.connect(("127.0.0.1", 9))',
        f'{TCP}.connect(("127.0.0.1", 1))',
        'socket.getaddrinfo("127.0.0.1", 443)',
        'socket.getaddrinfo("localhost", 443)',
        '[here.send(b"x") for here, there in [socket.socketpair()]]',
    )
    assert list(said.values()) == ["allowed", "allowed", "nobody there", "allowed", "allowed", "allowed"]


def test_the_host_of_the_given_database_stays_open_and_no_other() -> None:
    said = tried(
        f'{UDP}.connect(("192.0.2.7", 5432))',
        f'{UDP}.connect(("192.0.2.8", 5432))',
        database="postgresql://router@192.0.2.7:5432/demo",
    )
    assert list(said.values()) == ["allowed", "refused"]
