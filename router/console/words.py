"""The words for what the router keeps as codes: why a case is with people, what a state means, what an act did.

One table for each vocabulary, each entry marked for the catalogues. A test holds every table against its enumeration,
so that no code ever reaches a page.
"""

# ruff: noqa: RUF001 - typographic apostrophes and quotation marks are what readers expect

from collections.abc import Mapping
from typing import Final

from router.console.figures.meanings import GLOSSARY, MEANS, TERM
from router.console.figures.words import AUDIENCE, DIMENSION, FIGURE, MEASURE
from router.console.history_words import BECAUSE, DETAIL, EVENT, FACT, STEP, SUBJECT, WAY
from router.console.language import N_
from router.console.partner_words import ACTION, ACTION_REASON, ATTEMPT, ATTEMPT_REASON, LEAVING, UNIT_ANSWER, WAIT
from router.console.partners.words import PARTNER_DONE
from router.console.people.words import BEGAN_BY, KNOWN, NEW
from router.console.report_words import (
    ADVICE,
    AGE,
    AROUND,
    DESK,
    DUE,
    EMBARGO_FIELD,
    EMBARGO_KIND,
    FLAG,
    GENDER,
    MEANING,
    ORDER,
    PAYMENT,
    PROBE,
    REFERRER,
    WAITS,
)
from router.console.requests.words import (
    REQUEST_DONE,
    REQUEST_FIELD,
    REQUEST_KIND,
    REQUEST_MARK,
    REQUEST_OUTCOME,
    REQUEST_STATE,
    REQUEST_TERM,
)

#: What can be said of a host.
VERDICT: Final = {
    "country": N_("Hosted in one country"),
    "split": N_("Hosted in several countries"),
    "edge_only": N_("Only a CDN is seen"),
    "conflict": N_("The sources contradict each other"),
    "unresolved": N_("Not resolved"),
    "no_host": N_("No host to trace"),
}

CASE_STATE: Final = {
    "received": N_("being traced"),
    "located": N_("being decided"),
    "referred": N_("with a partner"),
    "desk": N_("on the desk"),
    "closed": N_("closed"),
}

REFERRAL_STATE: Final = {
    "waiting": N_("waiting to be sent"),
    "held": N_("held back"),
    "sending": N_("being sent"),
    "accepted": N_("accepted"),
    "refused": N_("refused"),
    "expired": N_("not delivered"),
    "unknown": N_("may have arrived"),
    "recall_pending": N_("recall under way"),
    "withdrawing": N_("being withdrawn"),
    "recalled": N_("recalled"),
    "superseded": N_("replaced"),
}

ASSESSMENT: Final = {
    "unassessed": N_("not assessed"),
    "baseline": N_("illegal everywhere (baseline)"),
    "national": N_("illegal by national law"),
    "not_illegal": N_("not illegal"),
}

URGENCY: Final = {
    "none": N_("no known danger"),
    "live": N_("live abuse"),
    "imminent_risk": N_("child at risk now"),
}

OUTCOME: Final = {
    "removed": N_("removed"),
    "unavailable": N_("no longer reachable"),
    "not_illegal": N_("not illegal"),
    "moved": N_("moved elsewhere"),
    "unresolved": N_("not resolved"),
    "spam": N_("spam"),
}

#: Which of the policy's closing rules closed a case (`schemas.closing.RestsOn`).
RESTS_ON: Final = {
    "partners": N_("what every partner says"),
    "host_gone": N_("look-ups that find no host"),
    "staff": N_("what a person says"),
}

FINDING: Final = {
    "gone": N_("It is gone"),
    "content_gone": N_("The page stays, its content is gone"),
    "still_there": N_("It is still there"),
    "cannot_see": N_("I cannot see it, and say why"),
    "police_keeps": N_("The police keep it up"),
    "not_checked": N_("not checked: people had no time"),
    "moved": N_("It has moved"),
}

LOCATION_KIND: Final = {
    "url": N_("web page"),
    "account": N_("account"),
    "channel_invite": N_("invitation to a channel"),
    "onion": N_("hidden service"),
    "p2p": N_("peer-to-peer file"),
    "app_room": N_("app or chat room"),
}

#: How a claim of a country is meant.
BASIS: Final = {
    "location": N_("where the machine is"),
    "registration": N_("where the holder is registered"),
    "edge": N_("a CDN’s edge"),
    "origin": N_("what stands behind a CDN’s edge"),
    "special": N_("not on the public internet"),
}

DNS: Final = {
    "ok": N_("answered"),
    "nxdomain": N_("the name does not exist"),
    "nodata": N_("the name has no address"),
    "servfail": N_("the name server failed"),
    "lame": N_("a name server that does not know the name"),
    "filtered": N_("filtered by our name server"),
    "stale": N_("an old answer repeated"),
    "timeout": N_("no answer in time"),
    "loop": N_("an alias that leads nowhere"),
    "private": N_("private addresses only"),
}

#: Where evidence comes from.
SOURCE: Final = {
    "bogon": N_("special addresses (IANA)"),
    "cdn": N_("known CDNs and proxies"),
    "anycast": N_("known anycast networks"),
    "ranges": N_("ranges the operator publishes"),
    "geolocation": N_("geolocation (DB-IP)"),
    "assignments": N_("registry entry of the block"),
    "delegation": N_("registry’s allocation"),
    "asn": N_("announcing network"),
    "rdap": N_("registry, asked online (RDAP)"),
    "whois": N_("registry, asked online (WHOIS)"),
    "cymru": N_("Team Cymru, asked online"),
    "geofeed": N_("the operator’s geofeed"),
    "maxmind": N_("your own database"),
    "origin": N_("what the CDN told us"),
    "peer": N_("a partner’s own look-up"),
}

#: The button of each act.
ACT: Final = {
    "send": N_("Send as proposed"),
    "refer": N_("Refer to another partner or country"),
    "handed-over": N_("Handed over by another way"),
    "told-police": N_("The police have it"),
    "not-ours": N_("It is not ours"),
    "not-illegal": N_("Not illegal"),
    "reopen": N_("Open it again"),
    "take": N_("Have it before me"),
    "pass-on": N_("Not me, not today"),
    "undo": N_("Undo"),
    "assess": N_("Say what it is"),
    "acknowledge": N_("I am on it"),
    "ask": N_("Put on the desk"),
    "done": N_("Say that it is done"),
    "retrace": N_("Trace again"),
    "origin": N_("Name the origin"),
    "target": N_("Say where it leads"),
    "look": N_("Say what you saw"),
    "close": N_("Close the case"),
    "hold": N_("Hold back"),
    "release": N_("Let it go"),
    "override": N_("Send elsewhere instead"),
    "retry": N_("Try again now"),
    "recall": N_("Recall"),
    "taken-back": N_("The partner confirmed it"),
    "receipt": N_("Type the unit’s receipt"),
    "answer": N_("Type the unit’s answer"),
    "pause": N_("Pause the partner"),
    "resume": N_("Call the partner again"),
    "decide-waiting": N_("Decide them anew"),
    "stop": N_("Stop sending"),
    "lift": N_("Lift this stop"),
}

#: What each act does, so that nobody finds out afterwards.
ACT_HELP: Final = {
    "send": N_("Creates the referral now; the router delivers it."),
    "refer": N_("Your choice goes before the policy. A referral that has not left yet is replaced by it."),
    "handed-over": N_(
        "For what you gave to a partner by its web page, its portal or the telephone: a referral of ours to that "
        "partner ends, and this one is followed."
    ),
    "told-police": N_(
        "For the duty officer, also without seeing the location: notes that the police were told, and stops the "
        "ringing. The case stays here for whoever sees it."
    ),
    "not-ours": N_("The peer hears why, and decides anew. Here it is closed, unless somebody else reported it."),
    "reopen": N_("The case comes to the desk again, and has no outcome. What was taken back stays taken back."),
    "take": N_("For half an hour nobody else is given it; who has it before them reveals it in one key."),
    "pass-on": N_("It goes to somebody else. Nobody asks why, and nobody counts it."),
    "undo": N_("Nothing of the last act has left yet: the case stands as it stood before it."),
    "not-illegal": N_("You saw it, and it is not illegal: the case ends. What has not left never leaves."),
    "assess": N_("Your assessment takes the place of an earlier one; the policy then decides anew."),
    "acknowledge": N_("Stops the ringing. The case stays here, due when it was; a police number may follow later."),
    "ask": N_("People decide again. What is on its way goes on: hold or recall it if it must not leave."),
    "done": N_("Ends this one question; whatever else is asked of the case stays."),
    "retrace": N_("Looks up the host again and lets the policy decide anew."),
    "origin": N_("The address behind the CDN, as its operator told you. The case is then decided anew."),
    "target": N_(
        "That place becomes a case of its own, with all that was reported here. This one is closed as moved, unless it "
        "shows a copy."
    ),
    "look": N_("“Gone” closes the case, “moved” traces it again, “still there” dates the next check."),
    "close": N_("Ends the case with an outcome. What has not left never leaves."),
    "hold": N_("Nothing leaves until the date, or until you let it go."),
    "release": N_("Ends the hold; it leaves at once."),
    "override": N_("The old referral never leaves afterwards; if the partner has it already, it is taken back there."),
    "retry": N_("Sends it at once instead of at the next planned time."),
    "recall": N_("Takes it back. A partner who has it already is told to drop it."),
    "taken-back": N_("Only once the other side said that they dropped it: until then it is not recalled."),
    "receipt": N_(
        "The number that the police gave, or who there said when that they have it. It counts for the whole bundle "
        "unless you say otherwise."
    ),
    "answer": N_(
        "What the police say of it. “Please ask the host yourselves” lets you contact the provider; “closed” ends the "
        "case unless another partner still has it."
    ),
}

#: What is said after an act was done.
DONE: Final = {
    "confirm": N_("It is in force now."),
    "withdraw": N_("It is withdrawn."),
    "break-glass": N_("It is in force for 24 hours; it rings, and ends by itself."),
    "send": N_("Sent as proposed."),
    "refer": N_("Referred by your choice."),
    "handed-over": N_("It is noted; nothing of it is sent to that partner a second time."),
    "told-police": N_("It is noted that the police have it; the case stays on the desk."),
    "not-ours": N_("The peer is told that it is not ours."),
    "reopen": N_("The case is open again."),
    "take": N_("You have it before you for half an hour."),
    "pass-on": N_("It goes to somebody else."),
    "next": N_("This is the next one; you have it before you for half an hour."),
    "none-left": N_("Nothing is left that nobody has, and that you did not hand on today."),
    "keys-off": N_("The keys are off."),
    "keys-on": N_("The keys are on."),
    "none-ticked": N_("None was ticked; nothing was done."),
    "undo": N_("It is undone."),
    "not-illegal": N_("Noted as not illegal."),
    "assess": N_("Assessed; the case is being decided anew."),
    "acknowledge": N_("Somebody is on it; the ringing stops."),
    "ask": N_("The case is on the desk."),
    "done": N_("It is noted as done."),
    "retrace": N_("It is being traced again."),
    "origin": N_("The origin is noted; the case is being decided anew."),
    "target": N_("The place it leads to is a case of its own now."),
    "look": N_("What you saw is noted."),
    "close": N_("The case is closed."),
    "hold": N_("The referral is held back."),
    "release": N_("The referral may leave."),
    "override": N_("It goes to your choice instead."),
    "retry": N_("It is being sent again."),
    "recall": N_("The referral is taken back."),
    "taken-back": N_("It is recalled there too."),
    "receipt": N_("The receipt is noted."),
    "answer": N_("The answer is noted."),
    **PARTNER_DONE,
    "note": N_("The note is kept."),
    "trail-asked": N_("The trail is asked for; another person confirms it here."),
    "trail-made": N_("The trail is made and signed."),
    "embargo": N_("The embargo is in force."),
    "letter-read": N_("Nobody is told of this letter any more."),
    "digest-taken": N_("You have today’s digest of this partner: hand it over now."),
    "embargo-end": N_("It ends once another person confirms it, on the page of changes."),
    "embargo-later": N_("It has its later end."),
    "stop": N_("Sending is stopped."),
    "lift": N_("The stop is lifted."),
    **REQUEST_DONE,
}

ROLE: Final = {
    "viewer": N_("viewer"),
    "analyst": N_("analyst"),
    "supervisor": N_("supervisor"),
    "auditor": N_("auditor"),
    "data_protection_officer": N_("data protection officer"),
    "administrator": N_("administrator"),
    "wellbeing": N_("wellbeing lead"),
}

#: What is wrong with a field of a form.
FIELD: Final = {
    "reason": N_("Type a reason of one line, up to 300 characters; it is kept."),
    "assessment": N_("Say what the material is; nothing leaves that nobody has assessed."),
    "ip": N_("Type a public IP address, as the CDN told it."),
    "location": N_("Type the whole location that it leads to, and not the short link itself."),
    "until": N_("Give a date and time that lies ahead, or leave it empty."),
    "finding": N_("Say what you saw."),
    "outcome": N_("Say how the case ended."),
    "partner": N_("Choose one partner or one country that may receive this case."),
    "country": N_("Choose one partner or one country that may receive this case."),
    "scope": N_("Choose what to stop."),
    "number": N_(
        "Type the police’s number as they wrote it, or who said so; one that stands on another bundle is asked about."
    ),
    "whole": N_("Say whether all items of its bundle are meant, or only this one."),
    "officer": N_("Type who there asks it: on that name rests what is sent to the host."),
    "code": N_("This code is about another referral, or mistyped: ask the unit which one it means."),
    "at": N_("Give a date and time that has passed, or leave it empty."),
    **EMBARGO_FIELD,
    **REQUEST_FIELD,
}

#: All tables, by the name that templates use.
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "audience": AUDIENCE,
    "measure": MEASURE,
    "means": MEANS,
    "glossary": GLOSSARY,
    "term": TERM,
    "dimension": DIMENSION,
    "figure": FIGURE,
    "desk": DESK,
    "advice": ADVICE,
    "because": BECAUSE,
    "detail": DETAIL,
    "fact": FACT,
    "verdict": VERDICT,
    "case_state": CASE_STATE,
    "due": DUE,
    "order": ORDER,
    "meaning": MEANING,
    "waits": WAITS,
    "referral_state": REFERRAL_STATE,
    "assessment": ASSESSMENT,
    "urgency": URGENCY,
    "outcome": OUTCOME,
    "unit_answer": UNIT_ANSWER,
    "rests_on": RESTS_ON,
    "finding": FINDING,
    "probe": PROBE,
    "referrer": REFERRER,
    "kind": LOCATION_KIND,
    "age": AGE,
    "gender": GENDER,
    "payment": PAYMENT,
    **AROUND,
    **LEAVING,
    "basis": BASIS,
    "dns": DNS,
    "wait": WAIT,
    "action": ACTION,
    "action_reason": ACTION_REASON,
    "attempt": ATTEMPT,
    "attempt_reason": ATTEMPT_REASON,
    "source": SOURCE,
    "act": ACT,
    "act_help": ACT_HELP,
    "done": DONE,
    "subject": SUBJECT,
    "event": EVENT,
    "began_by": BEGAN_BY,
    "new_way_in": NEW,
    "known": KNOWN,
    "role": ROLE,
    "field": FIELD,
    "flag": FLAG,
    "embargo_kind": EMBARGO_KIND,
    "step": STEP,
    "way": WAY,
    "request_kind": REQUEST_KIND,
    "request_state": REQUEST_STATE,
    "request_outcome": REQUEST_OUTCOME,
    "request_mark": REQUEST_MARK,
    "request_term": REQUEST_TERM,
}


def word(table: str, code: object) -> str:
    """Return the message id for a code of a table; a code that nobody has words for stands for itself."""
    return TABLES[table].get(str(code), str(code))
