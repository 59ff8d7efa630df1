"""Who must not receive: the rules that stand on every way out, whoever wants to send.

`may_receive` is asked for destinations, copies and proposals when a case is decided, again right before each send, and
for whatever staff choose by hand. It only ever looks at who would receive.
"""

from datetime import date

from schemas.facts import Facts
from schemas.partner import Agreement, Partner, PartnerKind
from schemas.policy import Policy
from schemas.trace import Reason
from schemas.vocabulary import Assessment
from schemas.word import Country


def may_receive(partner: Partner, facts: Facts, policy: Policy, today: date, *, unseen: bool = False) -> Reason | None:
    """Return why nothing of this case may leave to the partner, or None when it may.

    `unseen`: it is handed over because nobody answered the alarm. That is the one way on which unassessed material
    leaves, and only to the police partner that the policy in force names for it.
    """
    return (
        _barred(partner, policy)
        or _ourselves(partner, policy)
        or _on_path(partner, facts)
        or _not_ready(partner, today)
        or (None if unseen and _goes_unseen(partner, facts, policy) else _not_accepted(partner, facts))
    )


def may_be_called(partner: Partner, policy: Policy) -> Reason | None:
    """Return why the partner is not to be called at all, not even to ask or to take something back; None when it may.

    An agreement that ended is no such reason: what was sent under it can still be asked about.
    """
    return _barred(partner, policy) or _disabled(partner)


def barred(country: Country, policy: Policy) -> Reason | None:
    """Return the legal reason why nothing goes to the country, or None."""
    if country not in policy.barred:
        return None
    return Reason(code="barred", text=f"nothing may be sent to {country}: {policy.barred[country]}")


def ended(agreement: Agreement, today: date) -> Reason | None:
    """Return which of the two dates has passed, or None. Their last day still counts."""
    if agreement.until and today > agreement.until:
        return Reason(code="agreement_ended", text=f"the agreement ended on {agreement.until}")
    if agreement.transfer_until and today > agreement.transfer_until:
        return Reason(
            code="transfer_ended", text=f"the legal basis of the transfer ended on {agreement.transfer_until}"
        )
    return None


def _barred(partner: Partner, policy: Policy) -> Reason | None:
    # A hub that also serves a barred country is barred whole: it is not ours to know what it passes on to whom.
    if reason := next((found for c in partner.countries if (found := barred(c, policy))), None):
        return reason
    if policy.barred and not partner.countries:
        # A bar that cannot be checked holds.
        return Reason(
            code="barred", text=f"{partner.title} has no country in the directory, so a bar cannot be checked"
        )
    return None


def _ourselves(partner: Partner, policy: Policy) -> Reason | None:
    if partner.kind is PartnerKind.HOTLINE and policy.home in partner.countries:
        return Reason(code="ourselves", text=f"{partner.title} is the hotline of our own country")
    return None


def _on_path(partner: Partner, facts: Facts) -> Reason | None:
    if partner.name in facts.path:
        return Reason(code="on_path", text=f"{partner.title} has already had this case")
    return None


def _not_ready(partner: Partner, today: date) -> Reason | None:
    if reason := _disabled(partner):
        return reason
    over = ended(partner.agreement, today)
    return over and Reason(code=over.code, text=f"{partner.title}: {over.text}")


def _disabled(partner: Partner) -> Reason | None:
    if partner.enabled:
        return None
    why = partner.disabled_reason or "enable it in the directory"
    return Reason(code="disabled", text=f"{partner.title} is disabled: {why}")


def _goes_unseen(partner: Partner, facts: Facts, policy: Policy) -> bool:
    named = partner.name == policy.unseen_to and partner.kind is PartnerKind.POLICE
    return named and facts.assessment is Assessment.UNASSESSED


def _not_accepted(partner: Partner, facts: Facts) -> Reason | None:
    if facts.assessment in partner.accepts:
        return None
    takes = ", ".join(partner.accepts) or "nothing"
    return Reason(code="not_accepted", text=f"{partner.title} takes {takes}; this is {facts.assessment}")
