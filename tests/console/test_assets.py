import pytest

from router.console.assets import FILES, address, content
from router.errors import NotFound


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_asset_is_small_and_loads_nothing_from_elsewhere(name: str) -> None:
    text = content(name).decode()
    assert len(text) < 24 * 1024
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "@import" not in text


def test_an_address_changes_with_the_content() -> None:
    assert address("desk.js").startswith("/static/desk.js?")
    assert address("desk.js").partition("?")[2] != address("console.css").partition("?")[2]


@pytest.mark.parametrize("name", ["../pages.py", "nothing.css", ""])
def test_nothing_else_of_the_disk_is_given_out(name: str) -> None:
    with pytest.raises(NotFound):
        content(name)


def test_the_script_makes_no_request_and_writes_no_html() -> None:
    script = content("desk.js").decode()
    for word in ("fetch", "XMLHttpRequest", "innerHTML", "eval", "localStorage", "cookie"):
        assert word not in script
