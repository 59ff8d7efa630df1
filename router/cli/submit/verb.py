"""`submit FILE|-`: reports as NDJSON, or as CSV with a header; each refused line is named by its number."""

import codecs
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import typer

from router.cli.client.api import ApiClient, open_client
from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, complain, finish, say, show, verb
from router.cli.submit.csv_reports import Line, from_csv, rows_of

NDJSON: Final = "application/x-ndjson"
#: Lines and bytes sent in one request: small enough to show progress, large enough that the request costs nothing.
_GROUP: Final = 5000
_GROUP_BYTES: Final = 16 * 1024 * 1024


@verb
def submit(
    file: str = typer.Argument(metavar="FILE|-", help="NDJSON, or CSV with a header; - is standard input."),
    map_: str | None = typer.Option(
        None, "--map", metavar="FILE", help="A CSV file in other people's columns, by this map; `scart` ships."
    ),
    received_at: str | None = typer.Option(
        None,
        "--received-at",
        metavar="MOMENT",
        help="About when, for a file without dates; marked as not known.",
    ),
    csv_: bool | None = typer.Option(None, "--csv/--ndjson", help="What it is; else by its name."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Submit reports from a file; exit 1 when a line was refused."""
    as_csv = file.lower().endswith(".csv") if csv_ is None else csv_
    lines = read(file, as_csv=as_csv) if map_ is None else read_mapped(file, map_, received_at)
    return finish(_submit(lines, data, as_json=as_json))


def read_mapped(file: str, map_: str, received_at: str | None) -> Iterator[Line]:
    """Yield the reports of a file in other people's columns. Raise BadInput."""
    from router.cli.submit.column_map import load, mapped
    from router.errors import BadInput

    columns = load(map_)
    if received_at is None and not columns.has_dates:
        if not sys.stdin.isatty() or file == "-":
            text = "The file says nowhere when it was received; say about when, such as 2026-11-22T08:00:00Z."
            raise BadInput(text, field="--received-at")
        received_at = typer.prompt("The file has no dates. About when was all of it received (with its offset)?")
    return mapped(rows_of(_text(file), columns.location), columns, received_at)


def read(file: str, *, as_csv: bool) -> Iterator[Line]:
    """Yield the reports of a file, one a line. Raise BadInput when it cannot be read as text."""
    if not as_csv:
        return _numbered(_bytes(file).removeprefix(codecs.BOM_UTF8).split(b"\n"))
    return from_csv(_text(file))


def _bytes(file: str) -> bytes:
    from router.errors import BadInput

    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"The file {file} cannot be read ({error.strerror}); check its name.", field="FILE") from None


def _text(file: str) -> str:
    from router.errors import BadInput

    try:
        return _bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"The file {file} is not UTF-8 text; save it as UTF-8.", field="FILE") from None


def _numbered(parts: Iterable[bytes]) -> Iterator[Line]:
    return (Line(number, part) for number, part in enumerate(parts, 1) if part.strip())


async def _submit(lines: Iterator[Line], data: Path | None, *, as_json: bool) -> int:
    from router.api.batch import TOO_MANY, ended
    from router.casework.intake.ndjson import MOST_REFUSED

    counts, unread = {"taken": 0, "refused": 0}, None
    async with open_client(data) as client:
        for group in _groups(lines):
            over = counts["refused"] >= MOST_REFUSED
            answers = [json.loads(ended(group[0].number, TOO_MANY))] if over else await _send(client, group)
            unread = _count(answers, counts, as_json=as_json)
            if unread is not None:
                break
    _sum_up(counts, unread, as_json=as_json)
    return NO if counts["refused"] else OK


def _count(answers: Iterable[dict[str, Any]], counts: dict[str, int], *, as_json: bool) -> int | None:
    """Count the answers and say which lines were refused; return from which line on nothing was read, if so."""
    for answer in answers:
        if answer["status"] < 400:
            counts["taken"] += 1
            continue
        _say_refused(answer, as_json=as_json)
        if "code" in answer["problem"]:  # the answer that ends a batch early
            return int(answer["line"])
        counts["refused"] += 1
    return None


def _sum_up(counts: dict[str, int], unread: int | None, *, as_json: bool) -> None:
    said = f"{counts['taken']} taken, {counts['refused']} refused"
    if unread is None:
        show(counts, as_json=as_json, lines=[f"{said}."])
    else:
        lines = [f"{said}; the lines from {unread} on were not read."]
        show({**counts, "unread_from": unread}, as_json=as_json, lines=lines)


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    group: list[Line] = []
    size = 0
    for line in lines:
        group.append(line)
        size += len(line.text)
        if len(group) == _GROUP or size > _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


async def _send(client: ApiClient, group: list[Line]) -> list[dict[str, Any]]:
    """Return the answers to a group, by the numbers of the file's lines; what is no report is answered here."""
    sent = [line for line in group if line.problem is None]
    body = b"\n".join(line.text for line in sent)
    answers = [json.loads(one) for one in (await client.send("/v1/reports/batch", body, NDJSON)).splitlines()]
    for answer in answers:
        answer["line"] = sent[answer["line"] - 1].number
    answers += [_refused(line) for line in group if line.problem is not None]
    return sorted(answers, key=lambda answer: int(answer["line"]))


def _refused(line: Line) -> dict[str, Any]:
    """Return the answer to a line that is no report, in the words of the API."""
    from router.api.batch import refused

    assert line.problem is not None
    answer: dict[str, Any] = json.loads(refused(line.number, line.problem))
    return answer


def _say_refused(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(answer, ensure_ascii=False))
        return
    problem = answer["problem"]
    named = [f"{wrong['field']}: {wrong['message']}" for wrong in problem.get("errors", ()) if wrong["field"]]
    complain(f"line {answer['line']}: {'; '.join(named) or problem['detail']}")
