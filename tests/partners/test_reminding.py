"""Which dialects can say to a partner that something is still there."""

from router.partners import DIALECTS
from router.partners.reminding import Reminds
from router.partners.router import RouterDialect
from tests.partners.conformance_http import HttpStage
from tests.partners.test_router import PeerInbox, inbox, sent, stage

__all__ = ["inbox", "stage"]  # fixtures


def test_only_peers_can_be_told_by_the_router_itself() -> None:
    assert {name for name, dialect in DIALECTS.items() if issubclass(dialect, Reminds)} == {"router"}


async def test_a_reminder_counts_where_the_peer_says_so_and_an_older_one_passes_it_over(
    stage: HttpStage,
    inbox: PeerInbox,
) -> None:
    ours = stage.envelope().referral_id
    dialect = stage.dialect
    assert isinstance(dialect, RouterDialect)
    inbox._answer = lambda path, body: {"statuses": [], "reminded": [ours, "another's"]}  # type: ignore[method-assign] # it knows
    assert await dialect.remind(stage.partner, sent(ours)) == {ours}
    inbox._answer = lambda path, body: {"statuses": []}  # type: ignore[method-assign] # of version 1.2
    assert await dialect.remind(stage.partner, sent(ours)) == frozenset()


async def test_a_peer_that_was_put_back_says_since_when_it_is_sent_again(stage: HttpStage, inbox: PeerInbox) -> None:
    since = "2026-11-20T09:30:00Z"
    inbox._answer = lambda path, body: {"statuses": [], "send_again_since": since}  # type: ignore[method-assign] # it was
    found = await stage.dialect.check(stage.partner)
    assert found.ok
    assert "send it again what it got since 2026-11-20 09:30 UTC" in found.text
