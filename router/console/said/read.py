"""What is refused of a search, a page of a list, a figure and a report."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_("The report has no item with this reference; check it."),
    N_("Nothing was received in this period."),
    N_("No notices yet: nothing was sent to a provider in this period."),
    N_("Nothing was signed yet; look again in a minute."),
    N_("This is not where a page ended; start again from the newest."),
    N_("This is not where a page of this list ended; start again without a cursor."),
    N_("Ask for ten years at most at once."),
    N_("The last day is before the first one; write them the other way round."),
    N_("There is no such year; write one of four digits."),
    N_("Several sources have a report of this reference; ask by our own number."),
    N_("There is no report with this number; check it."),
    N_("No open case has a site of this tag now; see the desk."),
    N_(
        "This reference may name a location, and a location must not stand in an address: ask by our own number of the "
        "report (`dossier`), by its id, or by the reply code of what a unit was sent."
    ),
    N_("The cases of this report change at this moment; send this again."),
    N_("There is no report with this id; check it."),
)

#: The same with something filled in.
FILLED: Final = (
    N_("{partner} sees it there still: look whether it is gone, and what became of it."),
    N_("Several tags begin so: write more of it, as in {one} and {other}."),
    N_("The location has more than {most} characters; report the page it is on."),
)
