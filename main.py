"""Entry of the referral router: `python main.py VERB`, and `main:app` for an ASGI server.

Importing this module loads no web framework, so that `python main.py --help` stays quick; `app` is built when an ASGI
server first asks for it.
"""

from router import asgi

__getattr__ = asgi.__getattr__  # `main:app` is `router.asgi:app`


def main() -> None:
    """Run one verb of the command line."""
    from router.cli import main as run

    run()


if __name__ == "__main__":
    main()
