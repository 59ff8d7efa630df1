"""What the pages translate of other rooms is what those rooms say."""

import ast
import pkgutil
import re
from collections import defaultdict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from router import errors
from router.console import said
from router.console.findings import retold
from router.console.language import load
from router.console.report_words import UNREAD
from router.console.sentences import CLAUSES, FILLED_BELOW, SAID_BELOW, says_more, sentence
from router.partners import DIALECTS
from tests.console.said.said_by import CODE, said_by

#: What stands in a sentence that is filled in. No name is part of another, nor of a sentence.
FILLED = {"partner": "hotline-nl", "prefix": "198.51.100.0/24",
          "partners": "hotline-be, hotline-lu", "route": "by-hand",
          "case": "0198c", "report": "900001", "country": "NL", "moves": "777", "was": "CA",
          "now": "FR", "reason": "LinkExpired", "at": "2026-11-23 08:01 UTC",
          "code": "31YF-KJS5-B29S-QB75-GMZR-MK1H-FX9P", "why": "the agreement ended",
          "day": "2026-11-22", "ask": "chief", "days": "181", "until": "2026-12-24 08:00", "since": "2026-11-20",
          "text": "the customer moved", "by": "boris", "units": "police-be", "name": "S-7K2", "most": "40",
          "called": "`host`", "columns": "token, found", "stands": "is held", "receipt": "PV-12", "actor": "eveline",
          "peer": "hotline-fr", "checks": "4242", "hours": "8787", "action": "NotIllegal",
          "act": "case.asked", "count": "333", "codes": "31YF, 2J9K", "strange": "X7", "said": "53",
          "role": "auditor", "scope": "case:read", "held": "desk:act", "subject": "partner:x", "number": "888",
          "home": "BE", "here": "SE", "names": "carol", "limit": "44",
          "permission": "case:reveal", "one": "T-1", "other": "T-9", "meant": "64",
          "clauses": "no partner says that it is removed"}  # fmt: skip
#: What is said in the words of the language: countries, codes, and clauses.
_IN_WORDS = {"country", "was", "now", "reason", "clauses", "stands", "act", "role", "action", "subject"}
_NAMES = re.compile(r"{(\w+)}")


def test_what_each_room_says_is_for_the_pages() -> None:
    for room in pkgutil.iter_modules(said.__path__):
        words = import_module(f"{said.__name__}.{room.name}")
        assert {*getattr(words, "SAID", ())} <= {*SAID_BELOW}
        assert {*getattr(words, "FILLED", ())} <= {*FILLED_BELOW}


def test_what_a_peer_sends_and_is_not_read_is_said_below() -> None:
    assert {*UNREAD} <= said_by("casework", "hosting")


def test_what_is_filled_in_is_said_so_below_and_keeps_it_in_every_language() -> None:
    assert {*CLAUSES} <= said_by("casework")
    for tongue in load().values():
        for template in FILLED_BELOW:
            told = retold(tongue, template.format(**FILLED))
            assert told is not None
            kept = {name for name, value in FILLED.items() if value in told}
            assert kept | _IN_WORDS == {*_NAMES.findall(template)} | _IN_WORDS
            assert "{" not in told


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (
            "nl",
            "Look whether it is gone: hotline-nl says Unavailable (Other), hotline-ca was not asked (by law, so).",
            (
                "Kijk of het weg is: hotline-nl zegt: Niet bereikbaar (een andere reden), hotline-ca is niet gevraagd "
                "(by law, so)."
            ),
        ),
        (
            "de",
            "Look whether it is gone: no partner says that it is removed, our name server filters the name.",
            (
                "Sehen Sie nach, ob es weg ist: kein Partner sagt, dass es entfernt ist, unser Nameserver filtert den "
                "Namen."
            ),
        ),
        (
            "nl",
            "hotline-nl needs access to look (PasswordProtected): send what opens it, or look whether it is gone.",
            (
                "hotline-nl heeft toegang nodig om te kijken (er is een wachtwoord nodig): stuur wat het opent, of "
                "kijk of het weg is."
            ),
        ),
        (
            "nl",
            (
                "hotline-nl took it, and says since that it is not theirs: choose who deals with it. They believe that"
                " it is for BE. They say: it is in Ghent. See: there."
            ),
            (
                "hotline-nl nam het aan en zegt sindsdien dat het niet van hen is: kies wie het behandelt. Zij denken"
                " dat het voor België is. Zij zeggen: it is in Ghent. See: there."
            ),
        ),
        (
            "de",
            "offlimits-nl: It took the case, and says since that it is not theirs. They believe that it is for CA.",
            (
                "offlimits-nl: Dort wurde der Fall angenommen; seither heißt es, er sei nicht ihrer. Sie halten Kanada"
                " für zuständig."
            ),
        ),
        (
            "fr",
            (
                "It took the case, and says since that it is not theirs. They say: By our own look-up it is hosted"
                " elsewhere."
            ),
            (
                "Il a pris le dossier et dit depuis qu\u2019il n\u2019est pas le sien. Ils disent : Selon notre propre"
                " recherche, c\u2019est hébergé ailleurs."
            ),
        ),
        (
            "en",
            "It moved from CA back to NL, where it came from: decide who deals with it.",
            "It moved from Canada back to Netherlands, where it came from: decide who deals with it.",
        ),
        (
            "nl",
            (
                "police-be asked that nobody be told before 2026-12-24 08:00 UTC; until then nothing leaves or is"
                " asked. Type what they say since as their answer."
            ),
            (
                "police-be vroeg niemand in te lichten vóór 2026-12-24 08:00 UTC; tot dan vertrekt er niets en wordt"
                " niemand iets gevraagd. Typ wat ze sindsdien zeggen als hun antwoord."
            ),
        ),
        (
            "de",
            "This cannot be done now: the referral is being sent.",
            "Das geht gerade nicht: Die Verweisung wird gerade gesendet.",
        ),
        (
            "nl",
            (
                "Nothing is left to take: You handed it on today. anna has it until 14:05 CET; take it over on its page"
                " first."
            ),
            (
                "Er is niets over om mee te nemen: U gaf het vandaag door. anna heeft het tot 14:05 CET; neem het eerst"
                " over op de pagina ervan."
            ),
        ),
        (
            "nl",
            "hotline-nl says NotIllegal (2026-11-24), which holds for NL only.",
            "hotline-nl zegt: Niet strafbaar (2026-11-24); dat geldt alleen voor Nederland.",
        ),
        ("fr", "A person closed it (person:anna).", "Une personne l\u2019a clôturé (anna)."),
        (
            "nl",
            "Meanwhile, person:eva: case.closed, at 14:05:01 CET. Nothing was done; read it again and decide anew.",
            "Intussen, eva: Gesloten, om 14:05:01 CET. Er is niets gedaan; lees het opnieuw en beslis opnieuw.",
        ),
        (
            "en",
            "Another change of partner:hotline-nl was proposed meanwhile, by person:bob/local:root; look at it first.",
            (
                "Another change of \u201cPartner hotline-nl\u201d was proposed meanwhile, by bob, by a token that was"
                " made by root, at the router\u2019s machine; look at it first."
            ),
        ),
        (
            "nl",
            "Look whether it is gone: hotline-nl says Unavailable (our own, odd word).",
            "Kijk of het weg is: hotline-nl zegt: Niet bereikbaar (our own, odd word).",
        ),
    ],
)
def test_the_questions_of_a_check_are_said_whole_in_each_language(code: str, text: str, said: str) -> None:
    assert retold(load()[code], text) == said


def test_how_far_a_dialect_is_can_be_said_in_every_language() -> None:
    """A dialect of several steps adds their texts to `SAID_BELOW` and to the catalogues."""
    said = [step.text for dialect in DIALECTS.values() for step in dialect.steps.values()]
    assert sorted(set(said) - {*SAID_BELOW, *FILLED_BELOW}) == []


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("nobody has assessed it yet", False),
        ("confirm sending to offlimits-nl", False),
        ("", False),
        ("Federal Police: the partner does not take it", True),
    ],
)
def test_a_sentence_that_repeats_its_headline_is_left_out(text: str, more: bool) -> None:
    assert says_more(text) is more


@pytest.mark.parametrize(
    ("text", "whole"), [("its place", "Its place."), ("Done.", "Done."), ("", ""), ("why? ", "Why?")]
)
def test_a_sentence(text: str, whole: str) -> None:
    assert sentence(text) == whole


#: What says which codes a field takes, a state or a number: the form gives the choice, and nobody types one on a page.
_BY_FORMS = {
    "Say what you saw: one of {words}.",
    "Say until when the police keep it up: a date within {days} days.",
    "Say one of `whole`, `only` and `items`.",
    "Say how they ended it: one of {allowed}.",
    "Stop `all`, `partner:NAME` or `route:NAME`, with a name that exists.",
}
#: Rooms whose refusals people meet on the desk, at partners, rules and trails.
_ON_PAGES = (
    "casework/case",
    "casework/decide",
    "casework/deliver/stops.py",
    "casework/desk",
    "casework/follow_up",
    "casework/govern",
    "casework/intake/assessment.py",
    "casework/people",
    "casework/policy_process.py",
    "casework/read",
    "casework/retention/legal_hold.py",
    "console",
    "guard/access.py",
    "hosting/location",
    "policy/drafting.py",
)
#: What only the command line meets, which acts without an account or takes what no page has.
_AT_THE_MACHINE = (
    (
        "This widens where data go, and so takes two people: give your own token with --token (or ROUTER_TOKEN) to"
        " propose it, and have another account confirm it; or stop `serve`, and do it alone on this machine."
    ),
    (
        "What was put back from a backup is released by two people: give your own token with --token (or ROUTER_TOKEN)"
        " to propose it, and have another account confirm it."
    ),
    (
        "What its status address hears depends on the kind: take the address away (--no-status-url), change the kind,"
        " and propose the address anew."
    ),
    "There is a source with this name; choose another.",
    "Name what is to change: its kind, whether it assesses or may ring, its lane or its daily cap.",
    "There is no mail relay; name one in [alarm] and run `alarm set`",
    (
        "This is done by a person, by name: give your own token with --token or in ROUTER_TOKEN. Sign in and make one"
        " on the console (/me), or `tokens create NAME --mine` with one that you have."
    ),
)
#: What a page shows line by line, from what was found, and not from the text.
_LINE_BY_LINE = {"f'The policy names a location:{listed}'"}


#: What a row of a table is refused for is said by its code (`viewing/words`).
_BY_ITS_CODE = "results.py"


def refused(path: Path) -> set[str]:
    """Every text, with or without something filled in, by which a file refuses."""
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    named = _assigned(tree)
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    for made in ast.walk(tree):
        kind = made.func.id if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) else ""
        if not (isinstance(made, ast.Call) and made.args and (hasattr(errors, kind) or made in raised)):
            continue
        if kind in {
            "CannotStart",
            "DirectoryInvalid",
        }:  # on no page: a form shows each mistake
            continue
        for one in _meant(made.args[0], named):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found.add(one.value)
            elif isinstance(one, ast.JoinedStr):  # no template, so no page can translate it
                found.add(ast.unparse(one))
    return found


def _assigned(tree: ast.Module) -> Mapping[str, list[ast.expr]]:
    """What each name of a file is given."""
    named = defaultdict[str, list[ast.expr]](list)
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and getattr(node, "value", None):
            named[target.id].append(node.value)
    return named


def _meant(said: ast.expr, named: Mapping[str, list[ast.expr]]) -> list[ast.expr]:
    """What may stand where a text does: itself, either of two, what a name was given, or what `format` fills in."""
    match said:
        case ast.IfExp(body=body, orelse=other):
            return _meant(body, named) + _meant(other, named)
        case ast.Call(func=ast.Attribute(value=text, attr="format")) | ast.Call(func=ast.Name(id="N_"), args=[text]):
            return _meant(text, named)
        case ast.Name(id=name):
            return [each for one in named.get(name, []) for each in _meant(one, named)]
    return [said]


@pytest.mark.parametrize("room", _ON_PAGES)
def test_what_is_refused_on_a_page_is_said_in_every_language(room: str) -> None:
    place = CODE / room
    files = [place] if place.suffix else [one for one in place.rglob("*.py") if one.name != _BY_ITS_CODE]
    texts = {text for path in files for text in refused(path)} - _BY_FORMS - _LINE_BY_LINE - set(FILLED_BELOW)
    texts -= {*_AT_THE_MACHINE}
    for code, tongue in load().items():
        assert code == "en" or {text for text in texts if not tongue.speaks(text)} == set()


def rested(path: Path) -> set[str]:
    """Every text by which a file says on what it rests that a case is closed."""
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    named = _assigned(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="closed"), args=[_, _, _, said, *_]):
                found.add(said)
            case ast.FunctionDef(name="rests_on"):
                found |= {one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value}
            case ast.AsyncFunctionDef(args=ast.arguments(kwonlyargs=names, kw_defaults=values)):
                found |= {value for name, value in zip(names, values, strict=True) if name.arg == "rests_on" and value}
    return {
        one.value if isinstance(one, ast.Constant) else ast.unparse(one)
        for said in found
        for one in _meant(said, named)
        if isinstance(one, ast.Constant | ast.JoinedStr)
    }


def test_on_what_a_closing_rests_is_said_in_every_language() -> None:
    texts = {text for path in (CODE / "casework").rglob("*.py") for text in rested(path)}
    assert len(texts) > 8
    for code, tongue in load().items():
        assert code == "en" or {text for text in texts if not tongue.speaks(text)} == set()


def test_what_an_error_says_by_itself_is_said_in_every_language() -> None:
    """It is what a person reads where nobody gave it words, as when somebody else was faster."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.RouterError)]
    said = {str(each.__doc__) for each in kinds if each not in (errors.RouterError, errors.CannotStart)}
    for tongue in load().values():
        assert {text for text in said if not tongue.speaks(text)} == set()
