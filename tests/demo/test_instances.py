"""Instances start on sockets that already listen, and a failed start says why."""

import os
import socket
import time
from pathlib import Path

import pytest

from router.demo.instances import Instance, listening, port_of
from router.demo.pipe_messages import Placement
from router.errors import CannotStart
from router.world.story import SITES


def test_a_listener_is_on_loopback_and_can_be_inherited() -> None:
    with listening() as listener:
        assert listener.getsockname() == ("127.0.0.1", port_of(listener))
        assert os.get_inheritable(listener.fileno())
        with socket.create_connection(("127.0.0.1", port_of(listener)), timeout=1):
            pass


async def test_what_cannot_start_says_so_and_leaves_no_process(tmp_path: Path) -> None:
    with listening() as listener:
        placement = Placement(
            settings={"data_dir": str(tmp_path / "data"), "home": "XX"},
            began=time.time(),
            addresses={},
            encrypted=listener.fileno(),
        )
        with pytest.raises(CannotStart, match=r"offlimits-nl did not start.*home"):
            await Instance.start(SITES[1], placement, tmp_path / "log")


async def test_the_operators_own_settings_do_not_reach_into_the_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from router.demo.instances import _environment

    monkeypatch.setenv("ROUTER_DATABASE", "postgresql://production")
    monkeypatch.setenv("LANG", "nl_BE.UTF-8")
    seen = _environment()
    assert "ROUTER_DATABASE" not in seen
    assert seen["LANG"] == "nl_BE.UTF-8"
    assert (Path(seen["PYTHONPATH"].split(os.pathsep)[0]) / "router").is_dir()
