import subprocess
import sys

import pytest

from router import asgi

HEAVY = ("fastapi", "sqlalchemy", "aiohttp", "structlog", "router.app")


def test_importing_it_loads_nothing_heavy() -> None:
    code = f"import sys, router.asgi; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_app_is_built_by_the_composition_root(monkeypatch: pytest.MonkeyPatch) -> None:
    from router import app

    built = object()
    monkeypatch.setattr(app, "asgi", lambda: built)
    assert asgi.app is built


def test_other_attributes_do_not_exist() -> None:
    with pytest.raises(AttributeError, match=r"'router\.asgi' has no attribute 'application'"):
        _ = asgi.application
