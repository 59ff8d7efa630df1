"""What a hotline did with a report, read back from the hub: no push tells us, and no public client ever looks.

A report has contents, and each is worked on by itself: the page that was reported, and the files that are on it. What
is done with one of several is an act on a part, under the content's number. It ends the whole when each of them has
come to an end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from router.partners.iccam.wire import ActionView, ContentView
from router.partners.iccam.words import REASONS, List, Words
from schemas.exchange import ActionStatement
from schemas.vocabulary import FINAL_ACTIONS, SEEN_GONE, ActionType, Assessment, action_reason


@dataclass(frozen=True, slots=True)
class Given:
    """How a report left us."""

    to: str  #: the country it was given to
    hosted_in: str | None  #: where we said that it is


@dataclass(frozen=True, slots=True)
class Acts:
    """What was done, oldest first for each content; what it comes to for the whole stands last."""

    statements: tuple[ActionStatement, ...]
    #: Who has it instead of whom it was given to, while it is hosted where it was: the hub's or that hotline's "not
    #: ours". None is nobody, so `is_elsewhere` says whether this means anything.
    holder: str | None = None
    is_elsewhere: bool = False


def acts_of(
    source: ContentView, words: Words, given: Given, seen_at: datetime, others: Sequence[ContentView] = ()
) -> Acts:
    """Read the acts on a report: on its source, and on the `others` in it.

    A content that went on to another country because it is hosted there now was moved; the hub has no action for that.
    `seen_at` dates such a move where the hub does not.
    """
    elsewhere = _is_elsewhere(source, given)
    own = [*said(source, words), *_moved(source, given, seen_at)]
    holder = source.assigned_country_code if elsewhere else None
    if not others:
        return Acts(tuple(own), holder, elsewhere)
    parts = [[*said(one, words), *_moved(one, given, seen_at)] for one in others]
    of_parts = [one for content, acts in zip(others, parts, strict=True) for one in _about(content, acts)]
    begun = [one for one in own if one.action not in FINAL_ACTIONS]
    ended = _about(source, [one for one in own if one.action in FINAL_ACTIONS])
    counted = [acts for content, acts in zip(others, parts, strict=True) if acts or not _is_ignored(content, words)]
    return Acts((*begun, *ended, *of_parts, *_whole([own, *counted])), holder, elsewhere)


def said(content: ContentView, words: Words) -> Iterable[ActionStatement]:
    """Yield what was done with one content, by the hub's record; an act of a new kind by the hub's name for it."""
    for action in sorted(content.actions, key=lambda one: one.action_date):
        word = words.word_of(ActionType, action.action_type)
        if word is None or word is ActionType.OTHER:
            unnamed = words.shown(List.ACTIONS, action.action_type)
            yield ActionStatement(action=ActionType.OTHER, at=action.action_date, reason=unnamed)
        else:
            yield ActionStatement(action=word, at=action.action_date, reason=_reason(action))


def _moved(content: ContentView, given: Given, seen_at: datetime) -> Iterable[ActionStatement]:
    holder = content.assigned_country_code
    if holder != given.to and not _is_elsewhere(content, given):
        at = content.country_assignment_date or seen_at
        yield ActionStatement(action=ActionType.MOVED, at=at, moved_to=holder)


def _is_elsewhere(content: ContentView, given: Given) -> bool:
    """Tell whether somebody else has it, or nobody, though it is where it was."""
    holder, hosting = content.assigned_country_code, content.url.hosting_country_code
    return holder != given.to and (holder is None or holder != hosting or hosting == given.hosted_in)


def _about(content: ContentView, acts: Iterable[ActionStatement]) -> list[ActionStatement]:
    return [one.model_copy(update={"part": str(content.content_id)}) for one in acts]


def _is_ignored(content: ContentView, words: Words) -> bool:
    """Tell whether a file was looked at and is nothing: such a one holds up no end."""
    number = content.assessments[-1].classification if content.assessments else None
    return number is not None and words.word_of(Assessment, number) is Assessment.NOT_ILLEGAL


def _whole(contents: Sequence[Sequence[ActionStatement]]) -> Iterable[ActionStatement]:
    """Yield what the ends of all contents come to; nothing while one of them has none."""
    last = [word for acts in contents if (word := _last_word(acts)) is not None]
    if len(last) < len(contents):
        return
    at = max(one.at for one in last)
    if all(one.action is ActionType.MOVED for one in last):
        if len({one.moved_to for one in last}) == 1:
            yield last[0].model_copy(update={"at": at})
        return
    if any(one.action is ActionType.MOVED for one in last):
        return
    yield min(last, key=_weight).model_copy(update={"at": at})


def _last_word(acts: Sequence[ActionStatement]) -> ActionStatement | None:
    return max((one for one in reversed(acts) if one.action in FINAL_ACTIONS), key=lambda one: one.at, default=None)


def _weight(word: ActionStatement) -> int:
    """Order ends: one that proves nothing counts before one that does, and what was removed before what was nothing."""
    if word.action is ActionType.UNAVAILABLE and action_reason(word.reason) not in SEEN_GONE:
        return 0
    weights: dict[str, int] = {ActionType.REMOVED: 1, ActionType.UNAVAILABLE: 2}
    return weights.get(word.action, 3)


def _reason(action: ActionView) -> str | None:
    """Return the reason in the hub's word; one that we do not know is shown by its number."""
    if action.reason_id is None:
        return None
    return REASONS.get(action.reason_id, f"reason {action.reason_id}")
