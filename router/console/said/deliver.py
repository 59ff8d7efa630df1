"""How far a referral is, what came of it, and what its partners say."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_("It took the case, and says since that it is not theirs."),
    N_("Its source has sent this partner all it may in a day; it leaves at midnight UTC, or by `retry` now."),
    # how far a referral of several steps is; its dialect's own texts belong here, or below when they are filled in
    N_("A part of it is done."),
    N_("The unit was told by telephone and gave its receipt; the bundle follows."),
    N_("This is stopped already; lift it before stopping it for another reason."),
    N_("There is no such stop; see `stop --list`."),
    N_("There is nothing to remind this partner of; see `reminders list`."),
)

#: The same with something filled in.
FILLED: Final = (
    N_("{partner} gave it to {country}, and not to whom it was sent: look why, and whether more is to be done."),
    N_("{partner} asked on {since} that nobody be told before today: ask whether others may be told now."),
    N_("Tell {partner} by hand that this was taken back."),
    N_("Tell {partner} by hand that its referral of case {case} was taken back."),
    N_("Tell {partner} by hand that this was taken back, then close the case again."),
    N_("{partner} has a part of it, and the rest is not done yet; the router keeps trying."),
    # how far a bundle for a police unit is
    N_("It goes at {at}, with what belongs in the same bundle."),
    N_("Bundle {code} is written, and not shown to the unit yet."),
    N_("Bundle {code} is in the unit's folder; no receipt yet."),
    N_("Bundle {code} goes by mail."),
    N_("Bundle {code} was mailed to the unit; no receipt yet."),
    # how far a referral to a hub is
    N_("It goes to ICCAM at {at}, with what is on the same page."),
    N_("It goes to ICCAM now, with what is on the same page."),
    N_("With ICCAM as report {report}, not yet assigned to {country}."),
    N_("With ICCAM as report {report}, assessed, not yet assigned to {country}."),
    N_("ICCAM was asked to assign report {report} to {country}; not yet confirmed."),
    N_("ICCAM has assigned report {report} to {country}."),
    N_(
        "{partner} answered twice, and in no way that counts as a yes; ask whether they have it. The router keeps "
        "trying."
    ),
    N_("Look whether it is gone: {clauses}."),
    N_("It was followed for {days} days, and is not looked at again by itself: say how it ends."),
    N_("{partner} needs access to look ({reason}): send what opens it, or look whether it is gone."),
    N_("{partner} says that it moved to {country}, and our look-up does not: decide who deals with it."),
    N_("It moved from {was} back to {now}, where it came from: decide who deals with it."),
    N_("It moved {moves} times by now, from {was} to {now} last: decide who deals with it."),
    N_("They believe that it is for {country}."),
    N_("They say: {text}"),
    N_("{partner} took it, and says since that it is not theirs: choose who deals with it."),
    # on what it rests that a case is closed
    N_("{partner} says {action} ({reason}, {day}), which holds for {country} only."),
    N_("{partner} says {action} ({day}), which holds for {country} only."),
    N_("{partner} says {action} ({reason}, {day})."),
    N_("{partner} says {action} ({day})."),
    N_("The host was gone in {checks} checks, {hours} hours apart."),
    N_("Every address of the host refused the connection in {checks} checks, {hours} hours apart."),
    N_("{partner} is reminded again from {day} on: once a day, on days on which people work there."),
    N_("{partner} is asked again from {day} on: police by the policy's `police_every`."),
)
