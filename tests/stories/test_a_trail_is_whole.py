"""A trail is whole: over generated lives each entry of its case stands in it, in order, and none of another case.

The lives of `test_generated_lives.py`, in which two supervisors make a trail of any case at any moment. What should
stand in it is read from the audit by another way than the trail's: from the whole chain, entry by entry.
"""

import json
import os
from base64 import b64decode
from dataclasses import replace
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from router.casework.govern import second_person
from router.casework.govern.trail import order
from router.casework.read.case_file import case_file
from router.console.trail.paper import HousePapers
from router.store.schema.tables import audit, cases
from schemas.trail import CourtLanguage, TrailGiven
from tests.casebook import ANNA
from tests.embargoes import BOB, people
from tests.stories.test_generated_lives import Lives

LIVES: Final = int(os.environ.get("ROUTER_LIVES", "6"))


class Ordered(Lives):
    """A router whose cases a magistrate asks about while they live."""

    trails = 0

    def furnish(self) -> None:
        self.book.ctx = replace(self.book.ctx, house=HousePapers(Ed25519PrivateKey.generate()))
        self.run(people(self.book.ctx))

    @rule(which=st.integers(0, 3))
    def somebody_reveals_it(self, which: int) -> None:
        case_id = self._any(which)
        if self.run(self.book.rows(cases, cases.c.id == case_id))[0]["erased"] is None:
            self.run(case_file(self.book.ctx, case_id, reveal_to=ANNA, reason="to look"))

    @rule(which=st.integers(0, 3), language=st.sampled_from(CourtLanguage))
    def a_magistrate_orders_its_trail(self, which: int, language: CourtLanguage) -> None:
        case_id = self._any(which)
        if self.run(self.book.rows(cases, cases.c.id == case_id))[0]["erased"] is None:
            self.run(self._ordered(case_id, language))

    def teardown(self) -> None:
        """Whatever became of them, the trail of each case that was not erased is whole at the end."""
        for row in self.run(self.book.rows(cases, cases.c.erased.is_(None))):
            self.run(self._ordered(row["id"], CourtLanguage.NL))
        super().teardown()

    async def _ordered(self, case_id: str, language: CourtLanguage) -> None:
        ctx = self.book.ctx
        given = TrailGiven(case=case_id, order="BR.1/26", court="the court", language=language)
        one = await order.ask(ctx, given, ANNA)
        there = [row for row in await self.book.rows(audit) if row["case_id"] == case_id]
        await second_person.confirm(ctx, f"trail:{one.id}", BOB, one.proposal)
        papers = {one.name: b64decode(one.content) for one in (await order.take(ctx, one.id, ANNA, names=True)).files}
        said = json.loads(papers["trail.json"])["entries"]
        assert [(one["epoch"], one["seq"]) for one in said] == [
            (row["epoch"], row["seq"]) for row in sorted(there, key=lambda row: (row["at"], row["epoch"], row["seq"]))
        ]
        assert [one["number"] for one in said] == list(range(1, len(said) + 1))
        self._says_why(papers, said)
        self._names_nobody(papers, said)
        type(self).trails += 1

    def _says_why(self, papers: dict[str, bytes], said: list[dict[str, Any]]) -> None:
        """Each decision of the policy says of each of its routes why, in both papers; nothing else does."""
        text = papers["trail.txt"].decode()
        for one in said:
            assert [why["route"] for why in one["why"]] == (one["detail"].get("routes") or []), one
            assert all(why["because"] and f" {why['route']}: " in text for why in one["why"])

    def _names_nobody(self, papers: dict[str, bytes], said: list[dict[str, Any]]) -> None:
        """Whoever acted has a number that the other paper explains; the text tells of each entry too."""
        names = json.loads(papers["names.json"])["names"]
        assert all(one["by"] in names for one in said if one["by"][0] in "SMP" and one["by"][1:].isdigit())
        text = papers["trail.txt"].decode()
        assert all(one["hash"] in text for one in said)
        assert not any(name in text for name in ("person:", "anna", "bob", "example.test"))


def test_every_entry_of_its_case_stands_in_a_trail_and_none_of_another() -> None:
    Ordered.trails = 0
    run_state_machine_as_test(
        Ordered,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Ordered.trails >= LIVES
