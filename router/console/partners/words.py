"""What the pages of partners say: the fields of an entry, what is wrong in one, what ends, and what an act did."""

# ruff: noqa: RUF001 - typographic apostrophes are what readers expect

from typing import Final

from router.console.language import N_
from schemas.partner import PartnerKind
from schemas.partner_health import Ends

KIND: Final = {
    PartnerKind.HOTLINE: N_("hotline"),
    PartnerKind.POLICE: N_("police"),
    PartnerKind.PROVIDER: N_("provider"),
    PartnerKind.HUB: N_("hub"),
}
ENDS: Final = {
    Ends.CREDENTIALS: N_("Certificate or keys end"),
    Ends.AGREEMENT: N_("Agreement ends"),
    Ends.TRANSFER: N_("Basis of transfer ends"),
}
#: The fields that every entry has. Settings of a way to speak go by their names, as the operator's guide has them.
LABEL: Final = {
    "name": N_("Short name (small letters, digits)"),
    "title": N_("Name as people read it"),
    "kind": N_("What it is"),
    "countries": N_("Countries it serves (two letters each)"),
    "default": N_("The one that is meant when several serve a country"),
    "inhope": N_("Member of INHOPE"),
    "enabled": N_("May receive"),
    "disabled_reason": N_("Why it may not receive"),
    "accepts": N_("Takes what is"),
    "agreement.until": N_("Agreement until"),
    "agreement.transfer_basis": N_("Basis of the transfer"),
    "agreement.transfer_until": N_("Basis of the transfer until"),
    "pace.per_second": N_("Calls a second"),
    "pace.burst": N_("Calls in a burst"),
    "pace.in_flight": N_("Calls at once"),
    "pace.daily_cap": N_("Referrals a day at most (empty: no limit)"),
    "pace.closed": N_("Hours in UTC in which it is not called (02:00-03:30)"),
    "fields": N_("Fields that leave (empty: the usual ones)"),
    "networks": N_("Private networks where its address may be"),
    "severity": N_("Scheme of the severity it gets"),
    "public_site": N_("Public site"),
    "source": N_("Where we know it from"),
}
_DATE: Final = N_("Write a date such as 2027-12-31.")
_NUMBER: Final = N_("Write a number.")
_ADDRESS: Final = N_("Write an address that begins with https://.")
_CHOOSE: Final = N_("Choose one of those that are offered.")
_EMPTY: Final = N_("Fill this in.")
_HOURS: Final = N_("Write hours such as 02:00-03:30.")
_TABLE: Final = N_("This must be a table.")
_YES_OR_NO: Final = N_("This must be true or false.")
#: What is wrong in a field, by the code of whoever judged it; for any other its own words are said.
FAULT: Final = {
    "missing": _EMPTY,
    "extra_forbidden": N_("This setting is not known; leave it out, or check its spelling."),
    "json_invalid": N_("This is not JSON."),
    "string_pattern_mismatch": N_("This has not the form it must have."),
    "enum": _CHOOSE,
    "literal_error": _CHOOSE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_type": _DATE,
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": N_("This must be more than nothing."),
    "time_parsing": _HOURS,
    "url_parsing": _ADDRESS,
    "url_scheme": _ADDRESS,
    "url_type": _ADDRESS,
    "time_type": _HOURS,
    "date_from_datetime_inexact": _DATE,
    "bool_parsing": _YES_OR_NO,
    "bool_type": _YES_OR_NO,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "string_type": N_("This must be text."),
    "tuple_type": N_("This must be a list."),
    "no_country": N_("Name at least one country."),
    "enabled_and_not": N_("It may receive, and a reason says that it may not: remove one of them."),
    "no_default": N_("Only a hotline or a hub can be the one that is meant for a country."),
    "two_defaults": N_("Another one is meant for this country already; keep one."),
    "peer_name": N_("This must be the partner’s short name, under which it signs."),
    "key_taken": N_("Another pinned key has this id; give each its own."),
    "name_taken": N_("There is a partner of this name, or one is proposed; change that one."),
}
#: What never leaves of a report, in groups: each with the fields that it means (`partners.fields.STAYS`).
NEVER: Final = {
    N_("who reported, and what their system calls it"): ("source", "items.reference", "items.parent"),
    N_("names of those who assessed, labelled or saw it"): (
        "assessment.assessed_by",
        "items.assessment.assessed_by",
        "items.labels.by",
        "items.severity.by",
        "items.last_seen.by",
    ),
    N_("notes of the house"): ("memo",),
}
PARTNER_DONE: Final = {
    "pause": N_("The partner is paused."),
    "resume": N_("The partner is called again."),
    "decide-waiting": N_("The cases that waited are decided anew."),
    "entry": N_("The entry is in force."),
    "proposed": N_("It waits for another person, who confirms it here."),
}
