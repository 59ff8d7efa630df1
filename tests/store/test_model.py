"""Claims, steps, staff acts and crashes in any order, against a model: a stale step never wins, nothing is lost.

The model knows each referral's state and version. Workers die while they hold a claim (their lease runs out at once);
processes die and others open the same file. After each step the database must say exactly what the model says.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Change, Event, Row, Transition
from router.store.checkpoint import verify_audit
from router.store.connect import open_store
from router.store.schema.tables import audit, referrals
from router.store.writer import Writer
from tests.store.samples import KEYRING, NOW, due, referral


class Deliveries(RuleBasedStateMachine):
    """Two processes share a SQLite file."""

    claimed = Bundle("claimed")

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [self.opened(), self.opened()]
        self.model: dict[str, tuple[str, int]] = {}
        self.effects: dict[str, int] = {}
        self.events = 0

    def opened(self) -> Writer:
        return self.runner.run(open_store(None, Path(self.folder.name), KEYRING))

    def commit(self, store: int, *changes: Change, **more: Any) -> bool:
        event = Event("step", "router")
        try:
            self.runner.run(self.stores[store].commit(Transition(NOW, changes, events=[event], **more)))
        except Conflict:
            return False
        self.events += 1
        return True

    @rule(store=st.sampled_from([0, 1]))
    def take_in(self, store: int) -> None:
        name = f"r{len(self.model)}"
        assert self.commit(store, adds=[referral(name)])
        self.model[name] = ("waiting", 1)

    @rule(target=claimed, store=st.sampled_from([0, 1]), limit=st.integers(1, 3))
    def claim(self, store: int, limit: int) -> Any:
        # A lease of no time: any other worker may take it over at once, as after a crash.
        rows = self.runner.run(self.stores[store].claim(due(limit, f"p{store}", lease=-1.0)))
        waiting = [name for name, (state, _) in self.model.items() if state == "waiting"]
        assert len(rows) == min(limit, len(waiting))
        for row in rows:
            state, version = self.model[row["id"]]
            assert (row["state"], row["version"]) == (state, version + 1)
            self.model[row["id"]] = (state, version + 1)
        return multiple(*rows)

    @rule(store=st.sampled_from([0, 1]), row=consumes(claimed), accepted=st.booleans())
    def finish(self, store: int, row: Row, accepted: bool) -> None:
        values = {"state": "accepted", "receipt": "r", "next_at": None} if accepted else {"attempts": 1}
        won = self.commit(store, Change(referrals, {"id": row["id"]}, values, row["version"]))
        state, version = self.model[row["id"]]
        assert won == (version == row["version"])
        if won:
            self.model[row["id"]] = ("accepted" if accepted else state, version + 1)
            self.effects[row["id"]] = self.effects.get(row["id"], 0) + accepted

    @rule(store=st.sampled_from([0, 1]), pick=st.integers(0))
    def recall(self, store: int, pick: int) -> None:
        """Staff take one back, whatever a worker does with it."""
        waiting = [name for name, (state, _) in self.model.items() if state == "waiting"]
        if waiting:
            name = waiting[pick % len(waiting)]
            version = self.model[name][1]
            recalled = {"state": "recalled", "next_at": None}
            assert self.commit(store, Change(referrals, {"id": name}, recalled, version))
            self.model[name] = ("recalled", version + 1)

    @rule(store=st.sampled_from([0, 1]))
    def crash(self, store: int) -> None:
        """The process is gone: no checkpoint, no goodbye; another one opens the file."""
        gone = self.stores[store]
        assert gone._task is not None
        gone._task.cancel()
        self.runner.run(gone._engine.close())
        self.stores[store] = self.opened()

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        rows = self.runner.run(self.stores[0].rows(select(referrals)))
        assert {row["id"]: (row["state"], row["version"]) for row in rows} == self.model
        assert all(count <= 1 for count in self.effects.values())

    def teardown(self) -> None:
        verifier, findings = self.runner.run(verify_audit(self.stores[0].rows, KEYRING))
        assert (verifier.entries, findings) == (self.events, [])
        assert len(self.runner.run(self.stores[1].rows(select(audit.c.seq)))) == self.events
        for store in self.stores:
            self.runner.run(store.close())
        self.runner.close()
        self.folder.cleanup()


#: Every step is a real fsync, so there are few examples; `make soak` may raise them.
Deliveries.TestCase.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
TestDeliveries = Deliveries.TestCase
