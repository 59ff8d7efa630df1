"""What comes in, as a source sends it."""

from schemas.report import ReportGiven

#: A report as version 0.2 wrote it out to know it again.
_BEFORE = (
    '{"source":"form","reference":"r","received_at":"2026-11-22T08:00:00Z","items":[{"location":"https://a.test/",'
    '"kind":"url","ways_in":null,"site_type":null,"commerciality":null,"payment_methods":[],"age":null,"gender":null,'
    '"account":null}],"assessment":{"value":"unassessed","assessed_by":null,"assessed_at":null},"urgency":"none",'
    '"memo":null,"note_to_partner":null}'
)


def test_a_report_of_before_is_the_same_report_when_it_comes_again() -> None:
    """Its digest is of this text: a field that came later and is not said must not change it."""
    assert ReportGiven.model_validate_json(_BEFORE).model_dump_json() == _BEFORE
