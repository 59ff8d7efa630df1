"""A lock on a simulated process: it connects to loopback, and nowhere else, whatever a library tries.

The guard and its dial already see to that for everything that goes through them. This holds for the rest as well (a
resolver, a database driver, a library's own sockets), so that the demo's promise is a fact and not an intention.
"""

import socket
import sys
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

#: What an address or a name leaves the process by (docs.python.org/3/library/audit_events.html).
_BY_ADDRESS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_BY_NAME = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})


def keep_to_loopback(database: str | None = None) -> None:
    """Refuse every other connection and look-up from now on; it cannot be undone. The host of `database` stays open.

    What is refused raises ConnectionRefusedError where it is tried.
    """
    host = urlsplit(database).hostname if database else None
    named = frozenset({"localhost", *([host] if host else [])})
    numbered = frozenset(_addresses_of(host)) if host else frozenset[str]()

    def judge(event: str, arguments: tuple[object, ...]) -> None:
        if event in _BY_ADDRESS and not _is_open(arguments[-1], numbered):
            raise ConnectionRefusedError("the simulation keeps to loopback")
        if event in _BY_NAME and not (str(arguments[0]) in named or _is_open((arguments[0],), numbered)):
            raise ConnectionRefusedError("the simulation keeps to loopback")

    sys.addaudithook(judge)


def _addresses_of(host: str) -> Iterable[str]:
    return (str(found[4][0]) for found in socket.getaddrinfo(host, None))


def _is_open(where: object, numbered: frozenset[str]) -> bool:
    """Whether a socket address may be reached: a path on this machine, a connected socket's own peer, loopback."""
    if not isinstance(where, tuple):
        return True  # a Unix socket's path, or None: the peer was judged when the socket was connected
    host = where[0]
    if host is None or host in numbered:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False
