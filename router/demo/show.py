"""What the demo prints for people. Locations are shown masked, as everywhere."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from router.demo.judge import Check

#: Evidence in short: at most so many sources by name.
_SOURCES: Final = 3


class Show:
    """The demo's screen."""

    def __init__(self, console: Console) -> None:
        """Print on `console`."""
        self._console = console

    def banner(self) -> None:
        """Say what this is before anything else."""
        text = "SIMULATION: no real data, nothing but loopback is contacted"
        self._console.print(Panel(text, style="bold yellow", expand=False))

    def step(self, text: str) -> None:
        """Say what happens now."""
        self._line(f"[bold cyan]»[/] {escape(text)}")

    def case(self, reference: str, file: Mapping[str, Any]) -> None:
        """Say what became of one report: country, evidence in short, partner and receipt, or why it is on the desk."""
        summary = file["summary"]
        self._line(f"  [bold]{escape(reference)}[/] {escape(summary['masked'])}")
        self._line(f"      [dim]{escape(_where(file))}[/]")
        for referral in file["referrals"]:
            self._line(f"      {_referral(referral)}")
        if file["desk"]:
            text = escape(f"{file['desk']['text']}")
            self._line(f"      [yellow]on the desk[/] ({escape(file['desk']['code'])}): {text}")
        if summary["outcome"]:
            because = escape(file.get("rests_on") or "")
            self._line(f"      [green]closed: {escape(summary['outcome'])}[/] {because}")

    def checks(self, checks: Iterable[Check]) -> None:
        """Say of each expectation whether it was met."""
        for check in checks:
            word = "[green]ok    [/]" if check.ok else "[bold red]FAILED[/]"
            self._line(f"  {word} {escape(check.text)}")

    def verdict(self, checks: list[Check]) -> None:
        """Sum up."""
        failed = sum(not check.ok for check in checks)
        if failed:
            self._line(f"[bold red]{failed} of {len(checks)} expectations were not met[/]")
        else:
            self._line(f"[bold green]all {len(checks)} expectations were met[/]")

    def addresses(self, lines: Iterable[tuple[str, str]]) -> None:
        """Say where everything is, and how it ends."""
        self._console.print()
        named = list(lines)
        width = max(len(label) for label, _ in named)
        for label, address in named:
            self._line(f"  {label:<{width}}  {escape(address)}")
        self._line("\nPress Ctrl-C to end it; nothing of it is kept.")

    def _line(self, markup: str) -> None:
        """Print one line and never fold it: people copy addresses, and programs read lines."""
        self._console.print(markup, highlight=False, soft_wrap=True)


def _where(file: Mapping[str, Any]) -> str:
    summary, trace = file["summary"], file["trace"]
    verdict = summary["verdict"] or "not traced"
    country = f" {summary['hosting_country']}" if summary["hosting_country"] else ""
    sure = f", {summary['confidence']:.1%} sure" if summary["hosting_country"] and summary["confidence"] else ""
    return f"{verdict}{country}{sure}" + (f": {_evidence(trace)}" if trace else "")


def _evidence(trace: Mapping[str, Any]) -> str:
    """Return the claims of a trace in short, or the verdict's first reason when there are none."""
    claims = [
        f"{one['source']} {one['claim']['country'] or one['claim']['basis']}"
        for address in trace["addresses"]
        for one in address["evidence"]
    ]
    distinct = list(dict.fromkeys(claims))
    if distinct:
        more = f", {len(distinct) - _SOURCES} more" if len(distinct) > _SOURCES else ""
        return ", ".join(distinct[:_SOURCES]) + more
    reasons = trace["verdict"]["reasons"]
    return reasons[0]["text"] if reasons else "no evidence"


def _referral(referral: Mapping[str, Any]) -> str:
    to = f"{'copy ' if referral['is_copy'] else ''}to [bold]{escape(referral['partner'])}[/]"
    linked = " (it moved there)" if referral["supersedes"] else ""
    if referral["receipt"]:
        return f"{to}{linked}: {escape(referral['state'])}, receipt {escape(referral['receipt'])}"
    done = (referral.get("progress") or {}).get("text")
    return f"{to}{linked}: {escape(referral['state'])}. {escape(referral['last_text'] or done or '')}"
