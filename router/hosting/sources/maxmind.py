"""An operator's own second geolocator: GeoIP2, GeoLite2, or another mmdb with a country. It may not be shipped."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Self

import maxminddb

from router.data.packages import country_of
from router.errors import CannotStart
from router.hosting.judgement import prefix_text
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import claim
from router.hosting.verdict.part import SHOWN, Role
from router.hosting.verdict.second import SOURCE, Edition
from schemas.countries import ALPHA2
from schemas.trace import Basis, Evidence


class MaxMind:
    """A second geolocator. It plays no part in the rule; what follows from a measured edition: `verdict/second.py`."""

    name = SOURCE
    roles: ClassVar[Mapping[str, Role]] = {SOURCE: SHOWN}

    def __init__(self, reader: maxminddb.Reader) -> None:
        """Read an opened database."""
        self._reader = reader
        title = re.sub(r"[^A-Za-z0-9._ -]", "", reader.metadata().database_type)[:40]
        built = datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date().isoformat()
        self.edition = Edition(title, built)  #: which set it is, and of when

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open a database. Raises `CannotStart` when it cannot be opened."""
        try:
            return cls(maxminddb.open_database(file))
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise CannotStart("the MaxMind database cannot be opened; check the path in the settings") from error

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return where the machine is said to be."""
        record, length = self._reader.get_with_prefix_len(ip)
        code = country_of(record)
        if code not in ALPHA2:
            return ()
        prefix = prefix_text(ip.version, int(ip) >> (ip.max_prefixlen - length), length)
        said = claim(Basis.LOCATION, code)
        return (
            Evidence(source=self.name, claim=said, as_of=self.edition.date, prefix=prefix, detail=self.edition.name),
        )

    def close(self) -> None:
        """Unmap the file."""
        self._reader.close()
