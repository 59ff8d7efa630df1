"""What the papers of a trail say beside the acts: labels, and how a signature is checked."""

# ruff: noqa: RUF001 - typographic apostrophes are what readers expect

from typing import Final

from router.console.language import N_

LABEL: Final = {
    "title": N_("TRAIL OF A CASE"),
    "about": N_(
        "Everything that the audit chain of this hotline holds about one case. No location, no account and no name"
        " of staff stands in it: what left stands here as its digest, and who acted as a staff number. The names are a"
        " paper of their own, which is handed over where the order asks for them."
    ),
    "house": N_("Hotline"),
    "trail": N_("Trail"),
    "order": N_("Court order"),
    "court": N_("Ordered by"),
    "asked_by": N_("Asked for by"),
    "confirmed_by": N_("Confirmed by"),
    "made_at": N_("Made"),
    "program": N_("Version of the program"),
    "policy": N_("Version of the policy"),
    "clock": N_("Clock"),
    "case": N_("Case"),
    "dossiers": N_("Dossier numbers"),
    "sources": N_("Sources"),
    "received_at": N_("Reported"),
    "opened_at": N_("Opened"),
    "closed_at": N_("Closed"),
    "state": N_("State"),
    "outcome": N_("Outcome"),
    "assessment": N_("Assessment"),
    "hosting_country": N_("Hosted in"),
    "assigned_country": N_("Who deals with it"),
    "entries": N_("WHAT HAPPENED"),
    "left": N_("WHAT LEFT, AS DIGESTS"),
    "revealed": N_("WHO SAW THE LOCATION IN FULL"),
    "nobody": N_("Nobody."),
    "nothing": N_("Nothing left."),
    "chain": N_("THE SIGNED ROOT OF THE AUDIT CHAIN"),
    "typed": N_("a reason was typed; it stays with the hotline"),
    "damaged": N_("this entry is not what was written; the hotline’s own check says more"),
    "unknown": N_("not kept then"),
    "digest": N_("SHA-256 of what was fixed to be sent"),
    "keyed": N_("the hotline’s keyed digest"),
    "no_digest": N_("nothing was fixed to be sent, or its time is over"),
    "receipt": N_("Receipt"),
    "first_sent_at": N_("first sent"),
    "accepted_at": N_("accepted"),
    "referral": N_("referral"),
    "route": N_("rule of the policy"),
    "no_reason": N_("the policy gives no reason for this rule"),
    "looked_at": N_("what it looked at"),
    "no_clock": N_("no partner’s answer tells how far this clock is from others"),
    "in_zone": N_("times are UTC; beside them the house’s own"),
}
BEHIND: Final = N_("%(seconds)s seconds behind the middle one of %(count)s partners’ clocks")
AHEAD: Final = N_("%(seconds)s seconds ahead of the middle one of %(count)s partners’ clocks")
COUNT: Final = N_("%(count)s entries")

#: How the papers are checked, a paragraph each; what begins with four spaces is typed as it stands.
HOW: Final = (
    N_("HOW TO CHECK THESE PAPERS"),
    N_(
        "trail.json and trail.txt say the same, for programs and for people. Each has a signature beside it (.sig),"
        " made with the key of the hotline (house.pem). It takes OpenSSL 3 and no program of ours."
    ),
    N_("1. Put all files into one folder, and type there:"),
    "    openssl pkeyutl -verify -pubin -inkey house.pem -rawin -in trail.json -sigfile trail.json.sig",
    "    openssl pkeyutl -verify -pubin -inkey house.pem -rawin -in trail.txt -sigfile trail.txt.sig",
    N_("Each must answer “Signature Verified Successfully”. If one does not, that file is not what was signed."),
    N_(
        "2. Is it the hotline’s key? Type this, and have the hotline read you its own, over a telephone number that"
        " you know:"
    ),
    "    openssl pkey -pubin -in house.pem -outform DER | openssl dgst -sha256",
    N_(
        "3. What was fixed to be sent has its SHA-256 in the trail. A partner that takes it as it is (a webhook) has a"
        " copy with the same one. A hub, a police unit and another hotline’s router get it in a form of their own: the"
        " digest of their copy is another, and proves nothing against them."
    ),
    "    openssl dgst -sha256 COPY",
    N_(
        "4. Staff stand here by number. names.json tells who they are and is signed as the others are; it comes only"
        " where the order asks for names."
    ),
    N_(
        "5. Each entry names its place in the audit chain (epoch and number) and its hash. The root at the end was"
        " signed after all of them: the hotline can prove that none was changed, added or taken out since."
    ),
)
