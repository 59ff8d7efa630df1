"""What a hotline did with a content, read back from the hub: no push tells us, and no public client ever looks."""

from dataclasses import dataclass
from datetime import datetime

from router.partners.iccam.wire import ActionView, ContentView
from router.partners.iccam.words import REASONS, List, Words
from schemas.exchange import ActionStatement
from schemas.vocabulary import ActionType


@dataclass(frozen=True, slots=True)
class Acts:
    """What was done, oldest first."""

    statements: tuple[ActionStatement, ...]
    unnamed: tuple[str, ...]  #: acts that we have no word for, as the hub names them; for people
    #: Who has it instead of whom it was given to, while it is hosted where it was: the hub's or that hotline's "not
    #: ours". None is nobody, so `is_elsewhere` says whether this means anything.
    holder: str | None = None
    is_elsewhere: bool = False


def acts_of(content: ContentView, words: Words, given_to: str, hosted_in: str | None, seen_at: datetime) -> Acts:
    """Read the acts on a content that was given to a country while it was hosted in `hosted_in`.

    A content that went on to another country because it is hosted there now was moved; the hub has no action for that.
    `seen_at` dates such a move where the hub does not.
    """
    statements, unnamed = [], []
    for action in sorted(content.actions, key=lambda one: one.action_date):
        word = words.word_of(ActionType, action.action_type)
        if word is None:
            unnamed.append(words.shown(List.ACTIONS, action.action_type))
        else:
            statements.append(ActionStatement(action=word, at=action.action_date, reason=_reason(action)))
    holder, hosting = content.assigned_country_code, content.url.hosting_country_code
    if holder == given_to:
        return Acts(tuple(statements), tuple(unnamed))
    if holder is None or holder != hosting or hosting == hosted_in:
        return Acts(tuple(statements), tuple(unnamed), holder, is_elsewhere=True)
    at = content.country_assignment_date or seen_at
    moved = ActionStatement(action=ActionType.MOVED, at=at, moved_to=holder)
    return Acts((*statements, moved), tuple(unnamed))


def _reason(action: ActionView) -> str | None:
    """Return the reason in the hub's word; one that we do not know is shown by its number."""
    if action.reason_id is None:
        return None
    return REASONS.get(action.reason_id, f"reason {action.reason_id}")
