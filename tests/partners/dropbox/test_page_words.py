from router.partners.dropbox.page_words import LANGUAGES, codes, word
from schemas.exchange import ReferralMessage


def test_every_word_stands_in_four_languages() -> None:
    for code in codes():
        said = [word(code, language) for language in LANGUAGES]
        assert all(one.strip() == one and one for one in said), code


def test_every_field_of_a_message_has_a_word() -> None:
    shown = set(ReferralMessage.model_fields) - {"referral_id", "location"}
    assert shown <= codes()


def test_what_has_no_word_stands_as_it_is() -> None:
    assert word("a_field_of_next_year", "nl") == "a_field_of_next_year"
