"""No byte of an alarm is a byte of a case: whatever was reported and whatever a partner said, on every way it rings.

Random reports go the whole way: taken, decided, refused in the partner's words, rung by webhook in both shapes and by
letter in each language. Then every piece of four characters that what was reported, or said, brought in is looked for
in what went out. A piece that an alarm of another case has as well is the alarm's own word.
"""

from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.partners.base import Reason, Refused
from router.store.schema.tables import alarms
from schemas.casefile import DeskCode
from schemas.trace import Verdict, VerdictKind
from tests.bells import Alarmed, alarmed
from tests.casebook import ANALYSTS, CHECKED, partner

#: Letters that no identifier in hexadecimal has, so that what is found was brought in.
_LETTERS = st.text(st.sampled_from("ghijklmnopqrstuvwxyz"), min_size=6, max_size=20)
_WORDS = (
    st.text(
        st.sampled_from("ghijklmnopqrstuvwxyz\u00e4\u00df\u00f8\u017c\u0430\u0431\u0432\u6f22\u5b57 "),
        min_size=6,
        max_size=60,
    )
    .map(str.strip)
    .filter(lambda text: len(text) >= 6)
)
LANGUAGES = ("en", "nl", "fr", "de")


@st.composite
def told(draw: st.DrawFn) -> dict[str, str]:
    """What a report and its partner say."""
    host, path, key = (draw(_LETTERS) for _ in range(3))
    return {
        "location": f"https://{host}.test/{path}?{key}={draw(_LETTERS)}",
        "handle": draw(_LETTERS),
        "memo": draw(_WORDS),
        "note": draw(_WORDS),
        "login": draw(_LETTERS),
        "referrer": f"http://{draw(_LETTERS)}.test/",
        "reference": draw(_LETTERS),
        "said": draw(_WORDS),
        "title": draw(_WORDS),
    }


def grams(*texts: str) -> set[str]:
    """Every piece of four characters, whatever the case of its letters."""
    return {text.lower()[at : at + 4] for text in texts for at in range(len(text) - 3)}


def heard(house: Alarmed) -> set[str]:
    """Every piece of what went out: as it was sent, and as its receiver reads it."""
    texts = [body.decode() for body in house.rung.posts]
    texts += [text for body in house.rung.posts for text in leaves(orjson.loads(body))]
    for letter in house.rung.letters:
        texts += [letter.as_string(), *map(str, letter.values()), content(letter)]
    return grams(*texts)


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in (str(key), *leaves(one))]
    return [text for one in value for text in leaves(one)] if isinstance(value, list) else [str(value)]


def content(letter: EmailMessage) -> str:
    return str(letter.get_content())


async def rung(case: dict[str, str], shape: str, language: str, *, discreet: bool) -> tuple[set[str], set[str]]:
    """Return the pieces that were heard, and the codes that rang."""
    webhook = [{"url": "https://alarm.test/", "shape": shape}]
    with TemporaryDirectory() as folder:
        async with alarmed(Path(folder), webhook=webhook, language=language, discreet=discreet) as house:
            book = house.book
            book.rules.directory_ = book.rules.directory_.model_copy(
                update={"partners": (partner("hotline-nl", "NL", title=case["title"], checked_on=CHECKED),)}
            )
            login = {"username": case["login"], "password": case["login"]}
            item = {
                "account": {"platform": "chat", "handle": case["handle"], "role": "suspect"},
                "ways_in": {"referrer": case["referrer"], "login": login},
            }
            more: dict[str, Any] = {"memo": case["memo"], "note_to_partner": case["note"], "item": item}
            await book.decided(case["location"], case["reference"], ANALYSTS, urgency="live", **more)
            book.partner.script = [Refused(Reason.REFUSED, case["said"])]
            refused = await book.decided(f"{case['location']}2", f"{case['reference']}2", ANALYSTS, **more)
            await book.send()
            book.world.verdict = Verdict(kind=VerdictKind.SPLIT, countries=("NL", "CA"))
            await book.decided(f"{case['location']}3", f"{case['reference']}3", ANALYSTS, **more)
            for _ in range(4):
                await house.later(minutes=10)
            house.rung.failing = {"beat", "https://alarm.test/"}
            for _ in range(4):
                await house.later(hours=9)
            assert (await book.case(refused))["desk_code"] == DeskCode.REFUSED
            rows = await book.rows(alarms)
            return heard(house), {row["code"] for row in rows}


PLAIN = dict.fromkeys(("handle", "memo", "note", "login", "reference", "said", "title"), "0" * 8)
PLAIN |= {"location": "https://00000000.test/00000000", "referrer": "http://00000000.test/"}


@pytest.mark.parametrize("shape", ["alertmanager-v4", "alertmanager-api"])
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(told(), st.sampled_from(LANGUAGES), st.booleans())
async def test_no_piece_of_a_case_is_heard(shape: str, case: dict[str, str], language: str, discreet: bool) -> None:
    ours, _ = await rung(PLAIN, shape, language, discreet=discreet)
    found, codes = await rung(case, shape, language, discreet=discreet)
    assert codes >= {"child_at_risk", "overdue", "way_down", "heartbeat"}
    brought = grams(*case.values()) - grams(*PLAIN.values())
    assert len(brought) > 5
    assert (brought & found) - ours == set()
