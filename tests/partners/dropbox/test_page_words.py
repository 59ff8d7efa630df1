from typing import get_args

from router.partners.dropbox.page_words import LANGUAGES, codes, place_within, within, word
from schemas.exchange import ReferralMessage

#: Words that are the same in all four, and what only programs read.
SAME_EVERYWHERE = {"hotline", "dossier", "platform", "version"}


def test_every_word_stands_in_four_languages() -> None:
    for code in codes():
        said = [word(code, language) for language in LANGUAGES]
        assert all(one.strip() == one and one for one in said), code


def test_every_field_of_a_message_has_a_word() -> None:
    shown = set(ReferralMessage.model_fields) - {"referral_id", "location"}
    assert shown <= codes()


def test_what_stands_within_a_field_has_words_and_a_place() -> None:
    for name in ("assessment", "severity", "labels", "hosting", "account", "ways_in", "numbers"):
        inner = get_args(ReferralMessage.model_fields[name].annotation)
        for model in inner or (ReferralMessage.model_fields[name].annotation,):
            for field in getattr(model, "model_fields", {}):
                said = {within(field, language) for language in LANGUAGES}
                assert len(said) > 1 or field in SAME_EVERYWHERE, (name, field)
    assert place_within("scheme") < place_within("value") < place_within("at") < place_within("of_next_year")
    assert within("of_next_year", "nl") == "of_next_year"


def test_what_has_no_word_stands_as_it_is() -> None:
    assert word("a_field_of_next_year", "nl") == "a_field_of_next_year"
