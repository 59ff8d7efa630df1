"""An operator's own MaxMind database (GeoIP2 or GeoLite2, country or city): bring your own, it may not be shipped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Self

import maxminddb

from router.errors import CannotStart
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import claim, prefix_text
from router.hosting.verdict.part import Measured, Part, Role
from schemas.countries import ALPHA2
from schemas.trace import Basis, Evidence


class MaxMind:
    """A second geolocator. It is heard before the shipped one, and where the two differ a person decides."""

    name = "maxmind"
    roles: ClassVar[Mapping[str, Role]] = {"maxmind": Role((Part.GEOLOCATION,), Measured.LIKE_ANOTHER)}

    def __init__(self, reader: maxminddb.Reader) -> None:
        """Read an opened database."""
        self._reader = reader
        self._as_of = datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date().isoformat()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open a database. Raises `CannotStart` when it cannot be opened."""
        try:
            return cls(maxminddb.open_database(file))
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise CannotStart("the MaxMind database cannot be opened; check the path in the settings") from error

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return where the machine is said to be. The country of registration, which stands beside it, is left out."""
        record, length = self._reader.get_with_prefix_len(ip)
        country = record.get("country") if isinstance(record, dict) else None
        code = country.get("iso_code") if isinstance(country, dict) else None
        if not isinstance(code, str) or code not in ALPHA2:
            return ()
        prefix = prefix_text(ip.version, int(ip) >> (ip.max_prefixlen - length), length)
        said = claim(Basis.LOCATION, code)
        return (Evidence(source=self.name, claim=said, as_of=self._as_of, prefix=prefix, detail="MaxMind"),)

    def close(self) -> None:
        """Unmap the file."""
        self._reader.close()
