"""Sentences that the rooms below say in English, for the catalogues, and which of them a page need not repeat.

`said/` has them by the room that says them; a test holds every one to what that room really says, word for word.
"""

from typing import Final

from router.console.language import N_
from router.console.said import audit, deliver, desk, errors, govern, hosting, people, policy, read, viewing

#: Sentences that the rooms below say in English; the pages translate them when the catalogue has them, word for word.
SAID_BELOW: Final = (
    *desk.SAID,
    *deliver.SAID,
    *viewing.SAID,
    *govern.SAID,
    *hosting.SAID,
    *people.SAID,
    *policy.SAID,
    *read.SAID,
    *errors.SAID,
    *audit.SAID,
)

#: The same with something filled in; `findings.retold` finds them again in what the desk shows.
FILLED_BELOW: Final = (
    *desk.FILLED,
    *deliver.FILLED,
    *viewing.FILLED,
    *govern.FILLED,
    *hosting.FILLED,
    *people.FILLED,
    *policy.FILLED,
    *read.FILLED,
    *errors.FILLED,
    *audit.FILLED,
)

#: What was said and found, as the question whether it is gone lists it. The longer of two that begin alike is first.
CLAUSES: Final = (
    N_("no partner says that it is removed"),
    N_("{partner} says of what is on the page: {counts}"),
    N_("{partner} says {action} ({reason})"),
    N_("{partner} says {action}"),
    N_("{partner} was not asked ({why})"),
    N_("{partner} cannot be asked"),
    N_("a name server of ours lies"),
    N_("our name server filters the name"),
    N_("our name server repeats an old answer"),
    N_("no name server that knows the name answered"),
    N_("the name server calls the name gone without its zone's word"),
    N_("the name server calls the name empty without its zone's word"),
    N_("its server answers {status}, which proves nothing without the page that it is reached from"),
    N_("its server answers {status}"),
    N_("its server takes the connection and gives no answer"),
    N_("nobody listens at any of its addresses"),
    N_("its server cannot be reached from here"),
)

#: Beginnings of the policy's own sentences that only repeat their headline (`policy/calls`).
_SAID_BY_THE_HEADLINE: Final = (
    "a child may be in danger now",
    "assess it; then it can go to",
    "confirm sending to",
    "nobody has assessed it yet",
    "a shortened link: look where it leads",
    "a link that carries another location",
    "only a CDN's edge is known",
    "the evidence does not agree on a country",
)


def says_more(text: str) -> bool:
    """Return whether a desk's sentence says more than the headline and the proposal beside it do already."""
    return bool(text) and not text.startswith(_SAID_BY_THE_HEADLINE)


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
