"""One letter to a real mail server: encrypted or not at all, and a failure says whether it may have arrived."""

from email.message import EmailMessage

import pytest

from router.errors import EgressRefused, NoAnswer, NotSent, RouterError
from router.guard.mail import post
from schemas.alarm import Relay
from tests.loopback import Loopback
from tests.postbox import Postbox, postbox

HERE = "127.0.0.1"


def letter() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "router@hotline.test", "duty@hotline.test", "A task"
    made.set_content("canary in the letter\n")
    return made


async def hand(net: Loopback, box: Postbox, host: str = HERE, deadline: float = 5.0, **more: object) -> None:
    relay = Relay.model_validate({"host": host, "port": box.port, "sender": "router@hotline.test", **more})
    await post(await net.egress(), relay, letter(), to="duty@hotline.test", password="pass", deadline=deadline)


async def fails(net: Loopback, box: Postbox, **more: object) -> RouterError:
    with pytest.raises(RouterError) as failed:
        await hand(net, box, **more)  # type: ignore[arg-type] # as the keywords of `hand`
    error = failed.value
    assert "canary" not in f"{error!r} {error.message}"
    assert (error.__cause__, error.__context__) == (None, None)
    return error


async def test_a_letter_arrives_encrypted(net: Loopback) -> None:
    async with postbox(net.certificate(HERE)) as box:
        await hand(net, box)
    assert (box.recipients, box.encrypted) == (["duty@hotline.test"], [True])
    assert "canary" in str(box.letters[0].get_payload())


async def test_a_relay_elsewhere_goes_through_the_guard(net: Loopback) -> None:
    async with postbox(net.certificate("relay.test")) as box:
        net.place("relay.test", "3.120.0.9", box.port, box.port)
        await hand(net, box, host="relay.test")
    assert net.lookups == ["relay.test"]
    assert len(box.letters) == 1


async def test_without_starttls_nothing_is_said(net: Loopback) -> None:
    async with postbox(None) as box:
        assert isinstance(await fails(net, box), NotSent)
    assert box.letters == []


async def test_a_certificate_of_somebody_else_ends_it(net: Loopback) -> None:
    async with postbox(net.certificate("other.test")) as box:
        assert isinstance(await fails(net, box), NotSent)
    assert box.letters == []


async def test_a_name_that_leads_to_a_private_address_is_refused(net: Loopback) -> None:
    async with postbox(net.certificate("relay.test")) as box:
        net.place("relay.test", "10.0.0.5", box.port, box.port)
        assert isinstance(await fails(net, box, host="relay.test"), EgressRefused)
    assert box.letters == []


@pytest.mark.parametrize(("answer", "kind"), [("554 canary", NotSent), ("451 canary", NotSent), ("silence", NoAnswer)])
async def test_a_failure_says_whether_it_may_have_arrived(net: Loopback, answer: str, kind: type[RouterError]) -> None:
    async with postbox(net.certificate(HERE)) as box:
        box.answer = answer
        assert isinstance(await fails(net, box, deadline=1.0), kind)
        box.patience.set()


async def test_a_relay_that_is_not_there_was_told_nothing(net: Loopback) -> None:
    async with postbox(net.certificate(HERE)) as box:
        pass
    assert (await fails(net, box)).reason == "connect"


async def test_a_password_is_given_only_inside_the_encryption(net: Loopback) -> None:
    async with postbox(net.certificate(HERE)) as box:
        assert (await fails(net, box, user="router")).reason in (
            "auth",
            "tls",
            "refused",
        )  # this server knows no log-in
    assert box.letters == []
