"""Every name has its sentence in each language."""

from router.casework.alarm.sentences import SENTENCES
from schemas.alarm import DISCREET, NAMES


def test_each_language_says_each_alarm() -> None:
    assert {language: set(said) for language, said in SENTENCES.items()} == {
        language: set(NAMES.values()) | {DISCREET} for language in ("en", "nl", "fr", "de")
    }
