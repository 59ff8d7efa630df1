"""Entry of the referral router: `python main.py VERB`, and `main:app` for an ASGI server.

Importing this module loads no web framework, so that `python main.py --help` stays quick; `app` is built when an ASGI
server first asks for it.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """Build `app` on the first request for it (PEP 562)."""
    if name != "app":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from router.app import asgi

    return asgi()


def main() -> None:
    """Run one verb of the command line."""
    from router.cli import main as run

    run()


if __name__ == "__main__":
    main()
