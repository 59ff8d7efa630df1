"""From what was found out to the flat record that the policy judges."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from router.casework.case.marks import host_named
from router.casework.case.record import Opened
from router.casework.context import Context
from router.clock import micros
from router.errors import BadInput
from router.hosting.location.url import read
from router.hosting.trusted import trusted
from router.partners.base import Reason
from router.policy.hub import reach
from router.store.base import Row
from schemas.casefile import ItemSecrets
from schemas.facts import Facts
from schemas.locator import LocationKind
from schemas.partner import Directory
from schemas.policy import Policy
from schemas.report import Account
from schemas.trace import Trace, VerdictKind
from schemas.vocabulary import AccountRole, Assessment, Commerciality, Lane, SiteType, SourceKind, Urgency
from schemas.word import Country

#: Whose account says most, the one that says most first.
_TELLING: Final = (AccountRole.SUSPECT, AccountRole.VICTIM, AccountRole.UNKNOWN)
#: Words of our own row by what the row says: looking one up takes a tenth of what making it anew takes.
_KIND: Final = {str(one): one for one in LocationKind}
_ASSESSMENT: Final = {str(one): one for one in Assessment}
_URGENCY: Final = {str(one): one for one in Urgency}
_SOURCE_KIND: Final = {str(one): one for one in SourceKind}
_LANE: Final = {str(one): one for one in Lane}
_SITE_TYPE: Final[Mapping[str | None, SiteType | None]] = {None: None} | {str(one): one for one in SiteType}
_COMMERCIALITY: Final[Mapping[str | None, Commerciality | None]] = {None: None} | {
    str(one): one for one in Commerciality
}
#: In microseconds.
_HOUR = 3_600_000_000


def facts(ctx: Context, opened: Opened, trace: Trace, directory: Directory, policy: Policy, bounced: int = 0) -> Facts:
    """Return the facts of a case at this moment; `policy` says how sure a country must be that only data tell.

    `bounced` is how often it was sent back (`sent_back`).
    """
    case, now = opened.row, ctx.clock.now()
    today = now.date()
    account = most_telling(opened.items)
    account_country = country_of(ctx, account, policy.sure_from) if account else None
    verdict = trace.verdict
    hosted = reach(directory, verdict.country, today)
    fields = {
        "kind": _KIND[case["kind"]],
        "verdict": verdict.kind,
        "reasons": tuple(reason.code for reason in verdict.reasons),
        "hosting_country": verdict.country,
        "registration_country": verdict.registration_country,
        "countries": verdict.countries,
        "confidence": verdict.confidence,
        "inhope": hosted.inhope,
        "iccam": hosted.iccam,
        "has_hotline": hosted.has_hotline,
        "assessment": _ASSESSMENT[case["assessment"]],
        "urgency": _URGENCY[case["urgency"]],
        "site_type": _SITE_TYPE[case["site_type"]],
        "commerciality": _COMMERCIALITY[case["commerciality"]],
        "account_country": account_country,
        "account_abroad": account_country is not None and account_country != ctx.home,
        "account_has_hotline": account_country is not None and reach(directory, account_country, today).has_hotline,
        "account_role": account.role if account else AccountRole.UNKNOWN,
        "source": case["source"],
        "source_kind": _SOURCE_KIND[case["source_kind"]],
        "lane": _LANE[case["lane"]],
        "platform": trace.platform,
        "host_index": host_named(case["host_bidx"]),
        "networks": tuple(sorted({one.asn for one in trace.addresses if one.asn is not None})),
        "operators": tuple(sorted({one.operator for one in trace.addresses if one.operator})),
        "flags": opened.secrets.flags,
        "moved": case["moved_from"] is not None,
        "bounced": bounced,
        "seen_hours_ago": _hours_ago(micros(now), case["last_seen_at"]),
        "still_there": case["still_there"],
        "path": _path(case["path"]),
    }
    return trusted(Facts, fields)  # of words that were validated, and of our own row


def _hours_ago(now: int, at: int | None) -> float | None:
    """Return how long ago a moment was; a clock that differs a little makes nothing of it, and no future."""
    return None if at is None else max(0.0, round((now - at) / _HOUR, 2))


@lru_cache(maxsize=1024)  # nearly all cases are our own, and have been nowhere
def _path(kept: str) -> tuple[str, ...]:
    return tuple(json.loads(kept))


#: Why a referral was sent back: whoever it went to does not take it, or says that somebody else is to deal with it.
SENT_BACK: Final = frozenset({Reason.REFUSED, Reason.NOT_OURS})


def sent_back(standing: Sequence[Row]) -> int:
    """Return how often a case was sent back: a partner refused it, or took it and said since that it is not theirs.

    `standing` are all its referrals. What never left, and what failed on its way, was sent back by nobody.
    """
    return sum(row["last_reason"] in SENT_BACK for row in standing)


def bare(case: Row) -> Facts:
    """Return the facts that every way out asks for: what it was assessed as, and where it has been."""
    return _bare(case["assessment"], case["path"])


@lru_cache(maxsize=1024)  # asked twice for each referral that leaves, and of most cases the answer is the same
def _bare(assessment: str, path: str) -> Facts:
    return Facts(assessment=Assessment(assessment), path=_path(path))


def most_telling(given: Sequence[ItemSecrets]) -> Account | None:
    """Return the account that says most: a suspect's before a victim's before an unknown one's."""
    if not (accounts := [one.account for one in given if one.account is not None]):
        return None  # most cases
    return min(accounts, key=lambda account: _TELLING.index(account.role))


def country_of(ctx: Context, account: Account, sure_from: float) -> Country | None:
    """Return the account's country: as given, or where its address is, by the embedded data alone.

    A country that the data say with less confidence than `sure_from` is none: the routes that follow an account stand
    above the one that asks people about a doubt, and no rule could tell a guess from what the reporter knew.
    """
    if account.country is not None or account.ip is None:
        return account.country
    try:
        locator = read(account.ip)
    except BadInput:
        return None
    if locator.no_host is not None:
        return None
    verdict = ctx.tracer.offline(locator).verdict
    sure = verdict.kind is VerdictKind.COUNTRY and verdict.confidence >= sure_from
    return verdict.country if sure else None
