"""Lists that do not fit in one answer."""

from schemas.word import Word


class Page(Word):
    """One page: send `next` as `cursor` for the following one; None ends the list."""

    next: str | None = None
