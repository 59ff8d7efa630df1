import pytest

from router.hosting.location.registrable import are_of_one_site, registrable_domain


def test_registrable_domain_is_the_name_somebody_registered() -> None:
    assert registrable_domain("a.b.co.uk") == "b.co.uk"
    assert registrable_domain("co.uk") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.example.org", "b.example.org", True),
        ("example.org", "example.net", False),
        ("a.github.io", "b.github.io", False),  # two customers of one company
        ("x.a.github.io", "a.github.io", True),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_site_is_somebody_s_own(one: str, other: str, *, same: bool) -> None:
    assert are_of_one_site(one, other) is same
