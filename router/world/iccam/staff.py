"""The analysts of a hotline behind the hub, who work in the hub's own pages: no client of ours sees them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from router.world.iccam.bodies import Action, Assessment
from router.world.iccam.hub import Hub
from router.world.iccam.records import Content, stamp
from router.world.iccam.words import (
    BASELINE,
    NOT_ILLEGAL,
    REASONS,
    REMOVED,
    REPORTED_TO_ISP,
    REPORTED_TO_LEA,
    UNAVAILABLE,
)


class Analyst:
    """One analyst. The hub's rules bind them as they bind a client: they act on what their country was given."""

    def __init__(self, hub: Hub, country: str, name: str = "Analyst") -> None:
        """Work for the hotline of `country`."""
        self._hub = hub
        self._hotline = hub.hotlines[country]
        self.name = name

    def work(self) -> list[Content]:
        """Return what this hotline was given and has not finished."""
        mine = (one for one in self._hub.contents.values() if one.assigned_country == self._hotline.country)
        return [one for one in mine if not one.is_finished]

    def assess(self, content: Content, classification: int = BASELINE, age: int = 3, gender: int = 1) -> None:
        """Classify a content."""
        said: Mapping[str, Any] = {
            "assessingAnalystName": self.name,
            "classification": classification,
            "ageCategorization": age,
            "genderCategorization": gender,
        }
        self._hub.assess(self._hotline, content.id, Assessment.model_validate(said))

    def report_to_lea(self, content: Content) -> None:
        """Tell the police."""
        self.act(content, REPORTED_TO_LEA)

    def report_to_isp(self, content: Content) -> None:
        """Tell the host."""
        self.act(content, REPORTED_TO_ISP)

    def remove(self, content: Content) -> None:
        """Note that it was taken down."""
        self.act(content, REMOVED)

    def unavailable(self, content: Content, reason: int) -> None:
        """Note that it cannot be seen."""
        self.act(content, UNAVAILABLE, reason)

    def not_illegal(self, content: Content, reason: int) -> None:
        """Note that it is not illegal here."""
        self.act(content, NOT_ILLEGAL, reason)

    def move(self, content: Content, country: str, ip: str = "") -> None:
        """Hand it over to where it is hosted now, in two steps as a client does."""
        self._hub.rehost(self._hotline, content.id, country, ip)
        self._hub.assign(self._hotline, content.id, country)

    def act(self, content: Content, action: int, reason: int | None = None, at: datetime | None = None) -> None:
        """Take any action, also one that a client does not know yet; `at` is now unless it was earlier."""
        said: dict[str, Any] = {
            "actionType": action,
            "actioningAnalystName": self.name,
            "actionDate": stamp(at or self._hub.clock.now()),
        }
        if reason is not None:
            said |= {"reasonId": reason, "reasonText": REASONS[reason]}
        self._hub.act(self._hotline, content.id, Action.model_validate(said))
