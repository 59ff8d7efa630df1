"""The sentences of a verdict, for the catalogues, and how one that was already filled in is said in another language.

The router keeps a verdict's reasons as English sentences with their codes. Here a sentence finds the template that made
it, and what was filled in, so that a page says both in its own language. A test holds the templates to those that
`hosting` speaks with.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from router.casework.follow_up.partner_status import BELIEVED, TYPED
from router.console.history_words import EVENT
from router.console.language import N_, Tongue
from router.console.partner_words import ACTION, ACTION_REASON
from router.console.people.called import about, called
from router.console.said.filled import filled
from router.console.sentences import CLAUSES, FILLED_BELOW
from router.console.words import ROLE

#: What the evidence says, why there is no host, how the look-up of a name ended, and what to be wary of.
TEMPLATES: Final = (
    N_(
        "Geolocation alone says {country}; the registry and the network's seat are elsewhere, as is usual for "
        "a network that stands in several countries."
    ),
    N_(
        "Geolocation and the registry say {country}, where the announcing network hardly has another address: "
        "the block may be rented, and only its holder's seat be known. Ask the registry online, or look at "
        "the provider's own pages, before sending."
    ),
    N_(
        "The registry entry of this very block says {country}; geolocation says otherwise, of a wider block, "
        "and this is an international transit network, in which few such entries were ever checked. Ask the "
        "registry online, or look at the provider's own pages, before sending."
    ),
    N_(
        "The operator lists this range, but not where it is: it may be a local zone across the border, or "
        "serve the whole world. Other sources say {country}, and they repeat such lists. Run `data refresh`; "
        "if it stays, ask the operator where the address is."
    ),
    N_("By the operator's own list of ranges the country is {country}, and a second source says the same."),
    N_("By the operator's own list of ranges the country is {country}; other databases do not confirm it."),
    N_(
        "By the operator's own list of ranges the country is {country}, but two other sources agree on another "
        "country: it may be a local zone across the border. Ask the operator before sending."
    ),
    N_("The registry entry or geofeed of this block and geolocation both say {country}."),
    N_(
        "The place is said to be {country}, but this network claims a block or two in most countries of the world; "
        "such claims are often made for show. Check by latency or ask the provider before sending."
    ),
    N_(
        "The registry entry or geofeed of this very block says {country}; geolocation says otherwise, of a wider block."
    ),
    N_(
        "The registry entry or geofeed of this very block says {country}, as the registration of the whole does; "
        "geolocation says otherwise, of a wider block. Ask the registry online, or look at the provider's own pages, "
        "before sending."
    ),
    N_("Geolocation says {country} of this very block; a registry entry says otherwise, of a wider block."),
    N_(
        "By the operator's own list of ranges the country is {country}, but geolocation says otherwise of this very "
        "block: it may be a local zone across the border. Ask the operator before sending."
    ),
    N_(
        "How often {source} is right was never measured; the confidence is a cautious one, borrowed from the "
        "source whose part it plays."
    ),
    N_(
        "Geolocation says {country}, the registry entry or geofeed of the same block says otherwise. Ask the "
        "registry online, or look at the provider's own pages, before sending."
    ),
    N_("Geolocation, the registry and the announcing network all say {country}."),
    N_(
        "All sources say {country}, but this is an international transit network, whose blocks are registered"
        " at its seat and stand anywhere. Ask the registry online, or look at the provider's own pages, "
        "before sending."
    ),
    N_(
        "All sources say {country}, but the address is announced by an operator that publishes its ranges, "
        "and its list gives no country for it. Run `data refresh`; if it stays, ask the operator where the address is."
    ),
    N_("Geolocation and the registry say {country}; the announcing network is registered elsewhere."),
    N_(
        "Geolocation and the registry say {country}, but this is an international transit network. Ask the "
        "registry online, or look at the provider's own pages, before sending."
    ),
    N_(
        "Geolocation and the registry say {country}, but the address is announced by an operator that "
        "publishes its ranges, and its list gives no country for it. Run `data refresh`; if it stays, ask the operator "
        "where the address is."
    ),
    N_(
        "Geolocation says {country}, which is only where the whole block is registered; the network's own "
        "country is unknown. Ask the registry online, or look at the provider's own pages, before sending."
    ),
    N_("Geolocation and the announcing network say {country}; the block is registered elsewhere."),
    N_(
        "Geolocation alone says {country}; the registry and the network say otherwise. Ask the registry "
        "online, or look at the provider's own pages, before sending."
    ),
    N_(
        "Geolocation alone says {country}, inside an international transit network, where it is wrong more "
        "often than right. Ask the registry online, or look at the provider's own pages, before sending."
    ),
    N_(
        "Geolocation alone says {country}; the address is announced by an operator that publishes its ranges,"
        " and its list gives no country for it. Run `data refresh`; if it stays, ask the operator where the address is."
    ),
    N_(
        "No network announced this address when the data were made; what is known of it says {country}. Run "
        "`data refresh`; if it stays, ask the operator where the address is."
    ),
    N_(
        "Only the registration is known: {country} is where the holder is, not where the machine is. Ask the "
        "registry online, or look at the provider's own pages, before sending."
    ),
    N_(
        "Two geolocation databases name different countries, and neither is reliable then. Ask the registry "
        "online, or look at the provider's own pages, before sending."
    ),
    N_(
        "Two geolocation databases say {country}, where the other sources leave a doubt; how often the two are right "
        "together was measured here."
    ),
    N_("The evidence here says {country}, but a partner that looked says otherwise. Settle it with the partner."),
    N_("The registration of the address block names {country}, and this policy goes by the registration."),
    N_(
        "The address belongs to a CDN, proxy or anycast network: the host behind it is unknown. Ask the "
        "operator for the origin."
    ),
    N_("The address is not part of the public internet."),
    N_("No source knows this address. Run `data refresh`; if it stays, ask the operator where the address is."),
    N_("The host has private or local addresses only; there is nothing to reach from outside."),
    N_("The address is reserved and no host can stand there."),
    N_("The name has no address now. Look again later."),
    N_("The host has addresses in different countries: {countries}. Each country's partner may be concerned."),
    N_("Some of the host's addresses are private or reserved; they were left out."),
    N_(
        "The name leads through {operator}, a CDN or proxy: the host behind it is unknown. Ask the operator "
        "for the origin."
    ),
    N_("Some addresses belong to a CDN or proxy; the country is that of the others."),
    N_("What the sources say is more likely wrong than right; a person should decide."),
    N_(
        "An onion service hides where it runs; no country can be told. Send it to the police unit that works "
        "on such networks."
    ),
    N_(
        "An I2P site hides where it runs; no country can be told. Send it to the police unit that works on "
        "such networks."
    ),
    N_(
        "The content is shared between the users of a peer-to-peer network; there is no host. The content "
        "hash goes to the police."
    ),
    N_("The content is shared between the users of a peer-to-peer network; there is no host."),
    N_("The content is kept by whoever wants to keep it (IPFS); there is no host. Ask the gateways to block it."),
    N_("The address is private or local; nothing outside can reach it. Ask the reporter for the public one."),
    N_("The name only has a meaning inside a local network. Ask the reporter for the public address."),
    N_("This is no name of the public internet. Ask the reporter for the full address."),
    N_("The name lives outside the DNS, in a block chain or an overlay network; no address can be told."),
    N_("The place is inside a platform; the account and the company decide who is told."),
    N_("This is an e-mail address, not a place on the internet. Treat it as an account."),
    N_("This is a telephone number, not a place on the internet. Treat it as an account."),
    N_("This is a payment address, not a place on the internet. Treat it as an account."),
    N_("There is no host to look up. A person decides who is told."),
    N_("The name does not exist now. The material may be gone; it is looked at again before closing."),
    N_("The name exists and has no address now. The material may be gone; it is looked at again before closing."),
    N_("The name's servers fail or refuse to answer. That says nothing of the material; look again later."),
    N_(
        "The answer came from a server that is not the name's own and does not ask on. That says nothing of the "
        "material; look again later."
    ),
    N_(
        "A name server on our side filters this name: it says itself that its answer is blocked or forged. That says "
        "nothing of the material; look by another way, and tell the operator."
    ),
    N_(
        "The name server repeats an old answer, as it cannot reach the name's own servers now. That says nothing of "
        "the material; look again later."
    ),
    N_("No name server answered in time. That says nothing of the material; look again later."),
    N_("The name leads in a circle, or through more than 16 others. A person should look at it."),
    N_("Names are not looked up offline, so only addresses get a country. Run again without --offline."),
    N_(
        "{company} runs this service, and its servers stand next to whoever asks: they say nothing of the "
        "case. Its seat is in {seat}; it takes reports at {reporting}."
    ),
    N_(
        "The link only carries another location, and its server says nothing of where that is. Take the location "
        "inside it as a case of its own."
    ),
    N_(
        "The server shows a copy of that location: both are locations. Once the inner one is a case of its own, this "
        "one is traced as the host of the copy."
    ),
    N_("The link does not say where it leads. Follow it by the house's rules and say where it leads."),
    N_("A link shortener only sends visitors on. Follow it by the house's rules and report where it leads."),
    N_(
        "The address is a gateway; the material itself is on a hidden service, which hides where it runs. Send it to "
        "the police unit that works on such networks."
    ),
    N_(
        "The address is a gateway; the material itself is kept by whoever wants to keep it (IPFS), and stays there "
        "when this gateway blocks it. Ask the gateways to block it."
    ),
    N_(
        "The name leads to a parking service: the site was likely taken down or given up. Look whether it is "
        "still there."
    ),
    N_("The name's addresses may change within {ttl} s. They are looked up again right before sending."),
    N_(
        "The name's addresses change quickly between networks, as botnets do: each is likely a victim's "
        "machine. Inform the police beside the partner."
    ),
    N_("Beside public addresses the name has private ones, which were left out."),
    N_("The name has more addresses than are judged; the first {most} were."),
    N_("One of the two look-ups (IPv4, IPv6) got no answer, so addresses may be missing."),
    N_("One of the two look-ups (IPv4, IPv6) was filtered by a name server on our side, so addresses may be missing."),
    N_(
        "The name server repeats old addresses, as it cannot reach the name's own servers now: the host may have moved "
        "since."
    ),
    N_(
        "The answer came without the word of the name's own zone, as filters answer: it does not prove that the "
        "material is gone."
    ),
    N_("A name server of ours is known to lie: `doctor` says which. What it says of the name proves nothing."),
    N_("The resolvers gave different addresses: the host may answer each region differently. All were judged."),
    N_("The name leads to a CDN's edge; the addresses are those its operator named behind it."),
    N_("The online source {source} did not answer; the verdict stands on the others."),
    N_(
        "What the online source {source} answered could not be read; the verdict stands on the others. "
        "Tell those who run this router."
    ),
)
#: What is filled in as countries, by their codes.
_COUNTRIES: Final = frozenset({"countries", "country", "seat", "was", "now"})
#: What is filled in as codes, and their words.
_WORDS: Final = {"act": EVENT, "action": ACTION, "reason": ACTION_REASON, "role": ROLE}
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=\.) ")
#: What a partner says that it is not theirs, with what stands behind it.
_SENT_BACK: Final = re.compile(
    r"(?P<who>[a-z0-9][a-z0-9._-]*: )?(?P<said>[^:]*(?:not theirs|: choose who deals with it)\.)"
    r"(?: They believe that it is for (?P<country>[A-Z]{2})\.)?(?: They say: (?P<typed>.+))?",
    re.DOTALL,
)
#: A comma within brackets ends no clause.
_BETWEEN_CLAUSES: Final = re.compile(r", (?![^(]*\))")
_CODE: Final = re.compile(r"[A-Z]{2}")


def retold(tongue: Tongue, text: str) -> str | None:
    """Return a sentence of a verdict, or one of the desk that was filled in, in a language.

    None when it is none of these or the catalogue lacks it.
    """
    return _told(tongue, text, (*TEMPLATES, *FILLED_BELOW)) or _sent_back(tongue, text)


def _sent_back(tongue: Tongue, text: str) -> str | None:
    """Return what a partner says that it is not theirs: whose it believes it to be, and its own words as they are."""
    found = _SENT_BACK.fullmatch(text)
    whose = None if found is None else _plain(tongue, found["said"])
    if found is None or whose is None:
        return None
    country, typed = found["country"], found["typed"]
    believed = None if country is None else _told(tongue, BELIEVED.format(country=country), FILLED_BELOW)
    words = None if typed is None else _told(tongue, TYPED.format(text=_plain(tongue, typed) or typed), FILLED_BELOW)
    return " ".join(one for one in ((found["who"] or "") + whose, believed, words) if one)


def _plain(tongue: Tongue, text: str) -> str | None:
    """Return one sentence of another room in a language; None when it is none that the catalogue has."""
    return _told(tongue, text, FILLED_BELOW) or (tongue.gettext(text) if tongue.speaks(text) else None)


def _told(tongue: Tongue, text: str, templates: Iterable[str]) -> str | None:
    found = filled(text, filter(tongue.speaks, templates))
    if found is None:
        return None
    template, values = found
    return tongue.gettext(template).format(**{name: _said(tongue, name, value) for name, value in values.items()})


def _said(tongue: Tongue, name: str, value: str) -> str:
    """Return what was filled in: countries by their names, codes by their words, clauses each by itself."""
    if (said := _FILLED.get(name)) is not None:
        return said(tongue, value)
    if name in _WORDS:
        return tongue.gettext(_WORDS[name].get(value, value))
    codes = value.split(", ")
    if name not in _COUNTRIES or not all(map(_CODE.fullmatch, codes)):
        return value
    return tongue.listed(map(tongue.country, codes))


def _clauses(tongue: Tongue, value: str) -> str:
    return ", ".join(_told(tongue, one, CLAUSES) or one for one in _BETWEEN_CLAUSES.split(value))


def _sentences(tongue: Tongue, value: str) -> str:
    return " ".join(_plain(tongue, one) or one for one in _BETWEEN_SENTENCES.split(value))


#: What is filled in with what has words of its own: sentences of other rooms, who acted, what a change is about.
_FILLED: Final[Mapping[str, Callable[[Tongue, str], str]]] = {
    "actor": called,
    "by": called,
    "clauses": _clauses,
    "said": _sentences,
    "stands": _sentences,
    "subject": lambda tongue, value: f"“{about(tongue, value)}”",
    "why": _sentences,
}
