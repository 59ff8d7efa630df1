"""`router.asgi:app` for an ASGI server. A checkout has it as `main:app` too; an installed package has no `main`."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Build `app` when a server first asks for it (PEP 562); importing this module loads nothing and logs nothing."""
    if name != "app":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from router.app import asgi

    return asgi()
