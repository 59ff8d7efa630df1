"""What an operator sets: `router.toml` in the data directory, then `ROUTER_*` in the environment.

The master key and the identity key are files of their own, 0600, beside it. The address of a database may carry a
password: `database = "file:PATH"` keeps it in a file of its own too. Nothing in this file weakens the egress guard.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import (
    AnyHttpUrl,
    Field,
    IPvAnyAddress,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from router.errors import CannotStart
from schemas.alarm import Address, AlarmSettings
from schemas.problem import reworded
from schemas.signin import ExposureSettings, SignInSettings
from schemas.viewing import ViewingSettings
from schemas.word import Country, Line, Name

#: A name that can be asked for, in small letters.
HostName = Annotated[str, StringConstraints(max_length=253, pattern=r"^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$")]
#: Where the router keeps its things unless told otherwise.
DEFAULT_DATA_DIR = Path("data")
#: The folder there with partners' secrets, and the mark that the keys beside it have seen a database.
SECRETS: Final = "secrets"
SEEN: Final = "database.seen"
#: Before the path of a file that holds the database's address.
FILE_SCHEME: Final = "file:"
_LONGEST_ADDRESS: Final = 4096


class Settings(BaseSettings):
    """The settings of one router instance, which serves one hotline."""

    model_config = SettingsConfigDict(env_prefix="ROUTER_", extra="forbid", frozen=True)

    data_dir: Path = DEFAULT_DATA_DIR
    #: sqlite:///PATH, postgresql://..., or file:PATH, a file that holds one; None is router.db in the data directory
    database: str | None = Field(default=None, repr=False)
    name: Name = "hotline"  #: our name among peers, e.g. "child-focus-be"
    home: Country = "BE"
    host: str = "127.0.0.1"  #: what to listen on; nothing beyond loopback unless told
    port: int = Field(default=8080, ge=0, le=65535)
    time_zone: str = "Europe/Brussels"  #: the house's, by its IANA name: when a day ends, and when it is night
    public_url: AnyHttpUrl | None = None  #: how peers reach us
    contact: Line | None = None  #: whom partners' staff call or write to; stands on the sheet that we give them
    resolvers: tuple[str, ...] = ()  #: "ip" or "ip:port"; empty means the system's own
    resolver_check_present: tuple[HostName, ...] = ()  #: names that must exist, by which `doctor` finds who filters
    resolver_check_absent: HostName | None = None  #: one that must not; None is one made up below the first of those
    vantages: tuple[str, ...] = ()  #: resolvers elsewhere that are asked too, for hosts that answer regions differently
    maxmind: Path | None = None  #: the operator's own MaxMind database, asked beside the shipped geolocator
    probe_from: tuple[IPvAnyAddress, ...] = ()  #: addresses of this machine that probes leave from; none is no probes
    cloudflare_client_id: str | None = None  #: of a trusted reporter; its secret is the file `secrets/cloudflare`
    cloudflare_daily_quota: int = Field(default=100, ge=1)  #: origin look-ups a day, as agreed with Cloudflare
    mirrors: dict[str, str] = Field(default_factory=dict)  #: where `data refresh` fetches: "package/file" -> https URL
    data_refresh_days: int | None = Field(default=None, ge=1, le=90)  #: `serve` refreshes so often; None is never
    #: hosts of the last 1,000 decided ones; new data by which more would stand in another country wait for a person
    data_moved_most: int = Field(default=20, ge=0, le=1000)
    audit_receiver: Path | None = None  #: folder of whoever is to notice a rewritten audit; not the operator's own
    audit_mail: Address | None = None  #: the same by a letter a day, over the relay of [alarm]
    ca_file: Path | None = None  #: one more certificate authority to trust for partners
    connections: int = Field(default=512, ge=16, le=10_000)  #: open at once, in all
    connections_per_address: int = Field(default=64, ge=4, le=10_000)  #: and from one address beyond this machine
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    alarm: AlarmSettings | None = None  #: whom alarms reach; read at the first start only, then the store has them
    signin: SignInSettings = SignInSettings()  #: how people sign in, and for how long
    viewing: ViewingSettings = ViewingSettings()  #: sessions that people take to a closed room
    exposure: ExposureSettings = ExposureSettings()  #: how much one person looks at before a pause
    workers: int = Field(default=1, ge=0, le=8)  #: worker loops inside `serve`
    call_seconds: float = Field(default=30.0, gt=0, le=120)  #: how long one call to a partner may take
    undelivered_after: float = Field(
        default=4 * 3600.0, gt=0
    )  #: seconds; the desk is told when a delivery takes longer

    @field_validator("database")
    @classmethod
    def _from_its_file(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is None or not given.startswith(FILE_SCHEME):
            return given
        return _secret_line(info.data.get("data_dir", DEFAULT_DATA_DIR) / given.removeprefix(FILE_SCHEME))

    @field_validator("resolvers", "vantages")
    @classmethod
    def _are_addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            parse_resolver(one)
        return given

    @field_validator("probe_from")
    @classmethod
    def _one_of_each_kind(cls, given: tuple[IPvAnyAddress, ...]) -> tuple[IPvAnyAddress, ...]:
        kinds = [one.version for one in given]
        if len(kinds) > len(set(kinds)) or any(one.is_unspecified or one.is_multicast for one in given):
            raise ValueError(
                "name at most one IPv4 and one IPv6 address of this machine, from which nothing else leaves"
            )
        return given

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, given: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(given)
        except (OSError, ValueError):
            raise ValueError('name a time zone that this machine knows, such as "Europe/Brussels"') from None
        return given

    @field_validator("mirrors")
    @classmethod
    def _are_encrypted(cls, given: dict[str, str]) -> dict[str, str]:
        for name, url in given.items():
            if not url.startswith("https://"):
                raise ValueError(f"the mirror of {name} must be an https:// address")
        return given

    def own_key_id(self, number: int) -> str:
        """Return the name under which peers pin the how manieth key of ours."""
        return f"{self.name}-{number}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings passes all of them
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings names it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments come before the environment, which comes before `router.toml`; nothing else is read."""
        data_dir = Path(init_settings().get("data_dir") or env_settings().get("data_dir") or DEFAULT_DATA_DIR)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, data_dir / "router.toml")

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Return the settings. Raise CannotStart with one sentence that names the setting."""
        try:
            return cls(**{key: value for key, value in given.items() if value is not None})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "settings"
            words = reworded(first["type"], first["msg"])
            raise CannotStart(f"The setting `{place}` cannot be used: {words}.", field=place) from None
        except tomllib.TOMLDecodeError as error:
            raise CannotStart(f"router.toml is not valid TOML ({error}); correct it and start again.") from None


def holds_password(database: str | None) -> bool:
    """Tell whether the address of a database carries a password: it must stand where only we can read it."""
    try:
        found = urlsplit(database or "")
    except ValueError:
        return "@" in (database or "")
    return found.password is not None or "password=" in found.query


def _secret_line(path: Path) -> str:
    """Return what stands in a file that others cannot read. Raise ValueError."""
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise ValueError("the file it names can be read by others; run `chmod 600` on it")
            return file.read(_LONGEST_ADDRESS).strip()
    except OSError:
        raise ValueError("the file it names cannot be read; write the database's address into it") from None


def parse_resolver(text: str) -> tuple[str, int]:
    """Return (address, port) of a resolver written "1.2.3.4", "1.2.3.4:53" or "[::1]:53". Raise ValueError."""
    import ipaddress

    if text.startswith("["):
        address, closed, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or "53" if closed else ""
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    else:
        address, port = text, "53"
    ipaddress.ip_address(address)
    if not 0 < int(port) < 65536:
        raise ValueError("a resolver's port is from 1 to 65535")
    return address, int(port)
