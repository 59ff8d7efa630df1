"""The verbs of the command line, one file a group, each starting `app` inside its function so that `--help` is quick.

It reads arguments, calls a use-case or the running server's API, and prints for people or as JSON. It never decides
anything about a case, and never opens the database behind a running server's back.
"""

import os
import sys
from collections.abc import Callable
from typing import Final, NamedTuple

import typer

from router.cli import (
    accounts,
    admin,
    alarm,
    audit,
    cases,
    data,
    desk,
    doctor,
    embargo,
    groups,
    keys,
    lazy_verbs,
    options,
    output,
    proposals,
    referrals,
    serve,
    sources,
    version,
)
from router.cli.backup import verbs as backing_up
from router.cli.figures import verb as figures
from router.cli.notes import verbs as notes
from router.cli.people import verbs as people
from router.cli.queue import verbs as queue
from router.cli.reminders import verbs as reminders
from router.cli.requests import verbs as requests
from router.cli.retention import verbs as retention
from router.cli.rules import verbs as rules
from router.cli.rules import versions as policy_versions
from router.cli.submit import verb as submit
from router.cli.trails import verbs as trails
from router.cli.viewings import verbs as viewings
from router.guard.process import leave_no_dump


class Verb(NamedTuple):
    """One verb: its group ("" for none), its name, and what it runs."""

    group: str
    name: str
    run: Callable[..., None]


#: What stands above each group's verbs.
GROUPS: Final = {
    "policy": "The rules: who receives what.",
    "partners": "Who may receive.",
    "data": "The embedded data sets.",
    "cases": "What is known of a location, and what people do about it.",
    "referrals": "One case going to one partner.",
    "bundles": "What police units were handed.",
    "notes": "What staff write down of cases for each other.",
    "reminders": "What partners are reminded of.",
    "embargo": "What must not leave or be looked up until a date.",
    "requests": "What people ask of us about themselves.",
    "trails": "What a magistrate ordered to know of a case.",
    "sessions": "What is looked at in a closed room, and what came back.",
    "holds": "Cases that are kept beyond their time.",
    "clock": "Whether the clock is believed by which dates end things.",
    "alarm": "What must reach a person now.",
    "audit": "The chained record of who did what.",
    "keys": "What opens the store, and by what peers know us.",
    "sources": "Who reports to us.",
    "accounts": "Who may sign in, and as what.",
    "tokens": "API tokens.",
}

#: Every verb. Their names are fixed: others script against them.
VERBS: Final = (
    Verb("", "demo", lazy_verbs.demo),
    Verb("", "init", serve.init),
    Verb("", "serve", serve.serve),
    Verb("", "worker", serve.worker),
    Verb("", "migrate", serve.migrate),
    Verb("", "backup", backing_up.backup),
    Verb("", "restore", backing_up.restore),
    Verb("", "release", backing_up.release),
    Verb("", "submit", submit.submit),
    Verb("", "locate", lazy_verbs.locate),
    Verb("policy", "check", lazy_verbs.policy_check),
    Verb("policy", "test", lazy_verbs.policy_test),
    Verb("policy", "explain", lazy_verbs.policy_explain),
    Verb("policy", "diff", lazy_verbs.policy_diff),
    Verb("policy", "publish", lazy_verbs.policy_publish),
    Verb("policy", "draft", rules.policy_draft),
    Verb("policy", "drafts", rules.policy_drafts),
    Verb("policy", "confirm-draft", rules.confirm_draft),
    Verb("policy", "withdraw-draft", rules.withdraw_draft),
    Verb("policy", "versions", policy_versions.policy_versions),
    Verb("policy", "compare", policy_versions.policy_compare),
    Verb("policy", "rollback", policy_versions.policy_rollback),
    Verb("policy", "confirm", proposals.confirm_policy),
    Verb("policy", "withdraw", proposals.withdraw_policy),
    Verb("policy", "break-glass", proposals.break_glass_policy),
    Verb("partners", "list", lazy_verbs.partners_list),
    Verb("partners", "import", lazy_verbs.partners_import),
    Verb("partners", "check", lazy_verbs.partners_check),
    Verb("partners", "add", lazy_verbs.partners_add),
    Verb("partners", "set", lazy_verbs.partners_set),
    Verb("partners", "export", lazy_verbs.partners_export),
    Verb("partners", "sheet", lazy_verbs.partners_sheet),
    Verb("partners", "enable", lazy_verbs.partners_enable),
    Verb("partners", "disable", lazy_verbs.partners_disable),
    Verb("partners", "pause", lazy_verbs.partners_pause),
    Verb("partners", "resume", lazy_verbs.partners_resume),
    Verb("partners", "decide-waiting", lazy_verbs.partners_decide_waiting),
    Verb("partners", "confirm", proposals.confirm_partner),
    Verb("partners", "withdraw", proposals.withdraw_partner),
    Verb("partners", "break-glass", proposals.break_glass_partner),
    Verb("data", "status", data.data_status),
    Verb("data", "verify", data.data_verify),
    Verb("data", "refresh", data.data_refresh),
    Verb("data", "accept", data.data_accept),
    Verb("cases", "list", cases.list_cases),
    Verb("cases", "show", cases.show_case),
    Verb("cases", "explain", cases.explain_case),
    Verb("cases", "desk", desk.list_desk),
    Verb("cases", "views", queue.list_views),
    Verb("cases", "keep", queue.keep),
    Verb("cases", "forget", queue.forget),
    Verb("cases", "site", groups.site),
    Verb("cases", "several", groups.several),
    Verb("cases", "find", groups.find),
    Verb("cases", "next", groups.next_item),
    Verb("cases", "take", groups.take),
    Verb("cases", "pass-on", groups.pass_on),
    Verb("cases", "assess", desk.assess),
    Verb("cases", "send", desk.send),
    Verb("cases", "refer", desk.refer),
    Verb("cases", "acknowledge", desk.acknowledge),
    Verb("cases", "told-police", desk.told_police),
    Verb("cases", "handed-over", desk.handed_over),
    Verb("cases", "not-ours", desk.not_ours),
    Verb("cases", "ask", desk.ask),
    Verb("cases", "reopen", desk.reopen),
    Verb("cases", "undo", desk.undo),
    Verb("cases", "done", desk.done),
    Verb("cases", "not-illegal", desk.not_illegal),
    Verb("cases", "retrace", desk.retrace),
    Verb("cases", "look", desk.look),
    Verb("cases", "close", desk.close),
    Verb("cases", "origin", desk.name_origin),
    Verb("cases", "target", desk.name_target),
    Verb("referrals", "list", referrals.list_referrals),
    Verb("referrals", "hold", referrals.hold),
    Verb("referrals", "release", referrals.release),
    Verb("referrals", "override", referrals.override),
    Verb("referrals", "retry", referrals.retry),
    Verb("referrals", "recall", referrals.recall),
    Verb("referrals", "taken-back", referrals.taken_back),
    Verb("referrals", "receipt", referrals.receipt),
    Verb("referrals", "answer", referrals.answer),
    Verb("bundles", "list", referrals.list_bundles),
    Verb("bundles", "receipt", referrals.receipt),
    Verb("bundles", "letters", referrals.list_letters),
    Verb("bundles", "letter-read", referrals.letter_read),
    Verb("reminders", "list", reminders.list_reminders),
    Verb("reminders", "take", reminders.take_reminder),
    Verb("", "stop", referrals.stop),
    Verb("notes", "add", notes.add),
    Verb("notes", "list", notes.list_notes),
    Verb("trails", "ask", trails.ask),
    Verb("trails", "list", trails.list_trails),
    Verb("trails", "confirm", trails.confirm),
    Verb("trails", "withdraw", trails.withdraw),
    Verb("trails", "take", trails.take),
    Verb("sessions", "export", viewings.export),
    Verb("sessions", "open", viewings.open_session),
    Verb("sessions", "import", viewings.import_results),
    Verb("sessions", "list", viewings.list_sessions),
    Verb("sessions", "show", viewings.show_session),
    Verb("sessions", "close", viewings.close),
    Verb("sessions", "lost", viewings.lost),
    Verb("embargo", "add", embargo.add),
    Verb("embargo", "list", embargo.list_embargoes),
    Verb("embargo", "show", embargo.show_embargo),
    Verb("embargo", "end", embargo.end),
    Verb("embargo", "confirm", embargo.confirm),
    Verb("embargo", "withdraw", embargo.withdraw),
    Verb("", "purge", retention.purge),
    Verb("holds", "list", retention.list_holds),
    Verb("requests", "add", requests.add),
    Verb("requests", "list", requests.list_requests),
    Verb("requests", "show", requests.show_request),
    Verb("requests", "agree", requests.agree),
    Verb("requests", "search", requests.search),
    Verb("requests", "extend", requests.extend),
    Verb("requests", "close", requests.close),
    Verb("holds", "add", retention.add_hold),
    Verb("holds", "end", retention.end_hold),
    Verb("clock", "show", retention.show_clock),
    Verb("clock", "confirm", retention.confirm_clock),
    Verb("audit", "verify", audit.verify),
    Verb("audit", "export", audit.export),
    Verb("keys", "rotate", keys.rotate),
    Verb("keys", "compromised", keys.compromised),
    Verb("keys", "revoked", keys.revoked),
    Verb("alarm", "test", alarm.ring_test),
    Verb("alarm", "show", alarm.show_alarm),
    Verb("alarm", "set", alarm.set_alarm),
    Verb("alarm", "confirm", proposals.confirm_alarm),
    Verb("alarm", "withdraw", proposals.withdraw_alarm),
    Verb("sources", "list", sources.list_sources),
    Verb("sources", "add", sources.add_source),
    Verb("sources", "change", sources.change_source),
    Verb("sources", "confirm", proposals.confirm_source),
    Verb("sources", "withdraw", proposals.withdraw_source),
    Verb("sources", "break-glass", proposals.break_glass_source),
    Verb("accounts", "list", accounts.list_accounts),
    Verb("accounts", "add", accounts.add_account),
    Verb("accounts", "role", accounts.change_role),
    Verb("accounts", "close", accounts.close_account),
    Verb("accounts", "invite", accounts.invite_account),
    Verb("accounts", "sessions", accounts.list_sessions),
    Verb("accounts", "sign-out", accounts.sign_out),
    Verb("accounts", "mandate", people.give_mandate),
    Verb("accounts", "mandates", people.list_mandates),
    Verb("accounts", "end-mandate", people.end_mandate),
    Verb("accounts", "left", people.list_left),
    Verb("accounts", "tick-off", people.tick_off),
    Verb("accounts", "asking", people.list_asking),
    Verb("accounts", "agree", people.agree),
    Verb("accounts", "exposure", people.list_exposure),
    Verb("tokens", "create", admin.create_token),
    Verb("tokens", "list", admin.list_tokens),
    Verb("tokens", "revoke", admin.revoke_token),
    Verb("", "stats", admin.stats),
    Verb("", "figures", figures.figures),
    Verb("", "doctor", doctor.doctor),
)


def make_app() -> typer.Typer:
    """Return the command line."""
    made = typer.Typer(
        name="referral-router",
        help="Routes a hotline's reports to the partner in the country that hosts the material.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback(invoke_without_command=True)(version.about)
    groups = {name: typer.Typer(help=said, no_args_is_help=True) for name, said in GROUPS.items()}
    for one in VERBS:
        (groups[one.group] if one.group else made).command(one.name)(one.run)
    for name, group in groups.items():
        made.add_typer(group, name=name)
    return made


def main() -> None:
    """Run one verb and exit with its code."""
    leave_no_dump()
    _leave_the_process_list()
    make_app()()


def _leave_the_process_list() -> None:
    """Begin again, as the same process, without a password on the command line."""
    if not any(word.startswith("--database") for word in sys.argv):
        return
    found = options.unlisted(sys.orig_argv)
    if found is not None:
        output.complain(
            "--database carries a password, which `ps` showed to everybody here for a moment; put the address"
            " into a file (chmod 600) and give --database file:PATH, or set ROUTER_DATABASE."
        )
        words, database = found
        os.execve(sys.executable, words, os.environ | {options.HANDED_ON: database})  # noqa: S606 - ourselves, no shell
