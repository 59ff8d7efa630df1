"""Page by page, the desk shows exactly what is wanted of it, in each of its orders, once, with its total."""

from datetime import UTC
from typing import Any

import pytest

from router.casework.read import desk_page
from router.clock import end_of_day, micros, moment
from router.errors import BadInput
from schemas.pages import DeskOrder, DeskWanted, Due
from tests.casework.read.test_narrowed import (  # noqa: F401 - fixtures
    HOUR,
    REASONS,
    SITES,
    ctx,
    everything,
    looks,
    of_case,
    some,
    through,
)
from tests.store.conftest import migrated_postgres, opened, postgres_url, store, url  # noqa: F401 - fixtures
from tests.store.samples import NOW


async def test_the_desk(ctx: Any, looks: str) -> None:  # noqa: F811 - the fixtures are meant
    rows, _, sent = await everything(ctx)
    before = moment(NOW - 2 * HOUR)
    ends = micros(end_of_day(moment(NOW), UTC))
    reasons, sources, countries, partners = (None, REASONS[0]), (None, "api"), (None, "NL"), (None, "nl")
    wishes = (
        reasons,
        sources,
        countries,
        partners,
        (None, *SITES),
        (False, True),
        (None, *Due),
        (None, before),
        DeskOrder,
    )
    every = some(looks, *wishes)
    keys = {
        DeskOrder.RISK: ("rank", "desk_first_since", "id"),
        DeskOrder.DUE: ("desk_due", "id"),
        DeskOrder.AGE: ("desk_first_since", "id"),
    }
    for reason, source, country, partner, site, risk, due, since, order in every:
        asked = {"reason": reason, "source": source, "country": country, "partner": partner, "site": site}
        wanted = DeskWanted(**asked, at_risk=risk, due=due, waits_since_before=since, order=order)
        right = [
            row
            for row in rows
            if row["desk_code"]
            and of_case(row, wanted, sent)
            and (due is None or row["desk_due"] < (NOW if due is Due.OVERDUE else ends))
            and (since is None or row["desk_first_since"] < micros(since))
        ]
        right.sort(key=lambda row: [row[name] for name in keys[order]])
        ids, totals = await through(desk_page.page_of_desk, ctx, wanted)
        assert ids == [row["id"] for row in right], wanted
        exact = not (due or since or partner or site) or (
            bool(due) and not any((reason, source, country, partner, site, risk, since))
        )
        if exact or looks == "plenty":
            assert totals == {(len(right), False)}, wanted
        else:
            assert all(total <= len(right) and (more or total == len(right)) for total, more in totals), wanted


@pytest.mark.parametrize("cursor", ["x", "r.1.2", "d.1.2.3", "r.a.b.c", f"a.{10**20}.x", ""])
async def test_a_cursor_of_another_order_is_refused(ctx: Any, cursor: str) -> None:  # noqa: F811 - the fixture is meant
    with pytest.raises(BadInput):
        await desk_page.page_of_desk(ctx, DeskWanted(), cursor, 4)
