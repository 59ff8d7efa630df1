"""The verb `demo`: the simulated world, two partner hotlines and the police, sample reports, and the console.

With `check` it plays the story, judges it by what the partners hold, and ends. With `days` it lets days pass, with the
five-day checks in them. Without `check` it stays up for somebody to look around.
"""

import asyncio
import signal
import sys
import tempfile
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from router.cli.output import CANNOT_RUN, NO, OK, counted, say

if TYPE_CHECKING:
    from router.demo.judge import Check
    from router.demo.setup import Stage
    from router.demo.show import Show
    from router.demo.story import Reported

#: A copy of `examples/reports.ndjson`, which an installed package does not have.
REPORTS: Final = "reports.ndjson"


def run(*, check: bool, as_json: bool, database: str | None, days: int | None, keep_running: bool) -> int:
    """Run the demo and return its exit code: 0, 1 when an expectation was not met, 3 when it was cut short.

    `days` is how many simulated days pass; `database` puts home on PostgreSQL (an empty database). With `as_json` the
    progress goes to standard error, so that standard output is one line of JSON. Raise CannotStart, Unavailable.
    """
    with (
        suppress(KeyboardInterrupt, asyncio.CancelledError),
        tempfile.TemporaryDirectory(prefix="referral-router-demo-") as folder,
    ):
        return asyncio.run(_demo(Path(folder), check, as_json, database, days or 0, keep_running))
    # Ended from outside: so ends a demo that stays up, but one that was to judge has not done so.
    return OK if keep_running else CANNOT_RUN


async def _demo(folder: Path, check: bool, as_json: bool, database: str | None, days: int, keep_running: bool) -> int:
    from rich.console import Console

    from router.demo.setup import set_stage
    from router.demo.show import Show
    from router.demo.story import summary_line

    _end_in_order()
    show = Show(Console(file=sys.stderr if as_json else sys.stdout))
    show.banner()
    show.step(
        "starting a home hotline in BE, ICCAM with NL and DE behind it, police, peers in NL and CA, and a name server"
    )
    async with set_stage(folder, database) as stage:
        audience = await _submit(stage, show)
        checks = await _play(stage, audience, days, check=check)
        if check:
            show.checks(checks)
            show.verdict(checks)
        if as_json:
            say(await summary_line(stage, len(audience.reported)))
        if keep_running:
            await _stay(stage, show)
    return NO if any(not one.ok for one in checks) else OK


async def _submit(stage: "Stage", show: "Show") -> "_Audience":
    from router.demo.story import submit

    reported = await submit(stage, resources.files("router.world").joinpath(REPORTS).read_bytes())
    show.step(f"{counted(len(reported), 'report is', 'reports are')} in; tracing, deciding, delivering")
    return _Audience(stage, show, reported)


async def _play(stage: "Stage", audience: "_Audience", days: int, *, check: bool) -> "list[Check]":
    """Play the first day and the following ones, judging after the first and after the last."""
    from router.demo.judge import gather, judge
    from router.demo.story import partners_act, unit_reads

    await audience.until_rest()
    for said in await unit_reads(stage):
        audience.hear(said)
    await audience.until_rest()
    checks = judge(await gather(stage, audience.reported)) if check else []
    for _ in range(days):
        await stage.next_day()
        audience.hear(f"day {stage.days}: {stage.clock.now():%A %d %B}")
        for said in await partners_act(stage, audience.reported):
            audience.hear(said)
        await audience.until_rest()
    if days and check:
        checks += judge(await gather(stage, audience.reported))
    return checks


def _end_in_order() -> None:
    """Let SIGTERM end the demo as Ctrl-C does, so that no process and no folder is left behind."""
    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError, RuntimeError):  # no signals on this platform, or not in the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


class _Audience:
    """Tells what became of the reports, each once, as it happens."""

    def __init__(self, stage: "Stage", show: "Show", reported: "dict[str, Reported]") -> None:
        self.reported = reported
        self._stage = stage
        self._show = show
        self._told: dict[str, object] = {}
        self._references: dict[str, list[str]] = {}
        for reference, one in reported.items():
            self._references.setdefault(one.case, []).append(reference)

    def hear(self, text: str) -> None:
        """Say what happens now."""
        self._show.step(text)

    async def until_rest(self) -> None:
        """Let the instances work until they rest."""
        from router.demo.story import rest

        await rest(self._stage, self._told, self._tell, tuple(self._references))

    def _tell(self, file: "dict[str, Any]") -> None:
        self._show.case(" = ".join(self._references.get(file["summary"]["id"], ["another case"])), file)


async def _stay(stage: "Stage", show: "Show") -> None:
    """Stay up until somebody ends it."""
    from router.demo.pipe_messages import Invite

    home = stage.home_instance
    show.addresses(
        [
            ("console", stage.console + "/"),
            ("sign in (once, within 15 minutes)", stage.console + await home.tell(Invite())),
            ("API", stage.console + "/v1/"),
            ("API token", home.ready.token),
            ("sign in after that", "type the API token into the console's sign-in page"),
        ]
    )
    await asyncio.Event().wait()
