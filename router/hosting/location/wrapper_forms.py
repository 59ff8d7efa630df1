"""How single services write the location that their links carry, where no structure shows it."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from router.hosting.location.inner_url import Parts, absolute, fields

#: `*` stands for the next bytes of what follows the URL; `**` and a letter for as many as the letter's place says.
_PROOFPOINT_MARK: Final = re.compile(r"\*(?:\*(.))?")
_PROOFPOINT_RUNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PROOFPOINT_V3: Final = re.compile(r"/v3/__(?P<url>.+?)__;(?P<taken>[^!]*)!")
#: What is cached: a page (c, v), an image (i) or a style (r); then `s` for https.
_AMP: Final = re.compile(r"/(?:amp/|[civr]/|wp/)(?P<tls>s/)?(?P<rest>[^/]+\..*)")
_ARCHIVE: Final = re.compile(
    r"/web/(?:\d{1,14}|\*)?(?:[a-z]{2}_)?/?(?P<rest>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[:/].*)?)", re.IGNORECASE
)
_SCHEME_PATH: Final = re.compile(r"/(?P<scheme>https?)/(?P<rest>[^/]+\..*)")


def proofpoint_v2(_: str, parts: Parts) -> str | None:
    """Return what `u` says: - for %, and _ for a slash."""
    value = dict(fields(parts.query)).get("u", "")
    return absolute(unquote(value).translate(str.maketrans("-_", "%/")))


def proofpoint_v3(_: str, parts: Parts) -> str | None:
    """Return the URL between the marks, with the signs put back that were taken out of it."""
    found = _PROOFPOINT_V3.search(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    if found is None:
        return None
    given = found["taken"]
    try:
        taken = urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode()
    except ValueError:
        taken = ""
    left = iter(taken)

    def put_back(mark: re.Match[str]) -> str:
        times = _PROOFPOINT_RUNS.find(mark[1]) + 2 if mark[1] else 1
        return "".join(next(left, "*") for _ in range(times))

    return absolute(_PROOFPOINT_MARK.sub(put_back, found["url"]) if taken else found["url"])


def amp(_: str, parts: Parts) -> str | None:
    """Return the page or image that an AMP cache copied."""
    found = _AMP.match(parts.path)
    return None if found is None else _with_query("https" if found["tls"] else "http", found["rest"], parts.query)


def translate_goog(host: str, parts: Parts) -> str | None:
    """Return the translated page: its host is the label, with - for a dot and -- for a hyphen."""
    label = host.removesuffix(".translate.goog").rpartition(".")[2]
    name = label.replace("--", "\0").replace("-", ".").replace("\0", "-")
    kept = "&".join(piece for piece in parts.query.split("&") if not piece.startswith("_x_tr_"))
    scheme = dict(fields(parts.query)).get("_x_tr_sch", "https")
    return _with_query(scheme, name + parts.path, kept)


def host_path(_: str, parts: Parts) -> str | None:
    """Return the image whose host is the first part of the path."""
    rest = parts.path.removeprefix("/img/").lstrip("/")
    tls = dict(fields(parts.query)).get("ssl") == "1"
    return f"{'https' if tls else 'http'}://{unquote(rest)}" if "." in rest.partition("/")[0] else None


def scheme_path(_: str, parts: Parts) -> str | None:
    """Return the image whose scheme and host are parts of the path."""
    found = _SCHEME_PATH.search(parts.path)
    return None if found is None else f"{found['scheme']}://{found['rest']}"


def second_part(_: str, parts: Parts) -> str | None:
    """Return the page that stands encoded, without its scheme, after a part that says how it is asked for."""
    mode, _, rest = parts.path.lstrip("/").partition("/")
    name = unquote(rest.partition("/")[0])
    if mode not in {"1", "2", "3", "1s", "2s", "3s"} or "." not in name:
        return None
    return f"{'https' if mode.endswith('s') else 'http'}://{name}"


def cache(_: str, parts: Parts) -> str | None:
    """Return what stands after `cache:` and an id in the query."""
    value = unquote(dict(fields(parts.query)).get("q", ""))
    rest = value.removeprefix("cache:").partition("+")[0].partition(" ")[0]
    if rest == value:
        return None
    return absolute(re.sub(r"^[\w-]{8,16}:(?=.)", "", rest)) or f"http://{re.sub(r'^[-_A-Za-z0-9]{8,16}:', '', rest)}"


def archive(_: str, parts: Parts) -> str | None:
    """Return the archived page where it stands without its scheme."""
    found = _ARCHIVE.match(parts.path)
    return None if found is None else _with_query("http", found["rest"], parts.query)


def _with_query(scheme: str, rest: str, query: str) -> str:
    return f"{'http' if scheme == 'http' else 'https'}://{rest}{'?' if query else ''}{query}"


#: The services' own ways, by the name that `wrappers.toml` gives them.
FORMS: Final[Mapping[str, Callable[[str, Parts], str | None]]] = {
    "proofpoint_v2": proofpoint_v2,
    "proofpoint_v3": proofpoint_v3,
    "amp": amp,
    "translate_goog": translate_goog,
    "host_path": host_path,
    "scheme_path": scheme_path,
    "second_part": second_part,
    "cache": cache,
    "archive": archive,
}
