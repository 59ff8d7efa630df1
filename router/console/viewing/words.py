"""What the pages of viewing sessions say: why a location is left out, and why a row is refused or what else it is."""

from typing import Final

from router.console.language import N_

LEFT_OUT: Final = {
    "not_on_desk": N_("It is not on the desk now."),
    "erased": N_("It was erased, or what is stored of it is damaged; see its page."),
    "held": N_("Somebody else has it; take it over on its page first."),
    "handed_on": N_("You handed it on today."),
    "rings": N_("It rings: somebody answers it here first; then it may be taken."),
    "embargo": N_("An embargo holds it; its page says whom to ask."),
    "too_many": N_("One session holds no more; take it in the next one."),
    "pause": N_("You have looked at as much as the house wants you to for now; take it another time."),
}
ANSWER: Final = {
    "already": N_("It was brought before, and stands."),
    "embargo": N_("What you saw is kept; an embargo holds the case since."),
    "cells": N_("This row has more cells than there are columns; see what slipped."),
    "line_twice": N_("This line stands in the table twice, and not alike: keep the row that is right."),
    "no_such_line": N_("No session has a line with this token: copy it again from the file that went out."),
    "other_person": N_("Somebody else took this session and saw it; they bring its results."),
    "lost": N_("This session was said to be lost, and nothing of it is taken: look at the location on its page."),
    "closed": N_("This session was given back; say what you saw on the page of the case."),
    "given_before": N_(
        "Something else was brought of this line before, and that stands: change it on the page of the case."
    ),
    "has_it": N_("Somebody else has this one by now: leave it to them, or take it over on its page."),
    "which_assessment": N_("What it is cannot be read: baseline, national or not_illegal."),
    "which_finding": N_("What was found cannot be read: there, gone, content_gone or cannot_see."),
    "not_both": N_("What was not seen to be there has no assessment from this session: leave one of the two empty."),
    "why_not": N_("Say why it cannot be seen."),
    "which_labels": N_(
        "Write labels as scheme:value, with ; between them, beside an assessment that is not “not illegal”."
    ),
    "conflict": N_("The case changed in the meantime: see on its page who did what, and decide there."),
    "not_seen": N_("You have not seen this location: reveal it first, then say what it is."),
    "second_person": N_("You said so yourself: a second person looks at this one."),
    "second_look": N_("A second person looks whether it is illegal: say that it is not, or what it is."),
    "not_now": N_("This cannot be done with the case as it is now; look at its page."),
}
FINDING: Final = {
    "there": N_("still there"),
    "gone": N_("gone"),
    "content_gone": N_("the page stays, its content is gone"),
    "cannot_see": N_("cannot be seen (say why)"),
}
ENDED: Final = {"closed": N_("given back"), "lost": N_("lost")}
DONE: Final = {
    "closed": N_("What has no result is given back."),
    "lost": N_("The session is lost: the house is told, and nothing of it is taken any more. This was in it:"),
}
