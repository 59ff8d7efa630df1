"""What a third party's text may be: anything at all, or an honest answer with something wrong in it, wherever it is."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

#: Any JSON: numbers that no column holds, deep lists, keys that look right.
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "abuse", "email", "geo", "37.97.128.0", "::1", "NL", "https://a.test/", "a@b.test", "\x00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def places(document: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, the root first."""
    yield at
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else ())
    )
    for key, value in inside:
        yield from places(value, (*at, key))


def reshaped(document: Any) -> Iterator[Any]:
    """A document once for each place in it and each kind of JSON that may stand there, and once without that place."""
    for place in places(document):
        for shape in (None, True, 7, 1e300, "", "x", [], {}, [None], {"": []}, "as a list", "in an object", "left out"):
            found = {"root": copy.deepcopy(document)}
            *way, last = ("root", *place)
            holder: Any = found
            for step in way:
                holder = holder[step]
            match shape:
                case "as a list":
                    holder[last] = [holder[last]]
                case "in an object":
                    holder[last] = {"value": holder[last]}
                case "left out":
                    del holder[last]
                case _:
                    holder[last] = copy.deepcopy(shape)
            yield found.get("root")


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """A JSON document with up to four things wrong: a member replaced, left out, wrapped, emptied, or said twice."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        inside = [place for place in places(found) if place]
        if not inside:
            return draw(JSON)
        *way, last = draw(st.sampled_from(inside))
        holder = found
        for step in way:
            holder = holder[step]
        match draw(st.sampled_from(["replace", "drop", "wrap", "unwrap", "twice"])):
            case "replace":
                holder[last] = draw(JSON)
            case "drop":
                del holder[last]
            case "wrap":
                holder[last] = draw(st.sampled_from([[holder[last]], {"value": holder[last]}, [[holder[last]], None]]))
            case "unwrap":
                inner = holder[last]
                values = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
                holder[last] = next(iter(values), None)
            case "twice":
                holder[last] = [holder[last], holder[last]]
    return found


#: Noise that texts of other programs bring: ends of lines, marks, comments, other digits, what is no text at all.
NOISE = st.sampled_from(
    [
        "\ufeff",
        "\x00",
        "\r",
        "\n",
        " # Holland",
        "\t",
        "٣",
        "²",
        "%",
        "\u2028",
        '"',
        ",",
        ":",
        "/",
        "-",
        "9" * 30,
        "é",
        "|",
    ]
) | st.text(max_size=6)


@st.composite
def garbled(draw: st.DrawFn, text: str) -> str:
    """A text with up to six things wrong: something put in or taken out, lines doubled, exchanged or lost."""
    found = text
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(found)))
        lines = found.splitlines(keepends=True)
        match draw(st.sampled_from(["put", "cut", "line", "shuffle"])):
            case "put":
                found = found[:at] + draw(NOISE) + found[at:]
            case "cut":
                found = found[:at] + found[at + draw(st.integers(1, 12)) :]
            case "line" if lines:
                found = "".join([*lines, draw(st.sampled_from(lines))])
            case "shuffle" if lines:
                found = "".join(draw(st.permutations(lines)))
    return found
