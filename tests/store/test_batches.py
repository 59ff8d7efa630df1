"""A group becomes batches: same shapes together, no row twice in one, tables in a stable order."""

from router import __version__
from router.store.base import Add, Change, Remove, Transition
from router.store.batches import plan
from router.store.chain import Head
from router.store.schema.audit import audit, epochs
from router.store.schema.tables import nonces, referrals
from tests.store.samples import NOW, failures, nonce, partner, referral

HEAD = Head.fresh()


def test_changes_of_one_shape_share_a_batch_and_know_their_owners() -> None:
    group = [Transition(NOW, [failures(n, 1, str(n))]) for n in range(3)]
    (batch,) = plan(group, HEAD).changes
    assert batch.owners == [0, 1, 2]
    assert batch.rows == [("0", 0, 1), ("1", 1, 1), ("2", 2, 1)]


def test_a_fence_a_guard_and_a_kept_claim_make_other_shapes() -> None:
    group = [
        Transition(
            NOW, [failures(1, 1, "a"), failures(1, None, "b"), failures(1, 1, "c", guard={"breaker": "closed"})]
        ),
        Transition(NOW, [failures(1, 1, "d", guard={"breaker": ("closed",)}), failures(1, 1, "e", keep_claim=True)]),
        Transition(NOW, [failures(1, 1, "f", guard={"breaker": ("open",)})]),
    ]
    assert [batch.owners for batch in plan(group, HEAD).changes] == [[0], [0], [0], [1], [1], [2]]


def test_a_row_that_is_changed_twice_comes_in_two_rounds() -> None:
    group = [
        Transition(NOW, [failures(1, 1)]),
        Transition(NOW, [failures(2, 2)]),
        Transition(NOW, [failures(3, 1, "ca")]),
    ]
    assert [batch.owners for batch in plan(group, HEAD).changes] == [[0, 2], [1]]


def test_tables_come_in_one_order_whoever_asks() -> None:
    one = Change(referrals, {"id": "r"}, {"attempts": 1}, 1)
    orders = [
        [batch.shape.table.name for batch in plan([Transition(NOW, changes)], HEAD).changes]
        for changes in ([one, failures(1, 1)], [failures(1, 1), one])
    ]
    assert orders == [["partner_state", "referrals"]] * 2
    adds = plan([Transition(NOW, adds=[referral("a"), partner(), *nonce("n").adds])], HEAD).adds
    assert [shape.table.name for shape in adds] == ["nonces", "partner_state", "referrals"]


def test_rows_with_other_columns_are_added_apart() -> None:
    adds = [Add(nonces, {"peer": "a", "nonce": "1"}), Add(nonces, {"peer": "b", "nonce": "2", "until": 1})]
    assert [(shape.columns, rows) for shape, rows in plan([Transition(NOW, adds=adds)], HEAD).adds.items()] == [
        (("peer", "nonce"), [("a", "1")]),
        (("peer", "nonce", "until"), [("b", "2", 1)]),
    ]


def test_removes_are_batched_by_their_key() -> None:
    keys = [{"peer": "a"}, {"peer": "b"}, {"peer": "a", "nonce": "1"}]
    removes = plan([Transition(NOW, removes=[Remove(nonces, key) for key in keys])], HEAD).removes
    assert sorted(removes.values()) == [[("a",), ("b",)], [("a", "1")]]


def test_the_first_events_of_an_epoch_open_it() -> None:
    first = plan([nonce("a"), nonce("b")], HEAD)
    rows = {shape.table: rows for shape, rows in first.adds.items()}
    assert rows[epochs] == [(HEAD.epoch, NOW, 0, __version__)]
    assert [row[:2] for row in rows[audit]] == [(HEAD.epoch, 1), (HEAD.epoch, 2)]
    assert first.head.seq == 2
    assert epochs not in {shape.table for shape in plan([nonce("c")], first.head).adds}


def test_without_events_the_head_stays() -> None:
    assert plan([Transition(NOW, adds=[partner()])], HEAD).head == HEAD
