"""An operator's second geolocator, fetched from where the operator says: its licence is between those two.

None has an address that lasts and needs no account, so nothing is fetched until one is named under `[mirrors]`. What is
sent is written anew by our own writer, as a publisher's file is (`publishers.geolocation`), under its own name and day.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import maxminddb
from maxminddb.const import MODE_MEMORY

from router.data.packages import country_of
from router.data.prefix_tree import PrefixTree
from router.data.publishers import unpack
from router.errors import EvidenceUnavailable
from schemas.countries import ALPHA2

#: Its name among the mirrors.
NAME: Final = "second/country.mmdb"
#: Where it is kept, in the data directory.
FILE: Final = "second.mmdb"
#: Octets as sent, at least and at most.
LEAST, MOST = 100_000, 200_000_000
#: What whoever fetches it has to know.
NOTICE: Final = (
    "its licence binds you: show its credit with the results, pass neither it nor what is made of it on, and destroy "
    "old copies where it says so. It is shown, and changes nothing until `locate_truth.py --second` measured this very "
    "edition"
)
_GZIP: Final = b"\x1f\x8b"


def keep(content: bytes, file: Path) -> str:
    """Write what was sent to `file`, in one step; return its name and day.

    Raise EvidenceUnavailable for what is no mmdb with countries, or not of a usual size.
    """
    if not LEAST <= len(content) <= MOST:
        raise EvidenceUnavailable(f"{NAME} is not of a usual size; look at its publisher's page or the mirror")
    sent, tree = file.with_name(f".{file.name}.sent"), PrefixTree()
    try:
        sent.write_bytes(unpack(content) if content.startswith(_GZIP) else content)
        with maxminddb.open_database(sent, MODE_MEMORY) as reader:
            about = reader.metadata()
            for network, record in reader:
                if (country := country_of(record)) in ALPHA2:
                    tree.insert_network(network, {"country_code": country})
        title = re.sub(r"[^A-Za-z0-9._ -]", "", about.database_type)[:40]
        tree.write(sent, kind=title, description="an operator's second geolocator", epoch=about.build_epoch)
        maxminddb.open_database(sent).close()
        sent.replace(file)
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # what the disk did: a broken archive has no number of the system
        raise EvidenceUnavailable(f"{NAME} cannot be read as an mmdb with countries; look at the mirror") from error
    finally:
        sent.unlink(missing_ok=True)
    return f"{title} of {datetime.fromtimestamp(about.build_epoch, UTC).date()}"
