from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from router.partners.dropbox.settings import DropboxConfig
from schemas.law import law_on

LEAST: dict[str, Any] = {"ways": [{"folder": "/srv/police"}], "certificate": "PEM", "signing": "signing"}


def test_a_folder_a_certificate_and_a_key_are_enough() -> None:
    config = DropboxConfig.model_validate(LEAST)
    assert (config.seal, config.language, config.rehearsed) == ("cms", "en", None)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ways": []}, "ways"),
        ({"ways": [{"folder": "srv"}]}, "ways"),
        ({"ways": [{"folder": "/srv/../etc"}]}, "ways"),
        ({"ways": [{"folder": "/srv", "mail": "a@b.test"}]}, "ways"),
        ({"ways": [{"pigeon": "coo"}]}, "ways"),
        ({"ways": [{"mail": "unit@police.test"}]}, ""),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"language": "la"}, "language"),
        ({"certificate": ""}, "certificate"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_what_cannot_be_meant_is_refused(more: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DropboxConfig.model_validate(LEAST | more)
    assert (refused.value.errors()[0]["loc"] or ("",))[0] == field


def test_a_bundle_rests_on_the_law_of_its_day() -> None:
    law = [{"since": "2022-03-21", "text": "art. 417/43 Sw."}, {"since": "2026-04-09", "text": "the new Code"}]
    config = DropboxConfig.model_validate(LEAST | {"law": law})
    assert law_on(date(2022, 1, 1), config.law) is None
    assert law_on(date(2026, 4, 8), config.law) == "art. 417/43 Sw."
    assert law_on(date(2026, 4, 9), config.law) == "the new Code"
