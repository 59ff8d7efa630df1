"""What the page of a drafted rule says: for which cases it holds, and what it would have changed."""

from typing import Final

from router.console.language import N_
from schemas.draft import Scope
from schemas.governed import ChangeKind

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
DONE: Final = {
    "made": N_("The rule is in force; the next case follows it."),
    "asked": N_("The rule waits for another person, on the page of changes."),
}
