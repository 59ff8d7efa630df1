"""What one process holds towards one hub."""

import asyncio

from router.partners.iccam.connection import Connection
from schemas.vocabulary import SiteType
from tests.partners.iccam.stage import START, Near


async def test_reading_takes_no_turn_from_reporting(at: Near) -> None:
    slow = at.config.model_copy(update={"push_per_second": 0.01, "token_settle": 0})
    connection = Connection(at.tools, slow, "iccam")
    reading = connection.pulling(20)
    for _ in range(3):
        await reading.content(1)
    assert (at.clock.now() - START).total_seconds() < 1
    await connection.pushing(20).content(1)  # the first turn is free, the next one comes in 100 s
    await connection.pushing(20, urgent=True).content(1)
    assert (at.clock.now() - START).total_seconds() >= 100


async def test_words_and_login_are_shared_by_all_calls(at: Near) -> None:
    connection = Connection(at.tools, at.config, "iccam")
    for calls in (connection.pulling(20), connection.pushing(20)):
        assert await connection.learn(calls) is None
    assert connection.words.id_of(SiteType.FORUM) == 6
    assert at.paths.count("GET rest/site-types") == at.paths.count("POST Authentication") == 1


async def test_many_who_need_the_words_at_once_read_them_once(at: Near) -> None:
    connection = Connection(at.tools, at.config, "iccam")
    learnt = await asyncio.gather(*(connection.learn(connection.pulling(20)) for _ in range(5)))
    assert learnt == [None] * 5
    assert at.paths.count("GET rest/site-types") == 1
