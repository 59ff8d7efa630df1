"""The words for what partners did: with the case, and with each attempt to hand it to them."""

# ruff: noqa: RUF001 - typographic apostrophes are what readers expect

from typing import Final

from router.console.language import N_

#: What a partner did, in ICCAM's words.
ACTION: Final = {
    "ReportedToLEA": N_("Reported to the police"),
    "ReportedToISP": N_("Reported to the provider"),
    "Removed": N_("Removed"),
    "Unavailable": N_("Unavailable"),
    "NotIllegal": N_("Not illegal"),
    "Moved": N_("Moved"),
    "Other": N_("Another act"),
}

#: Why a partner calls it unavailable or not illegal.
ACTION_REASON: Final = {
    "Other": N_("another reason"),
    "ContentNotFound": N_("not found"),
    "ReferrerNotKnownOrIncorrect": N_("the referring page is missing or wrong"),
    "UnableToAccess": N_("it could not be opened"),
    "PasswordProtected": N_("it needs a password"),
    "AccountDisabled": N_("the account is disabled"),
    "LegallyUnableToAccess": N_("the law does not let them open it"),
    "LinkExpired": N_("the link has expired"),
    "Error404NotFoundOrSiteDown": N_("not found, or the site is down"),
    "Error503OrContentTemporarilyUnavailable": N_("unavailable for a while"),
    "PremiumAccountNecessary": N_("it needs a paid account"),
    "MissingPartsToOpenFile": N_("parts of the file are missing"),
    "ContentRemovedBeforeAssessment": N_("removed before it was assessed"),
    "AdultPornography": N_("adult pornography"),
    "NudismOrNotSexualized": N_("nudism, or not sexualised"),
    "DoesNotMeetThresholdForIllegality": N_("below the threshold of the law"),
    "ImagesTooSmall": N_("the images are too small"),
    "VirtualMaterial": N_("virtual material"),
    "LinkingOrLinklistsNotIllegal": N_("links are not illegal there"),
    "AgeUnclearOrNotAssessable": N_("the age is unclear"),
    "AgeOverNationalThreshold": N_("over the age of the law there"),
}

#: How an attempt to deliver ended.
ATTEMPT: Final = {
    "accepted": N_("accepted"),
    "deferred": N_("put off"),
    "refused": N_("refused"),
    "unknown": N_("no answer"),
}

#: Why an attempt did not end in a receipt, in words of somebody who has to do something about it.
ATTEMPT_REASON: Final = {
    "accepted": N_("The partner has it."),
    "unreachable": N_("The partner’s system could not be reached. The router tries again by itself."),
    "insecure": N_("The connection was not safe: the partner’s certificate is not the expected one. Nothing was sent."),
    "guard_refused": N_("The partner’s address is one the router must not call. Nothing was sent. Tell the operator."),
    "not_authenticated": N_(
        "The partner does not accept our key. The fault is ours: tell the operator. The router keeps trying."
    ),
    "clock": N_(
        "The partner finds our clock wrong. Nothing is lost: tell the operator, who compares the clocks. The router "
        "keeps trying."
    ),
    "bad_signature": N_(
        "The partner finds that our signature does not fit. Tell the operator, who compares the addresses with them. "
        "The router keeps trying."
    ),
    "wrong_recipient": N_(
        "The partner goes by another name than the one we know. Tell the operator, who compares the names with them. "
        "The router keeps trying."
    ),
    "unknown_key": N_(
        "The partner does not know the key we sign with. Tell the operator, who gives it to them. The router keeps "
        "trying."
    ),
    "busy": N_("The partner’s system is busy and asked us to come back later. The router does."),
    "partner_fails": N_("The partner’s system failed while taking it. The router tries again."),
    "redirected": N_("The partner’s address leads elsewhere, and the router does not follow. Tell the operator."),
    "gone": N_("The partner has closed this address. Ask them for the new one."),
    "too_large": N_("The partner’s system says it is too large. Send it another way."),
    "refused": N_("The partner will not take it. Ask them why, or choose another partner."),
    "own_pace": N_("As many calls as this partner is to get were made just now. The router goes on in a moment."),
    "looked_for": N_("It may have arrived. The router looks for it at the partner before it sends anything again."),
    "partner_defers": N_("The partner took the request, but asks for this one again later. The router does."),
    "on_its_path": N_("The partner had it before, or it passed through too many hands. Choose another partner."),
    "no_answer": N_("It was sent, but no complete answer came. It may have arrived."),
    "not_authentic": N_("An answer came that the partner’s key did not sign. It does not count. Tell the operator."),
    "not_understood": N_("An answer came that makes no sense. Ask the partner whether they have it."),
    "contradicts_itself": N_("An answer came that says two things of it. Ask the partner which one is so."),
    "not_ours": N_(
        "Somebody else is to deal with it, as they say or did: look whose country it is, and refer it there."
    ),
    "own_rule": N_("Our own rules keep it from leaving: a bar, an agreement that ended, or a case that was closed."),
    "no_receipt": N_(
        "The partner’s system said yes without its reference, as a page in its place would. It does not count. Ask the "
        "partner whether they have it."
    ),
    "misconfigured": N_("The partner’s settings cannot be used. Tell the operator."),
    "not_confirmed": N_("Nobody there has said in time that they have it. Ask them, then type what they say."),
    "unexpected": N_("The router itself failed here. Tell the operator."),
}

#: Why nothing goes to a partner now.
WAIT: Final = {
    "stopped": N_("Sending is stopped."),
    "not_listed": N_("The directory names this partner no longer."),
    "disabled": N_("The partner is switched off in the directory."),
    "barred": N_("The policy bars the partner’s country."),
    "paused": N_("The partner is paused until somebody resumes it."),
    "down": N_("The partner cannot be reached. The router tries again by itself."),
    "closed_hours": N_("The partner is not called at this time of day."),
    "agreement_ended": N_("The agreement with the partner has ended."),
    "held": N_("It is held back until somebody lets it go, or until its date."),
    "route_stopped": N_("The route that chose this partner is stopped."),
    "source_cap": N_("Its source has sent this partner all it may in a day. You can send it now all the same."),
    "daily_cap": N_("The partner has got all it takes in a day. What is urgent still leaves."),
    "police_hold": N_("The police asked that nobody be told before a day."),
    "embargo": N_("An embargo holds the case. Ask the person named."),
    "tried_again": N_("The last try failed. The router tries again by itself."),
}

#: What a police unit says of what it was handed.
UNIT_ANSWER: Final = {
    "received": N_("received"),
    "taken_up": N_("taken up"),
    "sent_elsewhere": N_("sent elsewhere: it is not theirs"),
    "hold_until": N_("tell nobody before a day"),
    "release": N_("please ask the host yourselves"),
    "closed": N_("closed by them"),
}

#: What leaves, field by field, as the partner's message calls it.
LEAVES: Final = {
    "referral_id": N_("Referral"),
    "origin": N_("First reported to"),
    "origin_reference": N_("Our case"),
    "numbers": N_("Dossier numbers"),
    "pages": N_("Page that it is on"),
    "received_at": N_("Reported to the hotline"),
    "received_at_known": N_("Date known"),
    "kind": N_("Kind"),
    "location": N_("Location"),
    "ways_in": N_("How it was reached"),
    "assessment": N_("Assessment"),
    "labels": N_("Labels"),
    "severity": N_("Severity"),
    "last_seen": N_("Last seen online"),
    "urgency": N_("Urgency"),
    "hosting": N_("Hosting"),
    "assigned_country": N_("Country that deals with it"),
    "site_type": N_("Kind of site"),
    "commerciality": N_("Commercial"),
    "payment_methods": N_("Payment"),
    "age": N_("Youngest child"),
    "gender": N_("Gender"),
    "account": N_("Account"),
    "note": N_("Note"),
    "path": N_("Hotlines that had it"),
    "supersedes": N_("Replaces"),
    "moved_from": N_("Moved here from"),
    "law": N_("Legal basis"),
    "copy": N_("For information only"),
}
#: What stands within a field that leaves.
LEAVES_PART: Final = {
    "country": N_("country"),
    "verdict": N_("verdict"),
    "confidence": N_("certainty"),
    "ips": N_("addresses"),
    "asn": N_("number of the network"),
    "as_name": N_("name of the network"),
    "registration_country": N_("country of registration"),
    "edge": N_("only a CDN’s edge"),
    "traced_at": N_("traced"),
    "value": N_("what it is"),
    "assessed_by_role": N_("by whom, as a role"),
    "assessed_at": N_("when"),
    "not_assessed_by_us": N_("not assessed by us"),
}
#: The same two, by the names that templates use.
LEAVING: Final = {"leaves": LEAVES, "leaves_part": LEAVES_PART}
