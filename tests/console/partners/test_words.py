from router.console.partners.words import ENDS, KIND
from schemas.partner import PartnerKind
from schemas.partner_health import Ends


def test_every_code_has_its_words() -> None:
    assert set(KIND) == set(PartnerKind)
    assert set(ENDS) == set(Ends)
