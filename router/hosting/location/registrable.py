"""The name that somebody registered, by the public suffix list that came with its package; it is never fetched."""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


@cache
def _icann() -> PublicSuffixList:
    """Load the list on first use (40 ms)."""
    return PublicSuffixList(only_icann=True)


@cache
def _whole() -> PublicSuffixList:
    """Load it with the suffixes that companies give out to their customers, such as github.io."""
    return PublicSuffixList()


@lru_cache(maxsize=65_536)
def registrable_domain(name: str) -> str | None:
    """Return the registered name that a host name belongs to, or None for a suffix or an address."""
    found = _icann().privatesuffix(name)
    return found if isinstance(found, str) else None


def are_of_one_site(one: str, other: str) -> bool:
    """Return whether two hosts are somebody's own: a company's customers under its name are several."""
    if one == other:
        return True
    domain = registrable_domain(one)
    if domain is None or domain != registrable_domain(other):
        return False
    return _whole().privatesuffix(one) == _whole().privatesuffix(other)
