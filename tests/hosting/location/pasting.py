"""What people paste around, instead of and beside a location, as strategies: prefix noise, damage, suffix noise."""

from dataclasses import dataclass

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
    return (word + draw(st.sampled_from(ENDINGS))) * draw(st.sampled_from([1, 1, 1, 2]))


@st.composite
def defanged(draw: st.DrawFn, host: str) -> str:
    dot = draw(st.sampled_from([".", ".", "[.]", "(.)", "{.}", "[dot]", " [.] ", " dot ", "\\.", "\u00b7", "\u3002"]))
    return host.replace(".", dot)


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
    if draw(st.booleans()):
        pair = draw(st.sampled_from(BRACKETS))
        text = pair[0] + text + pair[1]
    if draw(st.booleans()):
        text = draw(st.sampled_from(LABELS)) + text
    signs = UNSEEN + BLANKS + QUOTES
    return Pasted(draw(noise(signs)) + text + draw(noise(signs)), inside.host)
