"""The sockets below `mux.py`: which question waits where, under which id."""

import asyncio
import os
import socket
from typing import Final, Protocol

from router.hosting.dns import wire
from router.hosting.dns.answer import DnsAnswer, Server
from schemas.trace import DnsOutcome

#: Bytes; 2,000 answers of 500 bytes may arrive between two turns of the loop.
_RECEIVE_BUFFER: Final = 1 << 20
#: Packets read in one turn, so that one busy socket does not starve the others.
_MOST_A_TURN: Final = 128
_LARGEST_PACKET: Final = 65_535
_FAILURES_UNTIL_REST: Final = 3
_LONGEST_REST: Final = 60.0  #: seconds
#: The rest is doubled no further: it has reached the longest, and a float has no room for a day of failures.
_MOST_DOUBLINGS: Final = 6


class Chance:
    """Random numbers beyond guessing, taken from the system by the handful: a call for each is slow."""

    def __init__(self) -> None:
        """Start empty."""
        self._bytes = b""
        self._at = 0

    def below_65536(self) -> int:
        """Return a number of 16 bits."""
        if self._at >= len(self._bytes):
            self._bytes, self._at = os.urandom(4096), 0
        self._at += 2
        return self._bytes[self._at - 2] << 8 | self._bytes[self._at - 1]


class Answered(Protocol):
    """Who is told what became of a question. Neither call raises."""

    def answered(self, question: "Question", upstream: "Upstream", data: bytes) -> None:
        """Take a reply that repeats the question."""
        ...

    def missed(self, question: "Question", upstream: "Upstream") -> None:
        """Take note that nobody is there."""
        ...


class Question:
    """One question on its way: what is asked, who waits for it, and where it stands."""

    __slots__ = (
        "asked",
        "attempts",
        "edns",
        "future",
        "kind",
        "line",
        "name",
        "number",
        "settled",
        "upstream",
        "worst",
    )

    def __init__(self, name: str, kind: int, asked: bytes, future: asyncio.Future[DnsAnswer]) -> None:
        """Keep the name, the record type, the question section, and who waits."""
        self.name = name
        self.kind = kind
        self.asked = asked
        self.future = future
        self.attempts = 0
        self.edns = True
        self.worst = DnsAnswer(DnsOutcome.TIMEOUT)
        self.upstream: Upstream | None = None
        self.line: Line | None = None
        self.number = 0
        self.settled = False

    def waits(self, attempt: int) -> bool:
        """Say whether this very attempt is still without an answer."""
        return self.line is not None and self.attempts == attempt

    def forget(self) -> "Upstream | None":
        """Stop waiting, so that a late answer is not looked at; return the server that was asked."""
        line, self.line = self.line, None
        if line is None:
            return None
        line.waiting.pop(self.number, None)
        return line.upstream

    def settle(self, answer: DnsAnswer) -> bool:
        """Tell `answer` to whoever still waits; return False when the question was settled before."""
        if self.settled:
            return False
        self.settled = True
        if not self.future.done():
            self.future.set_result(answer)
        return True


class Upstream:
    """One server, its sockets, and how it did lately."""

    def __init__(self, server: Server, told: Answered, sockets: int) -> None:
        """Start well, without sockets; at most `sockets` are opened once there is something to send."""
        self.server = server
        self.chance = Chance()
        self.lines: list[Line] = []
        self.failures = 0
        self.resting_until = 0.0  #: loop time
        self._told = told
        self._sockets = sockets

    def send(self, question: Question) -> None:
        """Send `question` over one of the sockets; never raises."""
        question.upstream = self
        if self.lines or self._open():
            self.lines[self.chance.below_65536() % len(self.lines)].send(question)
        else:
            # Told in the next turn, as whoever sends is in the middle of something.
            asyncio.get_running_loop().call_soon(self._told.missed, question, self)

    def _open(self) -> bool:
        """Open the sockets, or as many as the system gives; return whether there is one.

        A server that no route leads to has none (an IPv6 resolver on a machine without IPv6): one that failed, not a
        reason to stop. Its route may come, so it is tried again as one that rested is.
        """
        try:
            while len(self.lines) < self._sockets:
                self.lines.append(Line(self, self._told))
        except OSError:
            return bool(self.lines)
        return True

    def failed(self, now: float) -> None:
        """Count a failure; after three in a row the server rests, longer each time.

        What was on its way when it went silent is lost in one moment: that is one rest, not one for each question.
        """
        if now < self.resting_until:
            return
        self.failures += 1
        if (doublings := self.failures - _FAILURES_UNTIL_REST) >= 0:
            self.resting_until = now + min(2.0 ** min(doublings, _MOST_DOUBLINGS), _LONGEST_REST)

    def answered(self) -> None:
        """Forget the failures."""
        self.failures = 0
        self.resting_until = 0.0

    def close(self) -> list[Question]:
        """Close the sockets and return the questions that still waited."""
        left = [question for line in self.lines for question in line.waiting.values()]
        for question in left:
            question.forget()
        for line in self.lines:
            line.close()
        self.lines.clear()
        return left


class Line:
    """One connected socket and the questions that wait on it, by id."""

    def __init__(self, upstream: Upstream, told: Answered) -> None:
        """Open the socket; the system picks the port. Raises `OSError` when no route leads there."""
        host, port = upstream.server
        self.upstream = upstream
        self.waiting: dict[int, Question] = {}
        self._loop = asyncio.get_running_loop()
        self._told = told
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._socket.connect((host, port))
        except OSError:
            self._socket.close()
            raise
        self._loop.add_reader(self._socket.fileno(), self._receive)

    def send(self, question: Question) -> None:
        """Send `question` under an id that no other question here has."""
        number = self.upstream.chance.below_65536()
        while number in self.waiting:
            number = self.upstream.chance.below_65536()
        question.line, question.number = self, number
        self.waiting[number] = question
        try:
            self._socket.send(wire.query(number, question.asked, edns=question.edns))
        except BlockingIOError:
            pass  # the buffer is full: lost like any packet, and sent again when its time is over
        except OSError:
            # Nobody listens there. Told in the next turn, as whoever sends is in the middle of something.
            self._loop.call_soon(self._lost, question, question.attempts)

    def close(self) -> None:
        """Close the socket."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _receive(self) -> None:
        for _ in range(_MOST_A_TURN):
            try:
                data = self._socket.recv(_LARGEST_PACKET)
            except BlockingIOError:
                return
            except OSError:
                # ICMP says that nobody listens: that holds for all that wait here.
                for question in tuple(self.waiting.values()):
                    self._lost(question, question.attempts)
                return
            asked = self.waiting.get(int.from_bytes(data[:2], "big"))
            if asked is None or not wire.echoes(data, asked.asked):
                continue  # late, or not from whom it says: the true answer may still come
            asked.forget()
            self.upstream.answered()
            self._told.answered(asked, self.upstream, data)

    def _lost(self, question: Question, attempt: int) -> None:
        if question.waits(attempt):
            question.forget()
            self._told.missed(question, self.upstream)
