"""Who takes abuse reports, in the shapes in which registries really say it, and in every other one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.sources.registry.abuse_contact import in_rdap, in_whois
from router.world.rdap import REGISTRATIONS, ip_network_object
from tests.hosting.mutations import garbled, mutated, reshaped

DESK = "abuse@host.test"


def card(*properties: Any) -> list[Any]:
    return ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Abuse desk"], *properties]]


def email(*values: Any, **parameters: Any) -> list[Any]:
    return ["email", parameters, "text", *values]


def entity(roles: Any, *properties: Any, **more: Any) -> dict[str, Any]:
    return {"objectClassName": "entity", "roles": roles, "vcardArray": card(*properties), **more}


def network(*entities: Any) -> dict[str, Any]:
    return {"objectClassName": "ip network", "entities": list(entities)}


HOLDER = entity(["registrant"], email("hostmaster@host.test"), handle="ORG-1")
#: Registry or vCard peculiarity -> an answer of that shape, and the contact that it names.
SHAPES: dict[str, tuple[dict[str, Any], str | None]] = {
    "RIPE: beside the holder": (network(HOLDER, entity(["abuse"], email(DESK))), DESK),
    "ARIN: under the holder, with two roles": (
        network(HOLDER | {"entities": [entity(["technical", "abuse"], email(DESK))]}),
        DESK,
    ),
    "ARIN: under the holder, and of the network itself": (
        network(HOLDER | {"entities": [entity(["abuse"], email("big@holder.test"))]}, entity(["abuse"], email(DESK))),
        DESK,
    ),
    "Verisign: under the registrar": (network({"entities": [{"entities": [entity(["abuse"], email(DESK))]}]}), DESK),
    "APNIC: a help desk before the preferred one": (
        network(entity(["abuse"], email("helpdesk@host.test"), email(DESK, pref="1"))),
        DESK,
    ),
    "APNIC: preferred in the other order": (
        network(entity(["abuse"], email("second@host.test", pref=20), email(DESK, pref=2), email("no@host.test"))),
        DESK,
    ),
    "vCard 3: preferred by its type": (
        network(entity(["abuse"], email("desk@host.test", type="work"), email(DESK, type=["work", "PREF"]))),
        DESK,
    ),
    "LACNIC: taken away": (network(entity(["abuse"], email("removed@lacnic.net"))), None),
    "LACNIC: taken away beside one that is not": (
        network(entity(["abuse"], email("removed@lacnic.net", pref=1), email(DESK))),
        DESK,
    ),
    "AFRINIC and registro.br: other roles only": (
        network(HOLDER, entity(["technical", "administrative"], email("noc@host.test"))),
        None,
    ),
    "redacted in words": (network(entity(["abuse"], email("DATA REDACTED"), email("NOT DISCLOSED"))), None),
    "redacted with a way to ask": (network(entity(["abuse"], email("PLEASE QUERY the RDDS service"))), None),
    "nobody reads it": (network(entity(["abuse"], email("No-Reply@host.test"))), None),
    "a list of values": (network(entity(["abuse"], email(["", DESK, "other@host.test"]))), DESK),
    "several values": (network(entity(["abuse"], email("", DESK))), DESK),
    "several in one text": (network(entity(["abuse"], email(f"{DESK}; other@host.test"))), DESK),
    "in capitals": (network(entity(["ABUSE"], ["EMAIL", {}, "text", DESK])), DESK),
    "as a URI": (network(entity(["abuse"], ["email", {}, "uri", f"mailto:{DESK}?subject=Abuse"])), DESK),
    "with a name": (network(entity(["abuse"], email(f"Abuse desk <{DESK}>"))), DESK),
    "a role that is no list": (network(entity("abuse", email(DESK))), DESK),
    "an entity that is no list": ({"entities": entity(["abuse"], email(DESK))}, DESK),
    "named here, its card elsewhere": (
        network({"handle": "ABUSE-1", "roles": ["abuse"]}, entity(["technical"], email(DESK), handle="ABUSE-1")),
        DESK,
    ),
    "named here, its card nowhere": (network({"roles": ["abuse"]}, entity(["technical"], email(DESK))), None),
    "no card": (network({"roles": ["abuse"]}), None),
    "a header in it": (network(entity(["abuse"], email(f"{DESK}\r\nBcc: other@host.test"))), None),
    "too long a name": (network(entity(["abuse"], email("x" * 70 + "@host.test"))), None),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_in_which_registries_name_it(shape: str) -> None:
    answer, contact = SHAPES[shape]
    assert in_rdap(answer) == contact


@pytest.mark.parametrize("shape", SHAPES)
def test_every_member_may_be_of_every_shape(shape: str) -> None:
    for answer in reshaped(SHAPES[shape][0]):
        found = in_rdap(answer) if isinstance(answer, dict) else None
        assert found is None or found.count("@") == 1


@given(st.sampled_from(sorted(SHAPES)).map(lambda shape: SHAPES[shape][0]).flatmap(mutated))
def test_any_shape_is_a_contact_or_none(answer: Any) -> None:
    found = in_rdap(answer) if isinstance(answer, dict) else None
    assert found is None or (found.count("@") == 1 and found.isprintable() and " " not in found)


@given(mutated(ip_network_object(REGISTRATIONS[-1])))
def test_any_answer_is_a_contact_or_none(answer: Any) -> None:
    found = in_rdap(answer) if isinstance(answer, dict) else None
    assert found is None or found.count("@") == 1


RIPE = f"""% Information related to '37.97.128.0 - 37.97.255.255'

% Abuse contact for '37.97.128.0 - 37.97.255.255' is '{DESK}'

inetnum:        37.97.128.0 - 37.97.255.255
country:        NL
e-mail:         noc@host.test
"""
RPSL = f"role:           Abuse desk\nabuse-mailbox:  {DESK}\ne-mail:         noc@host.test\n"
ARIN = f"OrgTechEmail:   noc@host.test\nOrgAbuseHandle: ABUSE-1\nOrgAbuseEmail:  {DESK} \n"


@pytest.mark.parametrize("text", [RIPE, RPSL, ARIN, f"{RPSL}{RIPE}".replace(DESK, "other@host.test", 1)])
def test_the_words_that_whois_servers_have_for_it(text: str) -> None:
    assert in_whois(text) == DESK


@pytest.mark.parametrize(
    "text",
    [
        "% No abuse contact registered for 37.97.128.0 - 37.97.255.255\n",
        RIPE.replace(DESK, "removed@lacnic.net"),
        "e-mail: noc@host.test\nOrgTechEmail: noc@host.test\nremarks: abuse-mailbox: x@host.test\n",
        "",
    ],
)
def test_no_other_address_stands_in_for_it(text: str) -> None:
    assert in_whois(text) is None


@given(st.sampled_from([RIPE, RPSL, ARIN]).flatmap(garbled) | st.text())
def test_any_text_is_a_contact_or_none(text: str) -> None:
    found = in_whois(text)
    assert found is None or (found.count("@") == 1 and found.isprintable())
