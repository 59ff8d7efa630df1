"""What police units are asked, by one digest at the policy's rhythm (`police_every`): what became of what they have.

A case that only police have does not come back every five days to be looked at: when its check is due and shows no end,
it is put down for the unit's next digest. "The police keep it up" until a date takes it out again until then. The text
is in the unit's language, and names the reply code of the bundle and the unit's own number: a location stands in the
encrypted bundle only. One that somebody wrote into a number is left out.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select, text

from router.casework.case.record import case_rows
from router.casework.context import Context
from router.clock import moment
from router.store.base import Change, Row
from router.store.schema.tables import referrals
from schemas.partner import Partner, PartnerKind
from schemas.reminder import Reminded
from schemas.reply_code import code_of
from schemas.states import CaseState, ReferralState

#: What a digest says of a referral, and goes by: not what was sent, which is most of its row.
ASKED_ABOUT: Final = tuple(
    referrals.c[name]
    for name in (
        "id", "case_id", "partner", "route", "receipt", "accepted_at", "still_there_at", "reminded_at",
    )
)  # fmt: skip
#: In the words of their indexes.
_TO_ASK: Final = text("still_there_at IS NOT NULL")
_ASKED: Final = text("reminded_at IS NOT NULL")
_LOCATION: Final = re.compile(r"[a-z][a-z0-9+.-]*:/|www\.|hxxp", re.IGNORECASE)
#: By language: the question, a line of it, and what stands for a number that the unit did not give.
_TEXTS: Final = {
    "en": (
        (
            "Of these hand-overs we have not heard what became. Please tell us, by number: is it closed, may others be"
            " told, or do you keep it up, and until when?"
        ),
        "{ours}  yours: {theirs}  with you since {since}",
        "none was given",
    ),
    "nl": (
        (
            "Van deze overdrachten hebben wij niet vernomen wat ervan geworden is. Laat ons per nummer weten: is het"
            " afgesloten, mogen anderen ingelicht worden, of houdt u het online, en tot wanneer?"
        ),
        "{ours}  uw nummer: {theirs}  bij u sinds {since}",
        "geen opgegeven",
    ),
    "fr": (
        (
            "Nous ne savons pas ce que sont devenues ces transmissions. Merci de nous dire, par numéro : est-ce clos,"
            " d'autres peuvent-ils être informés, ou le maintenez-vous en ligne, et jusqu'à quand ?"
        ),
        "{ours}  votre numéro : {theirs}  chez vous depuis le {since}",
        "aucun donné",
    ),
    "de": (
        (
            "Von diesen Übergaben haben wir nicht erfahren, was daraus wurde. Bitte sagen Sie uns je Nummer: Ist es"
            " abgeschlossen, dürfen andere unterrichtet werden, oder lassen Sie es online, und bis wann?"
        ),
        "{ours}  Ihre Nummer: {theirs}  bei Ihnen seit {since}",
        "keine angegeben",
    ),
}


def put_down(rows: Iterable[Row], now: int) -> list[Change]:
    """Return what puts the referrals that police have down for their next digest; copies are not asked about."""
    theirs = (row for row in rows if row["state"] == ReferralState.ACCEPTED and not row["is_copy"])
    return [
        Change(referrals, {"id": row["id"]}, {"still_there_at": now}, guard={"state": ReferralState.ACCEPTED})
        for row in theirs
    ]


async def to_be_asked(ctx: Context, names: Iterable[str], taken: Sequence[int]) -> list[Row]:
    """Return the referrals of open cases about which these units are to be asked, or were by a digest of today."""
    police = sorted(names)
    theirs = select(*ASKED_ABOUT).where(
        func.coalesce(referrals.c.state, "") == ReferralState.ACCEPTED, referrals.c.partner.in_(police)
    )
    rows = await ctx.store.rows(theirs.where(_TO_ASK))
    if taken:
        rows += await ctx.store.rows(theirs.where(_ASKED, referrals.c.reminded_at.in_(taken)))
    known = {row["id"]: row for row in rows}
    opened = await case_rows(ctx, {row["case_id"] for row in rows})
    is_open = {name for name, case in opened.items() if case["state"] != CaseState.CLOSED and case["gone_seen"] is None}
    return sorted(
        (row for row in known.values() if row["case_id"] in is_open), key=lambda row: (row["accepted_at"], row["id"])
    )


async def not_before(ctx: Context, unit: str) -> date | None:
    """Return the first day on which a unit is asked again, None where it never was."""
    asked = referrals.c.reminded_at
    last = select(asked).where(_ASKED, referrals.c.partner == unit).order_by(asked.desc()).limit(1)
    for row in await ctx.store.rows(last):
        _, policy = await ctx.governance.policy()
        return moment(row["reminded_at"]).astimezone(ctx.zone).date() + timedelta(days=policy.police_every.days)
    return None


def is_police(partner: Partner) -> bool:
    """Tell whether a partner is a police unit."""
    return partner.kind is PartnerKind.POLICE


def language_of(ctx: Context, unit: Partner) -> str:
    """Return the language in which a unit reads, as its entry says; English where it says none."""
    dialect = ctx.dialects.get(unit.dialect)
    return "en" if dialect is None else dialect.language(unit)


def asked_in(language: str, items: Iterable[Reminded]) -> str:
    """Return the text of a digest."""
    question, line, none = _TEXTS.get(language, _TEXTS["en"])
    return "\n".join((question, *(_line(line, one, none) for one in items)))


def _line(line: str, one: Reminded, none: str) -> str:
    theirs = one.theirs if one.theirs and not _LOCATION.search(one.theirs) else none
    since = "?" if one.accepted_at is None else f"{one.accepted_at:%Y-%m-%d}"
    return line.format(ours=code_of(one.referral), theirs=theirs, since=since)
