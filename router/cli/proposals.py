"""What waits for a second person, at the command line: shown with what changes, confirmed, withdrawn, or put in force.

`partners | sources | alarm | policy`, each with `confirm | withdraw`, and `break-glass` where one alone may.
"""

from collections.abc import Awaitable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from router.cli.client.api import ApiClient, open_client
from router.cli.client.governance import GovernanceClient
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data, Reason
from router.cli.output import OK, counted, finish, say, show

if TYPE_CHECKING:
    from schemas.governed import WaitingCases

_LOOK: Final = "Nothing was confirmed yet. Look at what is proposed; if it is right, run `{how} --id {id}`."
#: Characters of a value that a line shows; `--json` has the rest.
_WIDE: Final = 60
Partner = Annotated[
    str, typer.Argument(metavar="PARTNER|territories", help="Whose change, as `partners list` shows it.")
]
Source = Annotated[str, typer.Argument(metavar="SOURCE", help="Whose status address, as `sources list` shows it.")]
Seen = Annotated[
    str | None,
    typer.Option(
        "--id", metavar="ID", help="The proposal that you looked at; any other is refused. To confirm one takes it."
    ),
]


def lines_of(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return proposals as people read them, field by field."""
    lines = []
    for one in found:
        by = f"by {one['by']} since {one['since']}"
        if one["in_force_by"]:
            glass = f"IN FORCE by break-glass of {one['in_force_by']} ({one['reason']}) until {one['until']}"
            lines.append(f"{one['subject']}: {glass}, {by}")
        elif one["outdated"]:
            lines.append(f"{one['subject']}: proposed {by}; something else is in force meanwhile, so propose it anew")
        elif one["subject"].startswith("rule:"):
            lines.append(f"{one['subject']}: drafted {by}; a supervisor publishes it: {_how(one['subject'])}")
        else:
            lines.append(f"{one['subject']}: proposed {by}, until {one['until']}; another person confirms it")
        lines += [f"  {_change(change)}" for change in one["changes"]]
    return lines


def told(published: Mapping[str, Any], *, otherwise: str) -> list[str]:
    """Return what came of a change: in force, or waiting for whom."""
    if not published["proposed"]:
        return [otherwise]
    return [
        f"{one} is proposed, and in force once another person confirms it: {_how(one)}" for one in published["proposed"]
    ]


def _how(subject: str) -> str:
    group, _, name = subject.partition(":")
    if group in {"embargo", "trail"}:
        return f"{'trails' if group == 'trail' else group} confirm {name}"
    if group == "rule":
        return f"policy confirm-draft {name}"
    if group in {"alarm", "policy"}:
        return f"{group} confirm"
    if group == "release":
        return "release"
    return f"sources confirm {name}" if group == "source" else f"partners confirm {name or group}"


def _change(change: Mapping[str, Any]) -> str:
    was, becomes = (("-" if one is None else str(one)) for one in (change["was"], change["becomes"]))
    return f"{change['field']}: {was[:_WIDE]} -> {becomes[:_WIDE]}"


async def waiting(client: ApiClient, subject: str | None = None) -> list[dict[str, Any]]:
    """Return what waits, of one subject or of all."""
    found = (await client.get("proposals"))["items"]
    return [one for one in found if subject in {None, one["subject"]}]


async def could_have(name: str, asked: Awaitable["WaitingCases"]) -> list[str]:
    """Return the line that says how many cases waited for a partner, as it is `asked`; none when none did."""
    from router.errors import RouterError

    total = 0
    with suppress(RouterError):  # whoever may make a partner usable need not be allowed to read cases
        total = (await asked).total
    if not total:
        return []
    return [
        f"{counted(total, 'case')} on the desk could go to {name} by now: `partners decide-waiting {name}` shows them."
    ]


@by_person
def confirm_partner(name: Partner, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put in force what another person proposed."""
    return settle(_subject(name), "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw_partner(name: Partner, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take back what is proposed. One is enough."""
    return settle(_subject(name), "withdraw", data, as_json=as_json, id=seen)


@by_person
def break_glass_partner(
    name: Partner, reason: Reason = "", seen: Seen = None, data: Data = None, as_json: AsJson = False
) -> int:
    """Put it in force for 24 hours, alone. It rings, and undoes itself."""
    return settle(_subject(name), "break-glass", data, as_json=as_json, id=seen, reason=reason)


@by_person
def confirm_source(name: Source, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put in force the status address that another person proposed."""
    return settle(f"source:{name}", "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw_source(name: Source, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take back what is proposed. One is enough."""
    return settle(f"source:{name}", "withdraw", data, as_json=as_json, id=seen)


@by_person
def break_glass_source(
    name: Source, reason: Reason = "", seen: Seen = None, data: Data = None, as_json: AsJson = False
) -> int:
    """Put it in force for 24 hours, alone. It rings, and undoes itself."""
    return settle(f"source:{name}", "break-glass", data, as_json=as_json, id=seen, reason=reason)


@by_person
def confirm_alarm(seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put in force what another person proposed."""
    return settle("alarm", "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw_alarm(seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take back what is proposed. One is enough."""
    return settle("alarm", "withdraw", data, as_json=as_json, id=seen)


@by_person
def confirm_policy(seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put in force a policy that widens where data go."""
    return settle("policy", "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw_policy(seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take back what is proposed. One is enough."""
    return settle("policy", "withdraw", data, as_json=as_json, id=seen)


@by_person
def break_glass_policy(reason: Reason = "", seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put it in force for 24 hours, alone. It rings, and undoes itself."""
    return settle("policy", "break-glass", data, as_json=as_json, id=seen, reason=reason)


def _subject(name: str) -> str:
    return name if name == "territories" else f"partner:{name}"


def settle(subject: str, act: str, data: Path | None, *, as_json: bool, **given: Any) -> int:
    """Do it, having shown what it is about. What is confirmed is named by its id: another may stand there by now.

    Raise BadInput for a confirmation that names none.
    """
    from router.errors import BadInput

    async def run() -> int:
        async with open_client(data) as client:
            found = await waiting(client, subject)
            if not as_json:
                for line in lines_of(found):
                    say(line)
            if found and given["id"] is None:
                if act == "confirm":
                    raise BadInput(_LOOK.format(how=_how(subject), id=found[0]["id"]), field="id", reason="not_named")
                given["id"] = found[0]["id"]
            done = await client.post("proposals", subject, act, **given)
            partner = subject.removeprefix("partner:")
            told_of = partner != subject and act != "withdraw"
            more = await could_have(partner, GovernanceClient(client).waiting_cases(partner)) if told_of else []
        version = (done or {}).get("version")
        in_force = f"version {version}" if version else "what was proposed"
        confirmed = told({"proposed": (), **(done or {})}, otherwise=f"Confirmed; {in_force} is in force.")
        said = {"confirm": "\n".join(confirmed), "withdraw": "Withdrawn."}
        glass = f"In force until it is undone in 24 hours, or confirmed by another person: {_how(subject)}"
        show({"subject": subject, "act": act, "version": version}, as_json=as_json, lines=[said.get(act, glass), *more])
        return OK

    return finish(run())
