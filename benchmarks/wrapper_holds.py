"""How many ordinary URLs the structural rules of wrappers and gateways hold: `python benchmarks/wrapper_holds.py`.

    [--urls FILE] [--count N] [--show N] [--json]

A wrapper is held for people. So is a page that looks like one, and each of those costs a person a look: the share must
stay small. Without a file, N (100,000) URLs are made up here, seeded, in the shapes of `SHAPES` and in the parts of a
thousand that stand beside them. Shapes and parts are our own judgement of what is reported and crawled, not measured;
the hosts are invented. A shape whose URL carries another site's page (a share button, an archive, an image proxy, a
redirector) is right to be held: what was meant may stand inside. Held of the others is the figure to keep small.

With a file (one URL a line) the same rules run over real ones. On 30 Nov 2026: of 48,010 pages of web directories one
was held (a Tor gateway's), of 11,430 URLs half of which are phishing 77, all that were looked at being redirectors,
proxies and mail scanners' links (`others/kasztp.txt` and `others/userbait.txt` of github.com/ada-url/
url-various-datasets, which is no part of this project). `--show` prints samples.
"""

import argparse
import json
import random
import re
import sys
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from router.errors import BadInput
from router.hosting.location.link_wrapper import wrapped
from router.hosting.location.url import read

#: Held of the shapes that carry nothing, at most.
TARGET: Final = 0.01
_WORDS: Final = """
album amber archive atlas bridge candle canvas castle circle clever cloud copper corner crystal delta diamond drift
ember falcon field forest gallery garden harbor hidden island jungle kitten lagoon lantern magic marble meadow mirror
moon mountain ocean orchid paper pearl photo pixel planet rain river rocket rose sand shadow silver sky snow spark star
stone storm summer sun temple tiger valley velvet video violet water wave wild wind winter
"""
WORDS: Final = tuple(_WORDS.split())
ENDINGS: Final = (
    "com",
    "net",
    "org",
    "de",
    "nl",
    "fr",
    "be",
    "co.uk",
    "com.br",
    "ru",
    "io",
    "tv",
    "me",
    "info",
    "club",
)


class Draw(random.Random):
    """Draws the parts of a URL."""

    def host(self) -> str:
        """Return an invented host."""
        name = self.choice(WORDS) + self.choice(["", "-", ""]) + self.choice(WORDS)
        return f"{self.choice(['', 'www.', 'www.', 'm.', 'cdn.'])}{name}.{self.choice(ENDINGS)}"

    def page(self, host: str) -> str:
        """Return an absolute URL."""
        return f"{self.choice(['https', 'https', 'http'])}://{host}/{self.slug()}"

    def slug(self) -> str:
        """Return a path without its first slash."""
        parts = [self.choice(WORDS) for _ in range(self.randint(1, 3))]
        number = self.randrange(10**7)
        return "/".join(parts) + self.choice(["", "/", ".html", f"-{number}", f"/{number}"])

    def token(self) -> str:
        """Return an id as programs make them."""
        return urlsafe_b64encode(self.randbytes(self.randint(6, 32))).decode().rstrip("=")


@dataclass(frozen=True)
class Shape:
    """One kind of URL: how many of a thousand are of it, and what follows the host.

    `<a|b>` is one of these; `{own}` is a page of the same site and `{other}` one of another, encoded, `{page}` one as
    it stands; the rest is drawn.
    """

    name: str
    parts: int
    after: str
    carries: bool = False  #: another site's page stands in it: right to be held


SHAPES: Final = (
    Shape("front page", 80, "/"),
    Shape("page", 280, "/{slug}"),
    Shape("image or film", 170, "/{slug}/{token}.<jpg|png|webp|mp4>"),
    Shape("page with a query", 120, "/{slug}?id={n}&page={n}"),
    Shape("page with a search", 30, "/search?q={word}+{word}&lang=nl"),
    Shape("page with campaign marks", 60, "/{slug}?utm_source={word}&utm_medium=mail&fbclid={token}"),
    Shape("campaign mark with a site", 10, "/{slug}?utm_source={other}"),
    Shape("forum or profile", 50, "/viewtopic.php?f={n}&t={n}#p{n}"),
    Shape("file host with a key", 20, "/file/{token}#{token}"),
    Shape("page of an app", 20, "/#/{slug}"),
    Shape("id that could be base64", 30, "/v/{token}?s={token}"),
    Shape("page about http", 8, "/https-or-http-{word}?topic=http"),
    Shape("its own image resized", 15, "/_next/image?url={own}.jpg&w=640"),
    Shape("its own redirector", 10, "/redirect?url={own}"),
    Shape("sign-in, back to its own page", 15, "/login?next={own}"),
    Shape("sign-in, back to another site", 10, "/<login|sso|signin>?<next|returnUrl|service|url>={other}"),
    Shape("OAuth", 8, "/oauth/authorize?client_id={token}&redirect_uri={other}&state={token}"),
    Shape("return to another site", 8, "/{slug}?<return_to|backUrl|continue|next>={other}"),
    Shape("where a visitor comes from", 20, "/{slug}?<ref|referrer|origin|source|from>={other}"),
    Shape("what a page is about", 6, "/{slug}?<canonical|page|site|doc_url>={other}"),
    Shape("another site's file for its look", 3, "/{slug}?<logo|css|icon|bg|kml>={other}"),
    Shape("another site in a field of any name", 2, "/{slug}?{word}={other}"),
    Shape("share button", 10, "/<sharer.php?u|intent/post?url|share?link|submit?url>={other}", carries=True),
    Shape("embedding or checking a page", 5, "/<oembed?url|check?uri|preview?url>={other}", carries=True),
    Shape("archive", 5, "/web/20<04|11|19|25>0101000000/{page}", carries=True),
    Shape("image proxy", 4, "/<resize?src|proxy?image|thumb?img>={other}.jpg", carries=True),
    Shape("player of another site's film", 2, "/embed?file={other}.mp4", carries=True),
    Shape("redirector", 4, "/<out|go|click|away.php>?<url|to|u|id=7&dest>={other}", carries=True),
)
_EITHER: Final = re.compile(r"<([^>]+)>")
_DRAWN: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Made:
    """One URL and what it is."""

    url: str
    shape: Shape


def corpus(count: int, seed: int = 7) -> Iterator[Made]:
    """Yield URLs of all shapes, in their parts."""
    draw = Draw(seed)
    for shape in draw.choices(SHAPES, [one.parts for one in SHAPES], k=count):
        host = draw.host()
        yield Made(f"{draw.choice(['https', 'https', 'http'])}://{host}{_filled(draw, host, shape.after)}", shape)


def _filled(draw: Draw, host: str, after: str) -> str:
    drawn = {
        "slug": draw.slug,
        "token": draw.token,
        "word": lambda: draw.choice(WORDS),
        "n": lambda: str(draw.randrange(10**6)),
        "own": lambda: quote(draw.page(host), safe=""),
        "other": lambda: quote(draw.page(draw.host()), safe=""),
        "page": lambda: draw.page(draw.host()),
    }
    chosen = _EITHER.sub(lambda found: draw.choice(found[1].split("|")), after)
    return _DRAWN.sub(lambda found: drawn[found[1]](), chosen)


def is_held(url: str) -> bool:
    """Return whether the structure or the list makes people look at a URL. Raise BadInput for what is none."""
    locator = read(url)
    if locator.no_host is not None:
        return locator.no_host.endswith("_gateway")
    return wrapped(locator) is not None


def measure(count: int) -> dict[str, tuple[int, int]]:
    """Return how many URLs of each shape were made, and how many of them are held."""
    made: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for one in corpus(count):
        made[one.shape.name] += 1
        held[one.shape.name] += is_held(one.url)
    return {shape.name: (made[shape.name], held[shape.name]) for shape in SHAPES}


def share(found: dict[str, tuple[int, int]], *, carries: bool) -> float:
    """Return the share held of the shapes that carry another site's page, or of those that do not."""
    some = [found[shape.name] for shape in SHAPES if shape.carries is carries]
    return sum(held for _, held in some) / sum(made for made, _ in some)


def of_file(lines: Iterable[str], show: int) -> None:
    """Print how many of real URLs are held, or cannot be read."""
    count, held, unread = 0, [], Counter[str]()
    for line in lines:
        url = line.strip("\ufeff \r\n")
        if not url:
            continue
        count += 1
        try:
            if is_held(url):
                held.append(url)
        except BadInput as error:
            unread[error.reason] += 1
    print(f"{count:,} URLs, {len(held):,} held ({len(held) / max(count, 1):.3%}); not read: {dict(unread)}")
    for url in random.Random(1).sample(held, min(show, len(held))):
        print(f"  {url[:160]}")


def main() -> None:
    """Print the table, or one line for a file."""
    parser = argparse.ArgumentParser(description="Measure how many ordinary URLs are held as wrappers or gateways.")
    parser.add_argument("--urls", type=Path, help="a file with one URL a line, instead of made-up ones")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--show", type=int, default=0, help="samples of what is held of a file")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.urls:
        with chosen.urls.open(encoding="utf-8", errors="replace") as lines:
            return of_file(lines, chosen.show)
    found = measure(chosen.count)
    pages, carriers = share(found, carries=False), share(found, carries=True)
    if chosen.json:
        return print(json.dumps({"shapes": found, "pages": pages, "carriers": carriers, "ok": pages <= TARGET}))
    for shape in SHAPES:
        made, held = found[shape.name]
        kind = "carries" if shape.carries else "page"
        print(f"{kind:<8} {shape.name:<38} {made:>7,} {held:>7,} {held / max(made, 1):>8.2%}")
    total = sum(held for _, held in found.values())
    print(f"{total:,} of {chosen.count:,} held")
    print(f"of the pages {pages:.2%} (at most {TARGET:.0%}), of what carries another site's page {carriers:.1%}")
    return None


if __name__ == "__main__":
    main()
