"""The keys: one table that the script reads from the page, and that the help shows.

A key is a single character (WCAG 2.1.4), so it does nothing while somebody types, and all can be switched off (`keys`).
What a key leads to is named by a selector: on a page without it, it does nothing and is not shown. Two things that one
page may hold share a key only if pressing it again goes on to the next.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from router.casework.case.acts import ACTS, On, Surface
from router.console.language import N_
from router.guard.access import Permission

#: A cookie that says that somebody wants no keys, and nothing else: it outlives the session.
COOKIE: Final = "__Host-keys"
OFF: Final = "off"


class How(StrEnum):
    """What a key does to the thing that it finds."""

    PRESS = "press"  # sends it: what costs nothing, or must not wait
    LEAD = "lead"  # opens it and goes to the first field that is wanted, or to its button
    WALK = "walk"  # the script's own: rows


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    key: str
    label: str  #: a message, or the name of an act
    finds: str = ""  #: a CSS selector
    how: How = How.LEAD
    act: bool = False  #: whether the label is an act's name
    go: str = ""  #: the page that it leads to where nothing is found
    needs: str = Permission.CASE_READ  #: who is told of it


#: Rows, and what is on every page.
_EVERYWHERE: Final = (
    Key("j", N_("next row or section"), how=How.WALK),
    Key("k", N_("previous row or section"), how=How.WALK),
    Key("Enter", N_("open the row"), how=How.WALK),
    Key("x", N_("tick the row"), how=How.WALK),
    Key(
        "V",
        N_("Take those that are ticked to a viewing session"),
        "[data-viewing]",
        How.PRESS,
        needs=Permission.DESK_ACT,
    ),
    Key("n", N_("Next item"), "form[action='/next']", How.PRESS, needs=Permission.DESK_ACT),
    Key("/", N_("find a case"), "[data-find]", go="/cases"),
    Key("g", N_("go to the desk"), go="/"),
    Key(".", N_("show what is new"), "a[data-new]", How.PRESS),
    Key("e", N_("the evidence, then how it was decided"), "section[aria-labelledby='evidence'], #decision"),
    Key("?", N_("show and close this help"), how=How.WALK, go="/keys"),
)
#: What an act's form is sent by at once: it gives nothing away and ends nothing, or a child waits.
_AT_ONCE: Final = frozenset({"take", "pass-on", "acknowledge"})
#: Whoever holds an item reveals it by the key alone; it has no form of the table's kind.
_REVEAL: Final = N_("Reveal the location")
#: The key of each act of a case or a referral. A capital is for what follows once something left.
_ACTS: Final = {
    "acknowledge": "a",
    "told-police": "v",
    "look": "l",
    "send": "s",
    "refer": "o",
    "handed-over": "m",
    "not-ours": "y",
    "done": "d",
    "not-illegal": "i",
    "assess": "z",
    "ask": "q",
    "retrace": "t",
    "close": "c",
    "reopen": "w",
    "take": "f",
    "pass-on": "p",
    "undo": "u",
    "origin": "b",
    "target": "b",
    "reveal": "r",
    "hold": "h",
    "release": "H",
    "override": "o",
    "retry": "T",
    "recall": "X",
    "taken-back": "B",
    "receipt": "C",
    "answer": "A",
}


#: Where the forms of acts lead to: what ends alike elsewhere, as taking a trail's papers, is another thing.
_FORMS: Final = {On.CASE: "/cases/", On.REFERRAL: "/referrals/"}


def _of_acts() -> tuple[Key, ...]:
    here = [act for act in ACTS if act.on in (On.CASE, On.REFERRAL) and Surface.CONSOLE not in act.absent]
    found = (
        Key(
            _ACTS[act.name],
            act.name,
            f"form[action^='{_FORMS[act.on]}'][action$='/{act.name}']",
            How.PRESS if act.name in _AT_ONCE else How.LEAD,
            act=True,
            needs=act.needs,
        )
        for act in here
    )
    return tuple(replace(one, label=_REVEAL, act=False) if one.label == "reveal" else one for one in found)


#: Every key, in the order of the help.
KEYS: Final = (*_EVERYWHERE, *_of_acts())
