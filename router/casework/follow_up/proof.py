"""What a partner's word proves. The rule alone: nothing is asked here, and nothing written.

A partner's last final act is its word: what came before it is overtaken. Removed ends it there. Unavailable ends it
when the partner saw that it is gone, and never when it could not look: ICCAM has reasons for both under the same act. A
case closes on partners' words when everybody who accepted it has ended it, and on nothing less.
"""

from collections.abc import Sequence
from typing import Final

from router.guard.mask import scrub
from schemas.exchange import ActionStatement
from schemas.vocabulary import FINAL_ACTIONS, SEEN_GONE, ActionReason, ActionType, Outcome, action_reason

#: The partner could not look: whoever can give it what it lacks is asked for that.
MISSING_ACCESS: Final = frozenset(
    {
        ActionReason.REFERRER_NOT_KNOWN,
        ActionReason.UNABLE_TO_ACCESS,
        ActionReason.PASSWORD_PROTECTED,
        ActionReason.ACCOUNT_DISABLED,
        ActionReason.LEGALLY_UNABLE_TO_ACCESS,
        ActionReason.PREMIUM_ACCOUNT_NECESSARY,
        ActionReason.MISSING_PARTS,
    }
)


def last_word(said: Sequence[ActionStatement]) -> ActionStatement | None:
    """Return the last final act on the whole that a partner named; of two at the same moment, the one it named later.

    What it did with a part, such as one file of a page, ends nothing of the rest.
    """
    whole = (one for one in reversed(said) if one.action in FINAL_ACTIONS and one.part is None)
    return max(whole, key=lambda one: one.at, default=None)


def ended(word: ActionStatement | None) -> Outcome | None:
    """Return how a partner ended what it was given, by its last word; None when it did not.

    Unavailable for any other reason than that of somebody who saw it gone, for none, or for one in the partner's own
    words, is for people.
    """
    if word is not None and word.action is ActionType.REMOVED:
        return Outcome.REMOVED
    if word is not None and word.action is ActionType.UNAVAILABLE and action_reason(word.reason) in SEEN_GONE:
        return Outcome.UNAVAILABLE
    return None


def lacks_access(word: ActionStatement | None) -> ActionReason | None:
    """Return what kept a partner from looking, by its last word; None when it could."""
    reason = None if word is None else action_reason(word.reason)
    return reason if reason in MISSING_ACCESS else None


def shown_reason(said: ActionStatement) -> str | None:
    """Return a partner's reason: ICCAM's word, or what it wrote itself without anything that looks like a location."""
    return said.reason and (action_reason(said.reason) or scrub(said.reason))
