"""What the pages of partners say: what ends of one, and what an act on it did."""

from typing import Final

from router.console.language import N_
from schemas.partner import PartnerKind
from schemas.partner_health import Ends

KIND: Final = {
    PartnerKind.HOTLINE: N_("hotline"),
    PartnerKind.POLICE: N_("police"),
    PartnerKind.PROVIDER: N_("provider"),
    PartnerKind.HUB: N_("hub"),
}
ENDS: Final = {
    Ends.CREDENTIALS: N_("Certificate or keys end"),
    Ends.AGREEMENT: N_("Agreement ends"),
    Ends.TRANSFER: N_("Basis of transfer ends"),
}
