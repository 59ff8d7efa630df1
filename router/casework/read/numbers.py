"""How people find a report again: by our dossier number, its source's own reference, or what its recipient calls it.

A reference is what its source made of it, so one that names the location stays hidden as the location does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CompoundSelect, Select, and_, case, func, or_, select, union_all

from router.casework.case.sealed import item_secrets
from router.casework.context import Context
from router.casework.people.exposure import is_grave
from router.errors import BadInput, Damaged
from router.guard.mask import HIDDEN
from router.guard.seal import CaseKey
from router.store.schema.tables import case_numbers, hub_items, items, referrals, reports, unit_answers
from schemas.casefile import CaseSecrets, ItemSecrets, ReportNumber
from schemas.dossier import read
from schemas.reply_code import referral_of
from schemas.report import Numbers

#: Reports of one case that a list names: a thousand may have joined, and a case's own file names them all.
_NAMED: Final = 3
#: What may be a location, or name one, once defanging brackets are gone: a scheme, a mailbox or handle, a host with or
#: without what follows it, an onion, an address by its number. Rather one reference too many than one location.
_LOCATION: Final = re.compile(
    r"//|%2f|@|magnet:|[\w-]\.(?:xn--|[^\W\d_]{2,})|(?:\d+\.){3}\d+|\b[a-z2-7]{56}\b|::|(?:\b[0-9a-f]{1,4}:){4}",
    re.IGNORECASE,
)
_DEFANGED: Final = re.compile(r"[\[\](){}<>]+")


@dataclass(frozen=True, slots=True)
class FirstReports:
    """What lists tell of the first reports of a case."""

    numbers: tuple[ReportNumber, ...] = ()
    reports: int = 1  #: how many there are in all
    grave: bool = False  #: one of them says what the house tells people of before they look


NONE: Final = FirstReports()


async def first_reports(
    ctx: Context, secrets: Mapping[str, CaseSecrets], keys: Mapping[str, CaseKey | None]
) -> dict[str, FirstReports]:
    """Return the numbers of the first reports of cases, and whether they say what is told before somebody looks."""
    if not secrets:
        return {}
    # By its id an item is as old as it is; the first of each report, then the first reports of each case.
    place = func.row_number().over(partition_by=items.c.case_id, order_by=(items.c.added_at, items.c.id)).label("place")
    ranked = select(items.c.id, items.c.case_id, items.c.report_id, items.c.sealed, place)
    first = ranked.where(items.c.case_id.in_(sorted(secrets))).subquery()
    every = items.alias("every")
    of_case = select(func.count(every.c.report_id.distinct())).where(every.c.case_id == first.c.case_id)
    there_are = case((first.c.place == 1, of_case.correlate(first).scalar_subquery())).label("reports")  # once a case
    rows = await ctx.store.rows(
        select(first, reports.c.source, reports.c.dossier, there_are)
        .join(reports, reports.c.id == first.c.report_id)
        .where(first.c.place <= _NAMED)
        .order_by(first.c.case_id, first.c.place)
    )
    found: dict[str, dict[str, ReportNumber]] = {}
    counts, grave = dict[str, int](), set[str]()
    for row in rows:
        if row["reports"] is not None:
            counts[row["case_id"]] = row["reports"]
        key = keys.get(row["case_id"])
        try:
            opened = None if key is None else item_secrets(key, row["id"], row["sealed"])
        except Damaged:
            opened = None
        number = ReportNumber(
            report=row["report_id"],
            dossier=row["dossier"],
            source=row["source"],
            reference=HIDDEN if opened is None else reference(opened, secrets[row["case_id"]]),
            told=elsewhere(opened, secrets[row["case_id"]]) if opened else (),
        )
        found.setdefault(row["case_id"], {}).setdefault(row["report_id"], number)
        if opened is not None and is_grave(ctx, [opened]):
            grave.add(row["case_id"])
    return {
        case_id: FirstReports(tuple(those.values()), counts[case_id], case_id in grave)
        for case_id, those in found.items()
    }


def reference(item: ItemSecrets, case: CaseSecrets) -> str:
    """Return the reference of an item's report as everybody may see it: hidden where it names the location."""
    return shown(item.reference, item, case) or ""


def elsewhere(item: ItemSecrets, case: CaseSecrets) -> tuple[Numbers, ...]:
    """Return what other hotlines call it likewise: a reference that names the location is theirs to make, too."""
    return tuple(
        one.model_copy(update={name: shown(getattr(one, name), item, case) for name in ("dossier", "reference")})
        for one in item.told or ()
    )


def shown(given: str | None, item: ItemSecrets, case: CaseSecrets) -> str | None:
    """Return what a source calls something of an item likewise."""
    text = (given or "").casefold()
    return HIDDEN if "://" in text or any(name.casefold() in text for name in _names(item, case)) else given


def _names(item: ItemSecrets, case: CaseSecrets) -> Iterable[str]:
    handle = item.account.handle if item.account else None
    return (name for name in (case.canonical, case.host, case.registrable_domain, handle, item.location) if name)


def names_location(text: str) -> bool:
    """Tell whether a text may name a location."""
    return _LOCATION.search(_DEFANGED.sub("", text)) is not None


def check_for_url(number: str | None) -> None:
    """Raise BadInput for a number that may name a location: what stands in a URL is kept by proxies and browsers."""
    if number is not None and names_location(number):
        raise BadInput(
            "This reference may name a location, and a location must not stand in an address: ask by our own number of "
            "the report (`dossier`), by its id, or by the reply code of what a unit was sent.",
            field="number",
            reason="location_in_url",
        )


def called(ctx: Context, number: str) -> Select[Any]:
    """Return a SELECT of the reports of this number: ours, however it is written, or a source's own reference."""
    own = read(number)
    theirs = reports.c.reference_bidx.in_(ctx.keyring.blinds("reference", number))
    return select(reports.c.id).where(theirs if own is None else or_(theirs, reports.c.dossier == own))


def cases_called(ctx: Context, number: str, *others: Select[Any]) -> CompoundSelect[Any]:
    """Return a SELECT of the cases that reports of this number belong to, or that a recipient calls so; and `others`.

    One SELECT for each index that finds some: joined by OR, PostgreSQL would look at every case.
    """
    of_reports = select(items.c.case_id).where(items.c.report_id.in_(called(ctx, number)))
    return union_all(of_reports, *_called_there(number), *others)


def _called_there(number: str) -> Iterator[Select[Any]]:
    """Yield SELECTs of the cases that a recipient calls so: its number, or the reply code on what a unit was sent.

    The code of a bundle is that of its first item: it finds all of them.
    """
    by_people = and_(referrals.c.by_people == 1, referrals.c.receipt == number)
    yield select(referrals.c.case_id).where(by_people)
    yield select(unit_answers.c.case_id).where(unit_answers.c.number == number)
    yield select(case_numbers.c.case_id).where(case_numbers.c.number == number)
    yield from _called_at_a_hub(number)
    if (named := referral_of(number)) is not None:
        yield select(referrals.c.case_id).where(or_(referrals.c.id == named, referrals.c.bundle == named))


def _called_at_a_hub(number: str) -> Iterator[Select[Any]]:
    """Yield SELECTs of the cases that a hub calls so: by a report, a content, or a content with its report before it.

    What we handed in has its numbers on the referral, what the hub gave to us on the item of its inbox.
    """
    report, _, item = (part.strip() for part in number.partition("/"))
    if item:
        yield select(referrals.c.case_id).where(
            and_(referrals.c.their_item == item, referrals.c.their_report == report)
        )
        of_item = and_(hub_items.c.number == item, hub_items.c.report == report)
        yield select(hub_items.c.case_id).where(and_(of_item, hub_items.c.case_id.is_not(None)))
        return
    yield select(referrals.c.case_id).where(referrals.c.their_item == number)
    yield select(referrals.c.case_id).where(referrals.c.their_report == number)
    yield select(hub_items.c.case_id).where(and_(hub_items.c.number == number, hub_items.c.case_id.is_not(None)))
    yield select(hub_items.c.case_id).where(and_(hub_items.c.report == number, hub_items.c.case_id.is_not(None)))


def of_cases(found: Mapping[str, Sequence[ReportNumber]], case_id: str) -> tuple[ReportNumber, ...]:
    """Return the numbers of one case among those that were found; none of one that was erased."""
    return tuple(found.get(case_id, ()))
