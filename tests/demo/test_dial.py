"""A simulated process can reach the world's partners on loopback, and nobody else anywhere."""

import pytest

from router.demo.dial import Dial

DIAL = Dial({"188.166.10.10": 4711})


def test_a_partner_is_called_on_loopback() -> None:
    assert DIAL("188.166.10.10", 443) == ("127.0.0.1", 4711)


@pytest.mark.parametrize(
    ("ip", "port"),
    [("188.166.40.20", 443), ("188.166.10.10", 80), ("127.0.0.1", 443), ("127.0.0.1", 4711), ("::1", 443)],
)
def test_nobody_else_is_called(ip: str, port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        DIAL(ip, port)


def test_the_table_cannot_be_changed_afterwards() -> None:
    ports = {"188.166.10.10": 4711}
    dial = Dial(ports)
    ports["8.8.8.8"] = 53
    with pytest.raises(ConnectionRefusedError):
        dial("8.8.8.8", 443)
