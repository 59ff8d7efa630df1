"""Many DNS questions at once over a few connected UDP sockets.

Against forged answers: a connected socket takes packets from its server only, the id and the socket of each question
are random, and a reply has to repeat the question; a reply that does not is dropped and the true one still waited for.
That is enough towards a resolver on the same machine or network, which is where the operator's resolver should be.

A question that gets no answer goes to another server, and a server that failed several times is left alone for a while.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from router.ahead import goes_ahead
from router.errors import CannotStart
from router.hosting.dns import wire
from router.hosting.dns.answer import AAAA, ANSWERED, A, DnsAnswer, Server, more_telling
from router.hosting.dns.lines import Question, Upstream
from router.hosting.dns.plain import PlainAsker
from schemas.trace import DnsOutcome

#: Sockets to each server: more ports to guess, and more room in the kernel's buffers.
SOCKETS: Final = 8
#: Questions on the way at once, all servers together; more wait their turn, so that no buffer overflows.
MOST_IN_FLIGHT: Final = 2000
#: So many more where they are urgent: two thousand of silent hosts end at one moment, seconds later.
MORE_URGENT: Final = 200
#: Asked this often, elsewhere where there is an elsewhere.
ATTEMPTS: Final = 3
#: Seconds between two looks for questions that got no answer.
_TICK: Final = 0.05

_TIMED_OUT: Final = DnsAnswer(DnsOutcome.TIMEOUT)
_FAILED: Final = DnsAnswer(DnsOutcome.SERVFAIL)


class Mux:
    """Asks `servers` A and AAAA questions; belongs to the event loop of its first question."""

    def __init__(self, servers: Sequence[Server], *, timeout: float = 1.5, sockets: int = SOCKETS) -> None:
        """Take the servers in order of preference, and the seconds one attempt may take."""
        if not servers:
            raise CannotStart("No DNS resolver is configured; name at least one as host and port.")
        self._servers = tuple(servers)
        self._timeout = timeout
        self._sockets = sockets
        self._tcp = PlainAsker(servers)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._upstreams: list[Upstream] = []
        self._in_flight = 0
        self._urgent: deque[Question] = deque()
        self._queue: deque[Question] = deque()
        #: When each attempt ends, in order, as all take equally long: (deadline, question, its attempt's number).
        self._deadlines: deque[tuple[float, Question, int]] = deque()
        self._ticking: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, name: str, kind: int) -> DnsAnswer:
        """Ask for the records of `kind` of a plain name."""
        return await self._start(name, kind)

    async def ask_both(self, name: str) -> tuple[DnsAnswer, DnsAnswer]:
        """Ask for A and AAAA at the same time."""
        # Two futures awaited in turn: tasks and gather would cost more than the questions.
        first, second = self._start(name, A), self._start(name, AAAA)
        return await first, await second

    async def aclose(self) -> None:
        """Close the sockets; questions on their way end as timeouts."""
        self._loop = None  # from here on nothing is sent
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for upstream in self._upstreams:
            for question in upstream.close():
                self._settle(question, _TIMED_OUT)
        for queue in (self._urgent, self._queue):
            while queue:
                queue.popleft().settle(_TIMED_OUT)
        self._upstreams.clear()
        self._deadlines.clear()

    def _start(self, name: str, kind: int) -> asyncio.Future[DnsAnswer]:
        loop = self._loop or self._open()
        question = Question(name, kind, wire.question(name, kind), loop.create_future())
        urgent = goes_ahead()
        if self._in_flight < MOST_IN_FLIGHT + MORE_URGENT * urgent:
            self._in_flight += 1
            self._send(question)
        else:
            (self._urgent if urgent else self._queue).append(question)
        return question.future

    def _open(self) -> asyncio.AbstractEventLoop:
        self._upstreams = [Upstream(server, self, self._sockets) for server in self._servers]
        self._loop = asyncio.get_running_loop()
        return self._loop

    def _send(self, question: Question) -> None:
        loop = question.future.get_loop()
        now = loop.time()
        question.attempts += 1
        self._deadlines.append((now + self._timeout, question, question.attempts))
        self._pick(question, now).send(question)
        if self._ticking is None:
            self._ticking = loop.call_later(_TICK, self._tick)

    def _pick(self, question: Question, now: float) -> Upstream:
        """Return the first server that is well and was not asked last, else the first that was not asked last."""
        if len(self._upstreams) == 1:
            return self._upstreams[0]
        others = [upstream for upstream in self._upstreams if upstream is not question.upstream]
        return next((upstream for upstream in others if upstream.resting_until <= now), others[0])

    def answered(self, question: Question, upstream: Upstream, data: bytes) -> None:
        """Take the reply to `question`, of which only the question section was checked."""
        try:
            self._take(question, upstream, data)
        except Exception as error:  # noqa: BLE001 - a defect of ours is told, and nobody waits for it
            self._broke(question, error)

    def missed(self, question: Question, upstream: Upstream) -> None:
        """Note that `question` got no answer from its server; ask elsewhere or give up."""
        try:
            upstream.failed(question.future.get_loop().time())
            self._again(question, _TIMED_OUT)
        except Exception as error:  # noqa: BLE001 - a defect of ours is told, and nobody waits for it
            self._broke(question, error)

    def _take(self, question: Question, upstream: Upstream, data: bytes) -> None:
        if wire.is_cut(data):
            self._spawn(self._ask_tcp(question, upstream.server))
            return
        try:
            answer = wire.read(data, question.name, question.asked)
        except wire.Malformed:
            answer = _FAILED
        if answer.outcome in ANSWERED:
            self._settle(question, answer)
        elif question.edns and wire.is_format_error(data):
            question.edns = False  # an old server: it may know the name, and not EDNS (RFC 6891 section 6.2.2)
            self._send(question)
        else:
            self._again(question, answer)

    def _broke(self, question: Question, error: Exception) -> None:
        """Settle a question that our own bookkeeping failed on: who waits for it would wait for ever."""
        self._settle(question, _FAILED)
        told = {"message": "a DNS question could not be kept track of", "exception": error}
        question.future.get_loop().call_exception_handler(told)

    def _again(self, question: Question, answer: DnsAnswer) -> None:
        # "It filters this name" says more than "it failed", and that more than "it was silent". One that failed or
        # filters is no reason to ask it thrice: another may know better.
        question.worst = more_telling(question.worst, answer)
        tries = ATTEMPTS if answer is _TIMED_OUT else min(ATTEMPTS, len(self._upstreams))
        if question.attempts < tries and not question.future.done() and self._loop is not None:
            self._send(question)
        else:
            self._settle(question, question.worst)

    def _settle(self, question: Question, answer: DnsAnswer) -> None:
        """Answer whoever asked, and let the next one in; a question is settled once."""
        if not question.settle(answer):
            return
        self._in_flight -= 1
        queue = self._urgent or (self._queue if self._in_flight < MOST_IN_FLIGHT else None)
        if queue and self._loop is not None:
            self._in_flight += 1
            self._send(queue.popleft())

    def _tick(self) -> None:
        """Give up the attempts whose time is over; come again while there are any."""
        self._ticking = None
        if self._loop is None:
            return
        now = self._loop.time()
        deadlines = self._deadlines
        while deadlines and (deadlines[0][0] <= now or not deadlines[0][1].waits(deadlines[0][2])):
            _, question, attempt = deadlines.popleft()
            if question.waits(attempt) and (upstream := question.forget()) is not None:
                self.missed(question, upstream)
        if deadlines and self._ticking is None:
            self._ticking = self._loop.call_later(_TICK, self._tick)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_tcp(self, question: Question, server: Server) -> None:
        answer = _TIMED_OUT
        try:
            answer = await self._tcp.ask_tcp(server, question.name, question.kind)
        finally:
            self._settle(question, answer)
