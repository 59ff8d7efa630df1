"""What of a policy sends further than the one before it: such a version is put in force by two (ADR 0008).

Fails closed. A change is no wider only where that is plain route by route: fewer recipients, a question to people more,
a send that becomes a proposal, a longer hold, words. A route that is gone or stands elsewhere, or asks for something
else, lets others decide, so it counts as wider; a second person reads it.
"""

from collections.abc import Iterator
from datetime import timedelta

from schemas.decision import Mode
from schemas.policy import DESK, Policy, Route


def widened(before: Policy, after: Policy) -> tuple[str, ...]:
    """Return in words what of `after` may let more leave, or leave elsewhere, than `before`, or nothing."""
    return tuple(_beside_routes(before, after)) + tuple(_routes(before, after))


def _beside_routes(before: Policy, after: Policy) -> Iterator[str]:
    for country in sorted(before.barred.keys() - after.barred.keys()):
        yield f"the bar on {country} is lifted"
    if after.unseen_to is not None and (
        after.unseen_to != before.unseen_to or after.unseen_after < before.unseen_after
    ):
        yield f"{after.unseen_to} is told of what nobody assessed, or sooner"
    if before.look_first and not after.look_first:
        yield "nobody has to look before a send any longer"
    if before.hosting_basis != after.hosting_basis:
        yield "another country counts as that of the hosting"
    if before.second_person_for != after.second_person_for:
        yield "another rule says what takes two"


def _routes(before: Policy, after: Policy) -> Iterator[str]:
    known, new = {one.name: one for one in before.routes}, {one.name for one in after.routes}
    for route in after.routes:
        old = known.get(route.name)
        if old is None:
            if outside := _outside(route):
                yield f"route {route.name} is new and sends to {', '.join(sorted(outside))}"
        elif (why := _wider(old, route)) is not None:
            yield f"route {route.name} {why}"
    for route in before.routes:
        if route.name not in new:
            yield f"route {route.name} is gone: what it decided is decided by those below it"
    if [one.name for one in after.routes if one.name in known] != [n for n in known if n in new]:
        yield "routes stand in another order"


def _wider(old: Route, new: Route) -> str | None:
    if (new.when, new.copy_) != (old.when, old.copy_):
        return "decides other cases than before"
    if added := _outside(new) - _outside(old):
        return f"sends to {', '.join(sorted(added))} as well"
    if DESK in old.to and DESK not in new.to:
        return "no longer asks people"
    if _outside(new) and old.mode is Mode.PROPOSE and new.mode is Mode.AUTOMATIC:
        return "sends by itself what people confirmed"
    if _outside(new) and (new.hold or timedelta(0)) < (old.hold or timedelta(0)):
        return "waits less before it sends"
    return "lets rules below propose" if new.proposal and not old.proposal else None


def _outside(route: Route) -> frozenset[str]:
    return frozenset(route.to) - {DESK}
