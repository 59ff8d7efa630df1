from router.partners.dropbox.standing import Standing, kept, read
from tests.partners.dropbox.unit_stage import at


def test_what_is_kept_comes_back() -> None:
    standing = Standing(bundle="b", items=("b", "c"), due=at(9), digest="d")
    progress = kept("in_folder", standing, code="CODE")
    assert (progress.step, progress.said) == ("in_folder", {"code": "CODE"})
    assert read(progress) == standing
    assert read(None) == Standing()
