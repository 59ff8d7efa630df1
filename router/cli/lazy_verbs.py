"""Verbs whose work stands in a file of its own, declared for the command line: demo, locate, policy, partners.

Nothing of their work is imported before one of them is called, so that `--help` stays quick.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from router.cli.client.api import open_client
from router.cli.client.governance import GovernanceClient
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data, Database, Reason
from router.cli.output import OK, finish, show, verb
from router.cli.proposals import could_have, told

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's name, as in `partners list`.")]
File = Annotated[str, typer.Argument(metavar="FILE|-", help="The policy, as TOML; - is standard input.")]
Partners = Annotated[
    str | None, typer.Option("--directory", metavar="FILE", help="Another directory than the shipped.")
]


@verb
def demo(
    check: bool = typer.Option(False, "--check", help="Play the story, judge it by what the partners hold, and end."),
    days: int | None = typer.Option(None, min=0, metavar="N", help="Let that many simulated days pass."),
    database: Database = None,
    as_json: AsJson = False,
) -> int:
    """Play sample reports in a simulated world. Partner hotlines and the console run beside it, on loopback."""
    from router.cli.demo import run

    return run(check=check, as_json=as_json, database=database, days=days, keep_running=not check)


@verb
def locate(
    inputs: list[str] = typer.Argument(None, metavar="[URL|IP]..."),
    input_: str | None = typer.Option(
        None, "--input", metavar="FILE|-", help="One location a line; - is standard input."
    ),
    offline: bool = typer.Option(False, "--offline", help="Ask nobody, not even a name server."),
    jobs: int = typer.Option(1, min=0, metavar="N", help="Processes; 0 is one a core."),
    resume: bool = typer.Option(False, "--resume", help="Go on where the last run over this file stopped."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say where locations are hosted, with the evidence. Nothing is kept."""
    from router.cli.locate.verb import run

    return run(
        list(inputs or ()), input=input_, offline=offline, jobs=jobs, resume=resume, as_json=as_json, data_dir=data
    )


@verb
def policy_check(file: File, directory: Partners = None, as_json: AsJson = False) -> int:
    """Say whether a file is a policy. Every error is named with its line."""
    from router.cli import policy

    return policy.run_check(file, as_json=as_json, directory=directory)


@verb
def policy_test(file: File, directory: Partners = None, as_json: AsJson = False) -> int:
    """Run a policy's own tests."""
    from router.cli import policy

    return policy.run_test(file, as_json=as_json, directory=directory)


@verb
def policy_explain(
    facts: list[str] = typer.Argument(
        None, metavar="[FACT=VALUE]...", help="Such as hosting_country=NL confidence=0.98."
    ),
    file: str | None = typer.Option(
        None, "--file", metavar="FILE", help="Ask this policy instead of the one in force."
    ),
    case: str | None = typer.Option(None, "--case", metavar="CASE", help="Show what was decided on this case."),
    directory: Partners = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say what a policy does with facts, route by route. With --case: what it did with that."""
    from router.cli import policy

    given = list(facts or ())
    if file is not None:
        return policy.run_explain(file, given, as_json=as_json, directory=directory)
    if case is not None:
        return _through(data, lambda office: policy.run_explain_case(office, case, as_json=as_json))
    return _through(data, lambda office: policy.run_explain_published(office, given, as_json=as_json))


@verb
def policy_diff(
    file: File,
    limit: int = typer.Option(1000, min=1, max=10_000, metavar="N", help="How many of the last decisions to replay."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say which decisions another policy would change. The last ones are judged again by it."""
    from router.cli import policy

    return _through(data, lambda office: policy.run_diff(office, file, limit=limit, as_json=as_json))


@by_person
def policy_publish(file: File, data: Data = None, as_json: AsJson = False) -> int:
    """Put a policy in force. One that fails its own tests is refused, one that widens takes two."""
    from router.cli import policy

    return _through(data, lambda office: policy.run_publish(office, file, as_json=as_json))


@verb
def partners_list(
    file: str | None = typer.Option(
        None, "--file", metavar="FILE", help="List this directory instead of the one in force."
    ),
    country: str | None = typer.Option(None, metavar="CC", help="Only those that serve this country."),
    enabled: bool = typer.Option(False, "--enabled", help="Only those that may receive."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List partners: who may receive, and if not, why."""
    from router.cli import partners

    if file is not None:
        return partners.run_list_file(file, country=country, enabled=enabled, as_json=as_json)
    return _through(
        data, lambda office: partners.run_list_published(office, country=country, enabled=enabled, as_json=as_json)
    )


@by_person
def partners_import(
    file: str = typer.Argument(metavar="FILE|-", help="The directory, as TOML."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Put a partner directory in force, whole. What widens where data go is proposed."""
    from router.cli import partners

    return _through(data, lambda office: partners.run_import(office, file, as_json=as_json))


@verb
def partners_check(
    name: str = typer.Argument(None, metavar="[PARTNER]", help="One partner; else all that are enabled."),
    rehearse: bool = typer.Option(False, "--rehearse", help="Send it a test, about no case."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Reach partners, saying nothing about any case. Exit 1 when one does not answer."""
    from router.cli import partners

    return _through(data, lambda office: partners.run_check(office, name, as_json=as_json, rehearse=rehearse))


@verb
def partners_pause(name: Partner, reason: Reason = "", data: Data = None, as_json: AsJson = False) -> int:
    """Send nothing to a partner until it is resumed. What waits for it stays."""
    return _partner_act(name, "pause", reason, data, as_json=as_json)


@verb
def partners_resume(name: Partner, reason: Reason = "", data: Data = None, as_json: AsJson = False) -> int:
    """Have a partner called again, whoever or whatever paused it."""
    return _partner_act(name, "resume", reason, data, as_json=as_json)


@by_person
def partners_decide_waiting(name: Partner, reason: Reason = "", data: Data = None, as_json: AsJson = False) -> int:
    """Show the cases that waited for a partner. With --reason they are decided anew."""
    from router.cli import partners

    return _through(data, lambda office: partners.run_decide_waiting(office, name, reason, as_json=as_json))


@by_person
def partners_enable(name: Partner, reason: Reason = "", data: Data = None, as_json: AsJson = False) -> int:
    """Propose that a partner may receive. Another person confirms it."""
    return _switched(name, "enable", reason, data, as_json=as_json)


@by_person
def partners_disable(name: Partner, reason: Reason = "", data: Data = None, as_json: AsJson = False) -> int:
    """Let a partner receive nothing from now on. The reason stands in its entry."""
    return _switched(name, "disable", reason, data, as_json=as_json)


@by_person
def partners_add(
    file: str = typer.Argument(metavar="FILE|-", help="One or more [[partners]], as TOML or JSON."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Propose partners. Those of the same name are replaced, everybody else stays."""
    from router.cli import partners

    return _through(data, lambda client: partners.run_add(client, file, as_json=as_json))


@by_person
def partners_set(
    name: Partner,
    settings: list[str] = typer.Argument(metavar="KEY=VALUE...", help="Such as config.url=https://… or pace.burst=5."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Change settings of a partner. What widens is proposed; a value is JSON, or else text."""
    from router.cli import partners

    return _through(data, lambda client: partners.run_set(client, name, settings, as_json=as_json))


@verb
def partners_export(data: Data = None, as_json: AsJson = False) -> int:  # noqa: ARG001 - it is JSON either way
    """Print the directory in force as JSON. `partners import` reads it."""
    from router.cli import partners

    return _through(data, partners.run_export)


@verb
def partners_sheet(
    to: Path | None = typer.Option(None, "--to", metavar="DIR", help="Write its files, with their signatures."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Print what a new partner is given. Our name, address and key, what leaves and what never does."""
    from router.cli import partners

    return _through(data, lambda office: partners.run_sheet(office, to, as_json=as_json))


def _switched(name: str, act: str, reason: str, data: Path | None, *, as_json: bool) -> int:
    async def run() -> int:
        async with open_client(data) as client:
            made = await client.post("partners", name, act, reason=reason)
            now = act == "enable" and not made["proposed"]
            more = await could_have(name, GovernanceClient(client).waiting_cases(name)) if now else []
        done = f"{name} is {act}d; directory version {made['version']} is in force."
        show(made, as_json=as_json, lines=[*told(made, otherwise=done), *more])
        return OK

    return finish(run())


def _partner_act(name: str, act: str, reason: str, data: Path | None, *, as_json: bool) -> int:
    async def run() -> int:
        async with open_client(data) as client:
            await client.post("partners", name, act, reason=reason)
            found = (await client.get("partners", "waiting"))["items"]
            again = act == "resume"
            more = await could_have(name, GovernanceClient(client).waiting_cases(name)) if again else []
        waits = next((one["waits"] for one in found if one["partner"] == name), None)
        said = f"{name}: {waits['text']}" if waits else f"{name} is called as soon as something is due."
        show({"partner": name, "waits": waits}, as_json=as_json, lines=[said, *more])
        return OK

    return finish(run())


def _through(data: Path | None, run: Callable[[GovernanceClient], Awaitable[int]]) -> int:
    async def opened() -> int:
        async with open_client(data) as client:
            return await run(GovernanceClient(client))

    return finish(opened())
