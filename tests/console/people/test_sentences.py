from pathlib import Path

import router
from router.console.people.sentences import SAID_BELOW
from tests.console.test_sentences import written

CODE = Path(str(router.__file__)).parent


def test_what_is_translated_of_other_rooms_is_what_they_say() -> None:
    said = {text for room in ("casework", "guard") for text in written(CODE / room)}
    assert [one for one in SAID_BELOW if one not in said] == []
