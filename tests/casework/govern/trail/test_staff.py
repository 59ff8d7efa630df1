"""Staff by number: the same person is the same number everywhere, and no name is left of them."""

from hypothesis import given
from hypothesis import strategies as st

from router.casework.govern.trail.staff import Staff

NAMES = ["anna", "bob", "cleo"]
PARTS = st.sampled_from(
    ["person:anna", "person:bob", "person:gone", "local:root", "local:eve", "router", "source:form"]
)


def test_an_account_is_its_place_in_every_trail_and_a_machine_a_number_within_one() -> None:
    staff = Staff(NAMES)
    assert [staff.of(f"person:{name}") for name in NAMES] == ["S1", "S2", "S3"]
    assert Staff(NAMES).of("person:cleo") == "S3"
    assert staff.of("person:bob/local:root") == "S2/M1"
    assert [staff.of("local:eve"), staff.of("local:root"), staff.of("router")] == ["M2", "M1", "router"]
    assert staff.met == {"S1": "anna", "S2": "bob", "S3": "cleo", "M1": "root", "M2": "eve"}


@given(st.lists(PARTS, min_size=1, max_size=3), PARTS)
def test_no_name_is_left_in_what_an_entry_says(parts: list[str], other: str) -> None:
    staff = Staff(NAMES)
    actor = "/".join(parts)
    said = staff.within({"by": [actor, "bob"], "account": "anna", "partner": "cleo", "put_off": {other: 3}, "n": 1})
    shown = f"{staff.of(actor)} {said}"
    assert not any(name in shown for name in ("anna", "bob", "gone", "root", "eve"))
    assert said["partner"] == "cleo", "a partner may be called as somebody is"
    assert said["n"] == 1
    assert set(staff.met.values()) <= {*NAMES, "gone", "root", "eve"}
