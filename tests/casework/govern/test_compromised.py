"""The list of what whoever had our data directory had as well."""

from datetime import UTC, datetime

from sqlalchemy import select

from router.casework.govern.compromised import note, to_revoke
from router.store.base import Add, Transition
from router.store.schema.tables import audit, sessions, tokens
from tests.casebook import PARTNERS, Casebook


async def test_each_secret_names_who_gives_another_one(book: Casebook) -> None:
    now = book.ctx.now()
    book.partners(PARTNERS[0].model_copy(update={"config": {"password": "hub"}}))
    token = {"kind": "api", "scopes": "", "created_at": 1}
    rows = [
        Add(tokens, token | {"id": "1", "digest": b"1", "name": "intake"}),
        Add(tokens, token | {"id": "2", "digest": b"2", "name": "over", "expires_at": now}),
        Add(tokens, token | {"id": "3", "digest": b"3", "name": "gone", "revoked_at": 1}),
        Add(tokens, token | {"id": "4", "digest": b"4", "name": "link", "kind": "link"}),
        Add(
            sessions,
            {"digest": b"s", "account_id": "a", "csrf": "c", "started_at": 1, "seen_at": 1, "ends_at": now * 2},
        ),
    ]
    await book.ctx.store.commit(Transition(now, adds=rows))
    found = await to_revoke(book.ctx, ["hub", "left-over"], "/etc/tls.pem")
    told = {(one.what, one.name): one.how for one in found}
    assert "hotline-nl" in told["secret", "hub"]
    assert "whoever gave it" in told["secret", "left-over"]
    assert [name for what, name in told if what == "token"] == ["intake"]
    assert ("sessions", "1") in told
    assert ("TLS certificate", "/etc/tls.pem") in told
    assert any("audit export" in how for how in told.values())


async def test_it_stands_in_the_audit(book: Casebook) -> None:
    await note(book.ctx, datetime(2026, 11, 20, tzinfo=UTC))
    acts = [row["act"] for row in await book.ctx.store.rows(select(audit.c.act))]
    assert "keys.compromised" in acts
