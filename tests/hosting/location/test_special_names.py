"""Names outside the public DNS, and the ones beside them that are ordinary."""

import pytest

from router.hosting.location.special_names import no_host_reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.onion", "onion"),
        ("a.b.i2p", "i2p"),
        ("localhost", "private_address"),
        ("a.localhost", "private_address"),
        ("a.local", "private_name"),
        ("router.home.arpa", "private_name"),
        ("a.internal", "private_name"),
        ("a.example", "not_a_name"),
        ("com", "not_a_name"),
        ("a.alt", "other_root"),
        ("a.test", None),
        ("example.org", None),
        ("onion.example.org", None),
    ],
)
def test_names_outside_the_public_dns(name: str, reason: str | None) -> None:
    assert no_host_reason(name) == reason
