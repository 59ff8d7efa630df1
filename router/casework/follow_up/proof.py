"""What a partner's word proves. The rule alone: nothing is asked here, and nothing written.

A partner's last final act is its word: what came before it is overtaken. What it ends is said by `policy/closing`.
"""

from collections.abc import Sequence
from typing import Final

from router.guard.mask import scrub
from router.policy.closing import ended as by_rule
from schemas.closing import PartnerWord
from schemas.exchange import ActionStatement
from schemas.vocabulary import FINAL_ACTIONS, ActionReason, ActionType, Outcome, action_reason

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


def word_of(word: ActionStatement | None, *, referrer_missing: bool = False, overruled: bool = False) -> PartnerWord:
    """Return a partner's last word as the closing rules read it."""
    action = None if word is None else ActionType(word.action)
    reason = None if word is None else shown_reason(word)
    return PartnerWord(action=action, reason=reason, referrer_missing=referrer_missing, overruled=overruled)


def ended(word: ActionStatement | None) -> Outcome | None:
    """Return how a partner ended what it was given, by its last word; None when it did not."""
    return by_rule(word_of(word))


def lacks_access(word: ActionStatement | None) -> ActionReason | None:
    """Return what kept a partner from looking, by its last word; None when it could."""
    reason = None if word is None else action_reason(word.reason)
    return reason if reason in MISSING_ACCESS else None


def shown_reason(said: ActionStatement) -> str | None:
    """Return a partner's reason: ICCAM's word, or what it wrote itself without anything that looks like a location."""
    return said.reason and (action_reason(said.reason) or scrub(said.reason))
