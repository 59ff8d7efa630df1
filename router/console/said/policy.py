"""The shipped policy's reasons, and what the policy's room refuses."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_("A child may be in danger now."),
    N_("Nobody has assessed it yet."),
    N_("Only a CDN's edge is known: ask the CDN for the origin."),
    N_("The evidence does not agree on a country."),
    N_("Seen there at three checks: call who has it, or hand it to the police or to somebody else who can act."),
    N_(
        "Seen there at three checks: call who has it, or hand it to the Federal Police, who reach the country through"
        " Interpol."
    ),
    # what a route to people that says nothing itself is about
    N_("Partners sent it back."),
    N_("A name server on our side filters this name: look by another way."),
    N_("A link that carries another location: take that one."),
    N_("Seen there long ago: look whether it still is."),
    N_("It is still there: hand it to somebody else who can act."),
    # the reasons of the policies that ship
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
    N_("No rule of the policy decides this case."),
    N_("Only a CDN's edge is known, and its network says nothing of this host; draft a rule for the host."),
    N_("The policy in force writes its routes in another way; add the rule by hand."),
    N_("Other policies are being judged; ask again shortly."),
    N_("The policy takes too long or too much memory to judge; make it simpler, or ask for fewer decisions."),
    N_("This is not known of the case, so no rule can ask for it; choose another scope."),
)

#: The same with something filled in.
FILLED: Final = (
    N_("The policy's route {route} asks people."),
    N_("Assess it; then it can go to {partners}."),
    N_("Confirm sending to {partners}."),
)
