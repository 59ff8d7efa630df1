"""What the pages of rules say: for which cases a drafted one holds, what it changes, and what versions differ in."""

from typing import Final

from router.console.language import N_
from schemas.draft import Scope
from schemas.governed import ChangeKind
from schemas.policy_version import Reach, RouteKind

SCOPE: Final = {
    Scope.HOST: N_("this host"),
    Scope.NETWORK: N_("its network (AS number)"),
    Scope.OPERATOR: N_("whoever runs its network"),
    Scope.SOURCE: N_("this source"),
}
CHANGE: Final = {
    ChangeKind.ELSEWHERE: N_("somebody else would have had it"),
    ChangeKind.BY_ITSELF: N_("it would have left by itself"),
    ChangeKind.FEWER: N_("somebody would not have had it"),
    ChangeKind.TO_PEOPLE: N_("it would have waited for people"),
    ChangeKind.NOT_ASKED: N_("people would not have been asked"),
    ChangeKind.OTHERWISE: N_("another proposal, hold or question"),
}
KIND: Final = {
    RouteKind.ADDED: N_("new"),
    RouteKind.REMOVED: N_("gone"),
    RouteKind.CHANGED: N_("changed"),
    RouteKind.MOVED: N_("stands elsewhere"),
}
#: Which cases a changed route takes; of one that is new or gone that is plain.
REACH: Final = {
    Reach.SAME: N_("It takes the same cases as before."),
    Reach.MORE: N_("It takes more cases than before."),
    Reach.FEWER: N_("It takes fewer cases than before."),
    Reach.OTHER: N_("It takes other cases than before."),
}
PART: Final = {
    "to": N_("Who gets it"),
    "mode": N_("How it leaves"),
    "copy": N_("A copy; rules below still decide"),
    "alarm": N_("Somebody looks within"),
    "hold": N_("Waits before it leaves"),
    "reason": N_("Reason"),
    "proposal": N_("Rules below propose"),
    "before": N_("Stands before"),
}
DONE: Final = {
    "made": N_("The rule is in force; the next case follows it."),
    "asked": N_("The rule waits for another person, on the page of changes."),
    "handed-in": N_("The draft waits for a supervisor; it stands on the page of rules until somebody answers."),
    "taken-back": N_("The draft is taken back."),
    "back": N_("The older version is in force again, as a new one."),
    "back-asked": N_("To roll back widens where data go: it waits for another person, on the page of changes."),
}
#: What a trace says of a location, as rules ask for it (`reasons`); of others the code stands, beside its sentence.
TRACED: Final = {
    "filtered": N_("filtered by our name server"),
    "i2p": N_("an I2P site"),
    "ipfs": N_("kept on IPFS"),
    "ipfs_gateway": N_("a gateway to IPFS"),
    "link_wrapper": N_("a link around another location"),
    "magnet": N_("a file that users share"),
    "onion": N_("an onion service"),
    "onion_gateway": N_("a gateway to an onion service"),
    "origin_unknown": N_("the CDN named no origin"),
    "p2p": N_("shared between users"),
    "platform": N_("on a platform"),
    "private_address": N_("private addresses only"),
    "shortener": N_("a short link"),
}
