"""What is known from a ledger alone, as rows that the rules of the tables take."""

from typing import Any

import pytest

from router.casework.referral.left_before import taken_over
from tests.store.samples import NOW

CASE = {"id": "new-case", "rank": 1, "lane": "urgent"}


def left(name: str, **more: Any) -> dict[str, Any]:
    row = {"id": name, "case_id": "lost", "url_bidx": b"u", "partner": "nl", "route": "abroad", "dialect": "router"}
    said = dict.fromkeys(("receipt", "their_report", "their_item", "taken_back_at"))
    return row | said | {"left_at": NOW} | more


@pytest.mark.parametrize(
    ("known", "state", "next_at"),
    [
        ({"receipt": "N-7"}, "accepted", None),
        ({"receipt": ""}, "accepted", None),  # of a partner that gives none
        ({}, "unknown", None),
        ({"receipt": "N-7", "taken_back_at": NOW + 5}, "withdrawing", NOW + 9),
    ],
)
def test_where_it_stands(known: dict[str, Any], state: str, next_at: int | None) -> None:
    (row,) = taken_over([left("r", **known)], CASE, NOW + 9)
    assert (row["id"], row["case_id"], row["state"], row["next_at"]) == ("r", "new-case", state, next_at)
    assert (row["may_have_arrived"], row["receipt"], row["rank"]) == (1, known.get("receipt"), 1)


def test_of_several_to_one_partner_the_last_one_stands() -> None:
    rows = taken_over([left("a", receipt="1"), left("b", left_at=NOW + 1), left("c", partner="ca")], CASE, NOW)
    states = {row["id"]: (row["state"], row.get("superseded_by")) for row in rows}
    assert states == {"a": ("superseded", "b"), "b": ("unknown", None), "c": ("unknown", None)}
