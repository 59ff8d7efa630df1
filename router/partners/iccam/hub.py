"""What can be asked of a hub, one method a call; each returns what the answer holds, or why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, TypeVar

from router.clock import Clock
from router.errors import NoAnswer
from router.guard.egress import HttpAnswer
from router.partners.answers import classify
from router.partners.base import Deferred, Reason, Refused, Unknown
from router.partners.iccam.session import Call, Session
from router.partners.iccam.turns import Turns
from router.partners.iccam.wire import ContentView, Listed, ReportView, read, read_list, read_number, stamp_of_list
from router.partners.iccam.words import List, Words

#: No list holds more, whatever is asked for (a comment in the public client).
MOST: Final = 200
#: Seconds after which the hub's enumerations are read again; sooner where the hub uses an id that they lack.
WORDS_AGE: Final = 86_400.0
WORDS_AGE_LACKING: Final = 3_600.0

_NOT_UNDERSTOOD: Final = "The hub gave an answer that we do not understand; ask the hub's office."
_UNANSWERED: Final = "The hub did not answer; it is asked again, and nothing is done twice by that."
_NOT_OURS: Final = (
    "The hub does not let us act on this content; it may have given it to another hotline. Look it up there."
)

Failed: TypeAlias = Deferred | Refused
FoundT = TypeVar("FoundT")


@dataclass(frozen=True, slots=True)
class Lost:
    """It may have been done, and nothing that we understand came back."""


class Lexicon:
    """The words of one hub, read when they are first needed and again each day."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet."""
        self.words = Words()
        self._clock = clock
        self._read: dict[List, datetime] = {}

    def missing(self) -> list[List]:
        """Return the lists that are to be read now."""
        now = self._clock.now()
        long_ago = datetime.fromtimestamp(0, UTC)
        return [name for name in List if (now - self._read.get(name, long_ago)).total_seconds() >= WORDS_AGE]

    def lacks(self, name: List, number: int) -> None:
        """Have a list read again, unless that was just done: the hub uses an id that is not in it."""
        read = self._read.get(name)
        is_old = read is not None and (self._clock.now() - read).total_seconds() >= WORDS_AGE_LACKING
        if is_old and number not in self.words.lists.get(name, {}):
            del self._read[name]

    def learn(self, name: List, body: bytes) -> bool:
        """Take a list as it was served; False when it is none."""
        learnt = self.words.learn(name, body)
        if learnt:
            self._read[name] = self._clock.now()
        return learnt


class HubCalls:
    """The calls of one turn: over the shared session, at one pace, until one moment of the loop's time."""

    def __init__(self, session: Session, turns: Turns, clock: Clock, *, until: float, urgent: bool = False) -> None:
        """Make calls for one piece of work, before others' where it is urgent."""
        self._session = session
        self._turns = turns
        self._clock = clock
        self._until = until
        self._urgent = urgent

    async def learn(self, lexicon: Lexicon) -> Failed | None:
        """Read the enumerations that are not known, or not of today."""
        for name in lexicon.missing():
            found = await self._get(f"rest/{name}", bytes)
            if not isinstance(found, bytes):
                return found
            if not lexicon.learn(name, found):
                return Deferred(Reason.NOT_UNDERSTOOD, _NOT_UNDERSTOOD)
        return None

    async def report(self, number: int) -> ReportView | Failed:
        """Return a report."""
        return await self._get(f"rest/Reports/{number}", lambda body: read(ReportView, body))

    async def content(self, number: int) -> ContentView | Failed:
        """Return a content."""
        return await self._get(f"rest/Content/{number}", lambda body: read(ContentView, body))

    async def listed(self, name: str, since: datetime) -> tuple[Listed, ...] | Failed:
        """Return a list of work: what was assigned from `since` on, at most `MOST`, in whatever order the hub has."""
        query: dict[str, str | int] = {"maxResults": MOST, "countryAssignmentStartDate": stamp_of_list(since)}
        return await self._get(f"rest/Content/{name}", read_list, query)

    async def post_report(self, body: Mapping[str, Any]) -> int | Lost | Failed:
        """Hand a report in and return its id; `Lost` when it may have been taken, for this call doubles."""
        answer = await self._post("rest/reports", body)
        if not isinstance(answer, HttpAnswer):
            return answer
        number = read_number(answer.body) if answer.status // 100 == 2 else None
        return number or self._failed(answer) or Lost()

    async def act(self, content: int, body: Mapping[str, Any]) -> Lost | Failed | None:
        """Add an action to a content; `Lost` when it may have been taken, for this call doubles."""
        answer = await self._post(f"rest/Content/{content}/actions", body)
        return answer if isinstance(answer, Lost) else self._refused(answer)

    async def _post(self, path: str, body: Mapping[str, Any]) -> HttpAnswer | Lost | Deferred:
        try:
            answer = await self._ask(Call("POST", path, body=body))
        except NoAnswer:
            return Lost()
        if isinstance(answer, HttpAnswer) and (answer.status == 408 or (answer.status >= 500 and answer.status != 503)):
            return Lost()  # what fails while it works may have done its work
        return answer

    async def put(self, path: str, query: Mapping[str, str | int] | None = None, body: object = None) -> Failed | None:
        """Say something that is harmless to say again."""
        try:
            return self._refused(await self._ask(Call("PUT", path, query, body)))
        except NoAnswer as error:
            return _unanswered(error)

    async def _get(
        self, path: str, reading: Callable[[bytes], FoundT | None], query: Mapping[str, str | int] | None = None
    ) -> FoundT | Failed:
        try:
            answer = await self._ask(Call("GET", path, query))
        except NoAnswer as error:
            return _unanswered(error)
        failed = self._failed(answer)
        if failed is not None:
            return failed
        assert isinstance(answer, HttpAnswer)
        found = reading(answer.body)
        return Deferred(Reason.NOT_UNDERSTOOD, _NOT_UNDERSTOOD) if found is None else found

    async def _ask(self, call: Call) -> HttpAnswer | Deferred:
        return await self._session.ask(call, self._turns, until=self._until, urgent=self._urgent)

    def _refused(self, answer: HttpAnswer | Deferred) -> Failed | None:
        """As `_failed`; 403 to one who is logged in is about this content, not about our key."""
        if isinstance(answer, HttpAnswer) and answer.status == 403:
            return Refused(Reason.REFUSED, _NOT_OURS)
        return self._failed(answer)

    def _failed(self, answer: HttpAnswer | Deferred) -> Deferred | Refused | None:
        if isinstance(answer, Deferred):
            return answer
        meaning = classify(answer.status, answer.headers, self._clock.now())
        # Of a call that is harmless to repeat, no failure leaves a doubt behind; `_post` has seen to the others.
        if isinstance(meaning, Deferred):
            return replace(meaning, may_have_arrived=False)
        return Deferred(meaning.reason, meaning.text) if isinstance(meaning, Unknown) else meaning


def _unanswered(error: NoAnswer) -> Deferred:
    """Say that a call which changes nothing by being made again had no answer."""
    status = error.http_status
    said = f"{_UNANSWERED} (HTTP {status})" if status is not None else _UNANSWERED
    return Deferred(Reason.NO_ANSWER, said)
