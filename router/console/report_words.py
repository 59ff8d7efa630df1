"""The words for what a report says of its material, and for the questions of the desk: headline and what to do."""

# ruff: noqa: RUF001 - typographic apostrophes and quotation marks are what readers expect

from collections.abc import Mapping
from typing import Final

from router.console.language import N_

#: What a location that somebody types is refused with, and what to type then.
UNREAD: Final = (
    N_("This ed2k link names no file by its size and hash; copy the whole link."),
    N_("This magnet link names no content (no xt=); copy the whole link."),
    N_("Part of the host is left out; copy the whole address, not how it is shown."),
    N_("Some dots of the host have a backslash and some have none; write them all plain."),
    N_("The host name is not one that can exist on the internet; check the part between // and the next /."),
    N_("The location is empty; give a URL, a host name or an IP address."),
    N_("This address is only valid on the reporter's own device; report the page's address on the internet."),
    N_("This cannot be read as a URL; check the host name and the port, and copy it again."),
    N_(
        "This is a path on somebody's device, or a name on a platform, not an address on the internet; give the whole "
        "address, or choose the kind of place."
    ),
    N_("This names nothing; give the name, link or hash by which the place is known there, or leave the item out."),
    N_("This holds more than one location, or words or blanks beside one; send each location as an item of its own."),
    N_("This is embedded content, not a location, and is not taken; report the address of the page that shows it."),
    N_("The location has control characters in it; copy it again, as one line of plain text."),
    N_("The start of this location is not a scheme we know; write it with http:// or https://, or choose its kind."),
)
AGE: Final = {
    "not_categorised": N_("age not categorised"),
    "infant": N_("infant"),
    "pre_pubescent": N_("before puberty"),
    "pubescent": N_("in puberty"),
}

GENDER: Final = {
    "not_determined": N_("not determined"),
    "female": N_("female"),
    "male": N_("male"),
    "both": N_("both sexes"),
}

PAYMENT: Final = {
    "not_determined": N_("not determined"),
    "amex": "American Express",
    "diners": "Diners Club",
    "mastercard": "Mastercard",
    "paypal": "PayPal",
    "visa": "Visa",
    "western_union": "Western Union",
    "other": N_("another means"),
    "none": N_("no payment"),
    "sms": N_("by text message"),
    "email": N_("by e-mail"),
    "liberty_reserve": "Liberty Reserve",
    "bitcoin": "Bitcoin",
}

SITE_TYPE: Final = {
    "website": N_("website"),
    "file_host": N_("file host"),
    "image_store": N_("image store"),
    "image_board": N_("image board"),
    "forum": N_("forum"),
    "banner_site": N_("banner site"),
    "link_site": N_("link site"),
    "social_networking": N_("social network"),
    "redirector": N_("redirector"),
    "web_archive": N_("web archive"),
    "search_provider": N_("search engine"),
    "image_host": N_("image host"),
    "blog": N_("blog"),
    "not_applicable": N_("does not apply"),
}

COMMERCIALITY: Final = {
    "not_determined": N_("not determined"),
    "commercial": N_("yes, it is sold"),
    "non_commercial": N_("no"),
}

#: What the account is thought to be that shared it.
ACCOUNT_ROLE: Final = {"suspect": N_("of a suspect"), "victim": N_("of a victim"), "unknown": N_("not known")}

#: Who has a case, and how another case belongs to it.
WHOSE: Final = {
    "us": N_("us"),
    "partner": N_("partner hotline"),
    "police": N_("police"),
    "provider": N_("provider"),
}
RELATION: Final = {
    "page": N_("the page it is on"),
    "file": N_("a file on it"),
    "leads_to": N_("the place it leads to"),
    "led_here": N_("a link that led here"),
    "came_back_from": N_("the same location, closed before"),
    "came_back_as": N_("the same location, back since"),
}

#: The same five, by the names that templates use.
AROUND: Final[Mapping[str, Mapping[str, str]]] = {
    "site_type": SITE_TYPE,
    "commerciality": COMMERCIALITY,
    "account_role": ACCOUNT_ROLE,
    "whose": WHOSE,
    "relation": RELATION,
}

#: By what lists of them are narrowed and put in order: what of the desk is due, and which comes first.
DUE: Final = {"overdue": N_("Overdue"), "today": N_("Due today")}
WAITS: Final = {"1h": N_("an hour"), "1d": N_("a day"), "3d": N_("three days"), "7d": N_("a week")}
#: As what a text that somebody looks for was read.
MEANING: Final = {
    "number": N_("a number"),
    "location": N_("a location"),
    "host": N_("a host"),
    "domain": N_("a domain, with every host under it"),
    "partner": N_("a partner"),
    "country": N_("a country"),
}
ORDER: Final = {"risk": N_("by risk, then age"), "due": N_("by due date"), "age": N_("by age")}

#: Why a case is on the desk: the headline of its row.
DESK: Final = {
    "not_assessed": N_("Not assessed yet"),
    "proposed": N_("Waiting for your confirmation"),
    "doubtful": N_("The evidence does not agree"),
    "edge_only": N_("Hidden behind a CDN"),
    "shortened": N_("A short link"),
    "wrapped": N_("A link around another location"),
    "seen_long_ago": N_("Last seen there long ago"),
    "no_route": N_("No rule fits"),
    "child_at_risk": N_("A child may be in danger now"),
    "policy": N_("The policy asks for a person"),
    "no_recipient": N_("Nobody may receive it"),
    "refused": N_("A partner refused it"),
    "expired": N_("It could not be delivered"),
    "undelivered": N_("Still not delivered"),
    "unknown": N_("It may have arrived"),
    "bounced": N_("A partner sent it back"),
    "look": N_("Look whether it is gone"),
    "access": N_("A partner needs access"),
    "moved": N_("Decide who deals with it now"),
    "withdraw": N_("Tell the partner by hand"),
    "hold_over": N_("The day has come that the police asked to wait for"),
    "letter": N_("The police wrote: read it"),
    "released": N_("The police ask us to contact the host"),
    "stopped": N_("Sending is held or stopped"),
    "broken": N_("The router failed on it"),
    "overruled": N_("Taken back; decide anew"),
    "watching": N_("Another tool works on it"),
    "embargo": N_("Held by an embargo"),
    "police_hold": N_("The police asked to tell nobody, and a child may be in danger"),
    "second_look": N_("Look as a second person"),
    "disagree": N_("The sources disagree whether it is illegal"),
    "asked": N_("Put here by a person"),
}

#: What to do about it: one sentence on the case page.
ADVICE: Final = {
    "not_assessed": N_(
        "Reveal it and look by your own procedure, then say what it is: not illegal ends it, one key assesses and "
        "sends."
    ),
    "proposed": N_("Check the evidence. When you agree, send it to the proposed partner; otherwise choose another."),
    "doubtful": N_("Compare the sources below. Trace again, or choose the partner you find right."),
    "edge_only": N_(
        "Ask the CDN for the address behind it and type it under “Name the origin”; the case is then decided anew."
    ),
    "shortened": N_(
        "Look by your own procedure where it leads, and type that location below; it becomes a case linked to this one."
    ),
    "wrapped": N_(
        "Take the location that the link carries: it becomes a case linked to this one. Where the link does not say "
        "it, look by your own procedure where it leads."
    ),
    "seen_long_ago": N_(
        "Reveal it and look, by your own procedure, whether it is still there; say below what you saw: the policy then "
        "decides."
    ),
    "no_route": N_("No route of the policy matched. Choose a partner or a country."),
    "child_at_risk": N_(
        "Say that you are on it, and call the police by your own procedure. Then send or refer it; when a partner "
        "has it, say that it is done."
    ),
    "policy": N_("A route of the policy hands this to people. Decide below who receives it."),
    "no_recipient": N_(
        "Everyone the policy chose is ruled out; the reasons stand under “How it was decided”. Choose another partner."
    ),
    "refused": N_("Read what the partner said, then send it to somebody else, or try again."),
    "expired": N_("Every attempt failed. Send it to another partner, or try again when theirs is back."),
    "undelivered": N_("The router keeps trying. Send it another way if it cannot wait."),
    "unknown": N_(
        "It left, but no answer came. Ask the partner whether they have it before you try again: it could arrive twice."
    ),
    "bounced": N_(
        "The partner says it does not belong there. Read why, then choose another partner, or say that nothing "
        "more is to be done."
    ),
    "look": N_("Look, by your own procedure, whether the material is gone, and say below what you saw."),
    "access": N_(
        "The partner could not look. Send what it lacks by your own procedure, or look yourself; then say what you saw."
    ),
    "moved": N_(
        "Compare what the partner says with your own look-up. Refer it to whoever deals with it now, or trace it again."
    ),
    "withdraw": N_(
        "The partner’s system cannot be told that this was taken back. Tell them yourself, then say that it is done."
    ),
    "hold_over": N_(
        "Ask the police whether others may be told now. Type another day, or their release, as their answer."
    ),
    "letter": N_(
        "A letter of the police stands beside what they were sent. Nothing proves that it is theirs: ask them if you "
        "doubt it, then type what they say as their receipt or their answer."
    ),
    "released": N_(
        "The police left it to you to contact the host. Do so by your own procedure, then say that it is done."
    ),
    "stopped": N_("Nothing leaves until the hold or the stop ends. Release it, recall it, or decide anew."),
    "broken": N_(
        "The router could not finish a step twice. Trace again, or refer it by hand, and tell the operator. If that "
        "step was a referral, ask the partner whether they have it, then try again."
    ),
    "watching": N_(
        "Until the hub’s inbox is ours, another tool works on what it gives to us. Nothing leaves from here by itself: "
        "send it only if the other tool does not."
    ),
    "second_look": N_(
        "A share of what one person finds not illegal is looked at by another. Reveal it, then say what you find."
    ),
    "police_hold": N_(
        "Nothing of it goes to others until the police say so. Call them, and type what they say as their answer."
    ),
    "embargo": N_("Nothing of it leaves or is looked up until the embargo ends. Ask the person named, by telephone."),
    "overruled": N_("A referral was taken back, and nobody else has the case. Decide who receives it, or close it."),
    "disagree": N_(
        "See under “What was reported” who found what, and reveal it. Then say what it is; "
        "recall what left if it must not stay there."
    ),
    "asked": N_(
        "What is on its way goes on: recall it if it must not. Then say that it is done, refer it, trace it again, "
        "or close it."
    ),
}

#: Which acts each advice names: of every group one at least must be offered, on the case or on one of its referrals, or
#: the page says something else. What is done by who has seen it is within reach of who may reveal it.
ADVICE_NAMES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "not_assessed": (("reveal",), ("assess", "not-illegal", "send", "reveal")),
    "second_look": (("reveal",), ("assess", "not-illegal", "reveal")),
    "disagree": (("reveal",), ("assess", "not-illegal", "reveal")),
    "seen_long_ago": (("reveal",), ("look",)),
    "proposed": (("send", "reveal"), ("refer", "reveal")),
    "doubtful": (("retrace",), ("refer", "reveal")),
    "edge_only": (("origin",),),
    "shortened": (("target",),),
    "wrapped": (("target",),),
    "no_route": (("refer", "reveal"),),
    "child_at_risk": (("acknowledge",), ("send", "refer", "reveal"), ("done", "send", "refer", "reveal")),
    "policy": (("refer", "send", "reveal"),),
    "no_recipient": (("refer", "reveal"),),
    "refused": (("refer", "reveal"), ("retry",)),
    "expired": (("refer", "reveal"), ("retry",)),
    "undelivered": (("refer", "override", "handed-over"),),
    "unknown": (("retry",),),
    "bounced": (("refer", "reveal"), ("done",)),
    "look": (("look",),),
    "access": (("look",),),
    "moved": (("refer", "reveal"), ("retrace",)),
    "withdraw": (("done",),),
    "hold_over": (("answer",),),
    "letter": (("receipt", "answer"),),
    "released": (("done",),),
    "stopped": (("release",), ("recall",)),
    "broken": (("retrace",), ("refer", "reveal", "retry")),
    "watching": (("send", "reveal"),),
    "police_hold": (("answer",),),
    "embargo": (),
    "overruled": (("refer", "reveal"), ("close",)),
    "asked": (("done",), ("refer", "reveal"), ("retrace",), ("close",)),
}

#: Things to know before a location is sent on (`schemas.locator.Locator.flags`).
FLAG: Final = {
    "carries_userinfo": N_("carries a user name or password"),
    "carries_email": N_("carries an e-mail address"),
    "carries_session": N_("carries a session id"),
    "carries_invite": N_("carries the id of whoever invited"),
}

#: How asking a reported host ended (`schemas.probe.ProbeFinding`), and what it was shown.
PROBE: Final = {
    "answered": N_("its server answered"),
    "no_http": N_("its server took the connection and gave no answer"),
    "refused": N_("nobody listens there"),
    "unreachable": N_("not reached from here"),
    "not_called": N_("not called: its name has no address that may be called"),
}
REFERRER: Final = {
    "sent": N_("with the page it is reached from"),
    "withheld": N_("without the page it is reached from, which may name somebody"),
    "none": N_("no page is known that it is reached from"),
}

#: What an embargo names.
EMBARGO_KIND: Final = {
    "url": N_("one location"),
    "host": N_("a host and everything below it"),
    "account": N_("an account"),
}

#: What is wrong with a field of its form.
EMBARGO_FIELD: Final = {
    "what": N_("Type the whole location, a host of somebody’s own, or the handle of an account."),
    "platform": N_("An account has a platform, as the reports name it; nothing else has one."),
    "asked_by": N_("Type who asked for it."),
    "readers": N_("Type names of accounts that are open, with commas between them."),
}
