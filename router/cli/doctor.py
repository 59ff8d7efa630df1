"""`doctor`: whether this router can do its work, check by check, with what to do about what is wrong.

A new check is one function and one line in `_examine`: it returns its name, whether it is good, and one sentence.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from router.cli.client.api import SETTINGS_FILE, ApiClient, open_client
from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, counted, finish, show, system_said_no, verb
from router.cli.proposals import lines_of
from router.cli.viewings.room import viewing_room

if TYPE_CHECKING:
    from router.data import SetStatus
    from router.hosting.dns.honesty import Examined

#: Days after which a copy should have been put back for a trial again: once a month. Our own choice.
_TRIAL_DAYS: Final = 35
#: Days before a data set is too old from which on its day is told.
_SOON: Final = 30
#: Seconds by which clocks may differ before it is a finding: half of what peers allow (`partners/keys.SKEW`).
_CLOCKS_DIFFER: Final = 30
_TRUE: Final = "every count is what counting again finds; figures say what the newest rows say"
#: Waits of a partner that are no fault: they end by the clock.
_ENDS_BY_ITSELF: Final = frozenset({"closed_hours", "daily_cap"})


@verb
def doctor(data: Data = None, as_json: AsJson = False) -> int:
    """Look whether this router can do its work. Exit 1 when something is wrong, with what to do about it."""
    found = finish(_examine(data))
    lines = [f"{'good ' if one['ok'] else 'WRONG'}  {one['check']}: {one['text']}" for one in found]
    good = all(one["ok"] for one in found)
    show({"ok": good, "checks": found}, as_json=as_json, lines=lines)
    return OK if good else NO


async def _examine(data: Path | None) -> list[dict[str, Any]]:
    from router.errors import RouterError

    found: list[dict[str, Any]] = []
    try:
        found += [_limits(), _settings_file(data), _data_sets(data), *_second(data)]
        async with open_client(data) as client:
            found += [{"check": "router", "ok": True, "text": "keys, database and API answer"}, _identity(data)]
            found.append(await _store(client))  # first: a disk that is full also stops what follows
            found += [*await _governing(client), _anchors(data), _restored(data)]
            found += [await _figures(client), _asked(await client.get("stats")), await _resolvers(client, data)]
            found += [await _clock(client, data), await _public_url(client, data), _probes(data)]
            found.append(viewing_room(data))
    except RouterError as error:
        found.append({"check": "router", "ok": False, "text": error.message})
    except OSError as error:
        found.append({"check": "disk", "ok": False, "text": system_said_no(error)})
    return found


def _settings_file(data: Path | None) -> dict[str, Any]:
    """Look whether others could read a password that stands among the settings."""
    import tomllib

    from router.settings import Settings, holds_password

    path = Settings.load(data_dir=data).data_dir / SETTINGS_FILE
    check = {"check": "settings", "ok": True, "text": f"{SETTINGS_FILE} keeps no secret that others could read"}
    if path.exists() and path.stat().st_mode & 0o077:
        written = tomllib.loads(path.read_text(encoding="utf-8")).get("database")
        if holds_password(written):
            text = f"others can read {SETTINGS_FILE}, and its `database` holds a password: run `chmod 600` on it, and"
            return {**check, "ok": False, "text": f"{text} put the address into a file of its own, as file:PATH"}
    return check


def _limits() -> dict[str, Any]:
    """Look at the limits that a router started from here would have."""
    from router.guard.process import too_tight

    found = too_tight()
    return {"check": "limits", "ok": not found, "text": "; ".join(found) or "enough files, memory and processes"}


async def _store(client: ApiClient) -> dict[str, Any]:
    """Ask whether a report would be taken now; a full disk answers all else as if nothing were wrong."""
    import json

    answer = await client.caller.ask("GET", "/readyz", None, "application/json")
    if answer.status == 200:
        return {"check": "store", "ok": True, "text": "takes reports"}
    return {"check": "store", "ok": False, "text": str(json.loads(answer.body)["detail"])}


async def _figures(client: ApiClient) -> dict[str, Any]:
    """Count everything again beside the counts that are kept: a difference is a hand that wrote past the router."""
    wrong = (await client.get("stats", "recount"))["wrong"]
    told = "; ".join(f"{name}: {abs(n)} too {'many' if n > 0 else 'few'}" for name, n in wrong.items())
    return {"check": "figures", "ok": not wrong, "text": f"{told}; somebody wrote to the database" if wrong else _TRUE}


def _asked(stats: dict[str, Any]) -> dict[str, Any]:
    """Say how many people are to hear within days what they asked of us about themselves."""
    due, overdue = stats["requests_due"], stats["requests_overdue"]
    text = f"{due} to be answered within seven days, {overdue} overdue: `requests list`" if due else "none is due"
    return {"check": "requests", "ok": not overdue, "text": text}


async def _resolvers(client: ApiClient, data: Path | None) -> dict[str, Any]:
    """Ask each resolver for names that exist and for one that does not; note who lies for whoever checks cases."""
    from router.app_tracer import liars, name_servers
    from router.hosting.dns.honesty import PRESENT, examine
    from router.policy.load import load
    from router.settings import Settings
    from schemas.trace import OnlineMode

    settings = Settings.load(data_dir=data)
    present = settings.resolver_check_present
    if not present and load((await client.get("policy"))["text"]).online is OnlineMode.NEVER:
        text = 'not asked, as the policy says online = "never"; name a name of your own as resolver_check_present'
        return {"check": "resolvers", "ok": True, "text": text}
    found = await examine(name_servers(settings), present or PRESENT, settings.resolver_check_absent)
    liars(settings).keep(found)
    return {"check": "resolvers", **judged(found)}


def judged(found: "Sequence[Examined]") -> dict[str, Any]:
    """Say of each resolver what it does; what one that lies says of a host closes and moves no case."""
    text = "; ".join(f"{one.server} {one.text}" for one in found)
    if any(one.lies for one in found):
        text += "; until `doctor` finds otherwise no case closes or moves by what the resolvers say: name others"
    return {"ok": all(one.ok for one in found), "text": text}


def _probes(data: Path | None) -> dict[str, Any]:
    """Say whether reported hosts are asked themselves, and from where; an address that is not ours asks nobody."""
    from router.guard.head import is_ours
    from router.settings import Settings

    asked_from = Settings.load(data_dir=data).probe_from
    if not asked_from:
        return {"check": "probes", "ok": True, "text": "reported hosts are not asked whether they are there"}
    named = ", ".join(map(str, asked_from))
    if away := [str(one) for one in asked_from if not is_ours(one)]:
        text = f"no address of this machine is {', '.join(away)}: give it one, or mend `probe_from`; nobody is asked"
        return {"check": "probes", "ok": False, "text": text}
    return {"check": "probes", "ok": True, "text": f"each reported host is asked once a day at most, from {named}"}


async def _clock(client: ApiClient, data: Path | None) -> dict[str, Any]:
    """Compare this machine's clock with the database's, and with those of partners that have said theirs."""
    from datetime import UTC, datetime

    from router.settings import Settings

    told = await client.get("partners", "clocks")
    ahead = (datetime.now(UTC) - datetime.fromisoformat(told["now"])).total_seconds()
    apart = (Settings.load(data_dir=data).database or "sqlite").startswith("postgresql")
    found = judged_clock(ahead if apart else None, told["partners"])
    if told["doubt"]:
        found = {"ok": False, "text": f"{told['doubt']} Partners and machines: {found['text']}"}
    return {"check": "clock", **found}


def judged_clock(ahead: float | None, partners: dict[str, int]) -> dict[str, Any]:
    """Say whose clock is wrong, as far as the others tell; `ahead` is None where the database's is this machine's."""
    told = ["the database is on this machine, so its clock is the same one"]
    wrong = ahead is not None and abs(ahead) > _CLOCKS_DIFFER
    if ahead is not None:
        told = [f"this machine's is {_seconds(ahead)} the database's" + ("; set it by a time server" if wrong else "")]
    off = {name: value for name, value in partners.items() if abs(value) > _CLOCKS_DIFFER}
    told += [f"{name}'s is {_seconds(value)} ours" for name, value in off.items()]
    if off and len(off) == len(partners) > 1 and len({value > 0 for value in off.values()}) == 1:
        told.append("as all partners' differ alike, ours is the wrong one: set it by a time server")
    elif off:
        told.append("a peer refuses what is signed more than 60 seconds off: set ours by a time server, ask them too")
    elif not partners:
        told.append("no partner has said its time yet; `partners check` asks")
    return {"ok": not wrong and not off, "text": "; ".join(told)}


def _seconds(ahead: float) -> str:
    return f"{abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'}"


async def _public_url(client: ApiClient, data: Path | None) -> dict[str, Any]:
    """Look whether peers that call the address we give them reach this router."""
    from router.app import check_public_url
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    partners = (await client.get("partners"))["partners"]
    peers = any(one["enabled"] and one["dialect"] == "router" for one in partners)
    if settings.public_url is None:
        text = "missing, so peers can bring us nothing and ask about nothing; set `public_url`" if peers else ""
        return {"check": "public_url", "ok": not peers, "text": text or "not set, and not needed: no peer is enabled"}
    if settings.public_url.scheme != "https":
        text = "not https, and peers call nothing else; put https:// there and a certificate in front of the router"
        return {"check": "public_url", "ok": False, "text": text}
    found = await check_public_url(settings)
    return {"check": "public_url", "ok": found.ok, "text": found.text}


def _anchors(data: Path | None) -> dict[str, Any]:
    """Look whether somebody else would notice when the audit is rewritten."""
    from router.guard.anchor import FILE, Anchors
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    folder, mail = settings.audit_receiver, settings.audit_mail
    anchors = Anchors(settings.data_dir / FILE, settings.name, folder, mail)
    wrong = None
    if anchors.lost():
        wrong = (
            f"the database lost what it had signed: after a backup was put back, remove that line from {FILE}, else"
            " somebody cut the audit; `audit verify` says more"
        )
    elif folder is None and mail is None:
        wrong = "nobody else keeps the audit's newest root; name a folder of theirs as audit_receiver, or audit_mail"
    elif folder is not None and folder.resolve().is_relative_to(settings.data_dir.resolve()):
        wrong = "audit_receiver lies in the data directory, which is the operator's; name a folder of somebody else"
    elif folder is not None and anchors.is_behind():
        wrong = "the receiver does not get the audit's newest root; look whether audit_receiver can be written"
    elif anchors.letter_is_missing():
        wrong = "audit_mail has no letter with the newest root; see that a worker runs, and try `alarm test`"
    return {"check": "audit anchor", "ok": wrong is None, "text": wrong or "the receiver has the newest root"}


def _restored(data: Path | None) -> dict[str, Any]:
    """Look how old the newest copy is that somebody really put back: any other may be none."""
    from router.backup.trial import SUFFIX, Trial
    from router.clock import SystemClock, moment
    from router.guard.master import MASTER_FILE, open_keyring
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    if settings.audit_receiver is None:
        text = "unknown: `restore --ledger` writes it beside the ledger; name the receiver's folder as audit_receiver"
        return {"check": "restored copy", "ok": False, "text": text}
    keyring = open_keyring(settings.data_dir / MASTER_FILE)
    found = Trial.read(settings.audit_receiver / f"{settings.name}{SUFFIX}", keyring)
    if found is None:
        text = (
            "no copy was ever put back: try one on another machine (`restore --ledger`); until then there may be none"
        )
        return {"check": "restored copy", "ok": False, "text": text}
    days = (SystemClock().now() - moment(found.point)).days
    text = f"the newest copy that was put back is {days} days old (of {moment(found.point):%Y-%m-%d %H:%M} UTC)"
    late = f"{text}; put a newer one back for a trial, it calls nobody"
    return {"check": "restored copy", "ok": days <= _TRIAL_DAYS, "text": text if days <= _TRIAL_DAYS else late}


def _data_sets(data: Path | None) -> dict[str, Any]:
    from router.app_tracer import SETS, open_data
    from router.clock import SystemClock
    from router.data.waiting import waiting
    from router.settings import Settings

    settings, today = Settings.load(data_dir=data), SystemClock().now().date()
    waits = waiting(settings.data_dir / SETS)
    with open_data(settings) as sets:
        found = ages(sets.status(today), today)
    if waits is not None:
        found = {"ok": False, "text": f"{waits.text} In force: {found['text']}"}
    return {"check": "data sets", **found}


def _second(data: Path | None) -> list[dict[str, Any]]:
    """Say whether the operator's own geolocator is heard: the edition in use, and no other, must have been measured."""
    from router.app_tracer import SECOND, own_edition
    from router.settings import Settings

    edition, measured = own_edition(Settings.load(data_dir=data))
    if edition is None:
        return []
    name = f"{edition.name} of {edition.date}"
    if edition == measured:
        return [{"check": "second geolocator", "ok": True, "text": f"{name} was measured: it confirms and contests"}]
    text = f"{name} was never measured, so it is shown and changes nothing; `locate_truth.py --second` writes {SECOND}"
    return [{"check": "second geolocator", "ok": True, "text": text}]


def ages(sets: "Sequence[SetStatus]", today: date) -> dict[str, Any]:
    """Say which sets are older than their limit, or soon will be: a date is told before it is too late."""
    late = [one.name for one in sets if one.stale]
    if late:
        return {"ok": False, "text": f"older than their limit: {', '.join(late)}; run `data refresh`"}
    left = {one.name: one.max_age_days - one.age_days for one in sets}
    soon = [name for name, days in left.items() if days < _SOON]
    if not soon:
        return {"ok": True, "text": "present and fresh"}
    day = today + timedelta(days=min(left.values()) + 1)
    return {
        "ok": True,
        "text": f"from {day} on too old: {', '.join(soon)}; run `data refresh`, which asks the publishers",
    }


async def _governing(client: ApiClient) -> list[dict[str, Any]]:
    """Look at what governs the router: the policy, the partners, the stops."""
    policy = await client.get("policy")
    stops = (await client.get("stop"))["items"]
    alarm = await client.get("alarm")
    halted = ", ".join(one["scope"] for one in stops) or "nothing is halted"
    return [
        _policy(policy["version"], (await client.get("policy", "unknown-hosts"))["routes"]),
        _partners((await client.get("partners"))["partners"]),
        _waiting((await client.get("partners", "waiting"))["items"]),
        _alarm(alarm),
        _told((await client.get("sources"))["items"]),
        _proposed((await client.get("proposals"))["items"]),
        {"check": "stops", "ok": not stops, "text": halted},
    ]


def _policy(version: int, routes: list[str]) -> dict[str, Any]:
    """Say which version is in force, and which of its rules name a host by an index that means nothing any more."""
    text = f"version {version} is in force"
    if routes:
        text += (
            f"; since all was indexed anew no kept case is of the host that {', '.join(routes)} names, so it may match"
            " nothing: draft it anew from a case of that host (`policy draft`), or take it out and publish"
        )
    return {"check": "policy", "ok": not routes, "text": text}


def _waiting(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Say of each partner that is not called now why, and since when. Some of it ends by itself."""
    told = [f"{one['partner']}: {one['waits']['text']}{_since(one['waits'])}" for one in found]
    wrong = any(one["waits"]["code"] not in _ENDS_BY_ITSELF for one in found)
    return {"check": "waiting", "ok": not wrong, "text": " ".join(told) or "every enabled partner may be called"}


def _proposed(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Say what waits for a second person; what is in force by one alone is wrong until it is settled."""
    told = "; ".join(line for line in lines_of(found) if not line.startswith(" "))
    alone = any(one["in_force_by"] for one in found)
    return {"check": "proposals", "ok": not alone, "text": told or "nothing waits for a second person"}


def _since(wait: dict[str, Any]) -> str:
    return f" (since {wait['since']})" if wait.get("since") else ""


def _alarm(found: dict[str, Any]) -> dict[str, Any]:
    """Say whether an alarm would reach somebody."""
    if not found["ways"]:
        text = "nobody would be told of a child at risk; write [alarm] and run `alarm set FILE`"
        return {"check": "alarm", "ok": False, "text": text}
    if found["failing"]:
        return {"check": "alarm", "ok": False, "text": f"failing: {', '.join(found['failing'])}; run `alarm test`"}
    beat = "" if found["heartbeat"] else "; no heartbeat, so nobody hears when the router itself falls silent"
    return {"check": "alarm", "ok": True, "text": f"{counted(len(found['ways']), 'way')}{beat}"}


def _told(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Say which sources do not hear of their reports, though they have an address for it."""
    hearing = [one for one in found if one.get("status")]
    wrong = [f"{one['name']} does not take it ({one['status']['failing']}), {one['status']['waiting']} wait since"
             f" {one['status']['waiting_since']}; look at its address, and say it again to try at once"
             for one in hearing if one["status"]["failing"]]  # fmt: skip
    wrong += [f"{one['name']} never heard {one['status']['given_up']} in the last week; it can ask by GET /v1/reports"
              for one in hearing if one["status"]["given_up"]]  # fmt: skip
    text = "; ".join(wrong) or counted(len(hearing), "source hears of its reports", "sources hear of their reports")
    return {"check": "status", "ok": not wrong, "text": text}


def _identity(data: Path | None) -> dict[str, Any]:
    """Return our public key as staff give it to a peer's staff, who pin it."""
    from router.app import own_key
    from router.cli.serve import pinning
    from router.settings import Settings

    key = own_key(Settings.load(data_dir=data))
    return {"check": "identity", "ok": True, "text": pinning(key), "key": {"id": key.key_id, "public": key.public}}


def _partners(partners: list[dict[str, Any]]) -> dict[str, Any]:
    enabled = [one for one in partners if one["enabled"]]
    unchecked = [one["name"] for one in enabled if not one.get("checked_on")]
    if not enabled:
        text = "no partner is enabled, so everything goes to the desk; see `partners import`"
        return {"check": "partners", "ok": False, "text": text}
    if unchecked:
        text = f"never reached: {', '.join(unchecked)}; run `partners check`"
        return {"check": "partners", "ok": False, "text": text}
    return {"check": "partners", "ok": True, "text": f"{len(enabled)} enabled, all reached before"}
