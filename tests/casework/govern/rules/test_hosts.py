"""Which rules name a host that nobody knows: nothing is said while no index was ever made anew."""

from router.casework.govern.rules.hosts import unknown_hosts
from router.casework.govern.versions import publish_policy
from schemas.actor import ROUTER
from tests.casebook import Casebook
from tests.casework.govern.rules.test_draft import TEXT, ruled
from tests.casework.intake.anew.test_policy import UNKNOWN

__all__ = ["ruled"]


async def test_it_is_said_once_indexes_were_made_anew_and_not_before(ruled: Casebook) -> None:
    await publish_policy(ruled.ctx.store, ruled.clock, TEXT.replace("# Abroad", f"{UNKNOWN}# Abroad"), ROUTER)
    ruled.ctx.governance.forget()  # type: ignore[attr-defined] # it follows versions
    assert (await unknown_hosts(ruled.ctx)).routes == ()
    ruled.ctx.keyring.indexed_anew = True
    found = await unknown_hosts(ruled.ctx)
    assert (found.version, found.routes) == (2, ("gone",))
