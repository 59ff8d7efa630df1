import json

import pytest

from router.data.operator_lists import READERS
from router.data.packages import Published

AWS = {
    "prefixes": [
        {"ip_prefix": "5.0.0.0/20", "region": "eu-central-1", "network_border_group": "eu-central-1", "service": "EC2"},
        {
            "ip_prefix": "5.0.16.0/20",
            "region": "eu-north-1",
            "network_border_group": "eu-north-1-cph-1",
            "service": "EC2",
        },
        {"ip_prefix": "5.0.32.0/20", "region": "GLOBAL", "network_border_group": "GLOBAL", "service": "CLOUDFRONT"},
    ],
    "ipv6_prefixes": [
        {"ipv6_prefix": "2a05::/32", "region": "eu-west-1", "network_border_group": "eu-west-1", "service": "S3"}
    ],
}
GOOGLE = {
    "prefixes": [{"ipv4Prefix": "5.1.0.0/16", "scope": "europe-west4"}, {"ipv6Prefix": "2600::/32", "scope": "global"}]
}
AZURE = {
    "values": [
        {"name": name, "properties": {"region": region, "addressPrefixes": ["5.2.0.0/16"]}}
        for name, region in (("AzureCloud.uksouth", "uksouth"), ("AzureFrontDoor.Frontend", ""))
    ]
}
ORACLE = {"regions": [{"region": "eu-frankfurt-1", "cidrs": [{"cidr": "5.3.0.0/16", "tags": ["OCI"]}]}]}
EXOSCALE = {
    "prefixes": [
        {"IPv4Prefix": "5.10.0.0/22", "zone": "ch-dk-2"},
        {"IPv6Prefix": "2a0a::/32", "zone": "bg-sof-1"},
        {"IPv4Prefix": "5.10.4.0/22", "zone": "a-new-one"},
    ]
}
FEED = "# a comment\n5.4.0.0/16,NL,NL-NH,Amsterdam,1098\n\nbroken\n"


def said(rows: list[Published]) -> list[tuple[str, str | None, str | None]]:
    return [(str(row.network), row.region, row.country) for row in rows]


@pytest.mark.parametrize(
    ("operator", "text", "rows"),
    [
        (
            "aws",
            json.dumps(AWS),
            [
                ("5.0.0.0/20", "eu-central-1", "DE"),
                # Copenhagen, a local zone of Stockholm's region.
                ("5.0.16.0/20", "eu-north-1-cph-1", "DK"),
                ("5.0.32.0/20", "GLOBAL", None),
                ("2a05::/32", "eu-west-1", "IE"),
            ],
        ),
        ("gcp", json.dumps(GOOGLE), [("5.1.0.0/16", "europe-west4", "NL"), ("2600::/32", "global", None)]),
        ("azure", json.dumps(AZURE), [("5.2.0.0/16", "uksouth", "GB"), ("5.2.0.0/16", None, None)]),
        ("oracle", json.dumps(ORACLE), [("5.3.0.0/16", "eu-frankfurt-1", "DE")]),
        ("digitalocean", FEED, [("5.4.0.0/16", "NL-NH", "NL")]),
        (
            "exoscale",
            json.dumps(EXOSCALE),
            # A zone that the table does not know has no country: for people.
            [("5.10.0.0/22", "ch-dk-2", "CH"), ("2a0a::/32", "bg-sof-1", "BG"), ("5.10.4.0/22", "a-new-one", None)],
        ),
        (
            "fastly",
            '{"addresses": ["5.7.0.0/16"], "ipv6_addresses": ["2a07::/32"]}',
            [("5.7.0.0/16", None, None), ("2a07::/32", None, None)],
        ),
        (
            "gcore",
            '{"addresses": ["5.8.0.0/24"], "addresses_v6": ["2a08::/48"]}',
            [("5.8.0.0/24", None, None), ("2a08::/48", None, None)],
        ),
        ("bunny", '["5.9.0.1", "2a09::1"]', [("5.9.0.1/32", None, None), ("2a09::1/128", None, None)]),
        ("cloudflare", "5.5.0.0/16\n5.6.0.0/16\n", [("5.5.0.0/16", None, None), ("5.6.0.0/16", None, None)]),
    ],
)
def test_a_list_is_read_in_its_operators_shape(operator: str, text: str, rows: list[object]) -> None:
    found = list(READERS[operator](text))
    assert said(found) == rows
    assert {row.operator for row in found} == {operator}


def test_the_service_is_kept_where_it_tells_an_edge() -> None:
    assert [row.service for row in READERS["aws"](json.dumps(AWS))] == ["EC2", "EC2", "CLOUDFRONT", "S3"]
    # In capitals, as the pinned package has them.
    assert [row.service for row in READERS["azure"](json.dumps(AZURE))] == [
        "AZURECLOUD.UKSOUTH",
        "AZUREFRONTDOOR.FRONTEND",
    ]


@pytest.mark.parametrize("operator", ["aws", "gcp", "azure", "oracle", "exoscale", "fastly", "gcore", "bunny"])
def test_another_shape_is_an_error_and_never_an_empty_list(operator: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        list(READERS[operator]("{}"))
    with pytest.raises(ValueError, match="Expecting"):
        list(READERS[operator]("<html>"))
