"""All that one process holds towards one hub: the login, the hub's words, the pace, and searches under way."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from router.partners.base import Tools
from router.partners.budget import LocalBudget
from router.partners.iccam.contents import Readings
from router.partners.iccam.hub import Failed, HubCalls, Lexicon
from router.partners.iccam.look_for import Searches
from router.partners.iccam.session import Session
from router.partners.iccam.settings import IccamConfig, certificate
from router.partners.iccam.turns import Turns
from router.partners.iccam.wire import ContentView
from router.partners.iccam.words import List, Words


class Connection:
    """One hub as these settings have it. What only this process knows may be lost: it is read or made again."""

    def __init__(self, tools: Tools, config: IccamConfig, name: str) -> None:
        """Reach the hub when it is first asked for something; `name` is the partner's, by which its pace is kept."""
        budget = tools.budget or LocalBudget(tools.clock)
        self.config = config
        self.searches = Searches(tools.clock)
        self.readings = Readings()
        self._until: tuple[bytes, datetime] | None = None
        self._clock = tools.clock
        self._session = Session(tools, config)
        self._lexicon = Lexicon(tools.clock)
        self._learning = asyncio.Lock()
        self._push = Turns(f"{name}:push", config.push_per_second, tools.clock, budget)
        self._pull = Turns(f"{name}:pull", config.pull_per_second, tools.clock, budget)

    @property
    def words(self) -> Words:
        """The hub's words, as far as they were read (`learn`)."""
        return self._lexicon.words

    def certificate_until(self, tools: Tools) -> datetime:
        """Return when our certificate ends; it is read again when its file was replaced. Raise BadInput."""
        content = tools.secret_file(self.config.certificate)
        if self._until is None or self._until[0] != content:
            self._until = content, certificate(self.config, tools).until
        return self._until[1]

    async def learn(self, calls: HubCalls) -> Failed | None:
        """Read the hub's words where they are not of today; who comes meanwhile waits, and reads none twice."""
        async with self._learning:
            return await calls.learn(self._lexicon)

    async def understand(self, calls: HubCalls, contents: Iterable[ContentView]) -> Failed | None:
        """Read the hub's words again where it uses one in these contents that it did not have this morning."""
        for content in contents:
            for action in content.actions:
                self._lexicon.lacks(List.ACTIONS, action.action_type)
            for assessment in content.assessments:
                if assessment.classification is not None:
                    self._lexicon.lacks(List.CLASSIFICATIONS, assessment.classification)
        return await self.learn(calls)

    def pushing(self, seconds: float, *, urgent: bool = False) -> HubCalls:
        """Return calls that report and act, within so many seconds."""
        return self._calls(self._push, seconds, urgent=urgent)

    def pulling(self, seconds: float) -> HubCalls:
        """Return calls that only read, within so many seconds; they take no turn from those that report."""
        return self._calls(self._pull, seconds, urgent=False)

    def _calls(self, turns: Turns, seconds: float, *, urgent: bool) -> HubCalls:
        until = asyncio.get_running_loop().time() + seconds
        return HubCalls(self._session, turns, self._clock, until=until, urgent=urgent)
