"""Everything that people can do to a case, a referral or the whole router: `ACTS` is the one table.

The console, the API, the command line, their words and the documents are held to it by tests, and what is offered on a
case is computed from it: what is offered is accepted. Nothing is done here; the acts themselves stand in `desk` and
`deliver/stops`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from router.casework.case.desk_entry import is_asked, open_questions
from router.casework.case.tell_by_hand import is_unconfirmed
from router.casework.referral.changes import override_event, recall_event
from router.errors import Conflict
from router.guard.access import Permission
from router.store.base import Row
from schemas.casefile import DeskCode
from schemas.states import REFERRAL, CaseState, ReferralState
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment, SourceKind


class On(StrEnum):
    """What an act is done to."""

    CASE = "case"
    REFERRAL = "referral"
    PARTNER = "partner"
    HOUSE = "house"  #: the whole router, a partner or a route


class Surface(StrEnum):
    """Where people and scripts find an act."""

    CONSOLE = "console"
    API = "api"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case, or one of its referrals, stands: everything by which an act is offered."""

    case: Row  #: its state, assessment, verdict and desk code
    referral: Row | None = None
    works: bool = False  #: a partner has it, or is to get it (`referral/row.is_at_work`)
    seen: bool = True  #: whoever looks at it has revealed it
    look_first: bool = False  #: the policy wants whoever sends it to have done so
    undoable: bool = False  #: nothing of the last act on it has left, and nothing came after
    reported_anew: bool = False  #: its location has another open case by now
    has_proposal: bool = False  #: the policy proposes somebody who may receive it, and does not have it yet
    held: bool = False  #: an embargo holds the case
    is_held: bool = False  #: a person has it before them
    mine: bool = False  #: and it is whoever looks at it
    somebody: bool = True  #: a partner is switched on that may be chosen
    police_to_tell: bool = False  #: there is a police unit that does not have it
    told_nobody: bool = False  #: the police asked that nobody be told yet


@dataclass(frozen=True, slots=True)
class ActKind:
    """One act: what it is done to, who may, when it is offered, and where it is not to be found and why."""

    name: str  #: the last part of its address, its verb, and the name of its form
    on: On
    needs: Permission
    offered: Callable[[Standing], bool]
    says_what_it_is: bool = False  #: on a case that nobody assessed it needs `report:assess` as well
    reason: bool = True  #: a typed reason is asked for
    goes_out: bool = False  #: something leaves or is looked up by it, so nobody is offered it while an embargo holds
    looks_up: bool = False  #: it asks others at once, so nobody is offered it while the police hold the case either
    leads_out: bool = False  #: nothing leaves by it, but what it says may have the policy send by itself
    absent: Mapping[Surface, str] = field(default_factory=dict)


#: Questions that a look answers.
ANSWERED_BY_A_LOOK: Final = frozenset({DeskCode.LOOK, DeskCode.ACCESS, DeskCode.SEEN_LONG_AGO, DeskCode.HOLD_OVER})
#: Questions that are over when a person says so: what they ask for is done outside.
_DONE_OUTSIDE: Final = frozenset(
    {DeskCode.WITHDRAW, DeskCode.RELEASED, DeskCode.BOUNCED, DeskCode.ASKED, DeskCode.LETTER}
)
#: Questions that are over when a person says so while a partner works on the case: nothing more is to be done here.
_ENOUGH_IS_DONE: Final = frozenset(
    {
        DeskCode.CHILD_AT_RISK,
        DeskCode.PROPOSED,
        DeskCode.DOUBTFUL,
        DeskCode.POLICY,
        DeskCode.NO_ROUTE,
        DeskCode.NO_RECIPIENT,
        DeskCode.REFUSED,
        DeskCode.EXPIRED,
        DeskCode.OVERRULED,
        DeskCode.MOVED,
        DeskCode.STOPPED,
        DeskCode.BROKEN,
    }
)
#: What a person does first about each question of the desk: the page shows these forms beside it, as far as they are
#: offered, in this order. Acts on a referral stand beside that referral.
NEXT_STEPS: Final[Mapping[DeskCode, tuple[str, ...]]] = {
    DeskCode.CHILD_AT_RISK: ("acknowledge", "told-police", "reveal", "send", "refer", "handed-over", "done"),
    DeskCode.NOT_ASSESSED: ("reveal", "not-illegal", "send", "refer", "assess", "close"),
    DeskCode.SECOND_LOOK: ("reveal", "not-illegal", "assess"),
    DeskCode.PROPOSED: ("send", "refer", "done", "close"),
    DeskCode.DOUBTFUL: ("send", "refer", "look", "retrace", "done", "close"),
    DeskCode.EDGE_ONLY: ("origin", "send", "refer"),
    DeskCode.SHORTENED: ("target", "close"),
    DeskCode.WRAPPED: ("target", "close"),
    DeskCode.SEEN_LONG_AGO: ("reveal", "look"),
    DeskCode.NO_ROUTE: ("send", "refer", "look", "retrace", "done", "close"),
    DeskCode.POLICY: ("send", "refer", "look", "retrace", "assess", "done", "close"),
    DeskCode.NO_RECIPIENT: ("refer", "handed-over", "done", "close"),
    DeskCode.REFUSED: ("refer", "handed-over", "done", "close"),
    DeskCode.EXPIRED: ("refer", "handed-over", "done", "close"),
    DeskCode.UNDELIVERED: ("refer", "handed-over"),
    DeskCode.UNKNOWN: ("handed-over", "refer"),
    DeskCode.BOUNCED: ("refer", "done", "close"),
    DeskCode.HOLD_OVER: ("look", "close"),
    DeskCode.LOOK: ("look",),
    DeskCode.ACCESS: ("look",),
    DeskCode.MOVED: ("refer", "retrace", "done"),
    DeskCode.WITHDRAW: ("done", "close"),
    DeskCode.LETTER: ("done", "close"),
    DeskCode.RELEASED: ("done", "look", "close"),
    DeskCode.STOPPED: ("refer", "handed-over", "done"),
    DeskCode.BROKEN: ("retrace", "refer", "handed-over", "done", "close"),
    DeskCode.WATCHING: ("send", "refer", "close"),
    DeskCode.OVERRULED: ("refer", "done", "close"),
    DeskCode.POLICE_HOLD: ("acknowledge", "told-police", "handed-over", "close"),  # their answer ends it
    DeskCode.EMBARGO: ("acknowledge", "told-police", "handed-over", "close"),  # nothing else may go out
    DeskCode.DISAGREE: ("reveal", "not-illegal", "assess"),
    DeskCode.ASKED: ("done", "refer", "retrace", "close"),
}
_NOT_OFFERED: Final = "This cannot be done with the case as it is now: read it again, and do what it offers."
_WITH_PEOPLE_OR_PARTNERS: Final = frozenset({CaseState.REFERRED, CaseState.DESK})


def _from_a_peer(at: Standing) -> bool:
    return _decided(at) and at.case["source_kind"] == SourceKind.PEER and at.case["given_back_at"] is None


def _open(at: Standing) -> bool:
    return bool(at.case["state"] != CaseState.CLOSED)


def _decided(at: Standing) -> bool:
    return at.case["state"] in _WITH_PEOPLE_OR_PARTNERS and not is_asked(at.case, DeskCode.SECOND_LOOK)


def _says_what_it_is(at: Standing) -> bool:
    return _open(at) and at.seen


def _closes(at: Standing) -> bool:
    return _open(at) and not is_asked(at.case, DeskCode.SECOND_LOOK)


def _may_leave(at: Standing) -> bool:
    """Who sends says what it is where nobody has, and looks first where the policy says so."""
    return at.seen or not (at.look_first or at.case["assessment"] == Assessment.UNASSESSED)


def over_when_said(at: Standing) -> tuple[DeskCode, ...]:
    """Return which of a case's open questions a person may end by saying that it is done.

    A child at risk is one of them once somebody has answered its alarm, and a partner has the case.
    """
    if at.case["state"] != CaseState.DESK:
        return ()
    ready = _DONE_OUTSIDE | (_ENOUGH_IS_DONE if at.works else frozenset())
    if at.case["acknowledged_at"] is None:
        ready -= {DeskCode.CHILD_AT_RISK}
    return tuple(one.code for one in open_questions(at.case) if one.code in ready)


def _done(at: Standing) -> bool:
    return bool(over_when_said(at))


def _rings(at: Standing) -> bool:
    return at.case["state"] == CaseState.DESK and at.case["desk_alarm"] is not None


def _can_be_taken(at: Standing) -> bool:
    return at.case["state"] == CaseState.DESK and not at.mine


def _can_be_handed_on(at: Standing) -> bool:
    return at.case["state"] == CaseState.DESK and (at.mine or not at.is_held)


def _police_to_be_told(at: Standing) -> bool:
    return _rings(at) and _decided(at) and at.police_to_tell


def _proposed(at: Standing) -> bool:
    return _decided(at) and at.has_proposal and _may_leave(at)


def _may_go_somewhere(at: Standing) -> bool:
    return at.somebody and _decided(at) and at.case["assessment"] != Assessment.NOT_ILLEGAL and _may_leave(at)


def _with_partners(at: Standing) -> bool:
    return bool(at.case["state"] == CaseState.REFERRED)


def _behind_an_edge(at: Standing) -> bool:
    return _decided(at) and at.case["verdict"] == VerdictKind.EDGE_ONLY


def _without_a_host(at: Standing) -> bool:
    return _decided(at) and at.case["verdict"] == VerdictKind.UNRESOLVED


def _reopens(at: Standing) -> bool:
    return not _open(at) and not at.reported_anew


def _undoes(at: Standing) -> bool:
    return at.undoable


def _anything(_at: Standing) -> bool:
    return True


def _steps(event: Callable[[Row], str], *, sends: bool = False) -> Callable[[Standing], bool]:
    """Return whether the state table has the event of a referral's act; nothing of a closed case is sent."""

    def offered(at: Standing) -> bool:
        row = at.referral
        assert row is not None
        return event(row) in REFERRAL[ReferralState(row["state"])] and (not sends or _open(at))

    return offered


def _always(event: str) -> Callable[[Row], str]:
    return lambda _row: event


def _to_be_confirmed(at: Standing) -> bool:
    row = at.referral
    assert row is not None
    return bool(row["by_people"]) and "confirm" in REFERRAL[ReferralState(row["state"])]


def _told_by_hand(at: Standing) -> bool:
    return at.referral is not None and is_unconfirmed(at.referral)


def _with_a_unit(at: Standing) -> bool:
    row = at.referral
    assert row is not None
    return bool(row["by_people"]) and row["state"] == ReferralState.ACCEPTED


_C, _R, _P, _H = On.CASE, On.REFERRAL, On.PARTNER, On.HOUSE
_DESK, _REFERRALS, _STOPS = Permission.DESK_ACT, Permission.REFERRAL_ACT, Permission.STOP_ACT
#: Every act, in the order in which a page shows them: what answers the desk's question first.
ACTS: Final[tuple[ActKind, ...]] = (
    ActKind("acknowledge", _C, Permission.ALARM_ACT, _rings, reason=False),
    ActKind("told-police", _C, Permission.ALARM_ACT, _police_to_be_told, reason=False),
    ActKind("look", _C, _DESK, _decided, leads_out=True),  # what moved is decided anew
    ActKind("send", _C, _DESK, _proposed, says_what_it_is=True, goes_out=True),
    ActKind("refer", _C, _DESK, _may_go_somewhere, says_what_it_is=True, goes_out=True),
    ActKind("handed-over", _C, _DESK, _decided),
    ActKind("not-ours", _C, _DESK, _from_a_peer),
    ActKind("done", _C, _DESK, _done),
    ActKind("not-illegal", _C, _DESK, _says_what_it_is, says_what_it_is=True, reason=False),
    ActKind("assess", _C, _DESK, _says_what_it_is, says_what_it_is=True, leads_out=True),
    ActKind("ask", _C, _DESK, _with_partners),
    ActKind("retrace", _C, _DESK, _decided, goes_out=True, looks_up=True),
    ActKind("close", _C, _DESK, _closes),
    ActKind("reopen", _C, _DESK, _reopens),
    ActKind("take", _C, _DESK, _can_be_taken, reason=False),
    ActKind("pass-on", _C, _DESK, _can_be_handed_on, reason=False),
    ActKind("undo", _C, _DESK, _undoes, reason=False),
    ActKind("origin", _C, _DESK, _behind_an_edge, goes_out=True, looks_up=True),
    ActKind("target", _C, _DESK, _without_a_host, leads_out=True),
    ActKind(
        "reveal",
        _C,
        Permission.CASE_REVEAL,
        _anything,
        reason=False,  # of what one has before oneself; of all else it is typed
        absent={Surface.CLI: "a location in full stays in no terminal's history or log"},
    ),
    ActKind("hold", _R, _REFERRALS, _steps(_always("hold"))),
    ActKind("release", _R, _REFERRALS, _steps(_always("release")), goes_out=True),
    ActKind("override", _R, _REFERRALS, _steps(override_event, sends=True), goes_out=True),
    ActKind("retry", _R, _REFERRALS, _steps(_always("retry"), sends=True), goes_out=True),
    ActKind("recall", _R, _REFERRALS, _steps(recall_event)),
    ActKind("taken-back", _R, _REFERRALS, _told_by_hand, reason=False),
    ActKind("receipt", _R, _REFERRALS, _to_be_confirmed, reason=False),
    ActKind("answer", _R, _REFERRALS, _with_a_unit, reason=False, leads_out=True),  # they let go of what waited
    ActKind("pause", _P, _STOPS, _anything),
    ActKind("resume", _P, _STOPS, _anything, leads_out=True),
    ActKind("decide-waiting", _P, _DESK, _anything, leads_out=True),
    ActKind("stop", _H, _STOPS, _anything),
    ActKind("lift", _H, _STOPS, _anything, leads_out=True, absent={Surface.CLI: "it is `stop --lift`"}),
)

#: After these something leaves the house: whoever does one shows again who they are, when it is a while ago.
SENDING: Final = frozenset(act.name for act in ACTS if act.goes_out or act.leads_out)


def on(what: On) -> tuple[ActKind, ...]:
    """Return the acts on a case, a referral or the house."""
    return tuple(act for act in ACTS if act.on is what)


def offered(at: Standing) -> tuple[str, ...]:
    """Return the names of what may be done now by somebody who holds every permission."""
    what = On.CASE if at.referral is None else On.REFERRAL
    return tuple(act.name for act in on(what) if act.offered(at) and not _is_kept(act, at))


def check_offered(name: str, at: Standing) -> None:
    """Raise Conflict unless an act on a case may be done now: by the condition under which it is offered."""
    (act,) = (one for one in on(On.CASE) if one.name == name)
    if not act.offered(at):
        raise Conflict(_NOT_OFFERED, reason="not_now")


def _is_kept(act: ActKind, at: Standing) -> bool:
    """Tell whether what holds the case keeps people from an act: that only refuses them."""
    return (at.held and act.goes_out) or (at.told_nobody and act.looks_up)


def permitted(names: Sequence[str], permissions: Collection[str], assessment: Assessment) -> tuple[str, ...]:
    """Return those of the offered acts that a person with these permissions may do.

    `assessment` is the case's: on one that nobody assessed, sending it says what it is.
    """
    allowed = {act.name for act in ACTS if _is_allowed(act, permissions, assessment)}
    return tuple(name for name in names if name in allowed)


def _is_allowed(act: ActKind, permissions: Collection[str], assessment: Assessment) -> bool:
    says = act.says_what_it_is and (act.name in ("assess", "not-illegal") or assessment is Assessment.UNASSESSED)
    return act.needs in permissions and (not says or Permission.REPORT_ASSESS in permissions)
