"""What is counted, and what the words mean, as the definitions say it, to be read in four languages.

`router/data/figures.toml` is what counts; a test holds these to it.
"""

from typing import Final

from router.console.language import N_

#: What each measure counts, and what each word means, as `router/data/figures.toml` defines them (version v1).
MEANS: Final = {
    "reports": N_("reports received"),
    "items": N_("items of the reports received; what is no repeat opened a case"),
    "cases": N_("cases opened by the reports received, as they stand on the day of counting"),
    "repeat_closed_case": N_("of these, cases whose location was that of a case closed before"),
    "actionable": N_("of these, cases assessed as illegal"),
    "actioned": N_("of these, cases that at least one partner accepted"),
    "told": N_("actionable cases of which police, or a provider, were told, by us or by a partner as it says"),
    "disagreements": N_(
        "cases assessed as illegal that a partner called not illegal, and second looks that found otherwise"
    ),
    "checks": N_("what came of the checks whether it is gone; `not_checked` is what nobody had the time for"),
    "probes": N_("what came of asking reported hosts themselves whether they are there; nobody is asked twice a day"),
    "referrals": N_("referrals first sent in the period, copies among them"),
    "times": N_("cases received in the period, by how long each step took; `never` is not, or not yet"),
    "notices": N_("notices sent to providers, by provider, what it is, and what the provider did"),
}
#: The same of words that the sentences use: what each is called, and what it means.
GLOSSARY: Final = {
    "report": N_("one act of one source: what it sent under one reference"),
    "item": N_("one location as a report names it; a report may hold several"),
    "url": N_("one canonical location, worked on as one case while it is open"),
    "referral": N_("one case given to one partner; a copy is counted apart"),
    "received": N_(
        "by the date on which the public reported it, as the source says, in the days of the house's calendar"
    ),
    "assessed": N_("an analyst, or a source that assesses, said what it is"),
    "actionable": N_("assessed as illegal: by INHOPE's baseline everywhere, or by national law"),
    "actioned": N_("actionable, and at least one partner accepted it"),
    "repeat_same_report": N_("an item whose location its own report had named already"),
    "repeat_open_case": N_("an item whose location another report had named, and which is still worked on"),
    "repeat_closed_case": N_("a case whose location was that of a case closed before"),
    "spam": N_("no report of anything; apart from not illegal, which somebody looked at and found lawful"),
    "hosted": N_("the verdict when it was first referred, else the last one: a content network's edge is no country"),
    "bins": N_(
        "under 72 hours; 72 to under 168 hours; 168 hours and more."
        " The published 3, 4-6 and 7 days leave the third day without a home"
    ),
    "clock_in_doubt": N_(
        "an interval of which our clock measured an end while it was not believed:"
        " it is in no bin and no curve, and counted apart"
    ),
    "moved": N_("the clock ends when it was found in another country, and is not counted as gone"),
    "few": N_('to the public 0 is 0, 1 to 4 is "<5", and what would let one of these be computed is hidden as well'),
    "gone": N_(
        "removed or unavailable: by a partner's own date, else by the day a person saw it,"
        " else by our first look-up in a row that found no host"
    ),
}
TERM: Final = {
    "report": N_("report"),
    "item": N_("item"),
    "url": N_("location"),
    "referral": N_("referral"),
    "received": N_("received"),
    "assessed": N_("assessed"),
    "actionable": N_("illegal"),
    "actioned": N_("acted upon"),
    "repeat_same_report": N_("again in the same report"),
    "repeat_open_case": N_("again while it was worked on"),
    "repeat_closed_case": N_("came back"),
    "spam": N_("spam"),
    "hosted": N_("hosted"),
    "bins": N_("bins"),
    "clock_in_doubt": N_("clock in doubt"),
    "moved": N_("moved"),
    "few": N_("few"),
    "gone": N_("gone"),
}
