"""Answer locations, in this process or in several: what `locate` does with its lines.

Each process opens the data once (the files are mapped, so memory is shared) and answers chunk after chunk. Chunks come
back in the order they were given, and only a few are on their way at a time, so memory stays the same for any input.
"""

import asyncio
import multiprocessing
import queue
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, Self, TypeAlias

from router.cli.garbage import spare_collector
from router.cli.locate.embargoed import CODE, Embargoed, embargoed
from router.cli.locate.render import FORMATS, judged, ndjson, told
from router.errors import BadInput, CannotStart, RouterError
from router.hosting.judgement import IpParts
from router.hosting.trusted import trusted
from schemas.trace import Trace, TraceError, TraceLine, Verdict

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext

    from router.hosting.trace import Judge

#: How one answer is written.
Show: TypeAlias = Callable[[TraceLine], str]
#: Look-ups on their way at once in one process.
IN_FLIGHT: Final = 200
_LEFT_OUT: Final = "(embedded content, left out)"
#: Chunks a process has waiting beside the one it works on.
_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class Options:
    """How to answer. Passed to other processes, so it is plain data."""

    offline: bool
    show: str  #: a key of `located.FORMATS`
    data_dir: Path | None = None


class Answers(NamedTuple):
    """The answers to one chunk of lines: written, in their order, and counted by what came out."""

    text: bytes
    counts: Counter[str]


class Answering(Protocol):
    """Answers chunk after chunk."""

    def answer_all(self, chunks: Iterable[list[str]]) -> Iterator[Answers]:
        """Yield the answers to each chunk, in order."""
        ...


def line_of(text: str, trace: Trace) -> TraceLine:
    """Return the line that answers `text` with a trace."""
    fields = {
        "input": text,
        "host": trace.host,
        "verdict": trace.verdict,
        "names": trace.names,
        "addresses": trace.addresses,
        "error": None,
    }
    return trusted(TraceLine, fields)


def refusal_of(text: str, refused: BadInput) -> TraceLine:
    """Return the line that says why `text` cannot be read. Content is never repeated: the answers may be kept."""
    text = _LEFT_OUT if refused.reason == "embedded_content" else text
    return TraceLine(input=text, host=None, verdict=None, error=TraceError(code=refused.reason, text=refused.message))


class Here:
    """Answers in this process. Open it with `with`."""

    def __init__(self, options: Options) -> None:
        """Take how to answer; nothing is opened yet."""
        self._options = options
        self._stack = AsyncExitStack()
        self._runner = asyncio.Runner(loop_factory=_loop)
        self._tracer: Any = None
        self._read: Any = None
        self._address: Any = None
        self._embargoed: Embargoed | None = None

    def __enter__(self) -> Self:
        """Open the data and, unless offline, the resolver."""
        from router.app_tracer import tracer
        from router.hosting.location.url import read
        from router.hosting.location.web_address import web_address
        from router.settings import Settings

        self._read, self._address = read, web_address

        settings = Settings.load(data_dir=self._options.data_dir)
        opening = self._stack.enter_async_context(tracer(settings, offline=self._options.offline))
        self._tracer = self._runner.run(opening)
        if not self._options.offline:
            self._embargoed = self._runner.run(embargoed(settings, self._stack))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close what was opened."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def answer_all(self, chunks: Iterable[list[str]]) -> Iterator[Answers]:
        """Yield the answers to each chunk, in order."""
        for chunk in chunks:
            yield self.answer(chunk)

    def answer(self, texts: list[str]) -> Answers:
        """Return the answers to one chunk."""
        show = FORMATS[self._options.show]
        if self._options.offline:
            # One edition of the data for a chunk: to hold it for each line takes as long as to look an address up.
            with self._tracer.held() as judge:
                written = [self._answer_offline(text, show, judge) for text in texts]
        else:
            written = [(show(line), line.verdict) for line in self._runner.run(self._answer_online(texts))]
        # Line by line into octets: one letter beyond ASCII would make the text of the whole chunk four times as large.
        lines = [line.encode() for line, _ in written]
        lines.append(b"")  # a line's end stands after the last one, too
        return Answers(
            b"\n".join(lines), Counter([v.country or v.kind if v is not None else "not readable" for _, v in written])
        )

    def _answer_offline(self, text: str, show: Show, judge: "Judge") -> tuple[str, Verdict | None]:
        """Return the written answer, and the verdict in it; None where the text cannot be read."""
        if show is ndjson and (plain := self._on_address(text, judge)) is not None:
            return plain
        try:
            locator = self._read(text)
        except BadInput as refused:
            return show(refusal_of(text, refused)), None
        if show is ndjson and (unknown := self._tracer.unknown(locator)) is not None:
            return told(text, locator.host, unknown), unknown
        if show is ndjson and (found := self._tracer.judged(locator)) is not None:
            return judged(text, locator.host, found), found.answer.verdict
        trace = self._tracer.offline(locator)
        if show is ndjson and trace.host is not None and not trace.addresses:  # offline there are no names either
            return told(text, trace.host, trace.verdict), trace.verdict
        line = line_of(text, trace)
        return show(line), line.verdict

    def _on_address(self, text: str, judge: "Judge") -> tuple[str, Verdict] | None:
        """Answer the commonest line, a web location on an IPv4 address; None for what has to be read with more care."""
        if (found := self._address(text)) is None:
            return None
        host, octets = found
        address = IpParts(octets)
        if (judgement := judge.judged(address)) is None:
            return None
        instead = self._tracer.verdict_instead(address)
        return judged(text, host, judgement, instead), instead or judgement.answer.verdict

    async def _answer_online(self, texts: list[str]) -> list[TraceLine]:
        gate, held = asyncio.Semaphore(IN_FLIGHT), self._embargoed
        if held is not None:
            await held.refresh()

        async def one(text: str) -> TraceLine:
            try:
                locator = self._read(text)
            except BadInput as refused:
                return refusal_of(text, refused)
            if held is not None and (why := held.why(locator)) is not None:
                return refusal_of(text, BadInput(why, reason=CODE))
            async with gate:
                return line_of(text, await self._tracer.trace(locator))

        return await asyncio.gather(*(one(text) for text in texts))


class Elsewhere:
    """Answers in `jobs` other processes. Open it with `with`."""

    def __init__(self, options: Options, jobs: int) -> None:
        """Take how to answer, and in how many processes."""
        self._options = options
        self._jobs = jobs
        self._pipes: list[_Pipes] = []
        self._processes: list[multiprocessing.process.BaseProcess] = []

    def __enter__(self) -> Self:
        """Start the processes."""
        way = _loaded_once()
        context: ForkContext | SpawnContext
        context = multiprocessing.get_context("fork") if way == "fork" else multiprocessing.get_context("spawn")
        for _ in range(self._jobs):
            (asked, ask), (answered, answer) = context.Pipe(duplex=False), context.Pipe(duplex=False)
            self._pipes.append(_Pipes(ask, answered))
            # A fork has our ends of the pipes too, and would keep them open when we close them to end the others.
            inherited = tuple(end for pipes in self._pipes for end in pipes) if way == "fork" else ()
            process = context.Process(target=_serve, args=(asked, answer, self._options, inherited), daemon=True)
            process.start()
            asked.close()
            answer.close()
            self._processes.append(process)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the processes end; one that does not is ended."""
        for pipes in self._pipes:
            pipes.ask.close()
            pipes.answered.close()
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.terminate()
                process.join()

    def answer_all(self, chunks: Iterable[list[str]]) -> Iterator[Answers]:
        """Yield the answers to each chunk, in order."""
        waiting: deque[Connection] = deque()
        for number, chunk in enumerate(chunks):
            pipes = self._pipes[number % self._jobs]
            if len(waiting) >= self._jobs * _AHEAD:
                yield _received(waiting.popleft())
            _send(pipes, chunk)
            waiting.append(pipes.answered)
        while waiting:
            yield _received(waiting.popleft())


def _loaded_once() -> Literal["fork", "spawn"]:
    """Load what answers need here, so that the processes begin with it; return how they are started.

    A fork shares all that is loaded and takes a second less to start, but with other threads about it may hang.
    """
    if threading.active_count() > 1 or "fork" not in multiprocessing.get_all_start_methods():
        return "spawn"
    import router.app_tracer
    import router.hosting.location.web_address  # noqa: F401 - what a process needs

    return "fork"


class _Pipes(NamedTuple):
    """Our ends of the two pipes to one process."""

    ask: Connection
    answered: Connection


def _send(pipes: _Pipes, chunk: list[str]) -> None:
    try:
        pipes.ask.send(chunk)
    except OSError:
        _received(pipes.answered)  # what it said before it ended tells more


def _received(pipe: Connection) -> Answers:
    try:
        counts = pipe.recv()
        if isinstance(counts, str):
            raise CannotStart(counts)
        return Answers(pipe.recv_bytes(), counts)
    except (EOFError, OSError):
        raise CannotStart("A process of `locate` ended early; try again with --jobs 1.") from None


def _serve(asked: Connection, answer: Connection, options: Options, inherited: Iterable[Connection]) -> None:
    """Answer the chunks from `asked` until it closes: the whole life of one process."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    chunks: queue.Queue[list[str] | None] = queue.Queue()
    # Reading goes on while an answer is being sent: else both ends could wait for the other to read.
    threading.Thread(target=_receive, args=(asked, chunks), daemon=True).start()
    try:
        with Here(options) as here:
            spare_collector()
            while (chunk := chunks.get()) is not None:
                answers = here.answer(chunk)
                answer.send(answers.counts)
                answer.send_bytes(answers.text)  # as it is: half a megabyte more or less to copy for each chunk
    except RouterError as error:
        answer.send(error.message)
    except (BrokenPipeError, ConnectionResetError):
        return


def _receive(asked: Connection, chunks: "queue.Queue[list[str] | None]") -> None:
    try:
        while True:
            chunks.put(asked.recv())
    except (EOFError, OSError):
        chunks.put(None)


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()
