"""What people paste around, instead of and beside a location, as strategies: prefix noise, damage, suffix noise."""

from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import strategies as st

#: Unseen and blank signs, quotes and list marks of many keyboards; each run of them may stand on either side.
UNSEEN = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\ufeff\ufe0f"
BLANKS = " \t\n\r\u00a0\u1680\u2002\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
QUOTES = "\"'`\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a\u300c\u300d\u300e\u300f\uff02"
#: A pair of brackets around the whole.
BRACKETS = ["()", "[]", "{}", "<>", "\uff08\uff09", "\u3010\u3011", "\u3008\u3009"]
LABELS = ["URL: ", "url:", "Link: ", "Gefunden auf: ", "Adresse : ", "- ", "\u2022 ", "1. ", "2) ", "> ", "Page = "]
ENDS = ["", ",", ";", " ,", "\u3002", "\uff0c"]
WORDS = ["http", "https", "HTTP", "Https", "hxxp", "hXXps", "h**p", "h##ps", "h__p", "http[s]", "http(s)"]
ENDINGS = ["://", "//", ":/", ":///", ".//", ";//", "::// ", ": //", ":\\\\", "//:", "[:]//", "[://]", ":[//]"]
#: A scheme that another one follows: `http:https://x.test`.
FIRST_OF_TWO = ["", "", "http:", "https:", "HTTP: ", "hxxp:", "http::", "https:http:", "http[:]"]
#: Brackets of several keyboards, in any pairing: which closes what, hurried people and tools do not look at.
OPENS, CLOSES = "[({<\u3010\uff08", "])}>\u3011\uff09"
#: What stands for a dot between them.
WRITTEN_DOTS = [".", " . ", "dot", "DOT", "punkt", "\u3002", "%2E"]
SEPARATORS = [
    " ", ", ", " ; ", ";", ",", "|", " | ", " and ", " und ", "\u00a0", "\u2003", "\u2028", "\n", "\r\n", "\t",
    "\u3000", " - ", " / ", "\u200b", "", "\uff0c", "\u3001", "  \n  ", " -> ", ") (", "> <", '" "',
]  # fmt: skip

_label = st.from_regex(r"[a-z][a-z0-9]{2,9}", fullmatch=True).filter(
    lambda label: not label.startswith(("ht", "tt", "www"))
)
hosts = st.lists(_label, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "test"]))
paths = st.sampled_from(["", "/", "/a", "/a/b.html", "/a?b=c&d=e", "/wiki/A_(b)", "/a#part", "/%C3%A9", "/watch?v=x_"])


@dataclass(frozen=True)
class Pasted:
    """A pasted text, and the host that its writer means."""

    text: str
    host: str


def noise(signs: str) -> st.SearchStrategy[str]:
    return st.text(signs, max_size=4)


@st.composite
def schemes(draw: st.DrawFn) -> str:
    """A scheme as it should be, defanged, with one slip of the hand, or repeated."""
    word = draw(st.sampled_from(WORDS))
    if word.isalpha() and draw(st.booleans()):
        at, letter = draw(st.integers(0, len(word) - 1)), draw(st.sampled_from("abgjklopqst"))
        word = draw(st.sampled_from([word[:at] + word[at + 1 :], word[:at] + letter + word[at:]]))
    first = draw(st.sampled_from(FIRST_OF_TWO))
    return first + (word + draw(st.sampled_from(ENDINGS))) * draw(st.sampled_from([1, 1, 1, 2]))


@st.composite
def dots(draw: st.DrawFn) -> str:
    """A dot as people and tools write it so that nobody clicks: whole, in any two brackets, or with half of them."""
    written = draw(st.sampled_from(WRITTEN_DOTS))
    opens, closes = draw(st.sampled_from(OPENS)), draw(st.sampled_from(CLOSES))
    kind = draw(st.sampled_from(["whole", "pair", "left", "right", "escaped"]))
    if kind == "whole":
        return draw(st.sampled_from([".", ".", " dot ", "\\.", "\u00b7", "\u3002"]))
    if kind == "pair":
        return opens + written + closes
    return {"left": f"{opens}.", "right": f".{closes}", "escaped": f"\\{opens}.\\{closes}"}[kind]


@st.composite
def defanged(draw: st.DrawFn, host: str) -> str:
    return host.replace(".", draw(dots()))


@st.composite
def spelled_out(draw: st.DrawFn, text: str) -> str:
    """A text as HTML spells it: some of its signs by number or by name."""
    names = {".": "&period;", ":": "&colon;", "/": "&sol;"}

    def spelled(sign: str) -> str:
        ways = [sign, f"&#{ord(sign)};", f"&#x{ord(sign):x};", f"&#{ord(sign):05d};", f"&amp;#{ord(sign)};"]
        return draw(st.sampled_from([*ways, names[sign]] if sign in names else [sign, *ways]))

    return "".join(spelled(sign) for sign in text)


@st.composite
def magnets(draw: st.DrawFn) -> Pasted:
    """A magnet link as it is pasted: encoded, without its question mark, defanged, with the end of a sentence."""
    topic = draw(st.sampled_from(["urn:btih:", "urn:sha1:", "urn:ed2k:", "urn:btmh:1220"]))
    hashed = draw(st.text("0123456789abcdef", min_size=40, max_size=40))
    meant = f"magnet:?xt={topic}{hashed}"
    title = draw(st.sampled_from(["", "&dn=a+b.c", "&amp;tr=udp%3A%2F%2Ft.test", "&dn=x"]))
    text = draw(st.sampled_from([meant, meant.upper().replace("URN:", "urn:"), meant.replace("?", ""), meant]))
    start = draw(st.sampled_from(["magnet:", "magnet[:]", "magnet:/", "magnet://", "magnet: ", "Magnet: magnet:"]))
    text = start + text[len("magnet:") :] + title
    for _ in range(draw(st.integers(0, 2)) if start == "magnet:" else 0):
        text = quote(text, safe="")
    if title in {"", "&dn=x"} and "%" not in text:
        text += draw(st.sampled_from(["", ".", ",", "!", "...", "\u2026", ").", ";"]))
    return Pasted(text, meant)


@st.composite
def locations(draw: st.DrawFn) -> Pasted:
    """A location as somebody wrote it, with nothing around."""
    host = draw(hosts)
    start = draw(st.one_of(schemes(), st.just(""))) if draw(st.booleans()) else "http://"
    return Pasted(start + draw(defanged(host)) + draw(paths), host)


@st.composite
def pasted(draw: st.DrawFn) -> Pasted:
    """One location in whatever it was pasted in."""
    inside = draw(locations())
    text = inside.text
    if draw(st.booleans()):
        text = text + draw(st.sampled_from(ENDS))
    matched = all(text.count(one) == text.count(other) for one, other in zip(OPENS, CLOSES, strict=True))
    if matched and draw(st.booleans()):  # beside half a bracket, nobody can tell which of two was meant
        pair = draw(st.sampled_from(BRACKETS))
        text = pair[0] + text + pair[1]
    if draw(st.booleans()):
        text = draw(st.sampled_from(LABELS)) + text
    signs = UNSEEN + BLANKS + QUOTES
    return Pasted(draw(noise(signs)) + text + draw(noise(signs)), inside.host)
