"""Mutual TLS through the guard: who sees our certificate, and who does not."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from router.errors import NoAnswer, NotSent
from router.guard.client_certificate import ClientCertificate
from tests.guard.asking import HOST, ask, fails, ok
from tests.loopback import Loopback


def demanding(net: Loopback) -> ssl.SSLContext:
    """A server's context that lets only clients in whom the authority of the test knows."""
    context = net.certificate(HOST)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile=net.ca_file)
    return context


def of_ours(net: Loopback, *, expired: bool = False) -> ClientCertificate:
    until = datetime.now(UTC) + timedelta(days=-1 if expired else 1)
    leaf = net.authority.issue_cert("us.test", not_after=until)
    return ClientCertificate.from_pem(leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes(), None)


async def test_a_partner_that_demands_our_certificate_sees_it(net: Loopback) -> None:
    seen: list[Any] = []

    async def look(request: web.Request) -> web.Response:
        assert request.transport is not None
        seen.append(request.transport.get_extra_info("peercert")["subjectAltName"])
        return web.Response()

    await net.serve(HOST, look, tls=demanding(net))
    egress, ours = await net.egress(), of_ours(net)
    for _ in range(2):
        assert (await ask(egress, certificate=ours)).status == 200
    assert seen == [(("DNS", "us.test"),)] * 2
    assert net.lookups == [HOST]  # one connection, kept


async def test_a_certificate_is_shown_to_its_partner_only(net: Loopback) -> None:
    """A call without it never goes over a connection that showed it."""
    await net.serve(HOST, ok, tls=demanding(net))
    egress = await net.egress()
    assert (await ask(egress, certificate=of_ours(net))).status == 200
    await fails(egress)
    assert (await ask(egress, certificate=of_ours(net))).status == 200


async def test_a_certificate_that_the_partner_does_not_take_is_no_answer_at_best(net: Loopback) -> None:
    """TLS 1.3 lets a client speak before the server has judged its certificate, so it cannot tell what arrived."""
    await net.serve(HOST, ok, tls=demanding(net))
    error = await fails(await net.egress(), certificate=of_ours(net, expired=True))
    assert isinstance(error, NoAnswer | NotSent)


async def test_our_certificate_does_not_open_the_door_for_a_false_partner(net: Loopback) -> None:
    await net.serve(HOST, ok, tls=net.certificate("another.test"))
    error = await fails(await net.egress(), certificate=of_ours(net))
    assert isinstance(error, NotSent)
    assert error.reason == "certificate"
