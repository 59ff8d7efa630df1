"""A host's day is one row, and what a probe found is a sign that figures keep."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Change, Remove, Transition
from router.store.schema.figures import figure_signs
from router.store.schema.probes import probed_hosts, probes
from router.store.writer import Writer
from tests.store.samples import NOW


async def test_a_host_has_one_day(store: Writer) -> None:
    taken = Add(probed_hosts, {"host_bidx": b"h", "at": NOW})
    await store.commit(Transition(NOW, adds=[taken]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[taken]))
    later = Change(probed_hosts, {"host_bidx": b"h"}, {"at": NOW + 2}, guard={"at": NOW + 1})
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, (later,)))


async def test_what_it_found_outlasts_it_in_figures(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[Add(probes, {"id": "p", "case_id": "c", "at": NOW, "referrer": "none"})]))
    assert await store.rows(figure_signs.select()) == []
    found = {"ended_at": NOW + 1, "finding": "refused"}
    await store.commit(Transition(NOW, (Change(probes, {"id": "p"}, found),)))
    await store.commit(Transition(NOW, removes=(Remove(probes, {"id": "p"}),)))
    (sign,) = await store.rows(figure_signs.select())
    assert (sign["sign"], sign["case_id"], sign["at"], sign["by"]) == ("probe_refused", "c", NOW + 1, "router")
