"""A case at its check, and what its partner says: shared by the tests of the follow-up."""

from datetime import timedelta
from typing import Any

from router.store.base import Row
from router.store.schema.tables import follow_ups
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.vocabulary import ActionType
from tests.casebook import Casebook
from tests.office import START


async def due(book: Casebook) -> str:
    """A case whose check is due now."""
    case_id = await book.accepted()
    book.later(days=5)
    return case_id


async def says(book: Casebook, case_id: str, action: ActionType | str, **more: Any) -> None:
    """Let the partner say what it did."""
    one = (await book.referral(case_id))["id"]
    said = ActionStatement(action=action, at=START + timedelta(days=2), **more)
    book.partner.says = [ReferralStatus(referral_id=one, known=True, actions=(said,))]


async def open_check(book: Casebook) -> Row:
    (check,) = await book.rows(follow_ups, follow_ups.c.done_at.is_(None))
    return check
