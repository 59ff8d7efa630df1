"""What a referral says: the message that one case becomes for one partner, before its dialect cuts it down."""

import json

from router.casework.case.record import Opened
from router.casework.context import Context
from router.casework.decide.facts import most_telling
from router.clock import moment, moment_or_none
from router.store.base import Row
from schemas.casefile import ItemSecrets
from schemas.exchange import AssessmentStatement, HostingStatement, ReferralMessage
from schemas.locator import LocationKind
from schemas.report import Account
from schemas.trace import Hosted, Trace
from schemas.vocabulary import AccountRole, Assessment, Commerciality, SiteType, Urgency

#: An address list longer than this says no more about where something is hosted.
_MOST_ADDRESSES = 64
#: What an analyst may have found that confirms a suspect.
_ILLEGAL = frozenset({Assessment.BASELINE, Assessment.NATIONAL})


def message(ctx: Context, opened: Opened, trace: Trace | Hosted, referral: Row) -> ReferralMessage:
    """Return the whole message; `memo` and who reported have no place in it."""
    case = opened.row
    given = opened.items
    return ReferralMessage(
        referral_id=referral["id"],
        origin=case["origin"] or ctx.me,
        origin_reference=case["origin_reference"] or opened.id,
        received_at=moment(case["received_at"]),
        kind=LocationKind(case["kind"]),
        location=opened.secrets.canonical,
        ways_in=tuple(dict.fromkeys(one.ways_in for one in given if one.ways_in is not None)),
        assessment=AssessmentStatement(
            value=Assessment(case["assessment"]),
            assessed_by_role="analyst" if case["assessed_at"] else None,
            assessed_at=moment_or_none(case["assessed_at"]),
        ),
        urgency=Urgency(case["urgency"]),
        hosting=hosting(trace),
        assigned_country=case["assigned_country"],
        site_type=SiteType(case["site_type"]) if case["site_type"] else None,
        commerciality=Commerciality(case["commerciality"]) if case["commerciality"] else None,
        payment_methods=tuple(dict.fromkeys(m for one in given for m in one.payment_methods)),
        age=next((one.age for one in given if one.age), None),
        gender=next((one.gender for one in given if one.gender), None),
        account=_account(Assessment(case["assessment"]), given),
        note="\n\n".join(dict.fromkeys(one.note_to_partner for one in given if one.note_to_partner))[:4000] or None,
        path=(*json.loads(case["path"]), ctx.me),
        supersedes=referral["supersedes"],
        moved_from=case["moved_from"],
    )


def hosting(trace: Trace | Hosted) -> HostingStatement:
    """Return where we believe it is hosted, and on what that rests."""
    first = trace.addresses[0] if trace.addresses else None
    return HostingStatement(
        country=trace.verdict.country,
        verdict=trace.verdict.kind.value,
        confidence=trace.verdict.confidence,
        ips=tuple(address.ip for address in trace.addresses[:_MOST_ADDRESSES]),
        asn=first.asn if first else None,
        as_name=(first.as_name or None) if first else None,
        registration_country=trace.verdict.registration_country,
        edge=any(address.edge for address in trace.addresses),
        traced_at=trace.traced_at,
    )


def _account(assessment: Assessment, given: tuple[ItemSecrets, ...]) -> Account | None:
    """Return the account when it is a confirmed suspect's: no other handle leaves, least of all a victim's.

    Confirmed means that somebody assessed the material: what a reporter says of an account is no finding yet.
    """
    account = most_telling(given)
    confirmed = assessment in _ILLEGAL and account is not None and account.role is AccountRole.SUSPECT
    return account if confirmed else None
