"""Sentences that the rooms below say in English, for the catalogues, and which of them a page need not repeat.

A test holds every sentence to what those rooms really say, word for word.
"""

from typing import Final

from router.console.language import N_

#: Sentences that the rooms below say in English; the pages translate them when the catalogue has them, word for word.
SAID_BELOW: Final = (
    N_(
        "It left after the backup that this router was put back from: ask the partner, and note that they have it, or"
        " send it."
    ),
    N_("It was taken back after the backup that this router was put back from: send it again, or close the case."),
    N_("It took the case, and says since that it is not theirs."),
    N_("By our own look-up it is hosted elsewhere."),
    N_("Another tool works on what the hub gives to us; nothing leaves from here by itself."),
    # the shipped policy's reasons, as the desk shows them
    N_("A hidden service or file-sharing network has no hosting country; the police can still act on it."),
    N_("A platform, and the account's country is not known: find it, or use the platform's own reporting channel."),
    N_("A name server on our side filters this name: look whether it is there by another way, and tell the operator."),
    N_("A shortened link: look where it leads and report that place."),
    N_("A link that carries another location: take that one as a case of its own."),
    N_("Assessed as not illegal: close it, or assess it again."),
    N_("Hosted in our own country: deal with it, with the police and the provider."),
    N_("It was last seen there long ago: look whether it still is, before it leaves."),
    N_("Illegal by our law only: the partner judges by its own."),
    N_("Its addresses are in different countries: choose who deals with it."),
    N_("No address was found: trace it again later, or look whether it is gone."),
    N_("No hotline serves the country: the police can reach it through Interpol."),
    N_("No single hosting country is known: see the evidence, then choose who deals with it."),
    N_("Origin unknown: the CDN did not say in time what is behind its edge."),
    N_("The URL carries an e-mail address, a session, an invitation or a login: see whose it is before it leaves."),
    N_("The sources contradict each other: see the evidence, then choose a country."),
    N_("There is no host to trace: see whether the location was copied whole."),
    N_("Two partners sent it back: find out where it is hosted before it is sent again."),
    N_("The referral was taken back; say what is to be done."),
    N_("No partner has this case; refer it to one, or close it."),
    N_("One source found it illegal and another did not: the graver one counts until a person says what it is."),
    N_("A person put it on the desk, and says why in the timeline."),
    N_("A person opened it again, and says why in the timeline."),
    N_("A person opened it again, and a child may be in danger: look at it now."),
    N_("One person found it not illegal: look as a second one, and say what you find."),
    N_("You said so yourself: a second person looks at this one."),
    N_("A second person looks whether it is illegal: say that it is not, or what it is."),
    N_("You have not seen this location: reveal it first, then say what it is."),
    N_("The policy wants whoever sends this to have looked: reveal it first, then send it."),
    N_("The location was reported again, and has another case by now; see that one."),
    N_("There is nothing to undo: something of it has left, or more has happened to the case since."),
    N_("Nothing that is asked of this case is over by saying so; see beside each question what answers it."),
    N_("Its source has sent this partner all it may in a day; it leaves at midnight UTC, or by `retry` now."),
    N_("It is a short link; the case goes on at the place it leads to."),
    N_("It only carries another location; the case goes on there."),
    # how far a referral of several steps is; its dialect's own texts belong here, or below when they are filled in
    N_("A part of it is done."),
    N_("The unit was told by telephone and gave its receipt; the bundle follows."),
    # what came of asking a CDN for the origin
    N_("The CDN says that this host is not behind it now; trace it again."),
    N_("The CDN was asked and named no origin; ask it by hand, or choose who deals with it."),
    N_("The look-ups that the CDN allows a day are used up; the router asks again tomorrow."),
    N_("The CDN was asked and did not answer; the router asks again."),
    N_("The CDN does not take our credentials; tell the operator, and ask it by hand."),
    # what stops a person at the door or at a form
    N_("Sign in again: this session or link has ended, was used, or is not ours."),
    N_("Sign in, or send a valid token, and try again."),
    N_("This token is not valid here: mistyped, expired or revoked; `tokens create` makes a new one."),
    N_("Only people sign in here; use a token that was made for an account."),
    N_("This token allows less than your account; sign in with a one-time link."),
    N_("This form is no longer valid; open the page again and repeat the step."),
    N_("There is no such thing here; check the id."),
    N_("There is no case with this id; check it."),
    N_("It already goes to this partner; choose another one, or retry it."),
    N_("This partner already has a referral of the case; see it on the case's page."),
    N_("The case is closed, so nothing of it is sent. Report the location again: that opens a new case."),
    N_("There is no proposal to send; refer the case to a partner of your choice."),
    N_("This is stopped already; lift it before stopping it for another reason."),
    # what is refused on the desk, at a partner, a rule and a trail
    N_("There is no referral with this id; check it."),
    N_("This cannot be done now: the case is just being decided; look again in a minute."),
    N_("This cannot be done now: the case is closed, or has not been traced yet."),
    N_("This partner's system gives its receipt itself; nobody types it."),
    N_("Type the unit's number, or who there said that they have it."),
    N_("They cannot have said so later than now."),
    N_("Nobody has said yet that they have it; type the unit's receipt first."),
    N_("Nobody has said yet that they have one of these; type its receipt first."),
    N_("Say until when nobody is to be told: a date in the future."),
    N_("There is no partner of this name; see `partners list`."),
    N_("Name either a partner or a country."),
    N_("No partner serves this country; choose a partner by name."),
    N_("The date to hold until must be in the future."),
    N_("This case is not on the desk now."),
    N_("Nothing is left on the desk that nobody has, and that you did not hand on today."),
    N_("This is no place on the internet; type the whole location that it leads to."),
    N_("This is the short link itself; type the location that it leads to."),
    N_("Only what was traced and has no address of its own leads elsewhere; report the other place beside it."),
    N_("This link does not say where it leads; type the location."),
    N_("These links lead in a circle; look again where they lead."),
    N_("Nobody waits for the partner to confirm this: it was not taken back, or is confirmed already."),
    N_("Say why."),
    N_("Say this as well."),
    N_("There is no letter with this id; see `bundles letters`."),
    N_("Nobody waits for that: it names its cases, which ask for it on the desk, or somebody has read it."),
    N_("There is no alarm of this case now; see what the desk asks."),
    N_("Say when it was handed over: not later than now."),
    N_("This partner has it already; see its referral on the case's page."),
    N_("Nobody has assessed this yet; say what it is, then send it."),
    N_("What is not illegal is not sent; close the case instead."),
    N_("This cannot be done now: the case is on the desk, or is just being decided."),
    N_("Name a police unit; `cases handed-over` is for all others."),
    N_("Every police unit of the directory has this case, or is being sent it; see its referrals."),
    N_("There is nobody to tell: no peer referred this case to us, or all of them were told."),
    N_("A list's name is shown to others and kept in clear: it must not name a location."),
    N_("Narrow the list first; a number, or since when something waits, is not kept."),
    N_("There is no such list any more."),
    N_("This cannot be done with the case as it is now: read it again, and do what it offers."),
    N_("The case was erased."),
    N_("The case is not here, or was erased; check the id."),
    N_("Nothing holds this partner; see `partners list` for what it waits for."),
    N_("It is paused already; see `partners list`."),
    N_("There is no such stop; see `stop --list`."),
    N_("Who proposed this cannot confirm it; ask another person."),
    N_("One of you made the other's account, or gave it its role, so you count as one; ask another person."),
    N_("Nothing is proposed here: it was confirmed, withdrawn, or ended; see `partners list`."),
    N_("Another version of the policy is in force meanwhile; look at the draft as it is now."),
    N_("Another version of the policy is in force meanwhile; look at what rolling back changes of that one."),
    N_("Somebody changed the directory at the same moment; look at the newest version first."),
    N_("This trail was made already; take it, or ask for another one."),
    N_("This trail is not made: another person has to confirm it first."),
    N_("This cannot be looked up now; ask again later."),
    N_("This router has no key to sign with here; run it from its data directory."),
    N_("There is no trail with this id; see `trails list`."),
    # what is refused of a viewing session, and of a table that comes back
    N_("This session is over already."),
    N_("It was said already that this session was lost."),
    N_("There is no viewing session of this name; see the list of them."),
    N_("This is the session of somebody else: its person does that, or a supervisor."),
    N_("This router exports no sessions; run it from its data directory."),
    N_("the desk has nothing of that now that nobody has."),
    N_("This is no text in UTF-8: save it as `CSV UTF-8`, and bring that."),
    N_("This is no table: save it as CSV in UTF-8, and bring that."),
    N_("The table is empty; its first line names the columns."),
    N_("The column `token` is missing: by it each line is known."),
    N_("waits to be sent"),
    N_("is held"),
    N_("is being sent"),
    N_("was accepted by the partner"),
    N_("was refused by the partner"),
    N_("could not be delivered"),
    N_("may have reached the partner"),
    N_("is being recalled"),
    N_("is being withdrawn at the partner"),
    N_("was recalled"),
    N_("was replaced by another one"),
    N_("A referral to this partner is being sent at this moment; look in a minute what came of it."),
    N_("This code is no reply code of ours, or was heard wrongly; ask the unit which one it means."),
    N_("This code is about another referral; ask the unit which one it means."),
    # what is refused of people's accounts, of proposals and of versions
    N_("There is no such account; see `accounts list`."),
    N_("This account is closed for good; add another for the person."),
    N_("This account is closed; open another for the person."),
    N_("There is no such line; see the list of people."),
    N_("There is no such mandate; see the list of people."),
    N_("This house has no sign-in provider; sign in with your password, a link or a token."),
    N_("This token was made for you by somebody else; sign in with a one-time link."),
    N_(
        "A person's token is made by that person, signed in on the console (/me) or with `tokens create NAME --mine`; "
        "or on the machine of the router."
    ),
    N_("A token is for an account or for a source; name exactly one."),
    N_("There is no such source; check its name."),
    N_("There is no such token; check its name."),
    N_("There is no such account; check its name."),
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
    # what is refused of embargoes, requests, editions, reminders and a router that was put back
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
    N_("There is nothing to remind this partner of; see `reminders list`."),
    N_("This case is held already."),
    N_("This case is not held."),
    # what is refused of a search, a page of a list, a figure and a permission
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
    N_("What was sent cannot be used; correct the named field and send it again."),
    N_("Your role does not allow this; ask a supervisor."),
    N_("It changed in the meantime; read it again and decide anew."),
    N_("More was sent than is taken at once; send it in smaller parts."),
    N_("The policy is wrong; the one in force stays. Correct the named place and check it again."),
    N_(
        "A stored field cannot be opened: it was changed, moved, or sealed under another key; restore it from a backup."
    ),
    N_("Something that is needed is away; try again later."),
    N_("This was asked more often than it may be; ask again later."),
    N_("An evidence source did not answer; the verdict stands on the others."),
    N_("The store cannot be written or read now; nothing that was acknowledged is lost. Try again shortly."),
    N_("The database's files were removed or replaced while in use; stop, put them back, and start again."),
    N_("The guard does not let this connection out; check the address in the partner's settings."),
    N_("No connection could be made, so nothing was sent; try again later."),
    N_("It was sent, but no complete answer came back; it may have arrived, so ask before sending it again."),
    # what is refused of an assessment, a draft of a rule, and where the police asked to wait
    N_("The cases of this report change at this moment; send this again."),
    N_("There is no report with this id; check it."),
    N_("Only a CDN's edge is known, and its network says nothing of this host; draft a rule for the host."),
    N_("The policy in force writes its routes in another way; add the rule by hand."),
    N_("This is not known of the case, so no rule can ask for it; choose another scope."),
)

#: The same with something filled in; `findings.retold` finds them again in what the desk shows.
FILLED_BELOW: Final = (
    N_("You have looked at as much as the house wants you to for now; it goes on at {until}."),
    N_("{partner} gave it to {country}, and not to whom it was sent: look why, and whether more is to be done."),
    N_("Held; ask {ask}."),
    N_("Held, and a child may be in danger now: call {ask}."),
    N_("{partner} asked that nobody be told before {until} UTC; until then nothing leaves or is asked."),
    N_(
        "{partner} asked that nobody be told before {until} UTC, and a child may be in danger now: call them, and type"
        " what they say."
    ),
    N_("{partner} asked on {since} that nobody be told before today: ask whether others may be told now."),
    N_("{partner} sees it there still: look whether it is gone, and what became of it."),
    N_("Tell {partner} by hand that this was taken back."),
    N_("{partner} confirmed on {day} that it was taken back."),
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
    N_("{partner} says NotIllegal, and it was assessed as illegal everywhere: see it, and say what it is."),
    N_("It moved from {was} back to {now}, where it came from: decide who deals with it."),
    N_("It moved {moves} times by now, from {was} to {now} last: decide who deals with it."),
    N_("Nobody answered the alarm: {partner} is told, marked as not assessed by us. Look at it now."),
    N_("Nobody answered the alarm: {partner} is told. Look at it now."),
    N_("Nobody answered the alarm, and {partner} cannot be told: {why}."),
    N_("They believe that it is for {country}."),
    N_("They say: {text}"),
    N_("{partner} took it, and says since that it is not theirs: choose who deals with it."),
    N_("{by} has this one until {until}: take it over, or ask for the next one."),
    N_("Say which unit: {units}."),
    # what is refused of a viewing session, and of a table that comes back
    N_("You have the session {name} already: bring its results, give it back, or say that it was lost."),
    N_("Nothing is left to take: {why}"),
    N_("{by} has it until {until}; take it over on its page first."),
    N_("One session holds {most} at most; take it in the next one."),
    N_("One table holds at most {most} rows; bring the rest in another one."),
    N_("The column {called} is not known, and nothing was read: take it out. Known are {columns}."),
    N_("The column {called} stands there twice: take one out."),
    N_("This cannot be done now: the referral {stands}."),
    N_("No receipt can be typed of it now: the referral {stands}."),
    N_("It has its receipt already: {receipt}. What the unit says since is typed as its answer."),
    N_("This number stands on bundle {code} already; if the unit gave the same one to both, say so (`shared`)."),
    N_("Meanwhile, {actor}: {act}, at {at}. Nothing was done; read it again and decide anew."),
    N_(
        "Its bundle holds {count} items that this would be about: {codes}. Say whether all of them are meant "
        "(`whole`), only this one (`only`), or name those that are (`items`)."
    ),
    N_("{strange} is not in this bundle; it holds {codes}."),
    N_("Say which is done: {codes}."),
    N_("The partner's system has nothing by this reference; check it. {why}"),
    N_("There are {most} lists already; forget one first."),
    N_("You say {said}, and {meant} are meant. Nothing was done: look at the list again, and count."),
    # what is refused of people's accounts, of proposals and of versions
    N_("This person is {role} already; nothing was changed."),
    N_("This is the last {role}; give somebody else that role first."),
    N_("`{scope}` is more than this token may hold; it may hold {held}."),
    N_("One of the scopes is more than this token may hold; it may hold {held}."),
    N_("This takes a person's own hand, and your token was made by {by}; make one yourself on the console (/me)."),
    N_("A change of {subject} is in force for a day by break-glass; confirm or withdraw it first."),
    N_("Another change of {subject} was proposed meanwhile, by {by}; look at it first."),
    N_("What is in force of {subject} changed after this was proposed; look at it, and propose it anew."),
    N_("There is no version {number} of the policy; `policy versions` lists them."),
    N_("Version {number} says the very same as the one in force; there is nothing to roll back."),
    N_('The policy says home = "{home}", but this router serves {here}; correct it.'),
    # what is refused of embargoes, requests, editions, reminders and a router that was put back
    N_("This embargo is read by the few that it names; ask {ask}."),
    N_("An embargo is set for {days} days at most; prolong it then."),
    N_("Nobody has an open account of this name: {names}."),
    N_("{partner} is reminded again from {day} on: once a day, on days on which people work there."),
    N_("{partner} is asked again from {day} on: police by the policy's `police_every`."),
    # what is refused of a search, a page of a list, a figure and a permission
    N_("Several tags begin so: write more of it, as in {one} and {other}."),
    N_("This needs the permission `{permission}`; ask whoever gives out roles and tokens."),
    N_("This form takes {limit} KiB at most; shorten the text."),
    # what is refused of an assessment, a draft of a rule, and where the police asked to wait
    N_("{said} Type what they say since as their answer."),
    N_("The location has more than {most} characters; report the page it is on."),
)

#: What was said and found, as the question whether it is gone lists it. The longer of two that begin alike is first.
CLAUSES: Final = (
    N_("no partner says that it is removed"),
    N_("{partner} says of what is on the page: {counts}"),
    N_("{partner} says {action} ({reason})"),
    N_("{partner} says {action}"),
    N_("{partner} was not asked ({why})"),
    N_("{partner} cannot be asked"),
    N_("a name server of ours lies"),
    N_("our name server filters the name"),
    N_("our name server repeats an old answer"),
    N_("no name server that knows the name answered"),
    N_("the name server calls the name gone without its zone's word"),
    N_("the name server calls the name empty without its zone's word"),
    N_("its server answers {status}, which proves nothing without the page that it is reached from"),
    N_("its server answers {status}"),
    N_("its server takes the connection and gives no answer"),
    N_("nobody listens at any of its addresses"),
    N_("its server cannot be reached from here"),
)

#: Beginnings of the policy's own sentences that only repeat their headline (`policy/calls`).
_SAID_BY_THE_HEADLINE: Final = (
    "a child may be in danger now",
    "assess it; then it can go to",
    "confirm sending to",
    "nobody has assessed it yet",
    "a shortened link: look where it leads",
    "a link that carries another location",
    "only a CDN's edge is known",
    "the evidence does not agree on a country",
)


def says_more(text: str) -> bool:
    """Return whether a desk's sentence says more than the headline and the proposal beside it do already."""
    return bool(text) and not text.startswith(_SAID_BY_THE_HEADLINE)


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
