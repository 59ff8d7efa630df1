"""Every sentence that a verdict can hold is said in the language of the page, with what was filled in."""

import re

import pytest

from router.console.findings import TEMPLATES, retold
from router.console.language import Tongue, load
from router.hosting import trace_notes
from router.hosting.verdict.pattern import Pattern
from router.hosting.verdict.reasons import HOST_SENTENCES, SENTENCES, of_host, of_pattern

TONGUES = load()
FILLED = {"country": "NL", "countries": "CA, NL", "seat": "US", "company": "Chat Inc.", "reporting": "a form",
          "ttl": 60, "most": 32, "operator": "Edge", "source": "maxmind"}  # fmt: skip


def test_the_templates_are_those_that_hosting_speaks_with() -> None:
    spoken = {*SENTENCES.values(), *HOST_SENTENCES.values(), *trace_notes.NO_HOST.values()}
    spoken |= {*trace_notes.OUTCOMES.values(), *trace_notes.NOTES.values(), trace_notes.no_host("anything else").text}
    assert set(TEMPLATES) == spoken


@pytest.mark.parametrize("code", TONGUES)
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda text: text[:30])
def test_each_is_found_again_and_keeps_what_was_filled_in(code: str, template: str) -> None:
    told = retold(TONGUES[code], template.format(**FILLED))
    assert told is not None
    assert (told == template.format(**FILLED)) == (
        code == "en" and not re.search(r"{(country|countries|seat)}", template)
    )
    for name in re.findall(r"{(\w+)}", template):
        shown = {"country": "NL", "countries": "NL", "seat": "US"}.get(name)
        assert (TONGUES[code].country(shown) if shown else str(FILLED[name])) in told


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("nl", of_pattern(Pattern.ALL_AGREE, "CA").text, "zeggen alle drie: Canada."),
        ("fr", of_host("addresses_differ", countries="CA, NL").text, "différents pays : Canada et Pays-Bas."),
        ("en", of_pattern(Pattern.REGISTRY_ONLY, "GB").text, "Only the registration is known: United Kingdom is"),
        ("de", of_host("edge_by_name", operator="Edge, Inc.").text, "Der Name führt über Edge, Inc., ein CDN"),
        ("de", of_host("edge_by_name", operator="NL").text, "Der Name führt über NL, ein CDN"),
    ],
)
def test_countries_are_named_and_nothing_else_is_touched(code: str, text: str, said: str) -> None:
    assert said in str(retold(TONGUES[code], text))


def test_what_no_verdict_says_is_left_alone() -> None:
    assert retold(TONGUES["nl"], "Geolocation, the registry and a friend all say NL.") is None
    assert retold(Tongue("nl", {}), of_pattern(Pattern.SPECIAL, None).text) is None
