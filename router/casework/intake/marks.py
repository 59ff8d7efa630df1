"""What figures keep of an item that is sealed: its labels, an age, a gender, in words of known lists only.

Anybody can write anything in the place of a label, or of its scheme, and a name may look like a code: a label that the
policy does not list is counted as `other`, so that nothing that names somebody stands outside the seal. An age and a
gender are of the schema's own lists.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from router.store.base import Add, Remove
from router.store.schema.tables import figure_marks
from schemas.report import ItemGiven, Label

LABEL: Final = "label"
OTHER: Final = "other"


def marks(item_id: str, case_id: str, item: ItemGiven, listed: Mapping[str, Sequence[str]]) -> Iterator[Add]:
    """Yield the rows of what an item says of what is seen there; `listed` are the labels that the policy lists."""
    if item.labels:
        yield from labelled(item_id, case_id, item.labels, listed)
    for what, value in (("age", item.age), ("gender", item.gender)):
        if value is not None:
            yield _mark(item_id, case_id, what, value)


def labelled(item_id: str, case_id: str, labels: Sequence[Label], listed: Mapping[str, Sequence[str]]) -> Iterator[Add]:
    """Yield a row for each label, one for those that are counted alike."""
    for said in sorted({counted(one, listed) for one in labels}):
        yield _mark(item_id, case_id, LABEL, said)


def unlabelled(item_id: str) -> Remove:
    """Return what makes room for the labels of a later assessment, which stand in the place of those before."""
    return Remove(figure_marks, {"item_id": item_id, "what": LABEL})


def counted(label: Label, listed: Mapping[str, Sequence[str]]) -> str:
    """Return what a label is counted as: scheme and value where the policy lists them, else `other`."""
    return f"{label.scheme}:{label.value}" if label.value in listed.get(label.scheme, ()) else OTHER


def _mark(item_id: str, case_id: str, what: str, value: str) -> Add:
    return Add(figure_marks, {"item_id": item_id, "what": what, "value": value, "case_id": case_id})
