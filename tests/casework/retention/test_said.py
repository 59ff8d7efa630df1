"""What was typed with acts that are of no case goes when the policy's period for the audit is over; its entry stays."""

import json

from router.casework.deliver import stops
from router.casework.read.audit_log import trail
from router.casework.retention.purge import purge
from router.store.schema.audit import house_reasons
from router.store.schema.tables import audit
from tests.casebook import ANNA, Casebook
from tests.casework.retention.lives import AUDIT, DAY


async def test_it_is_erased_by_the_period_of_the_audit_and_counted(book: Casebook) -> None:
    await stops.stop(book.ctx, "all", ANNA, "a wrong policy")
    book.clock.advance(DAY)
    await stops.lift(book.ctx, "all", ANNA, "it is mended")
    book.clock.advance(AUDIT - 2 * DAY)
    assert (await purge(book.ctx, ANNA)).reasons == 0
    book.clock.advance(DAY)
    assert (await purge(book.ctx, ANNA, dry_run=True)).reasons == 1
    assert len(await book.rows(house_reasons)) == 2
    assert (await purge(book.ctx, ANNA)).reasons == 1
    assert len(await book.rows(house_reasons)) == 1
    (said,) = await book.rows(audit, audit.c.act == "purged")
    assert json.loads(said["detail"])["reasons"] == 1
    by_act = {one.act: one for one in (await trail(book.ctx))[0]}
    assert (by_act["stopped"].typed, by_act["stopped"].reason) == (True, None)
    assert by_act["stop_lifted"].reason == "it is mended"
