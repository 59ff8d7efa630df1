"""What figures keep of an item that is sealed: its labels, an age, a gender, in codes only.

A label is a word of some scheme, and anybody can write anything in its place: what is not a code is counted as `other`,
so that nothing that names somebody stands outside the seal.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from router.store.base import Add, Remove
from router.store.schema.tables import figure_marks
from schemas.report import ItemGiven, Label

LABEL: Final = "label"
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}")


def marks(item_id: str, case_id: str, item: ItemGiven) -> Iterator[Add]:
    """Yield the rows of what an item says of what is seen there."""
    if item.labels:
        yield from labelled(item_id, case_id, item.labels)
    for what, value in (("age", item.age), ("gender", item.gender)):
        if value is not None:
            yield _mark(item_id, case_id, what, value)


def labelled(item_id: str, case_id: str, labels: Sequence[Label]) -> Iterator[Add]:
    """Yield a row for each label, one for those that are counted alike."""
    for said in sorted({f"{one.scheme}:{code(one.value)}" for one in labels}):
        yield _mark(item_id, case_id, LABEL, said)


def unlabelled(item_id: str) -> Remove:
    """Return what makes room for the labels of a later assessment, which stand in the place of those before."""
    return Remove(figure_marks, {"item_id": item_id, "what": LABEL})


def code(value: str) -> str:
    """Return a label's value where it is a code, else `other`."""
    return value if _CODE.fullmatch(value) else "other"


def _mark(item_id: str, case_id: str, what: str, value: str) -> Add:
    return Add(figure_marks, {"item_id": item_id, "what": what, "value": value, "case_id": case_id})
