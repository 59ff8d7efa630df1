"""Who acted, and what a change is about: no kind of id that the audit keeps stays as it is on a page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.console.language import load
from router.console.people.called import about, called, stopped
from schemas.proposal import SUBJECT_FORM

TONGUES = load()
NAMES = st.from_regex(r"^[a-z0-9][a-z0-9._-]{0,20}$", fullmatch=True)
ACTORS = st.builds(lambda kind, name: f"{kind}:{name}", st.sampled_from(["person", "source", "peer", "local"]), NAMES)


@pytest.mark.parametrize(
    ("code", "actor", "said"),
    [
        ("nl", "person:anna", "anna"),
        ("nl", "router", "de router"),
        ("fr", "policy", "la politique"),
        ("nl", "source:form", "bron form"),
        ("de", "peer:offlimits-nl", "Partner offlimits-nl"),
        ("en", "local:root", "root, at the router\u2019s machine"),
        ("en", "local", "at the router\u2019s machine"),
        ("en", "person:anna/person:bob", "anna, by a token that was made by bob"),
        ("en", "analyst 12 of the house", "analyst 12 of the house"),
        ("en", "https://x.test/", "https://x.test/"),
    ],
)
def test_who_acted(code: str, actor: str, said: str) -> None:
    assert called(TONGUES[code], actor) == said


@given(ACTORS, st.none() | ACTORS)
def test_every_name_stays_and_no_kind_of_id(actor: str, issuer: str | None) -> None:
    for tongue in TONGUES.values():
        told = called(tongue, actor if issuer is None else f"{actor}/{issuer}")
        assert all(one.partition(":")[2] in told for one in (actor, issuer) if one)
        assert not re.search(r"\b(?:person|source|peer|local):", told)


@given(st.from_regex(SUBJECT_FORM, fullmatch=True))
def test_every_subject_of_a_change_is_said(subject: str) -> None:
    for tongue in TONGUES.values():
        told = about(tongue, subject)
        assert told != subject
        assert ":" not in told


def test_what_is_none_of_these_stays_as_it_is() -> None:
    assert about(TONGUES["nl"], "moon:x") == "moon:x"
    assert stopped(TONGUES["nl"], "moon:x") == "moon:x"


@pytest.mark.parametrize(
    ("scope", "said"),
    [("all", "alles behalve de politie"), ("partner:hotline-nl", "Partner hotline-nl"), ("route:rest", "Route rest")],
)
def test_what_a_stop_stops(scope: str, said: str) -> None:
    assert stopped(TONGUES["nl"], scope) == said
