import copy
import pickle

import pytest
from pydantic import ValidationError

from router.hosting.trusted import trusted
from schemas.trace import Address, Basis, Claim, Evidence

FIELDS = {
    "source": "geolocation",
    "claim": Claim(basis=Basis.LOCATION, country="NL"),
    "as_of": "2026-06-01",
    "prefix": "192.0.2.0/24",
    "detail": "words",
}


def test_it_equals_the_validated_word_in_every_way_that_is_used() -> None:
    ours, theirs = trusted(Evidence, dict(FIELDS)), Evidence(**FIELDS)
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert ours.model_dump() == theirs.model_dump()
    assert ours.model_dump_json() == theirs.model_dump_json()
    assert ours.model_dump(exclude_unset=True) == theirs.model_dump(exclude_unset=True)
    assert ours.model_copy(update={"detail": "x"}) == theirs.model_copy(update={"detail": "x"})
    assert repr(ours) == repr(theirs)


def test_it_survives_pickling_and_copying() -> None:
    ours = trusted(Evidence, dict(FIELDS))
    assert pickle.loads(pickle.dumps(ours)) == ours == copy.deepcopy(ours)  # noqa: S301 - our own bytes


def test_it_fits_into_a_validated_word() -> None:
    ours = trusted(Evidence, dict(FIELDS))
    assert Address(ip="192.0.2.1", evidence=(ours,)).evidence == (ours,)


def test_it_cannot_be_changed_either() -> None:
    with pytest.raises(ValidationError):
        trusted(Evidence, dict(FIELDS)).detail = "other"  # type: ignore[misc] # what is forbidden


def test_a_copy_that_sets_a_field_leaves_other_words_alone() -> None:
    one, other = trusted(Evidence, dict(FIELDS)), trusted(Evidence, dict(FIELDS))
    one.model_copy(update={"detail": "changed"})
    assert other.model_fields_set == set(Evidence.model_fields)
