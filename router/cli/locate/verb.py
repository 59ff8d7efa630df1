"""`locate`: where locations are hosted, with the evidence; one for a person, millions for a script.

Exit codes: 0 when each input was answered (also with "cannot be read"), 2 for wrong use, 3 when it could not run.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Final

from router.cli.locate.checkpoint import Begun, Chunk, Progress, is_file, read_chunks
from router.cli.locate.workers import Answering, Answers, Elsewhere, Here, Options
from router.cli.output import complain, counted, printable
from router.errors import BadInput, RouterError

#: More inputs than this on the command line are shown to people as a list, without the evidence of each.
_FEW: Final = 20
_ONCE: Final = "--resume needs --input FILE: what came through a pipe cannot be read again."
#: Rows of the summary; the rest of the world is one row more.
_MOST_ROWS: Final = 20


def run(
    inputs: list[str],
    *,
    input: str | None = None,  # noqa: A002  # the option's name, which is fixed
    offline: bool = False,
    jobs: int = 1,
    resume: bool = False,
    as_json: bool = False,
    data_dir: Path | None = None,
) -> int:
    """Locate `inputs`, or each line of the file `input` (`-` is standard input); return the exit code.

    `jobs` is the number of processes, 0 for one a core. Answers go to standard output, all else to standard error.
    """
    try:
        _check(inputs, input, jobs, resume=resume)
        show = "json" if as_json else "row" if input is not None or len(inputs) > _FEW else "detail"
        options = Options(offline, show, data_dir)
        if input is None:
            return _few(inputs, options)
        return _many(input, options, jobs or os.cpu_count() or 1, resume=resume)
    except RouterError as error:
        complain(error.message)
        return error.exit_code
    except KeyboardInterrupt:
        complain("Stopped; --resume goes on from here when the input is a file.")
        return 3
    except BrokenPipeError:
        # Whoever read the answers went away; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3


def _check(inputs: list[str], source: str | None, jobs: int, *, resume: bool) -> None:
    if source is None and not inputs:
        raise BadInput("Give at least one URL or IP address, or --input FILE.")
    if source is not None and inputs:
        raise BadInput("Give locations on the command line or --input FILE, not both.")
    if jobs < 0:
        raise BadInput("--jobs is the number of processes; 0 means one for each core.")
    if resume and source in (None, "-"):
        raise BadInput(_ONCE)


def _few(inputs: list[str], options: Options) -> int:
    with Here(options) as here:
        _write(sys.stdout.buffer, here.answer(inputs))
    return 0


def _many(name: str, options: Options, jobs: int, *, resume: bool) -> int:
    with ExitStack() as stack:
        source = _standard_input() if name == "-" else stack.enter_context(_open(Path(name)))
        file = Path(name) if name != "-" and is_file(Path(name), source) else None
        if resume and file is None:
            raise BadInput(_ONCE)
        progress = Progress(file, source, sys.stdout.buffer)
        begun = progress.resume() if resume else Begun()
        if begun.start:
            source.seek(begun.start)
        counts, started = Counter(begun.counts), monotonic() - begun.seconds
        answering: Answering
        answering = stack.enter_context(Elsewhere(options, jobs)) if jobs > 1 else stack.enter_context(Here(options))
        advance = stack.enter_context(_bar(progress.size))
        ends: list[int] = []
        for answers in answering.answer_all(_texts(read_chunks(source, begun.start), ends)):
            _write(sys.stdout.buffer, answers)
            counts += answers.counts
            end = ends.pop(0)
            progress.reached(end, counts, monotonic() - started)
            advance(end)
        progress.done()
    _summarise(counts, monotonic() - started)
    return 0


def _texts(chunks: Iterator[Chunk], ends: list[int]) -> Iterator[list[str]]:
    """Yield the lines of each chunk, and leave where it ends for when its answers are written."""
    for chunk in chunks:
        ends.append(chunk.end)
        yield chunk.texts


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise BadInput("Standard input is closed; name a file with --input.")
    return sys.stdin.buffer


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError:
        raise BadInput("The input file cannot be read; check its name and its permissions.") from None


def _write(output: BinaryIO, answers: Answers) -> None:
    # A bulk run writes to a file or a pipe, which obey nothing.
    output.write(printable(answers.text.decode()).encode() if output.isatty() else answers.text)
    output.flush()


@contextmanager
def _bar(size: int | None) -> Iterator[Callable[[int], None]]:
    """Show a progress bar where a person watches; yield what is told how many octets are done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("locating"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("locating", total=size)
        yield lambda done: bar.update(task, completed=done)


def _summarise(counts: Counter[str], seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    total = counts.total()
    table = Table("Hosted in", "Locations", "Share", title=f"{counted(total, 'location')} in {seconds:,.1f} s")
    rows = counts.most_common(_MOST_ROWS)
    if rest := total - sum(count for _, count in rows):
        rows.append(("others", rest))
    for what, count in rows:
        table.add_row(what, f"{count:,}", f"{count / total:.1%}")
    Console(stderr=True).print(table)
