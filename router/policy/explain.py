"""A decision in words: the path that decided, who receives, who was ruled out, and what people are asked.

It reads the decision and nothing else. It has no policy and no facts, so it cannot judge a second time and differ.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from schemas.decision import Decision, DeskCall, Mode, Recipient


def explain(decision: Decision) -> list[str]:
    """Return the decision as lines for people, path first."""
    return [*_path(decision), *_outcome(decision)]


def as_data(decision: Decision) -> dict[str, Any]:
    """Return the same for programs: the decision's fields in JSON's types, `copy` under its plain name."""
    data = decision.model_dump(mode="json")
    for recipient in data["recipients"]:
        recipient["copy"] = recipient.pop("copy_")
    return data


def _path(decision: Decision) -> Iterator[str]:
    if decision.by != "policy":
        yield f"decided by {decision.by}"
    width = max((len(step.route) for step in decision.path), default=0)
    for step in decision.path:
        yield f"{'yes' if step.matched else 'no ':3} {step.route:{width}}  {step.because}"


def _outcome(decision: Decision) -> Iterator[str]:
    yield from (f"to {_recipient(recipient)}" for recipient in decision.recipients)
    yield from (f"not: {reason.text} [{reason.code}]" for reason in decision.refused)
    yield from (f"desk: {_call(call)} [{call.code}]" for call in decision.desk)
    if (unseen := decision.if_unseen) is not None:
        within = _duration(unseen.after)
        yield f"if nobody answers the alarm within {within}: to {unseen.partner}, assessed or not, and it rings on"
    if decision.assigned_country:
        yield f"assigned to {decision.assigned_country}"
    if decision.reason:
        yield f"because: {decision.reason}"


def _recipient(recipient: Recipient) -> str:
    words = f"{recipient.partner}, by route {recipient.route}"
    words += ", as a copy" if recipient.copy_ else ""
    words += ", once somebody confirms" if recipient.mode is Mode.PROPOSE else ""
    if recipient.hold_until:
        words += f", held until {recipient.hold_until:%Y-%m-%d %H:%M %Z}: {recipient.hold_reason}"
    return words


def _call(call: DeskCall) -> str:
    return f"{call.text} (within {_duration(call.alarm)})" if call.alarm else call.text


def _duration(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    for size, unit in ((24 * 60, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
