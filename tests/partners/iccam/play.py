"""Plays one referral at the hub to its end, turn by turn, keeping only what a turn handed back."""

from dataclasses import dataclass, field
from datetime import timedelta

from router.errors import NotSent
from router.partners.base import Deferred, Unknown
from router.partners.iccam.hub import HubCalls, Lexicon
from router.partners.iccam.look_for import Searches
from router.partners.iccam.session import Session
from router.partners.iccam.standing import Again, Result, Standing
from router.partners.iccam.steps import Reporting
from schemas.exchange import ReferralMessage
from tests.partners.iccam.stage import BE, Near, turns_of
from tests.referrals import a_message

#: Turns after which a referral that neither ends nor waits is going in circles.
MOST_TURNS = 200


@dataclass
class Player:
    """One process's side. `steps` are all that came of its turns."""

    at: Near
    message: ReferralMessage = field(default_factory=a_message)
    standing: Standing | None = None
    in_doubt: bool = False
    steps: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what only the process knew."""
        self._session = Session(self.at.tools, self.at.config)
        self._lexicon = Lexicon(self.at.clock)
        self._searches = Searches(self.at.clock)

    def use(self, session: Session) -> None:
        """Speak over another session."""
        self._session = session

    async def turn(self) -> Result:
        """Take one turn; what it handed back is kept."""
        at = self.at
        turns = turns_of(at, 50)
        calls = HubCalls(self._session, turns, at.clock, until=at.until())
        failed = await calls.learn(self._lexicon)
        if failed is not None:
            self.steps.append(failed)
            return failed
        reporting = Reporting(BE.username, BE.country, at.clock, self._searches)
        self.standing, step = await reporting.advance(
            calls, self._lexicon.words, self.message, self.standing, in_doubt=self.in_doubt
        )
        self.steps.append(step)
        self.in_doubt = self.standing is None and (self.in_doubt or isinstance(step, Unknown))
        return step

    async def to_the_end(self) -> Result:
        """Take turns while the hub is to be waited for, as the schedule does."""
        for _ in range(MOST_TURNS):
            try:
                step: Result | None = await self.turn()
            except NotSent:
                step = None
            match step:
                case Again(seconds=seconds):
                    self.at.clock.advance(timedelta(seconds=seconds))
                case Deferred(retry_after=wait):
                    self.at.clock.advance(timedelta(seconds=wait or 5))
                case None | Unknown(for_people=False):
                    self.at.clock.advance(timedelta(seconds=5))
                case _:
                    return step
        raise AssertionError("it goes on for ever")
