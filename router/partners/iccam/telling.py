"""Tell the hub what we did with a content that it gave to us: our assessment first, then each act once.

Before anything is said, the content is read: what stands there already is not said again. So a call whose answer was
lost is settled by the next turn, and telling is harmless to repeat.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from router.errors import BadInput
from router.partners.base import Reason, Refused
from router.partners.iccam.hub import Failed, HubCalls, Lost
from router.partners.iccam.standing import Again, Done
from router.partners.iccam.wire import ContentView, stamp
from router.partners.iccam.words import REASONS, Words
from schemas.exchange import ActionStatement
from schemas.vocabulary import ActionType, Assessment

#: After one of these a hotline is done with a content.
FINAL: Final = frozenset({ActionType.REMOVED, ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL})
#: The two that carry a reason.
REASONED: Final = frozenset({ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL})
#: `Other`, for a reason that the hub has no word for; the words then go as text.
_OTHER: Final = 1
_SOON: Final = 5.0

_NOT_OURS: Final = (
    "The hub gave this content to somebody else meanwhile, so what we did was not told; look it up there."
)
_LOOKED_UP: Final = "The hub did not answer; whether it took the act is looked up before it is told again."


@dataclass(frozen=True, slots=True)
class Telling:
    """How we tell one hub."""

    analyst: str  #: the login of our system
    country: str  #: ours

    async def tell(
        self,
        calls: HubCalls,
        words: Words,
        number: int,
        acts: Iterable[ActionStatement],
        assessment: dict[str, Any] | None = None,
    ) -> Done | Again | Failed:
        """Tell the acts that the content does not show yet."""
        content = await calls.content(number)
        if not isinstance(content, ContentView):
            return content
        untold = list(_untold(acts, content, words))
        if untold and content.assigned_country_code != self.country:
            return Refused(Reason.REFUSED, _NOT_OURS)
        failed: Failed | Again | None = None
        if assessment is not None and _may_be_assessed(content, words, assessment):
            failed = await calls.put(f"rest/Content/{number}/assessment", body=assessment)
        try:
            for act in untold:
                failed = failed or await self._tell_one(calls, words, number, act)
        except BadInput as error:  # what this act lacks is no fault of the settings
            return Refused(Reason.REFUSED, error.message)
        return failed or Done(str(number))

    async def _tell_one(
        self, calls: HubCalls, words: Words, number: int, act: ActionStatement
    ) -> Failed | Again | None:
        if act.action is ActionType.MOVED:
            return await _move(calls, number, act)
        told = await calls.act(number, self._body(words, act))
        return Again(_SOON, _LOOKED_UP) if isinstance(told, Lost) else told

    def _body(self, words: Words, act: ActionStatement) -> dict[str, Any]:
        body: dict[str, Any] = {
            "actionType": words.id_of(ActionType(act.action)),  # what we do ourselves is one of our words
            "actioningAnalystName": self.analyst,
            "actionDate": stamp(act.at),
        }
        if act.action in REASONED:
            reason = next((key for key, word in REASONS.items() if word == act.reason), _OTHER)
            body |= {"reasonId": reason, "reasonText": act.reason or REASONS[reason]}
        return body


def _may_be_assessed(content: ContentView, words: Words, assessment: Mapping[str, Any]) -> bool:
    """Tell whether our finding is to be said: where none stands, or one that only its own country's law bears out.

    The last one counts, a baseline one cannot be changed, and none is taken after an act (comments in the client).
    """
    last = content.assessments[-1].classification if content.assessments else None
    if last is None:
        return True
    is_open = words.word_of(Assessment, last) is Assessment.NATIONAL and not content.actions
    return is_open and last != assessment["classification"]


def _rank(act: ActionStatement) -> tuple[int, datetime]:
    """Order acts as a hotline does them: what ends its work comes after what does not, and a move last."""
    if act.action is ActionType.MOVED:
        return 2, act.at
    return int(act.action in FINAL), act.at


def _untold(acts: Iterable[ActionStatement], content: ContentView, words: Words) -> Iterator[ActionStatement]:
    """Yield what the hub has not: each act once, and one final act, since that ends a content."""
    known: set[str | None] = {words.word_of(ActionType, action.action_type) for action in content.actions}
    for act in sorted(acts, key=_rank):
        if act.action is ActionType.MOVED:
            is_told = content.assigned_country_code == act.moved_to
        else:
            is_told = act.action in known or (act.action in FINAL and not FINAL.isdisjoint(known))
        if not is_told:
            known.add(act.action)
            yield act


async def _move(calls: HubCalls, number: int, act: ActionStatement) -> Failed | None:
    """Say where it is hosted now, and give it to that country. Cut off between the two, both are said again."""
    if act.moved_to is None:
        raise BadInput("A move needs the country where it is now; name it", reason=Reason.REFUSED)
    path = f"rest/Content/{number}"
    failed = await calls.put(f"{path}/url/hosting", {"newIpAddress": "", "newCountryCode": act.moved_to})
    return failed or await calls.put(f"{path}/assigned-country", {"newCountryCode": act.moved_to})
