"""`partners list | import | add | set | check`: who may receive, read from a file or from the router's own store."""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from router.cli.output import complain, counted, say
from router.cli.policy import read_text
from router.cli.proposals import could_have, lines_of, told
from router.cli.trails.verbs import write_files
from router.data.directory import read_directory
from router.errors import BadInput, NotFound
from schemas.decision import Mode
from schemas.governed import Published, WaitingCases
from schemas.partner import Directory, Partner
from schemas.sheet import SheetFiles

NOBODY_WAITS: Final[Mapping[str, str]] = MappingProxyType({})


class CheckedPartner(Protocol):
    """What the check of one partner found."""

    @property
    def partner(self) -> str:
        """The partner's name."""
        ...

    @property
    def ok(self) -> bool:
        """Whether it was reached."""
        ...

    @property
    def text(self) -> str:
        """One sentence for people."""
        ...


class Office(Protocol):
    """The router's own directory: read, replaced and checked, with the caller's identity and rights."""

    async def directory(self) -> Directory:
        """Return the directory in force."""
        ...

    async def waiting(self) -> Mapping[str, str]:
        """Return, by name, why each enabled partner that is not called now waits, in one sentence."""
        ...

    async def proposals(self) -> Sequence[Mapping[str, Any]]:
        """Return what waits for a second person."""
        ...

    async def import_directory(self, directory: Directory) -> Published:
        """Put a directory in force as far as it narrows, and propose the rest. Raise BadInput, Conflict, NotAllowed."""
        ...

    async def put_partner(self, partner: Partner) -> Published:
        """Add a partner or replace the one of its name, as far as that narrows; propose the rest. Raise as above."""
        ...

    async def sheet(self) -> SheetFiles:
        """Return what a new partner is given. Raise Conflict where there is no key to sign with."""
        ...

    async def waiting_cases(self, name: str) -> WaitingCases:
        """Return what a partner could have by now. Raise NotFound."""
        ...

    async def decide_waiting(self, name: str, reason: str) -> int:
        """Have those cases decided anew; return how many. Raise NotFound, BadInput."""
        ...

    async def check_partners(self, name: str | None, *, rehearse: bool = False) -> Sequence[CheckedPartner]:
        """Reach one partner, or all that are enabled, without sending anything about a case. Raise NotFound."""
        ...


def run_list(
    directory: Directory,
    waits: Mapping[str, str] = NOBODY_WAITS,
    proposed: Sequence[Mapping[str, Any]] = (),
    *,
    country: str | None = None,
    enabled: bool = False,
    as_json: bool,
) -> int:
    """Print the partners, of one country or only the enabled ones if asked; return 0."""
    partners = [
        partner
        for partner in directory.partners
        if (country is None or country in partner.countries) and (partner.enabled or not enabled)
    ]
    if as_json:
        rows = [
            partner.model_dump(mode="json", exclude={"config"}) | {"waits": waits.get(partner.name)}
            for partner in partners
        ]
        said = {"version": directory.version, "partners": rows, "proposed": list(proposed)}
        say(json.dumps(said, ensure_ascii=False))
        return 0
    width = max((len(partner.name) for partner in partners), default=0)
    for partner in partners:
        say(f"{partner.name:{width}}  {' '.join(partner.countries):3} {partner.kind:8} {_standing(partner)}")
        if partner.name in waits:
            say(f"{'':{width}}  waits: {waits[partner.name]}")
    if country is not None and (served := directory.territories.get(country)):
        say(f"{country} is served by {served}" + (" (only assumed)" if country in directory.assumed else ""))
    for line in lines_of(proposed):
        say(line)
    say(f"{counted(len(partners), 'partner')}, {sum(partner.enabled for partner in partners)} enabled.")
    return 0


def run_list_file(path: str, *, country: str | None = None, enabled: bool = False, as_json: bool) -> int:
    """Print the partners of a file; return 0. Raise BadInput naming every mistake."""
    return run_list(read_directory(read_text(path)), country=country, enabled=enabled, as_json=as_json)


async def run_list_published(
    office: Office, *, country: str | None = None, enabled: bool = False, as_json: bool
) -> int:
    """Print the partners in force; return 0."""
    proposed = [one for one in await office.proposals() if one["subject"].startswith(("partner:", "territories"))]
    found, waits = await office.directory(), await office.waiting()
    return run_list(found, waits, proposed, country=country, enabled=enabled, as_json=as_json)


async def run_import(office: Office, path: str, *, as_json: bool) -> int:
    """Put the directory of a file in force; return 0. Raise BadInput (the old one stays), Conflict."""
    directory = read_directory(read_text(path))
    done = await office.import_directory(directory)
    enabled = sum(partner.enabled for partner in directory.partners)
    if as_json:
        said = {"version": done.version, "partners": len(directory.partners), "enabled": enabled}
        say(json.dumps(said | {"proposed": done.proposed}))
    elif done.proposed:
        say("\n".join(told(done.model_dump(), otherwise="")))
    else:
        partners = counted(len(directory.partners), "partner")
        say(f"Directory version {done.version} is in force: {partners}, {enabled} enabled.")
        say("Run `partners check` to reach the enabled ones; until then the policy counts them as no hotline.")
    return 0


async def run_add(office: Office, path: str, *, as_json: bool) -> int:
    """Add the partners of a file, or replace those of the same name; return 0. Raise BadInput, Conflict."""
    return await _put(office, read_directory(read_text(path)).partners, as_json=as_json)


async def run_set(office: Office, name: str, settings: Sequence[str], *, as_json: bool) -> int:
    """Change settings of one partner, each `a.b=VALUE`; return 0. Raise NotFound, BadInput, Conflict."""
    found = (await office.directory()).named(name)
    if found is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    await _say_what_is_replaced(office, name)
    changed = found.model_dump(mode="json")
    for one in settings:
        _change(changed, one)
    (partner,) = read_directory(json.dumps({"partners": [changed]})).partners
    return await _put(office, [partner], as_json=as_json)


async def run_export(office: Office) -> int:
    """Print the directory in force as JSON; return 0."""
    say((await office.directory()).model_dump_json(indent=1, exclude_defaults=True))
    return 0


async def _put(office: Office, partners: Sequence[Partner], *, as_json: bool) -> int:
    done = [await office.put_partner(partner) for partner in partners]
    names, version = [partner.name for partner in partners], done[-1].version if done else 0
    proposed = [subject for one in done for subject in one.proposed]
    if as_json:
        say(json.dumps({"version": version, "partners": names, "proposed": proposed}))
    else:
        good = f"Directory version {version} is in force: {', '.join(names)}. Now run `partners check {names[0]}`."
        say("\n".join(told({"proposed": proposed}, otherwise=good)))
    return 0


async def _say_what_is_replaced(office: Office, name: str) -> None:
    """Say so when something is proposed of a partner: what is proposed now takes its place."""
    for one in await office.proposals():
        if one["subject"] == f"partner:{name}" and not one["in_force_by"]:
            complain(f"What {one['by']} proposed of {name} is taken back by this; see `partners list`.")


def _change(partner: dict[str, Any], setting: str) -> None:
    """Set one key, which may lie in a table, to a value. Raise BadInput for what is no KEY=VALUE."""
    key, equals, text = setting.partition("=")
    if not equals or not key:
        raise BadInput("Write each setting as KEY=VALUE, such as config.url=https://…", field="settings")
    *way, last = key.split(".")
    place = partner
    for part in way:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise BadInput("There is nothing below this key; see `partners export`.", field=part)
    try:
        place[last] = json.loads(text)
    except ValueError:
        place[last] = text


async def run_check(office: Office, name: str | None = None, *, as_json: bool, rehearse: bool = False) -> int:
    """Print whether each partner was reached; return 0, or 1 when one was not. Raise NotFound."""
    checked = await office.check_partners(name, rehearse=rehearse)
    if as_json:
        rows = [{"partner": one.partner, "ok": one.ok, "text": one.text} for one in checked]
        say(json.dumps({"ok": all(one.ok for one in checked), "partners": rows}, ensure_ascii=False))
    else:
        for one in checked:
            say(f"{'reached' if one.ok else 'NOT    '}  {one.partner}: {one.text}")
        say(
            f"{sum(one.ok for one in checked)} of {counted(len(checked), 'partner was', 'partners were')} reached."
            if checked
            else "No partner is enabled, so there is none to reach; see `partners list`."
        )
        if name is not None and checked[0].ok:  # one that was never reached before may receive from now on
            for hint in await could_have(name, office.waiting_cases(name)):
                say(hint)
    return 0 if all(one.ok for one in checked) else 1


async def run_sheet(office: Office, to: Path | None, *, as_json: bool) -> int:
    """Print what a new partner is given, or write its files with their signatures; return 0. Raise BadInput."""
    found = await office.sheet()
    if to is not None:
        written = write_files(to, [(one.name, one.content) for one in found.files])
        say(json.dumps({"folder": str(to), "files": written}) if as_json else f"{to}: {', '.join(written)}")
    elif as_json:
        say(found.sheet.model_dump_json())
    else:
        text = next(one.content for one in found.files if one.name == "sheet.txt")
        say(b64decode(text).decode().rstrip("\n"))
    return 0


async def run_decide_waiting(office: Office, name: str, reason: str, *, as_json: bool) -> int:
    """Print the cases that a partner could have by now; with a reason, have them decided anew. Raise NotFound."""
    if reason:
        decided = await office.decide_waiting(name, reason)
        if as_json:
            say(json.dumps({"partner": name, "decided": decided}))
        else:
            say(f"Decided anew: {counted(decided, 'case')}; the worker sends or proposes them as the policy says.")
        return 0
    found = await office.waiting_cases(name)
    if as_json:
        say(found.model_dump_json())
        return 0
    for one in found.items:
        how = "by itself" if one.mode is Mode.AUTOMATIC else "once somebody confirms"
        say(f"{one.count:>6}  now {one.code}; would go {how} to {', '.join(one.partners)}")
    least = "At least " if found.more else ""
    say(f"{least}{counted(found.total, 'case')}. Nothing was changed; with --reason they are decided anew.")
    return 0


def _standing(partner: Partner) -> str:
    if not partner.enabled:
        return f"disabled: {partner.disabled_reason or 'enable it in the directory'}"
    checked = f"checked {partner.checked_on}" if partner.checked_on else "not checked yet"
    until = f", agreement until {partner.agreement.until}" if partner.agreement.until else ""
    return f"enabled, {partner.dialect}, {checked}{until}"
