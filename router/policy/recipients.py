"""From the words that routes chose to partners who may receive, or to people, with a reason for everyone ruled out.

A decision without a main recipient always goes to the desk (a copy alone helps nobody), and so does one that rests on a
proposal: nothing waits unseen.
"""

from dataclasses import dataclass, field
from datetime import datetime

from router.policy.bars import barred, may_receive
from router.policy.calls import call_of, call_to_choose, call_to_confirm
from router.policy.hub import is_bypassed
from router.policy.judge import Choice, Judgement
from router.policy.serving import Served, has_hotline, partner_for, serving
from schemas.decision import Decision, DeskCall, IfUnseen, Mode, Recipient
from schemas.facts import Facts
from schemas.partner import Directory, Partner, PartnerKind
from schemas.policy import DESK, Policy, Route
from schemas.trace import Reason
from schemas.vocabulary import Assessment, Urgency
from schemas.word import Country

__all__ = ["Served", "has_hotline", "may_receive", "partner_for", "resolve", "serving"]


def resolve(
    judgement: Judgement, facts: Facts, directory: Directory, policy: Policy, now: datetime, version: int
) -> Decision:
    """Return who receives, who was ruled out and why, and what people are asked.

    `now` is aware: holds count from it, agreements are judged on its date. `version` is the policy's in the store.
    """
    draft = _Draft(facts, directory, policy, now)
    for choice in judgement.choices:
        if choice.word == DESK:
            draft.call(call_of(choice.route, policy))
        else:
            draft.choose(choice)
    draft.call_people_if_needed([choice.route for choice in judgement.choices])
    recipients = tuple(draft.recipients.values())
    main = next((recipient for recipient in recipients if not recipient.copy_), None)
    return Decision(
        policy_version=version,
        recipients=recipients,
        desk=tuple(draft.desk),
        path=judgement.path,
        assigned_country=draft.assigned[main.partner] if main else None,
        refused=tuple(draft.refused),
        if_unseen=draft.if_unseen(),
        reason=_reason(judgement),
    )


def _reason(judgement: Judgement) -> str:
    """Return the reason of the first route that was more than a copy."""
    deciding = next((choice.route for choice in judgement.choices if not choice.route.copy_), None)
    return (deciding.reason if deciding else None) or ""


@dataclass(slots=True)
class _Draft:
    """A decision in the making; partners by name, so that none receives twice."""

    facts: Facts
    directory: Directory
    policy: Policy
    now: datetime
    recipients: dict[str, Recipient] = field(default_factory=dict)
    assigned: dict[str, Country | None] = field(default_factory=dict)
    refused: list[Reason] = field(default_factory=list)
    desk: list[DeskCall] = field(default_factory=list)

    def call(self, call: DeskCall) -> None:
        if call not in self.desk:
            self.desk.append(call)

    def choose(self, choice: Choice) -> None:
        """Add the partner that the choice means, or note why it may not receive."""
        found = partner_for(choice.word, self.facts, self.directory, self.policy)
        reason = found if isinstance(found, Reason) else self._ruled_out(found.partner) or self._barred(found)
        if reason is None and isinstance(found, Served):
            if is_bypassed(found.partner, self.facts) and not choice.route.copy_:
                self._as_copy(choice, found)
            else:
                self._add(choice, found)
        elif reason is not None and reason not in self.refused:
            self.refused.append(reason)

    def _barred(self, found: Served) -> Reason | None:
        """Whether the law bars the country that a hub would give it to."""
        if found.partner.kind is not PartnerKind.HUB or found.country is None:
            return None
        return barred(found.country, self.policy)

    def _as_copy(self, choice: Choice, found: Served) -> None:
        """A member's peer gets a copy at most while the hub reaches it: only the hub hands a case to INTERPOL."""
        name = found.partner.name
        reason = Reason(code="by_the_hub", text=f"{name} is reached through the hub, and gets a copy at most")
        if reason not in self.refused:
            self.refused.append(reason)
        if any(one.partner != name and not one.copy_ for one in self.recipients.values()):
            copied = choice.route.model_copy(update={"copy_": True})
            self._add(Choice(choice.word, copied, choice.proposed), found)

    def _ruled_out(self, partner: Partner) -> Reason | None:
        reason = may_receive(partner, self.facts, self.policy, self.now.date())
        if reason and reason.code == "not_accepted" and self.facts.assessment is Assessment.UNASSESSED:
            # It can only be a proposal, to be sent once it is assessed; the send asks `may_receive` again.
            return None
        return reason

    def _add(self, choice: Choice, found: Served) -> None:
        new = self._recipient(choice.route, found, proposed=choice.proposed)
        old = self.recipients.get(new.partner)
        if old is None:
            self.recipients[new.partner] = new
        elif not (choice.proposed and not old.copy_):  # a rule above has sent it there: nothing below takes that back
            self.recipients[new.partner] = _stricter(old, new)
        self.assigned.setdefault(new.partner, found.country)
        if found.assumption:
            self.call(call_to_confirm([new], self.facts, [choice.route]).model_copy(update={"text": found.assumption}))

    def _recipient(self, route: Route, found: Served, *, proposed: bool) -> Recipient:
        # Only assessed material leaves by itself, whatever a route says.
        asks = proposed or bool(found.assumption) or self.facts.assessment is Assessment.UNASSESSED
        return Recipient(
            partner=found.partner.name,
            route=route.name,
            copy_=route.copy_,
            mode=Mode.PROPOSE if asks else route.mode,
            hold_until=self.now + route.hold if route.hold else None,
            hold_reason=route.reason if route.hold else None,
        )

    def if_unseen(self) -> IfUnseen | None:
        """Return who is told if nobody answers the alarm; None where none rings, or where they are told anyway."""
        to = self.policy.unseen_to
        if to is None or not self.desk or self.facts.urgency is Urgency.NONE:
            return None
        told = to in self.recipients and self.recipients[to].mode is Mode.AUTOMATIC
        return None if told else IfUnseen(partner=to, after=self.policy.unseen_after)

    def call_people_if_needed(self, routes: list[Route]) -> None:
        """Ask people for whatever would otherwise wait unseen: a proposal, or a case without a main recipient."""
        if not any(not recipient.copy_ for recipient in self.recipients.values()) and not self.desk:
            self.call(call_to_choose(self.refused))
        proposed = [recipient for recipient in self.recipients.values() if recipient.mode is Mode.PROPOSE]
        if proposed and not self.desk:
            self.call(call_to_confirm(proposed, self.facts, routes))


def _stricter(one: Recipient, other: Recipient) -> Recipient:
    """Return the one referral that stands for two choices of a partner: what waits for people or a date still does."""
    main = other if one.copy_ and not other.copy_ else one
    later = max((one, other), key=lambda r: r.hold_until.timestamp() if r.hold_until else 0.0)
    mode = Mode.PROPOSE if Mode.PROPOSE in {one.mode, other.mode} else Mode.AUTOMATIC
    return main.model_copy(update={"mode": mode, "hold_until": later.hold_until, "hold_reason": later.hold_reason})
