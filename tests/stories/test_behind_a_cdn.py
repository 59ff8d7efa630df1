"""A reported site hides behind a CDN: the router asks it as a trusted organisation, and decides on what is behind.

The router is put together by `build`; the name server and the CDN listen on loopback, and the CDN enforces its rules.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from router.app import Router, build
from router.app_tracer import CLOUDFLARE_SECRET
from router.casework.intake import take as intake
from router.casework.read import case_file
from router.errors import CannotStart
from router.settings import SECRETS, Settings
from router.store.base import Row
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.report import ReportGiven
from tests.cloudflare import ADDRESS, CLIENT_ID, HOST, SECRET, Cloudflare
from tests.hosting.dns.faulty_server import FaultyServer, faulty_server
from tests.loopback import Loopback

ANALYSTS = Actor(id="source:analysts", source="analysts")
EDGE, BEHIND = "104.16.1.1", "3.120.0.1"  # Cloudflare's edge; Frankfurt
REPORT = """{"source": "analysts", "reference": "r-1", "received_at": "2026-11-21T09:00:00Z",
    "items": [{"location": "https://shop.test/page"}],
    "assessment": {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-21T09:30:00Z"}}"""


@pytest.fixture
async def names() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as server:
        server.put("shop.test", "A", EDGE)
        server.put(HOST, "A", ADDRESS)
        yield server


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
async def cloudflare(net: Loopback) -> Cloudflare:
    return await Cloudflare({"shop.test": [BEHIND]}).open(net)


@asynccontextmanager
async def opened(
    folder: Path, names: FaultyServer, net: Loopback, secret: str | None = SECRET
) -> AsyncIterator[Router]:
    """A router that has an agreement with the CDN."""
    data = folder / "data"
    (data / SECRETS).mkdir(parents=True)
    if secret is not None:
        file = data / SECRETS / CLOUDFLARE_SECRET
        file.write_text(secret, encoding="utf-8")
        file.chmod(0o600)
    settings = Settings.load(
        data_dir=data,
        resolvers=(f"127.0.0.1:{names.port}",),
        ca_file=net.ca_file,
        cloudflare_client_id=CLIENT_ID,
    )
    async with build(settings, dial=net.dial) as router:
        yield router


async def worked(router: Router) -> Row:
    """Take the report, and let a worker do all that is due now."""
    await intake.take(router.ctx, ReportGiven.model_validate_json(REPORT), ANALYSTS)
    worker = router.worker()
    for _ in range(8):
        await worker.turn()
    (case,) = await router.store.rows(select(cases))
    return case


async def test_the_cdn_names_the_origin_and_the_case_is_decided_on_it(
    tmp_path: Path, names: FaultyServer, net: Loopback, cloudflare: Cloudflare
) -> None:
    async with opened(tmp_path, names, net) as router:
        case = await worked(router)
        file = await case_file.case_file(router.ctx, case["id"])
    assert (case["verdict"], case["hosting_country"]) == ("country", "DE")
    assert case["desk_code"] != "edge_only"
    assert file.trace is not None
    (address,) = file.trace.addresses
    said = {one.source: one.detail for one in address.evidence}
    assert (address.ip, said["origin"]) == (BEHIND, "cloudflare")
    assert [one.act for one in file.timeline].count("case.origin_named") == 1
    assert (len(cloudflare.requests), cloudflare.broken_rules) == (1, [])


async def test_a_token_that_is_not_taken_leaves_it_to_people(
    tmp_path: Path, names: FaultyServer, net: Loopback, cloudflare: Cloudflare
) -> None:
    async with opened(tmp_path, names, net, secret="another") as router:
        case = await worked(router)
    assert (case["desk_code"], case["verdict"], case["hosting_country"]) == ("edge_only", "edge_only", None)
    assert "tell the operator" in case["desk_text"]
    assert cloudflare.broken_rules == ["the service token is not valid"]


async def test_an_agreement_by_half_stops_the_start_with_what_to_do(
    tmp_path: Path, names: FaultyServer, net: Loopback
) -> None:
    with pytest.raises(CannotStart, match=r"cloudflare_client_id is set.*secrets"):
        async with opened(tmp_path, names, net, secret=None):
            pass
