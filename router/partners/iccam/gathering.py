"""Which referrals are reported together: a page, and the files on it that the same report of ours named.

The hub has no call that adds a content to a report. So what belongs in one waits a moment for the rest, and whoever
comes when its page has left becomes a report of its own, with the page as referrer. At risk nothing is waited for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from router.partners.base import Envelope
from router.partners.iccam.kept import gathering_of, standing_of
from router.partners.iccam.settings import IccamConfig, Mode
from router.partners.iccam.standing import Gathering, Standing
from schemas.exchange import OwnMessage, ReferralMessage
from schemas.vocabulary import Urgency

#: How long a file waits for its page beyond its own time, and how often it looks: the page may be traced that long.
FOR_ITS_PAGE: Final = timedelta(minutes=3)
LOOK: Final = timedelta(seconds=30)
#: Pages that are climbed from a file, as deep as a report may nest them.
_DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """One referral as it is to be sent: what it says, and what it may be reported with."""

    envelope: Envelope
    message: ReferralMessage
    report: str | None = None  #: ours, that it came in; None where each location is reported by itself
    direct: bool = True  #: whether it is waited for nothing
    taken_at: datetime | None = None
    pages: tuple[str, ...] = ()  #: what it is on, as those call themselves (`origin_reference`)

    @property
    def id(self) -> str:
        """The referral's id."""
        return self.envelope.referral_id

    @property
    def standing(self) -> Standing | None:
        """Where it stands at the hub; None while the hub has nothing of it."""
        return standing_of(self.envelope.progress)

    @property
    def gathering(self) -> Gathering | None:
        """What it waits for; None where it does not, or not any more."""
        return gathering_of(self.envelope.progress)

    @property
    def is_to_report(self) -> bool:
        """Whether it is reported next, with nothing to be looked for before."""
        return self.standing is None and not self.is_in_doubt

    @property
    def is_in_doubt(self) -> bool:
        """Whether the hub may have it already: while it gathers nothing was sent, whatever became of its sender."""
        return self.envelope.in_doubt and self.is_ready and not self.is_to_gather

    @property
    def is_ready(self) -> bool:
        """Whether it is noted that the next call reports it; what waits for nothing needs no such note."""
        return self.envelope.progress is None or self.gathering is None or self.gathering.ready

    @property
    def is_to_gather(self) -> bool:
        """Whether it has not begun to wait for what goes with it."""
        return self.envelope.progress is None and not self.direct


def to_freeze(item: dict[str, Any], message: ReferralMessage, config: IccamConfig) -> dict[str, Any]:
    """Return what is frozen of a message: beside what leaves, by what it is put together with others."""
    if config.mode is Mode.PAGES:
        return item
    own = message if isinstance(message, OwnMessage) else None
    return {
        "report": (own and own.report) or message.origin_reference,
        "taken_at": own and own.taken_at,
        "pages": message.pages,
        "direct": message.urgency is not Urgency.NONE or not config.gather,
        "item": item,
    }


def asked(envelope: Envelope) -> Asked:
    """Read what was frozen, whichever way was set then."""
    frozen = orjson.loads(envelope.payload)
    if "item" not in frozen:
        return Asked(envelope, ReferralMessage.model_validate_json(envelope.payload))
    message = ReferralMessage.model_validate_json(orjson.dumps(frozen["item"]))
    taken = frozen["taken_at"]
    return Asked(
        envelope,
        message,
        frozen["report"],
        frozen["direct"],
        None if taken is None else datetime.fromisoformat(taken),
        tuple(frozen["pages"]),
    )


def key(envelope: Envelope) -> str:
    """Return by what referrals are put into one call: our report where they may be reported together."""
    one = asked(envelope)
    return envelope.referral_id if one.report is None or not one.is_to_report else one.report


def due_at(one: Asked, config: IccamConfig, now: datetime) -> datetime:
    """Return when it goes: so long after we took it, which is one moment for all that came in one report."""
    return (one.taken_at or now) + config.gather


def next_look(due: datetime, now: datetime) -> datetime:
    """Return when one is looked at next: when it is due, and then in even steps, so that late ones meet."""
    return due + max(0, (now - due) // LOOK + 1) * LOOK


def waits_for_its_page(one: Asked, gathering: Gathering, now: datetime) -> bool:
    """Tell whether a file whose page is not with it is to wait for that."""
    return bool(one.pages) and not gathering.alone and now < gathering.due + FOR_ITS_PAGE


def reports(together: Iterable[Asked]) -> list[Sequence[Asked]]:
    """Return what goes as one report each, its source first: a page with the files on it, or one location alone."""
    given = list(together)
    by_name = {one.message.origin_reference: one for one in given if not _is_alone(one)}
    found: dict[str, list[Asked]] = {}
    for one in given:
        root = one if _is_alone(one) else _root(one, by_name)
        members = found.setdefault(root.id, [root])
        if one is not root:
            members.append(one)
    return list(found.values())


def _is_alone(one: Asked) -> bool:
    return one.report is None or (one.gathering is not None and one.gathering.alone)


def _root(one: Asked, by_name: dict[str, Asked]) -> Asked:
    """Return the page at the top, as far as it is here; what goes in a circle stands by itself."""
    at, seen = one, {one.id}
    for _ in range(_DEEPEST):
        above = next((by_name[name] for name in at.pages if name in by_name), None)
        if above is None:
            return at
        if above.id in seen:
            break
        seen.add(above.id)
        at = above
    return one
