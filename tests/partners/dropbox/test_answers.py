from pathlib import Path

import pytest

from router.partners.dropbox import answers
from router.partners.dropbox.answers import SIGNED, Answers
from router.partners.dropbox.inbound import Reply, read
from router.partners.dropbox.settings import DropboxConfig
from router.world.police_unit import PoliceUnit
from schemas.reply_code import code_of
from tests.partners.dropbox.unit_stage import START, a_unit, settings

ONE, OTHER = "0190f7a1-0000-7000-8000-000000000001", "0190f7a1-0000-7000-8000-000000000002"


def receipts(police: PoliceUnit, *wanted: str, **more: object) -> dict[str, str]:
    return dict(Answers(DropboxConfig.model_validate(settings(police, **more)), "federal-police").receipts(wanted))


def test_a_signed_answer_gives_the_number_of_each_that_it_names(tmp_path: Path) -> None:
    police = a_unit(tmp_path)
    police.answer({code_of(ONE): "FP 12/2026"})
    police.answer({code_of(OTHER): ""})
    assert receipts(police, ONE, OTHER) == {ONE: "FP 12/2026", OTHER: SIGNED}
    assert receipts(police, ONE) == {ONE: "FP 12/2026"}, "an answer about another case is none about this"


def test_what_nobody_signed_whom_we_pinned_is_for_people(tmp_path: Path) -> None:
    police, stranger = a_unit(tmp_path), PoliceUnit(tmp_path / "stranger", START)
    police.answer({code_of(ONE): "1"}, signed=False)
    stranger.answers = police.answers
    stranger.answered = 7
    stranger.answer({code_of(ONE): "2"})
    assert receipts(police, ONE) == {}
    assert receipts(police, ONE, answers_signed_by=None) == {}
    assert receipts(police, ONE, answers=None) == {}


def test_a_folder_that_is_gone_or_full_of_other_things_answers_nothing(tmp_path: Path) -> None:
    police = a_unit(tmp_path)
    (police.answers / "image.jpg").write_bytes(b"\xff\xd8\xff")
    (police.answers / "sub.eml").mkdir()
    assert receipts(police, ONE) == {}
    assert receipts(police, ONE, answers=str(tmp_path / "nowhere")) == {}


def test_an_answer_is_verified_once_however_often_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    police, calls = a_unit(tmp_path), []

    def counted(content: bytes, signed_by: str | None = None) -> Reply:
        calls.append(content)
        return read(content, signed_by)

    monkeypatch.setattr(answers, "read", counted)
    police.answer({code_of(ONE): "FP 12/2026"})
    looked = Answers(DropboxConfig.model_validate(settings(police)), "federal-police")
    assert [looked.receipts([ONE]) for _ in range(3)] == [{ONE: "FP 12/2026"}] * 3
    assert len(calls) == 1
    police.answer({code_of(OTHER): "FP 13/2026"})
    assert looked.receipts([ONE, OTHER]) == {ONE: "FP 12/2026", OTHER: "FP 13/2026"}
    assert len(calls) == 2
