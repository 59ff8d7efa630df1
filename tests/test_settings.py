"""What an operator sets: argument before environment before file, and one sentence for what cannot be used."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from router.errors import CannotStart
from router.settings import Settings, holds_password, parse_resolver

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "router.toml"


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ROUTER_DATA_DIR", "ROUTER_NAME", "ROUTER_PORT", "ROUTER_HOME", "ROUTER_RESOLVERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "router.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_anything_it_listens_to_nobody_beyond_the_machine(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    assert (settings.host, settings.port, settings.public_url, settings.resolvers) == ("127.0.0.1", 8080, None, ())


def test_the_file_is_read_from_the_data_directory(tmp_path: Path) -> None:
    folder = written(tmp_path / "here", 'name = "child-focus-be"\nport = 8443\n')
    settings = Settings.load(data_dir=folder)
    assert (settings.name, settings.port, settings.own_key_id(1)) == ("child-focus-be", 8443, "child-focus-be-1")


def test_the_environment_may_name_the_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "there", 'home = "NL"\n')
    monkeypatch.setenv("ROUTER_DATA_DIR", str(folder))
    assert Settings.load().home == "NL"


def test_an_argument_beats_the_environment_which_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, 'name = "of-the-file"\nport = 1\n')
    monkeypatch.setenv("ROUTER_NAME", "of-the-environment")
    monkeypatch.setenv("ROUTER_PORT", "2")
    settings = Settings.load(data_dir=folder, port=3)
    assert (settings.name, settings.port) == ("of-the-environment", 3)


def test_an_argument_that_was_not_given_changes_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path, "port = 8443\n")
    assert Settings.load(data_dir=folder, port=None).port == 8443


def test_settings_do_not_change_while_the_router_runs(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Settings.load(data_dir=tmp_path).port = 1  # type: ignore[misc] # what is forbidden


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("allow_private = true", "allow_private"),  # nothing weakens the guard, not even a typo
        ("port = 70000", "port"),
        ('resolvers = ["dns.example"]', "resolvers"),
        ('home = "Belgium"', "home"),
        ("call_seconds = 0", "call_seconds"),
        ('public_url = "no url"', "public_url"),
        ('probe_from = ["0.0.0.0"]', "probe_from"),
        ('probe_from = ["192.0.2.1", "192.0.2.2"]', "probe_from"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, line: str, field: str) -> None:
    with pytest.raises(CannotStart) as refused:
        Settings.load(data_dir=written(tmp_path, line))
    assert refused.value.field == field
    assert f"`{field}`" in refused.value.message


def test_every_setting_stands_in_the_example_and_the_example_can_be_used(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = set(re.findall(r"^(?:# )?(?:\[(\w+)\]|(\w+) = )", text, re.MULTILINE))
    assert {table or key for table, key in shown} == set(Settings.model_fields) - {"data_dir"}
    assert Settings.load(data_dir=written(tmp_path, text)).name == "child-focus-be"


def test_a_file_that_is_no_toml_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"router\.toml is not valid TOML"):
        Settings.load(data_dir=written(tmp_path, "name = "))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_an_address_with_or_without_its_port(text: str, parsed: tuple[str, int]) -> None:
    assert parse_resolver(text) == parsed


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:dns", "[::1]:x"])
def test_anything_else_is_no_resolver(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_resolver(text)


def test_a_mirror_stands_in_for_a_publishers_file(tmp_path: Path) -> None:
    folder = written(tmp_path, '[mirrors]\n"cloudip/azure" = "https://mirror.test/{year}/azure.json"\n')
    assert Settings.load(data_dir=folder).mirrors == {"cloudip/azure": "https://mirror.test/{year}/azure.json"}


def test_data_never_come_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"`mirrors`.*https"):
        Settings.load(data_dir=written(tmp_path, '[mirrors]\n"cloudip/azure" = "http://mirror.test/azure.json"\n'))


def test_the_address_of_the_database_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    dsn = "postgresql://router:s3cret@db.internal/router"
    (tmp_path / "dsn").write_text(f"{dsn}\n")
    (tmp_path / "dsn").chmod(0o600)
    for given in ("file:dsn", f"file:{tmp_path}/dsn"):
        settings = Settings.load(data_dir=written(tmp_path, f'database = "{given}"\n'))
        assert settings.database == dsn
        assert "s3cret" not in repr(settings)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_read_is_no_place_for_it(tmp_path: Path, mode: int) -> None:
    (tmp_path / "dsn").write_text("postgresql://router:s3cret@db.internal/router\n")
    (tmp_path / "dsn").chmod(mode)
    with pytest.raises(CannotStart, match="chmod 600") as caught:
        Settings.load(data_dir=tmp_path, database="file:dsn")
    assert "s3cret" not in caught.value.message
    with pytest.raises(CannotStart, match="cannot be read"):
        Settings.load(data_dir=tmp_path, database="file:none")


@pytest.mark.parametrize(
    ("database", "holds"),
    [
        ("postgresql://u:p@h/d", True),
        ("postgresql://u@h/d?password=p", True),
        ("postgresql://u@h/d?sslmode=require&password=p", True),
        ("postgresql://u:p@[half/d", True),
        ("postgresql://u@h/d", False),
        ("sqlite:///a:b@c.db", False),
        ("file:dsn", False),
        (None, False),
    ],
)
def test_what_holds_a_password(database: str | None, *, holds: bool) -> None:
    assert holds_password(database) is holds
