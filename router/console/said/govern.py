"""What is refused of partners, rules, trails, embargoes, requests and editions, and of a router that was put back."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_(
        "It left after the backup that this router was put back from: ask the partner, and note that they have it, or"
        " send it."
    ),
    N_("It was taken back after the backup that this router was put back from: send it again, or close the case."),
    N_("Nothing holds this partner; see `partners list` for what it waits for."),
    N_("It is paused already; see `partners list`."),
    N_("Who proposed this cannot confirm it; ask another person."),
    N_("One of you made the other's account, or gave it its role, so you count as one; ask another person."),
    N_("Nothing is proposed here: it was confirmed, withdrawn, or ended; see `partners list`."),
    N_("Another version of the policy is in force meanwhile; look at the draft as it is now."),
    N_("Another version of the policy is in force meanwhile; look at what rolling back changes of that one."),
    N_("Somebody changed the directory at the same moment; look at the newest version first."),
    N_("This trail was made already; take it, or ask for another one."),
    N_("This trail is not made: another person has to confirm it first."),
    N_("This router has no key to sign with here; run it from its data directory."),
    N_("There is no trail with this id; see `trails list`."),
    N_("A drafted rule is published by a supervisor first; what then waits can be put in force by break-glass."),
    N_("An embargo is ended by two, always: what left cannot be called back. Call who is named."),
    N_("Nobody would hear it: no alarm reaches anybody; see `alarm set`."),
    N_("The trail of a case is made by two, always: what a court was given cannot be called back."),
    N_("This is in force already, by break-glass; ask another person to confirm it."),
    N_("What was put back from a backup is released by two, always."),
    N_("Whom alarms reach is changed by two, always: a broken glass has to be heard."),
    N_("No policy is in force yet; publish one."),
    N_("No policy is published yet; run `policy publish FILE`."),
    N_(
        "Nobody has sent this case elsewhere by hand, so there is nothing to make a rule of; name a partner, or "
        "override first."
    ),
    N_("Somebody published at the same moment; look at the newest version and publish again."),
    N_("The end must be in the future."),
    N_("There is no embargo with this id; see `embargo list`."),
    N_("This embargo is over; set another one if it is needed again."),
    N_("A request is received before it is opened here."),
    N_("Somebody agreed to this search already; the officer may search."),
    N_("The first month is over, and within it whoever asked had to be told (GDPR 12(3)): answer now."),
    N_("There is no request with this id; see `requests list`."),
    N_("This request is closed; open another one if the same person asks again."),
    N_("This was extended already; there is no second time (GDPR 12(3))."),
    N_("It is searched while it is open, once a second person agreed: `requests agree`."),
    N_("This router works already; nothing is to be released."),
    N_(
        "A worker still asks partners what became of what left after the backup, and reads hubs' lists from then on; "
        "look in a minute (`doctor` says how far it is). If no worker runs, start one."
    ),
    N_(
        "No ledger was given with this backup, so what was erased, recalled or sent after it is not known here: "
        "restore it again with --ledger FILE, or type with --reason why it is released without."
    ),
    N_("There is no such source; see `sources list`."),
    N_("The source is of another kind by now; look at it, and propose it anew."),
    N_("The period is not over; what is published of it would be wrong tomorrow. Give days that are past."),
    N_("There is an edition of these days already; say why there is to be another one."),
    N_("There is no edition with this id; `figures --editions` lists them."),
)

#: The same with something filled in.
FILLED: Final = (
    N_("This takes a person's own hand, and your token was made by {by}; make one yourself on the console (/me)."),
    N_("A change of {subject} is in force for a day by break-glass; confirm or withdraw it first."),
    N_("Another change of {subject} was proposed meanwhile, by {by}; look at it first."),
    N_("What is in force of {subject} changed after this was proposed; look at it, and propose it anew."),
    N_("There is no version {number} of the policy; `policy versions` lists them."),
    N_("Version {number} says the very same as the one in force; there is nothing to roll back."),
    N_('The policy says home = "{home}", but this router serves {here}; correct it.'),
    N_("This embargo is read by the few that it names; ask {ask}."),
    N_("An embargo is set for {days} days at most; prolong it then."),
    N_("Nobody has an open account of this name: {names}."),
)
