"""What stops a person at the door, and what is refused of accounts, mandates and tokens."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_("Sign in again: this session or link has ended, was used, or is not ours."),
    N_("This token is not valid here: mistyped, expired or revoked; `tokens create` makes a new one."),
    N_("Only people sign in here; use a token that was made for an account."),
    N_("This token allows less than your account; sign in with a one-time link."),
    N_("This form is no longer valid; open the page again and repeat the step."),
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
    N_("This is not right: the name, the password or the code. Take the next code that your app shows."),
    N_("This was tried too often; wait a quarter of an hour, or ask for a one-time link."),
    N_("Too many people sign in at this moment; try again in a few seconds."),
    N_("A password has from 12 to 200 characters; several words that you do not say often are easy to keep."),
    N_("A password that holds the account's name is tried first; choose another."),
    N_("The code is wrong, or was used already; wait for the next one that your app shows."),
    N_("There is no such session; it may have ended by itself."),
    N_("Your mandate to see locations is not in force; a supervisor gives another, with its last day."),
    N_("Nobody gives themselves a mandate; ask another supervisor."),
    N_("This person's role sees no locations, so there is nothing to give."),
    N_("The last day of a mandate is today or later, within two years."),
    N_("This mandate is over already."),
    N_("You closed this account; another person ticks off what is left."),
    N_("This was ticked off already."),
    N_("Nobody changes their own role or account; ask another administrator."),
    N_("There is an account with this name; choose another."),
    N_(
        "Locations are shown in the networks that the house has named, and you ask from elsewhere; go there, or ask"
        " somebody who is there."
    ),
    N_("This link asks for more: a code of your app or a recovery code, or a supervisor who says that it is you."),
    N_(
        "Without an authenticator app this link is used in the networks that the house has named: go there, or ask a"
        " supervisor who says that it is you."
    ),
    N_("A supervisor has to say that it is you: ask one to look under People, then press the button again."),
    N_("Whoever asks to come in, or made the link, does not agree to it; another supervisor does."),
    N_("Nobody asks with this link; it was used or has ended."),
    N_("The sign-in provider does not answer; sign in with your password here, or ask for a one-time link."),
    N_("What the sign-in provider says is not what was asked for; begin again, or sign in here."),
    N_("This sign-in took too long, or did not begin in this browser; begin again."),
    N_("The provider knows you, and no account here is connected with that; sign in here and connect yours."),
    N_("This is connected with an account already; disconnect it there first."),
    N_(
        "You are at the house's limit for now, and a child may be in danger: hand it to somebody else who is there, or"
        " reveal it all the same."
    ),
    N_("Begin with a new secret on this page, then type the code that your app shows."),
)

#: The same with something filled in.
FILLED: Final = (
    N_("You have looked at as much as the house wants you to for now; it goes on at {until}."),
    N_("This person is {role} already; nothing was changed."),
    N_("This is the last {role}; give somebody else that role first."),
    N_("`{scope}` is more than this token may hold; it may hold {held}."),
    N_("One of the scopes is more than this token may hold; it may hold {held}."),
    N_("This needs the permission `{permission}`; ask whoever gives out roles and tokens."),
)
